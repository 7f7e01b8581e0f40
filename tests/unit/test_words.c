#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/words.h"

static void words(const char *view, const char *want)
{
	struct buf out;

	buf_init(&out, WORDS_MAX);
	words_make(span_str(view), &out);
	(void)buf_put(&out, span_of("", 1));
	assert_string_equal(buf_span(&out).at, want);
	buf_free(&out);
}

static void fields_are_decoded_and_one_a_line(void **state)
{
	(void)state;
	words("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nTO: Bob\r\n <BOB@Example.org>\r\n"
	      "X-Empty:\r\n\r\nText\r\n",
	      "subject: gru\xcc\x88sse\nto: bob <bob@example.org>\nx-empty: \n\ntext\r\n\n");
}

/* Else a value would be found under another name, or as text. */
static void no_value_ends_its_line(void **state)
{
	(void)state;
	words("Subject: =?utf-8?q?a=0A=0Afrom:_b=0D=0A?=\r\n\r\nc\r\n",
	      "subject: a  from: b\n\nc\r\n\n");
}

static void text_is_decoded(void **state)
{
	(void)state;
	words("Content-Type: multipart/mixed; boundary=m\r\n\r\n"
	      "preamble\r\n--m\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\n\xc4=E4=\r\nB\r\n"
	      "--m\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	      "PGI+WDwvYj4=\r\n"
	      "--m\r\nContent-Type: application/octet-stream\r\n\r\nnever\r\n--m--\r\nafter",
	      "content-type: multipart/mixed; boundary=m\n\n"
	      "a\xcc\x88""a\xcc\x88""b\n<b>x</b>\n");
}

/* RFC 9051 6.4.4: text of a message within is text of this one. */
static void an_embedded_message_is_found(void **state)
{
	(void)state;
	words("Content-Type: message/rfc822\r\n\r\nSubject: Inner\r\n\r\nDeep\r\n",
	      "content-type: message/rfc822\n\nsubject: inner\ndeep\r\n\n");
}

static void what_does_not_fit_is_left_out(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 12);
	words_make(span_str("A: b\r\nSubject: long\r\nC: d\r\n\r\ntext\r\n"), &out);
	assert_true(out.len <= 12);
	assert_true(span_starts_nocase(buf_span(&out), "a: b\nc: d\n\n"));
	buf_free(&out);
	words("", "\n\n");
	words("no header at all", "\nno header at all\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded_and_one_a_line),
		cmocka_unit_test(no_value_ends_its_line),
		cmocka_unit_test(text_is_decoded),
		cmocka_unit_test(an_embedded_message_is_found),
		cmocka_unit_test(what_does_not_fit_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
