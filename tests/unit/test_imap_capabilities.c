#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_capabilities.h"

static const struct imap_offer in_tls = { .plaintext = true };
static const struct imap_offer in_clear = { .starttls = true };
static const struct imap_offer logged_in = { .plaintext = true,
					     .logged_in = true };

static void offers(const char *theirs, const struct imap_offer *offer,
		   const char *want)
{
	struct imap_capabilities c = { 0 };
	struct buf out;
	char *got;

	buf_init(&out, 4096);
	imap_capabilities_read(&c, span_str(theirs));
	imap_capabilities_put(&c, offer, &out);
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
	imap_capabilities_free(&c);
}

static void only_what_is_seen_through_is_offered(void **state)
{
	(void)state;
	offers("IMAP4rev1 IMAP4rev2 STARTTLS AUTH=PLAIN LOGIN-REFERRALS ID ENABLE "
	       "idle SORT SORT=DISPLAY THREAD=REFS MULTIAPPEND URLAUTH CATENATE "
	       "UNSELECT UIDPLUS CONDSTORE QRESYNC ESEARCH BINARY MOVE NOTIFY "
	       "COMPRESS=DEFLATE LITERAL- UTF8=ACCEPT PREVIEW X-NEW APPENDLIMIT=5",
	       &logged_in,
	       "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE SORT THREAD=REFS "
	       "UNSELECT UIDPLUS CONDSTORE QRESYNC ESEARCH BINARY MOVE NOTIFY");
}

static void before_login_only_how_to_log_in_is_offered(void **state)
{
	(void)state;
	offers("IMAP4rev1 IDLE AUTH=PLAIN AUTH=GSSAPI AUTH=LOGIN STARTTLS", &in_tls,
	       "IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN");
	offers("IMAP4rev1 AUTH=PLAIN", &in_clear,
	       "IMAP4rev1 LITERAL+ SASL-IR ID STARTTLS LOGINDISABLED");
	offers("IMAP4rev1 AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-1-PLUS LOGINDISABLED",
	       &in_tls, "IMAP4rev1 LITERAL+ SASL-IR ID LOGINDISABLED");
}

static void status_codes_are_filtered(void **state)
{
	static const struct {
		const char *status, *want;
	} cases[] = {
		{ "OK done", "OK done" },
		{ "OK [READ-WRITE] done", "OK [READ-WRITE] done" },
		{ "OK [CAPABILITY IMAP4rev1 BINARY] in", "OK [CAPABILITY IMAP4rev1 "
		  "LITERAL+ SASL-IR ID ENABLE IDLE] in" },
		{ "NO [REFERRAL imap://x;AUTH=*@evil/] go", "NO refused" },
		{ "NO [referral imap://evil/", "NO refused" },
		{ "NO  [REFERRAL imap://evil/] go", "NO refused" },
		{ "OK \t [REFERRAL imap://evil/] go", "OK refused" },
		{ "OK  [capability CATENATE] x", "OK [CAPABILITY IMAP4rev1 LITERAL+ "
		  "SASL-IR ID ENABLE IDLE] x" },
		{ "OK [CAPABILITY CATENATE", "OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR "
		  "ID ENABLE IDLE" },
		{ "OK  two blanks", "OK  two blanks" },
		{ "OK [CAPABILITY X] {5}", "OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR "
		  "ID ENABLE IDLE] {5}." },
		{ "OK", "OK" },
		{ "OK []", "OK []" },
	};
	struct imap_capabilities c = { 0 };

	(void)state;
	imap_capabilities_read(&c, span_str("IMAP4REV1 IDLE"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out;
		char *got;

		buf_init(&out, 4096);
		imap_capabilities_put_status(&c, &logged_in,
					     span_str(cases[i].status), &out);
		got = buf_take_string(&out);
		assert_string_equal(got, cases[i].want);
		free(got);
		buf_free(&out);
	}
	imap_capabilities_free(&c);
}

static void a_flood_of_words_is_bounded(void **state)
{
	struct imap_capabilities c = { 0 };
	char flood[5000];

	(void)state;
	memset(flood, 'A', sizeof(flood));
	imap_capabilities_read(&c, span_of(flood, sizeof(flood)));
	assert_int_equal(0, c.words.n);
	for (size_t i = 1; i < sizeof(flood); i += 2)
		flood[i] = ' ';
	imap_capabilities_read(&c, span_of(flood, sizeof(flood)));
	assert_int_equal(200, c.words.n);
	imap_capabilities_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_seen_through_is_offered),
		cmocka_unit_test(before_login_only_how_to_log_in_is_offered),
		cmocka_unit_test(status_codes_are_filtered),
		cmocka_unit_test(a_flood_of_words_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
