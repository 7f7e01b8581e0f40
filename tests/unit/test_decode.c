#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/buf.h>

#include "policy/job/decode.h"
#include "policy/job/encode.h"
#include "policy/job/message.h"
#include "policy/job/canonical.h"
#include "policy/job/output.h"

struct decode_case {
	const char *text;
	const char *want;
	bool inexact;
};

static const struct decode_case base64_cases[] = {
	{ "", "", false },
	{ "SGVsbG8=", "Hello", false },
	{ "SGVsbG8gV29ybGQ=\r\n", "Hello World", false },
	{ "SGVs\r\nbG8=\r\n", "Hello", false },
	{ "SGVsbA==", "Hell", false },
	{ " S G V s ", "Hel", false },
	/* where GMime 3.2.13 stops, clients go on: THREATS "VIRUS!!" */
	{ "VkkK=UlVTISE=", "VI\nRUS!!", true },
	{ "Vkk=UlVTISE=", "VIRUS!!", true },
	{ "SGVsbG8", "Hello", true },
	{ "SGVsbG8*", "Hello", true },
	{ "SGVs!bG8=", "Hello", true },
	{ "S", "", true },
	{ "SGVsbA=", "Hell", true },
	{ "SGVsbA===", "Hell", true },
	{ "=", "", true },
};

static const struct decode_case quoted_cases[] = {
	{ "", "", false },
	{ "plain\r\ntext", "plain\r\ntext", false },
	{ "caf=C3=A9", "caf\xc3\xa9", false },
	{ "caf=c3=a9", "caf\xc3\xa9", false },
	{ "soft=\r\nbreak", "softbreak", false },
	{ "soft= \t\r\nbreak", "softbreak", false },
	{ "blanks  \r\ngo", "blanks\r\ngo", false },
	{ "inside  stay", "inside  stay", false },
	{ "end=20\r\n", "end \r\n", false },
	{ "end=", "end", false },
	{ "a=zz", "a=zz", true },
	{ "a=4", "a=4", true },
	{ "a==41", "a=A", true },
	{ "tail ", "tail", false },
};

static void run(const struct decode_case *c, bool quoted)
{
	struct buf out;
	bool exact = true;
	char *got;

	buf_init(&out, 1000);
	if (quoted)
		decode_quoted(span_str(c->text), decode_into_buf, &out, &exact);
	else
		decode_base64(span_str(c->text), decode_into_buf, &out, &exact);
	got = buf_take_string(&out);
	if (strcmp(got, c->want) != 0 || exact == c->inexact)
		fail_msg("\"%s\" gave \"%s\"%s", c->text, got, exact ? "" : ", inexact");
	free(got);
}

static void base64_is_read_as_clients_read_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(base64_cases) / sizeof(*base64_cases); i++)
		run(&base64_cases[i], false);
}

static void quoted_printable_is_read_as_clients_read_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quoted_cases) / sizeof(*quoted_cases); i++)
		run(&quoted_cases[i], true);
}

static void a_charset_becomes_utf8_or_says_that_it_does_not(void **state)
{
	static const struct {
		const char *bytes, *charset, *want;
		bool inexact;
	} cases[] = {
		{ "plain", NULL, "plain", false },
		{ "\xc3\xa9", NULL, "\xc3\xa9", false },
		{ "\xc3\xa9", "UTF-8", "\xc3\xa9", false },
		{ "\xe9", "iso-8859-1", "\xc3\xa9", false },
		{ "\xe9", NULL, "\xc3\xa9", true },
		{ "\xe9", "us-ascii", "\xc3\xa9", true },
		{ "a\xe9z", "utf-8", "a\xef\xbf\xbdz", true },
		{ "\xa4", "iso-8859-15", "\xe2\x82\xac", false },
		{ "caf\xe9", "x-nobody-knows", "caf\xc3\xa9", true },
		{ "caf\xe9", "latin1//TRANSLIT", "caf\xc3\xa9", true },
		{ "\x93\xfa\\", "shift_jis", "\xe6\x97\xa5\\", false },
		{ "+AOk-", "utf-7", "\xc3\xa9", true },
		{ "[a]", "iso646-de", "\xc3\x84" "a\xc3\x9c", true },
		{ "\x81\x82", "ibm037", "ab", true },
		{ "\xfe\xff\x20\xac", "utf-16", "\xe2\x82\xac", true },
		{ "\x1b$B4A;z\x1b(B", "iso-2022-jp", "\xe6\xbc\xa2\xe5\xad\x97", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out;
		bool exact = true;
		char *got;

		buf_init(&out, 1000);
		assert_int_equal(decode_charset(span_str(cases[i].bytes), cases[i].charset,
						&out, &exact), 0);
		got = buf_take_string(&out);
		if (strcmp(got, cases[i].want) != 0 || exact == cases[i].inexact)
			fail_msg("case %zu gave \"%s\" %d", i, got, exact);
		free(got);
	}
}

static void a_full_sink_ends_the_decoding(void **state)
{
	static char many[1 << 20];
	struct buf out;
	bool exact = true;

	(void)state;
	memset(many, 'A', sizeof(many));
	buf_init(&out, 10000);
	decode_base64(span_of(many, sizeof(many)), decode_into_buf, &out, &exact);
	assert_true(out.len <= 10000);
	buf_clear(&out);
	decode_quoted(span_of(many, sizeof(many)), decode_into_buf, &out, &exact);
	assert_true(out.len <= 10000);
	buf_free(&out);
}

/* What `encode` makes of `bytes`, given in pieces of `step`. */
static char *encoded(struct span bytes, bool quoted, size_t step)
{
	struct output out;
	struct encode encode;
	char *text;
	ssize_t n;
	int fd = output_memory(NULL);

	assert_true(fd >= 0);
	output_init(&out, fd, 1 << 20);
	encode_init(&encode, quoted, &out);
	for (size_t i = 0; i < bytes.len; i += step)
		encode_sink(&encode, span_of(bytes.at + i,
					     bytes.len - i < step ? bytes.len - i : step));
	encode_end(&encode);
	assert_int_equal(output_flush(&out, NULL), 0);
	text = calloc(1, out.written + 1);
	n = pread(fd, text, out.written, 0);
	assert_int_equal(n, out.written);
	close(fd);
	return text;
}

static void decode(struct span text, bool quoted, struct buf *back, bool *exact)
{
	if (quoted)
		decode_quoted(text, decode_into_buf, back, exact);
	else
		decode_base64(text, decode_into_buf, back, exact);
}

static void what_is_encoded_is_canonical_and_decodes_to_what_it_was(void **state)
{
	static const char *const texts[] = {
		"", "a", "ab", "abc", "\r\n", "\r\n\r\n", " ", "\t\r\n", "From here\r\nFrom there",
		"--boundary\r\n.\r\n..\r\n", "trailing \t \r\nblanks ", "\r", "\n", "a\rb\nc", "=",
		"caf\xc3\xa9 = caf\xe9\r\n", "\x01\x7f\xff",
	};
	char big[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i <= sizeof(texts) / sizeof(*texts); i++)
		for (int quoted = 0; quoted < 2; quoted++)
			for (size_t step = 1; step < 20; step += 6) {
				struct span bytes = i < sizeof(texts) / sizeof(*texts)
							    ? span_str(texts[i])
							    : span_of(big, sizeof(big));
				char *text = encoded(bytes, quoted, step);
				struct buf back;
				bool exact = true;

				assert_true(canonical_clean(span_str(text)));
				buf_init(&back, 10000);
				decode(span_str(text), quoted, &back, &exact);
				assert_true(exact);
				assert_true(span_eq(buf_span(&back), bytes));
				buf_free(&back);
				free(text);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_read_as_clients_read_it),
		cmocka_unit_test(quoted_printable_is_read_as_clients_read_it),
		cmocka_unit_test(a_charset_becomes_utf8_or_says_that_it_does_not),
		cmocka_unit_test(a_full_sink_ends_the_decoding),
		cmocka_unit_test(what_is_encoded_is_canonical_and_decodes_to_what_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
