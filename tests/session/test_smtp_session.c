/* Whole submission sessions over the fake connection, clock and policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proxy/session/smtp_state.h"
#include "tests/session/smtp_talk.h"

#define MESSAGE "From: a@x\r\nSubject: hi\r\n\r\n..two dots\r\nend\r\n"
#define UNSTUFFED "From: a@x\r\nSubject: hi\r\n\r\n.two dots\r\nend\r\n"

static void data(struct fake *fake)
{
	fake_client_says(fake, "DATA\r\n");
	has(fake_to_client(fake), "354 ");
	fake_client_says(fake, MESSAGE ".\r\n");
}

/* A session in which the message waits for policy. */
static struct fake *sealing(unsigned recipients)
{
	static const char *const lines[] = { "RCPT TO:<b@y>", "RCPT TO:<c@y>",
					     "RCPT TO:<d@y>" };
	struct fake *fake = greeted(&plain, "250-DSN\r\n");

	mail(fake);
	for (unsigned i = 0; i < recipients; i++)
		rcpt(fake, lines[i], "250 2.1.5 ok\r\n");
	data(fake);
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	is(fake_to_client(fake), "");
	return fake;
}

static struct answer_copy copy(uint64_t offset, uint64_t size, uint16_t *to,
			       size_t n)
{
	return (struct answer_copy){ .offset = offset, .size = size,
				     .encrypted = true,
				     .recipients = { to, n } };
}

static void one_copy_goes_down_the_open_transaction(void **state)
{
	uint16_t all[] = { 0, 1 };
	struct answer_copy one = copy(3, 12, all, 2);
	struct fake *fake = sealing(2);

	(void)state;
	has(fake_question_bytes(fake), "Received: by gw.example.org");
	has(fake_question_bytes(fake), UNSTUFFED);
	fake_policy_seals(fake, &one, 1, false, "xxx.secret\r\n.\r\nxxx");
	is(fake_to_upstream(fake), "DATA\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	is(fake_to_upstream(fake), "..secret\r\n..\r\n.\r\n");
	is(fake_to_client(fake), "");
	assert_int_equal(SMTP_DOT_WAIT, fake_upstream_deadline(fake));
	fake_upstream_says(fake, "250 2.0.0 queued as Q1\r\n");
	is(fake_to_client(fake), "250 2.0.0 queued as Q1\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_ACCEPTED));
	fake_client_says(fake, "QUIT\r\n");
	has(fake_to_client(fake), "221 ");
	is(fake_to_upstream(fake), "QUIT\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void several_copies_are_all_accepted_before_250(void **state)
{
	uint16_t first[] = { 0, 2 }, second[] = { 1 };
	struct answer_copy two[] = { copy(0, 5, first, 2), copy(5, 5, second, 1) };
	struct fake *fake = sealing(3);

	(void)state;
	fake_policy_seals(fake, two, 2, false, "one\r\ntwo\r\n");
	is(fake_to_upstream(fake), "RSET\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "MAIL FROM:<a@x>\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "RCPT TO:<b@y>\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "RCPT TO:<d@y>\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "DATA\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	is(fake_to_upstream(fake), "one\r\n.\r\n");
	fake_upstream_says(fake, "250 first\r\n");
	is(fake_to_upstream(fake), "");
	assert_int_equal(ASK_ACCEPTED, fake_question(fake)->kind);
	assert_int_equal(2, fake_question(fake)->recipients.n);
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	is(fake_to_upstream(fake), "MAIL FROM:<a@x>\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "RCPT TO:<c@y>\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "DATA\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	is(fake_to_upstream(fake), "two\r\n.\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "250 second\r\n");
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	is(fake_to_client(fake), "250 second\r\n");
	assert_int_equal(ASK_COMPLETE, fake_question(fake)->kind);
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	fake_free(fake);
}

static void a_second_copy_refused_is_the_answer(void **state)
{
	uint16_t first[] = { 0 }, second[] = { 1 };
	struct answer_copy two[] = { copy(0, 5, first, 1), copy(5, 5, second, 1) };
	struct fake *fake = sealing(2);

	(void)state;
	fake_policy_seals(fake, two, 2, false, "one\r\ntwo\r\n");
	for (int i = 0; i < 3; i++)
		fake_upstream_says(fake, "250 ok\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	fake_upstream_says(fake, "250 first\r\n");
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	fake_upstream_says(fake, "250 ok\r\n");
	fake_upstream_says(fake, "550 5.1.1 no such user\r\n");
	is(fake_to_client(fake), "550 5.1.1 no such user\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_COMPLETE));
	/* the transaction that is open upstream is not the next one's */
	fake_client_says(fake, "MAIL FROM:<z@x>\r\n");
	has(fake_to_upstream(fake), "RSET\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_upstream(fake), "MAIL FROM:<z@x>\r\n");
	fake_free(fake);
}

static void a_repeat_that_is_all_done_sends_nothing(void **state)
{
	struct fake *fake = sealing(2);

	(void)state;
	fake_policy_seals(fake, NULL, 0, true, NULL);
	has(fake_to_client(fake), "250 2.0.0");
	is(fake_to_upstream(fake), "RSET\r\n");
	assert_int_equal(ASK_COMPLETE, fake_question(fake)->kind);
	fake_free(fake);
}

static void a_client_that_left_after_the_dot_is_journalled(void **state)
{
	uint16_t all[] = { 0 };
	struct answer_copy one = copy(0, 5, all, 1);
	struct fake *fake = sealing(1);

	(void)state;
	fake_policy_seals(fake, &one, 1, false, "one\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	fake_client_leaves(fake);
	assert_false(fake_session_over(fake));
	fake_upstream_says(fake, "250 queued\r\n");
	assert_int_equal(ASK_ACCEPTED, fake_question(fake)->kind);
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void a_client_that_left_before_the_dot_sends_nothing(void **state)
{
	struct fake *fake = sealing(1);

	(void)state;
	fake_to_upstream(fake);
	fake_client_leaves(fake);
	assert_true(fake_session_over(fake));
	assert_true(fake_upstream_aborted(fake) || !fake_upstream_open(fake));
	is(strstr(fake_to_upstream(fake), "DATA") ? "DATA" : "", "");
	fake_free(fake);
}

static void policy_refuses_after_the_data(void **state)
{
	struct fake *fake = sealing(1);

	(void)state;
	fake_policy_says(fake, ANSWER_REFUSED, 550, "5.7.1",
			 "no usable key for b@y (rule r)");
	is(fake_to_client(fake), "550 5.7.1 no usable key for b@y (rule r)\r\n");
	is(fake_to_upstream(fake), "RSET\r\n");
	fake_free(fake);
}

static void silent_policy_is_451_and_nothing_is_sent(void **state)
{
	struct fake *fake = sealing(1);

	(void)state;
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "451 4.3.0");
	is(fake_to_upstream(fake), "RSET\r\n");
	fake_free(fake);
}

static void policy_refuses_a_recipient_before_upstream_hears_of_it(void **state)
{
	struct fake *fake = greeted(&plain, "");

	(void)state;
	mail(fake);
	fake_client_says(fake, "RCPT TO:<b@y>\r\n");
	fake_policy_says(fake, ANSWER_REFUSED, 550, "5.7.1", "no (rule r)");
	is(fake_to_client(fake), "550 5.7.1 no (rule r)\r\n");
	is(fake_to_upstream(fake), "");
	fake_client_says(fake, "DATA\r\n");
	has(fake_to_client(fake), "5");
	fake_free(fake);
}

static void upstream_failures_at_each_step_are_421(void **state)
{
	static const struct { const char *say[3]; unsigned said; } steps[] = {
		{ { "MAIL FROM:<a@x>\r\n" }, 1 },
		{ { "AUTH PLAIN AGEAYg==\r\n" }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct fake *fake = greeted(&plain, "250-AUTH PLAIN\r\n");

		for (unsigned k = 0; k < steps[i].said; k++)
			fake_client_says(fake, steps[i].say[k]);
		fake_upstream_leaves(fake, ERR_PEER, "connection reset");
		has(fake_to_client(fake), "421 4.4.1 upstream provider: ");
		assert_false(fake_client_open(fake));
		fake_free(fake);
	}
}

static void upstream_that_fails_after_the_dot_is_never_250(void **state)
{
	uint16_t all[] = { 0 };
	struct answer_copy one = copy(0, 5, all, 1);
	struct fake *fake = sealing(1);

	(void)state;
	fake_policy_seals(fake, &one, 1, false, "one\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	fake_upstream_leaves(fake, ERR_TIMEOUT, "");
	has(fake_to_client(fake), "421 4.4.1 ");
	fake_free(fake);
}

static void upstream_that_leaves_while_the_client_sends_is_told_at_the_end(void **state)
{
	struct fake *fake = greeted(&plain, "");

	(void)state;
	mail(fake);
	rcpt(fake, "RCPT TO:<b@y>", "250 ok\r\n");
	fake_client_says(fake, "DATA\r\nFrom: a@x\r\n");
	fake_to_client(fake);
	fake_client_says(fake, "");
	fake_free(fake);

	fake = greeted(&plain, "");
	mail(fake);
	rcpt(fake, "RCPT TO:<b@y>", "250 ok\r\n");
	fake_client_says(fake, "DATA\r\n");
	has(fake_to_client(fake), "354");
	fake_client_says(fake, "From: a@x\r\n");
	fake_upstream_leaves(fake, ERR_PEER, "gone");
	is(fake_to_client(fake), "");
	assert_true(fake_client_open(fake));
	fake_client_says(fake, "\r\nbody\r\n.\r\n");
	has(fake_to_client(fake), "421 4.4.1 upstream provider: gone");
	assert_int_equal(0, fake_asked(fake, ASK_SEAL));
	fake_free(fake);
}

static void tls_that_does_not_verify_is_421_475_and_nothing_is_said(void **state)
{
	struct fake_options options = { .upstream_tls = UPSTREAM_STARTTLS };
	struct fake *fake = fake_new(&options);

	(void)state;
	fake_to_client(fake);
	fake_client_says(fake, "EHLO c\r\n");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "220 up\r\n");
	fake_upstream_says(fake, "250-up\r\n250 STARTTLS\r\n");
	is(fake_to_upstream(fake), "EHLO gw.example.org\r\nSTARTTLS\r\n");
	fake_upstream_says(fake, "220 go\r\n");
	fake_upstream_leaves(fake, ERR_TLS, "certificate expired");
	is(fake_to_upstream(fake), "");
	has(fake_to_client(fake), "421 4.7.5 upstream provider: certificate expired");
	fake_free(fake);
}

/* What upstream's end left undone is not begun with nobody there. */
static void after_a_bad_message_the_loss_of_upstream_is_told(void **state)
{
	static const char *const next[] = { "MAIL FROM:<a@x>\r\n", "EHLO c\r\n",
					    "AUTH PLAIN AGEAYg==\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(next) / sizeof(*next); i++) {
		struct fake *fake = greeted(&plain, "250-AUTH PLAIN\r\n");

		mail(fake);
		rcpt(fake, "RCPT TO:<b@y>", "250 ok\r\n");
		fake_client_says(fake, "DATA\r\n");
		fake_client_says(fake, "From: a@x\r\n\r\nbare\n");
		fake_upstream_leaves(fake, ERR_PEER, "idle for too long");
		fake_to_client(fake);
		fake_client_says(fake, "lf\r\n.\r\n");
		has(fake_to_client(fake), "550 5.6.11");
		fake_client_says(fake, "NOOP\r\n");
		has(fake_to_client(fake), "250 ");
		fake_client_says(fake, next[i]);
		is(fake_to_client(fake),
		   "421 4.4.1 upstream provider: idle for too long\r\n");
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
}

static void an_upstream_that_takes_a_cancelled_login_is_left(void **state)
{
	struct fake *fake = greeted(&plain, "250-AUTH PLAIN\r\n");

	(void)state;
	fake_client_says(fake, "AUTH PLAIN\r\n");
	is(fake_to_upstream(fake), "AUTH PLAIN\r\n");
	fake_upstream_says(fake, "334 \r\n");
	fake_to_client(fake);
	fake_client_says(fake, "*\r\n");
	is(fake_to_upstream(fake), "*\r\n");
	fake_upstream_says(fake, "235 fine\r\n");
	has(fake_to_client(fake), "501 5.5.2");
	assert_false(fake_upstream_open(fake));
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	has(fake_to_client(fake), "421 4.4.1 upstream provider: took a login");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void who_is_turned_away_at_ehlo_hears_why_at_helo_too(void **state)
{
	static const char why[] =
		"421 4.4.1 upstream provider: connection refused\r\n";

	(void)state;
	for (int patient = 0; patient < 2; patient++) {
		struct fake *fake = fake_new(&plain);

		fake_to_client(fake);
		fake_client_says(fake, "EHLO c\r\n");
		fake_upstream_leaves(fake, ERR_TEMP, "connection refused");
		is(fake_to_client(fake), why);
		assert_true(fake_client_open(fake));
		assert_int_equal(SMTP_TURNED_AWAY_WAIT, fake_client_deadline(fake));
		fake_client_says(fake, "HE");
		is(fake_to_client(fake), "");
		if (patient) {
			fake_client_times_out(fake);
		} else {
			fake_client_says(fake, "LO c\r\n");
			is(fake_to_client(fake), why);
			assert_false(fake_client_open(fake));
		}
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
}

static void starttls_that_upstream_does_not_offer_is_refused(void **state)
{
	struct fake_options options = { .upstream_tls = UPSTREAM_STARTTLS };
	struct fake *fake = fake_new(&options);

	(void)state;
	fake_to_client(fake);
	fake_client_says(fake, "EHLO c\r\n");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "220 up\r\n");
	fake_upstream_says(fake, "250-up\r\n250 AUTH PLAIN\r\n");
	has(fake_to_client(fake), "421 4.7.5 ");
	fake_free(fake);
}

static void a_login_is_relayed_and_learnt(void **state)
{
	struct fake *fake = greeted(&plain, "250-AUTH PLAIN LOGIN\r\n");

	(void)state;
	fake_client_says(fake, "AUTH PLAIN AGFsaWNlAHB3\r\n");
	is(fake_to_upstream(fake), "AUTH PLAIN AGFsaWNlAHB3\r\n");
	fake_upstream_says(fake, "235 2.7.0 welcome\r\n");
	is(fake_to_client(fake), "235 2.7.0 welcome\r\n");
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	assert_int_equal(ASK_SENDER, fake_question(fake)->kind);
	is(fake_question(fake)->envelope.login, "alice");
	fake_policy_says(fake, ANSWER_REFUSED, 550, "5.7.1",
			 "From a@x is not an address of alice");
	has(fake_to_client(fake), "550 5.7.1 From");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void a_refused_login_is_nobody(void **state)
{
	struct fake *fake = greeted(&plain, "250-AUTH LOGIN\r\n");

	(void)state;
	fake_client_says(fake, "AUTH LOGIN\r\n");
	fake_upstream_says(fake, "334 VXNlcm5hbWU6\r\n");
	is(fake_to_client(fake), "334 VXNlcm5hbWU6\r\n");
	fake_client_says(fake, "YWxpY2U=\r\n");
	fake_upstream_says(fake, "334 UGFzc3dvcmQ6\r\n");
	fake_client_says(fake, "cHc=\r\n");
	fake_upstream_says(fake, "535 5.7.8 no\r\n");
	has(fake_to_client(fake), "535 5.7.8 no\r\n");
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_SENDER));
	fake_free(fake);
}

static void a_login_before_starttls_is_forgotten(void **state)
{
	struct fake_options options = { .listen_tls = LISTEN_STARTTLS,
					.upstream_tls = UPSTREAM_NONE };
	struct fake *fake = greeted(&options, "250-AUTH PLAIN\r\n");

	(void)state;
	fake_client_says(fake, "AUTH PLAIN AGFsaWNlAHB3\r\n");
	fake_upstream_says(fake, "235 ok\r\n");
	fake_client_says(fake, "STARTTLS\r\n");
	fake_client_secured(fake);
	assert_false(fake_upstream_open(fake));
	fake_to_client(fake);
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	has(fake_to_client(fake), "503 ");
	fake_free(fake);
}

static void draining_lets_a_transaction_finish(void **state)
{
	uint16_t all[] = { 0 };
	struct answer_copy one = copy(0, 5, all, 1);
	struct fake *fake = sealing(1);

	(void)state;
	fake_drain(fake);
	assert_true(fake_client_open(fake));
	fake_policy_seals(fake, &one, 1, false, "one\r\n");
	fake_upstream_says(fake, "354 go\r\n");
	fake_upstream_says(fake, "250 queued\r\n");
	has(fake_to_client(fake), "250 queued\r\n421 4.3.2 ");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void draining_ends_idle_sessions(void **state)
{
	struct fake *fake = greeted(&plain, "");

	(void)state;
	fake_drain(fake);
	has(fake_to_client(fake), "421 4.3.2 ");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void the_offer_is_what_both_can_do(void **state)
{
	struct fake *fake = fake_new(&plain);
	const char *said;

	(void)state;
	fake_to_client(fake);
	fake_client_says(fake, "EHLO c\r\n");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "220 up\r\n");
	fake_upstream_says(fake, "250-up\r\n250-SIZE 100000\r\n250-CHUNKING\r\n"
			   "250-XCLIENT NAME\r\n250-AUTH PLAIN GSSAPI "
			   "SCRAM-SHA-256 SCRAM-SHA-256-PLUS\r\n250 8BITMIME\r\n");
	said = fake_to_client(fake);
	has(said, "AUTH PLAIN\r\n");
	has(said, "8BITMIME");
	has(said, "SIZE 60800");
	assert_null(strstr(said, "CHUNKING"));
	assert_null(strstr(said, "XCLIENT"));
	assert_null(strstr(said, "DSN"));
	assert_null(strstr(said, "SMTPUTF8"));
	assert_null(strstr(said, "STARTTLS"));
	fake_free(fake);
}

static void parameters_pass_where_upstream_knows_them(void **state)
{
	struct fake *fake = greeted(&plain, "250-DSN\r\n250-8BITMIME\r\n"
				    "250-SIZE 0\r\n");

	(void)state;
	fake_client_says(fake, "MAIL FROM:<a@x> BODY=8BITMIME RET=HDRS "
			 "ENVID=Qq1 AUTH=<> SIZE=1000\r\n");
	is(fake_to_upstream(fake), "MAIL FROM:<a@x> SIZE=17760 BODY=8BITMIME "
	   "RET=HDRS ENVID=Qq1\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	fake_to_client(fake);
	rcpt(fake, "RCPT TO:<b@y> NOTIFY=NEVER ORCPT=rfc822;B@y", "250 ok\r\n");
	fake_client_says(fake, "RCPT TO:<b@y> REQUIRETLS\r\n");
	has(fake_to_client(fake), "5");
	fake_free(fake);
}

static void who_submitted_is_the_login_or_nobody(void **state)
{
	static const struct {
		const char *said, *passed;
	} cases[] = {
		{ "<>", "<>" },
		{ "bob@x", "<>" },
		{ "bob+40x", "<>" },
		{ "a@x", "a@x" },
		{ "A+40x", "A+40x" },
		{ "a@x+20", "<>" },
		{ "+3Ca@x+3E", "<>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = greeted(&plain, "250-AUTH PLAIN\r\n");
		char line[200], want[200];

		fake_client_says(fake, "AUTH PLAIN AGFAeABwdw==\r\n");
		fake_upstream_says(fake, "235 ok\r\n");
		fake_to_client(fake);
		fake_to_upstream(fake);
		(void)snprintf(line, sizeof(line), "MAIL FROM:<a@x> AUTH=%s\r\n",
			       cases[i].said);
		(void)snprintf(want, sizeof(want), "MAIL FROM:<a@x> AUTH=%s\r\n",
			       cases[i].passed);
		fake_client_says(fake, line);
		if (fake_question(fake))
			fake_policy_says(fake, ANSWER_YES, 0, "", "");
		is(fake_to_upstream(fake), want);
		fake_free(fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_copy_goes_down_the_open_transaction),
		cmocka_unit_test(several_copies_are_all_accepted_before_250),
		cmocka_unit_test(a_second_copy_refused_is_the_answer),
		cmocka_unit_test(a_repeat_that_is_all_done_sends_nothing),
		cmocka_unit_test(a_client_that_left_after_the_dot_is_journalled),
		cmocka_unit_test(a_client_that_left_before_the_dot_sends_nothing),
		cmocka_unit_test(policy_refuses_after_the_data),
		cmocka_unit_test(silent_policy_is_451_and_nothing_is_sent),
		cmocka_unit_test(policy_refuses_a_recipient_before_upstream_hears_of_it),
		cmocka_unit_test(upstream_failures_at_each_step_are_421),
		cmocka_unit_test(upstream_that_fails_after_the_dot_is_never_250),
		cmocka_unit_test(upstream_that_leaves_while_the_client_sends_is_told_at_the_end),
		cmocka_unit_test(tls_that_does_not_verify_is_421_475_and_nothing_is_said),
		cmocka_unit_test(after_a_bad_message_the_loss_of_upstream_is_told),
		cmocka_unit_test(an_upstream_that_takes_a_cancelled_login_is_left),
		cmocka_unit_test(who_is_turned_away_at_ehlo_hears_why_at_helo_too),
		cmocka_unit_test(starttls_that_upstream_does_not_offer_is_refused),
		cmocka_unit_test(a_login_is_relayed_and_learnt),
		cmocka_unit_test(a_refused_login_is_nobody),
		cmocka_unit_test(a_login_before_starttls_is_forgotten),
		cmocka_unit_test(draining_lets_a_transaction_finish),
		cmocka_unit_test(draining_ends_idle_sessions),
		cmocka_unit_test(the_offer_is_what_both_can_do),
		cmocka_unit_test(parameters_pass_where_upstream_knows_them),
		cmocka_unit_test(who_submitted_is_the_login_or_nobody),
	};

	return cmocka_run_group_tests_name("smtp_session", tests, NULL, NULL);
}
