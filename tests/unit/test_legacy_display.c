#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/legacy_display.h"

#define PLAIN \
	"Content-Type: text/plain; charset=\"us-ascii\"; hp-legacy-display=\"1\"; hp=\"cipher\"\r\n"
#define HTML "Content-Type: text/html; hp-legacy-display=\"1\"\r\n"
#define DISPLAY "<div class=\"header-protection-legacy-display\"><pre>Subject: x</pre></div>"

static void drop(const char *fields, const char *body, const char *want)
{
	struct buf out;
	int result;

	buf_init(&out, 10000);
	(void)buf_puts(&out, "before");
	result = legacy_display_drop(span_str(fields), span_str(body), &out);
	assert_int_equal(result, want != NULL);
	buf_drop(&out, 6);
	assert_true(span_is(buf_span(&out), want ? want : ""));
	buf_free(&out);
}

static void text_goes_up_to_the_first_empty_line(void **state)
{
	(void)state;
	drop(PLAIN, "Subject: Dinner plans\r\n\r\nLet's meet.\r\n\r\nBye\r\n",
	     "Let's meet.\r\n\r\nBye\r\n");
	drop(PLAIN "Content-Transfer-Encoding: base64\r\n",
	     "U3ViamVjdDogeA0KDQpMZXQncyBtZWV0Lg0K\r\n", "TGV0J3MgbWVldC4NCg==\r\n");
	drop(PLAIN "Content-Transfer-Encoding: quoted-printable\r\n",
	     "Subject: =C3=A4\r\n\r\nLet's =C3=B6.\r\n", "Let's =C3=B6.\r\n");
}

static void what_is_not_marked_stays(void **state)
{
	(void)state;
	drop("Content-Type: text/plain; hp=\"cipher\"\r\n", "Subject: x\r\n\r\ntext", NULL);
	drop("Content-Type: text/plain; hp-legacy-display=0\r\n", "Subject: x\r\n\r\ntext", NULL);
	drop("", "Subject: x\r\n\r\ntext", NULL);
	drop(PLAIN, "no empty line\r\n", NULL);
	drop(PLAIN "Content-Disposition: attachment\r\n", "Subject: x\r\n\r\ntext", NULL);
	drop("Content-Type: application/x; hp-legacy-display=1\r\n", "a\r\n\r\nb", NULL);
}

static void html_loses_its_element(void **state)
{
	(void)state;
	drop(HTML, "<html><body>" DISPLAY "<p>text</p></body></html>",
	     "<html><body><p>text</p></body></html>");
	drop(HTML, "<DIV CLASS=other>a</DIV><div\r\nclass='header-protection-legacy-display x'>"
		   "<div>b</div>c</div>d", "<DIV CLASS=other>a</DIV>d");
	drop(HTML, "<p>no such element</p>", NULL);
	drop(HTML, "<div class=\"header-protection-legacy-display\">never ended", NULL);
}

/* `n` times `what`: with a cost of n squared, this would not end. */
static void hostile(const char *begin, const char *what, size_t n)
{
	struct buf body, out;

	buf_init(&body, 100 + n * strlen(what));
	buf_init(&out, 100);
	(void)buf_puts(&body, begin);
	while (n--)
		(void)buf_puts(&body, what);
	assert_int_equal(legacy_display_drop(span_str(HTML), buf_span(&body), &out), 0);
	buf_free(&body);
	buf_free(&out);
}

static void a_great_many_elements_cost_no_more_than_their_octets(void **state)
{
	(void)state;
	hostile("", "<div", 1000000);
	hostile("", "<div>", 1000000);
	hostile("<div class=header-protection-legacy-display>", "<div", 1000000);
	hostile("<div class=header-protection-legacy-display>", "<div></div>", 1000000);
}

static void only_main_body_parts_lose_it(void **state)
{
	(void)state;
	drop("Content-Type: multipart/mixed; boundary=m\r\n",
	     "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
	     "--a\r\n" PLAIN "\r\nSubject: x\r\n\r\none\r\n"
	     "--a\r\n" HTML "\r\n" DISPLAY "two\r\n--a--\r\n"
	     "--m\r\n" PLAIN "\r\nSubject: x\r\n\r\nthree\r\n--m--\r\n",
	     "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
	     "--a\r\n" PLAIN "\r\none\r\n"
	     "--a\r\n" HTML "\r\ntwo\r\n--a--\r\n"
	     "--m\r\n" PLAIN "\r\nSubject: x\r\n\r\nthree\r\n--m--\r\n");
	drop("Content-Type: message/rfc822\r\n", PLAIN "\r\nSubject: x\r\n\r\none\r\n", NULL);
}

static void a_full_queue_is_told(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4);
	assert_int_equal(legacy_display_drop(span_str(PLAIN), span_str("a\r\n\r\ntext\r\n"), &out),
			 -1);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_goes_up_to_the_first_empty_line),
		cmocka_unit_test(what_is_not_marked_stays),
		cmocka_unit_test(html_loses_its_element),
		cmocka_unit_test(a_great_many_elements_cost_no_more_than_their_octets),
		cmocka_unit_test(only_main_body_parts_lose_it),
		cmocka_unit_test(a_full_queue_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
