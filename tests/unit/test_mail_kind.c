#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/buf.h>
#include <letterlock/claim.h>

#include "proxy/engine/mail_kind.h"

static void is(const char *fields, const char *text, bool want)
{
	bool got = mail_kind_needs_view(span_str(fields), span_str(text), "gw.example");

	if (got != want)
		fail_msg("%s | %s", fields, text);
}

static void clear_mail_passes(void **state)
{
	(void)state;
	is("\r\n", "hello\r\n", false);
	is("", "", false);
	is("Content-Type: text/plain; charset=utf-8\r\n\r\n", "hello\r\n", false);
	is("Content-Type: multipart/mixed; boundary=x\r\n\r\n", "--x\r\n", false);
	is("Authentication-Results: mx.other.example; spf=pass\r\n\r\n", "x", false);
	is("Content-Transfer-Encoding: base64\r\n\r\n", "aGVsbG8=\r\n", false);
	is("Content-Transfer-Encoding: base64\r\n\r\n", "", false);
	is("Content-Type: text/plain\r\n\r\n", "he wrote -----BEGIN PGP MESSAGE-----", false);
}

static void protected_mail_needs_a_view(void **state)
{
	(void)state;
	is("Content-Type: multipart/encrypted; boundary=x\r\n\r\n", "", true);
	is("content-type: MULTIPART/Signed\r\n\r\n", "", true);
	is("Content-Type: multipart/ (odd)\r\n signed\r\n\r\n", "", true);
	is("Content-Type: application/x-pkcs7-mime\r\n\r\n", "", true);
	is("Content-Type: text/plain\r\nContent-Type: multipart/encrypted\r\n\r\n", "",
	   true);
	is("\r\n", "\r\n-----BEGIN PGP MESSAGE-----\r\n", true);
	is("\r\n", "hi\n-----BEGIN PGP SIGNED MESSAGE-----\n", true);
	is("Content-Transfer-Encoding: base64\r\n\r\n", "LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0t",
	   true);
	/* "hi\n-----BEGIN PGP MESSAGE-----" */
	is("content-transfer-encoding: Base64\r\n\r\n",
	   "aGkKLS0tLS1CRU\r\ndJTiBQR1AgTUVTU0FHRS0tLS0t\r\n", true);
	is("\r\n", "aGkKLS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0t", false);
	is("Content-Type: multipart/mixed; boundary=x\r\n\r\n",
	   "--x\r\nContent-Transfer-Encoding: base64\r\n\r\nLS0tLS1CRUdJTiBQR1AgTUVTU0FH", true);
}

static void verdicts_from_outside_need_one_too(void **state)
{
	(void)state;
	is("x-letterlock: decrypted\r\n\r\n", "x", true);
	is("Authentication-Results: GW.example; openpgp=pass\r\n\r\n", "x", true);
	is("Authentication-Results: (c)\r\n gw.example 1; openpgp=pass\r\n\r\n", "x", true);
	is("what is no field\r\nX-Letterlock: x\r\n\r\n", "x", true);
}

static void a_verdict_is_found_as_far_as_the_header_can_be_read(void **state)
{
	static const struct {
		const char *header;
		bool want;
	} cases[] = {
		{ "A: b\r\nX-LETTERLOCK : x\r\n\r\n", true },
		{ "A: b\r\nAuthentication-Results: gw.example;\r\n\r\n", true },
		{ "Authentication-Results: mx.other; x\r\n\r\n", false },
		{ "Content-Type: multipart/encrypted\r\n\r\nX-Letterlock: x\r\n", false },
		{ "what is no field\r\nX-Letterlock: x\r\n", true },
		{ "A: b\rX-Letterlock: x\r\n\r\n", true },
		{ "A: b\r\n\r\r\nX-Letterlock: x\r\n\r\n", true },
		{ "\rX-Letterlock: x\r\n\r\n", true },
		{ "A: b\n\nX-Letterlock: x\r\n\r\n", false },
		{ "A: b\r\n X-Letterlock: x\r\n\r\n", false },
		{ "Authentication-Results: mx.o; spf=pass smtp.mailfrom=gw.example\r\n", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (mail_kind_bears_verdict(span_str(cases[i].header), "gw.example") !=
		    cases[i].want)
			fail_msg("%s", cases[i].header);
}

/* A reader that drops NULs and the like would show it as ours. */
static void what_is_no_text_hides_no_verdict(void **state)
{
	static const struct {
		const char *header;
		size_t size;
		bool want;
	} cases[] = {
#define HEADER(text) text, sizeof(text) - 1
		{ HEADER("\0X-Letterlock: decrypted\r\n\r\n"), true },
		{ HEADER("X-Letterlock\0: decrypted\r\n\r\n"), true },
		{ HEADER("A: b\r\n\1X-\v\0Letter\177lock\f : x\r\n\r\n"), true },
		{ HEADER("Authentication\0-Results: gw.example;\r\n\r\n"), true },
		{ HEADER("Authentication-Results: \0g\1w.ex\0ample\0; x\r\n\r\n"), true },
		{ HEADER("Authentication-Results:\r\n gw.example\r\n ;\r\n\r\n"), true },
		{ HEADER("Authentication-Results: mx.\0other\0;\r\n\r\n"), false },
		{ HEADER("\0\0\0: X-Letterlock\r\n\r\n"), false },
		{ HEADER("X-Letterlock\0s: x\r\n\r\n"), false },
#undef HEADER
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct span header = span_of(cases[i].header, cases[i].size);

		if (mail_kind_bears_verdict(header, "gw.example") != cases[i].want)
			fail_msg("case %zu", i);
		/* that takes whatever has the name for one, wherever it stands */
		if (cases[i].want && !claim_within(header, "gw.example"))
			fail_msg("case %zu is not within", i);
	}
	assert_true(claim_may_begin(span_of("\0X-\0Lett", 8)));
	assert_true(claim_may_begin(span_of("\0", 1)));
	assert_false(claim_may_begin(span_of("\0X-\0Letx", 8)));
}

/* Looked at in a time that is theirs alone, however many there are: else this ends never. */
static void backslashes_are_passed_over_once(void **state)
{
	enum { MANY = 4 * 1024 * 1024 };
	struct buf header;
	char *run;

	(void)state;
	buf_init(&header, MANY + 1000);
	(void)buf_puts(&header, "Authentication-Results: ");
	run = buf_reserve(&header, MANY);
	memset(run, '\\', MANY);
	buf_commit(&header, MANY);
	(void)buf_puts(&header, "x; none\r\n");
	assert_false(mail_kind_bears_verdict(buf_span(&header), "gw.example"));
	header.len -= strlen("x; none\r\n");
	(void)buf_puts(&header, "g\\\\w.ex\\ample; pass\r\n");
	assert_true(mail_kind_bears_verdict(buf_span(&header), "gw.example"));
	buf_free(&header);
}

static void what_is_cut_off_may_become_one(void **state)
{
	(void)state;
	assert_true(claim_may_begin(span_str("x")));
	assert_true(claim_may_begin(span_str("X-letterlock: decry")));
	assert_true(claim_may_begin(span_str("Authentication-Results")));
	assert_true(claim_may_begin(span_str("authent")));
	assert_false(claim_may_begin(span_str("")));
	assert_false(claim_may_begin(span_str(" X-Letterlock")));
	assert_false(claim_may_begin(span_str("X-Letters")));
	assert_false(claim_may_begin(span_str("Subject: X-Letterlock")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clear_mail_passes),
		cmocka_unit_test(protected_mail_needs_a_view),
		cmocka_unit_test(verdicts_from_outside_need_one_too),
		cmocka_unit_test(a_verdict_is_found_as_far_as_the_header_can_be_read),
		cmocka_unit_test(what_is_no_text_hides_no_verdict),
		cmocka_unit_test(backslashes_are_passed_over_once),
		cmocka_unit_test(what_is_cut_off_may_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
