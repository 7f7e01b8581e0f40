#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/session/imap_state.h"
#include "tests/session/imap_talk.h"

static const struct fake_options plain = { .protocol = PROTOCOL_IMAP,
					   .upstream_tls = UPSTREAM_NONE };

static void the_greeting_waits_for_a_verified_upstream(void **state)
{
	struct fake *fake = greeted(&plain, "AUTH=PLAIN AUTH=GSSAPI COMPRESS=DEFLATE");

	(void)state;
	is(fake_to_client(fake), "* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID "
	   "AUTH=PLAIN] gw.example.org Letterlock ready\r\n");
	fake_client_says(fake, "x LOGOUT\r\n");
	is(fake_to_client(fake), "* BYE logging out\r\nx OK done\r\n");
	has(fake_to_upstream(fake), "LOGOUT");
	fake_free(fake);
}

static void an_upstream_that_is_not_itself_is_told_in_a_bye(void **state)
{
	struct fake *fake = fake_new(&plain);

	(void)state;
	fake_client_says(fake, "a LOGIN alice secret\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_leaves(fake, ERR_TLS, "certificate has expired");
	is(fake_to_client(fake),
	   "* BYE upstream provider: certificate has expired\r\n");
	is(fake_to_upstream(fake), "");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void an_upstream_without_tls_gets_no_password(void **state)
{
	static const struct fake_options options = {
		.protocol = PROTOCOL_IMAP, .upstream_tls = UPSTREAM_STARTTLS
	};
	struct fake *fake = greeted(&options, "AUTH=PLAIN");

	(void)state;
	is(fake_to_client(fake), "* BYE upstream provider: TLS not offered\r\n");
	assert_true(fake_upstream_aborted(fake));
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void starttls_upstream_comes_before_all_else(void **state)
{
	static const struct fake_options options = {
		.protocol = PROTOCOL_IMAP, .upstream_tls = UPSTREAM_STARTTLS
	};
	struct fake *fake = greeted(&options, "STARTTLS LOGINDISABLED");

	(void)state;
	is(fake_to_upstream(fake), "L2 STARTTLS\r\n");
	fake_upstream_says(fake, "* NO [ALERT] from nobody\r\nL2 OK go\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_ready(fake);
	is(fake_to_upstream(fake), "L3 CAPABILITY\r\n");
	fake_upstream_says(fake, "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nL3 OK\r\n");
	has(fake_to_client(fake), "SASL-IR ID AUTH=PLAIN]");
	fake_free(fake);
}

static void a_password_in_the_clear_is_refused_before_upstream(void **state)
{
	static const struct fake_options options = {
		.protocol = PROTOCOL_IMAP, .upstream_tls = UPSTREAM_NONE,
		.listen_tls = LISTEN_STARTTLS, .not_loopback = true,
	};
	struct fake *fake = greeted(&options, "AUTH=PLAIN");

	(void)state;
	has(fake_to_client(fake), " ID STARTTLS LOGINDISABLED]");
	fake_client_says(fake, "a LOGIN alice secret\r\nb AUTHENTICATE PLAIN x\r\n");
	is(fake_to_client(fake), "a NO [PRIVACYREQUIRED] TLS is needed first\r\n"
	   "b NO [PRIVACYREQUIRED] TLS is needed first\r\n");
	is(fake_to_upstream(fake), "");
	fake_client_says(fake, "c STARTTLS\r\n");
	is(fake_to_client(fake), "c OK begin TLS now\r\n");
	fake_client_secured(fake);
	fake_client_says(fake, "d CAPABILITY\r\n");
	is(fake_to_client(fake), "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID "
	   "AUTH=PLAIN\r\nd OK done\r\n");
	fake_client_says(fake, "e LOGIN alice secret\r\n");
	is(fake_to_upstream(fake), "L2 LOGIN \"alice\" \"secret\"\r\n");
	fake_free(fake);
}

static void before_login_nothing_but_that_goes_upstream(void **state)
{
	struct fake *fake = greeted(&plain, "ID AUTH=PLAIN");

	(void)state;
	(void)fake_to_client(fake);
	fake_client_says(fake, "a ID (\"name\" \"x\")\r\nb NOOP\r\nc LIST \"\" *\r\n"
			 "d LOGIN \"a\r\n");
	is(fake_to_client(fake), "* ID (\"name\" \"Letterlock\")\r\na OK done\r\n"
	   "b OK done\r\nc BAD not in this state\r\n"
	   "d BAD this is not well-formed\r\n");
	fake_client_says(fake, "e LOGIN {3+}\r\na\tb x\r\n");
	has(fake_to_client(fake), "e NO [AUTHENTICATIONFAILED]");
	is(fake_to_upstream(fake), "");
	/* nor does what upstream says on its own come through */
	fake_upstream_says(fake, "* 3 EXISTS\r\n* LIST () \"/\" a\r\n"
			   "* 1 FETCH (FLAGS ())\r\n");
	is(fake_to_client(fake), "");
	fake_free(fake);
}

static void a_refused_login_is_told_and_may_be_tried_again(void **state)
{
	struct fake *fake = greeted(&plain, "AUTH=PLAIN");

	(void)state;
	(void)fake_to_client(fake);
	fake_client_says(fake, "a LOGIN alice wrong\r\n");
	(void)fake_to_upstream(fake);
	fake_upstream_says(fake, "L2 NO [REFERRAL imap://evil/] elsewhere\r\n");
	is(fake_to_client(fake), "a NO refused\r\n");
	fake_client_says(fake, "b AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n");
	is(fake_to_upstream(fake), "L3 AUTHENTICATE PLAIN\r\n");
	fake_upstream_says(fake, "+ \r\n");
	is(fake_to_upstream(fake), "AGFsaWNlAHNlY3JldA==\r\n");
	fake_upstream_says(fake, "L3 OK in\r\n");
	is(fake_to_upstream(fake), "L4 CAPABILITY\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "* CAPABILITY IMAP4rev1 IDLE\r\nL4 OK\r\n");
	is(fake_to_client(fake), "b OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID "
	   "ENABLE IDLE] logged in\r\n");
	fake_free(fake);
}

static void a_sasl_exchange_is_relayed_line_by_line(void **state)
{
	struct fake *fake = greeted(&plain, "AUTH=LOGIN SASL-IR");

	(void)state;
	(void)fake_to_client(fake);
	fake_client_says(fake, "a AUTHENTICATE SCRAM-SHA-1\r\n");
	has(fake_to_client(fake), "a NO [CANNOT]");
	fake_client_says(fake, "a AUTHENTICATE LOGIN\r\n");
	is(fake_to_upstream(fake), "L2 AUTHENTICATE LOGIN\r\n");
	fake_upstream_says(fake, "+ VXNlcm5hbWU6\r\n");
	is(fake_to_client(fake), "+ VXNlcm5hbWU6\r\n");
	fake_client_says(fake, "YWxpY2U=\r\n");
	is(fake_to_upstream(fake), "YWxpY2U=\r\n");
	fake_upstream_says(fake, "+ UGFzc3dvcmQ6\r\n");
	fake_client_says(fake, "*\r\n");
	is(fake_to_upstream(fake), "*\r\n");
	fake_upstream_says(fake, "L2 BAD cancelled\r\n");
	has(fake_to_client(fake), "a BAD authentication was not in order\r\n");
	/* what upstream takes all the same ends the session */
	fake_client_says(fake, "b AUTHENTICATE LOGIN\r\n");
	fake_upstream_says(fake, "+ \r\n");
	fake_client_says(fake, "no base64\r\n");
	has(fake_to_upstream(fake), "*\r\n");
	fake_upstream_says(fake, "L3 OK in\r\n");
	has(fake_to_client(fake), "* BYE upstream took a login that was cancelled\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void what_passes_is_a_list(void **state)
{
	struct fake *fake = selected("IDLE");

	(void)state;
	fake_upstream_says(fake,
			   "* 4 EXISTS\r\n* 1 EXPUNGE\r\n* VANISHED 3\r\n"
			   "* 2 FETCH (FLAGS (\\Seen) UID 7)\r\n"
			   "* 2 FETCH (UID 7 BODY[] {2}\r\nhi)\r\n"
			   "* 2 FETCH (RFC822.SIZE 9)\r\n"
			   "* OK [REFERRAL imap://x/] y\r\n"
			   "* CAPABILITY IMAP4rev1 CATENATE IDLE\r\n* NEWS 1\r\n"
			   "* NO [CAPABILITY IMAP4rev1 URLAUTH IDLE] no\r\n");
	is(fake_to_client(fake),
	   "* 4 EXISTS\r\n* 1 EXPUNGE\r\n* 2 FETCH (FLAGS (\\Seen) UID 7)\r\n"
	   "* OK refused\r\n* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE\r\n"
	   "* NO [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE] no\r\n");
	fake_free(fake);
}

static void commands_pass_one_after_the_other(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c NOOP\r\nd STATUS {3}\r\n");
	is(fake_to_upstream(fake), "L4 NOOP\r\n");
	fake_upstream_says(fake, "L4 OK nothing\r\n");
	is(fake_to_client(fake), "c OK nothing\r\n+ OK\r\n");
	fake_client_says(fake, "a\"b (MESSAGES)\r\n");
	is(fake_to_upstream(fake), "L5 STATUS {3}\r\n");
	fake_upstream_says(fake, "+ go\r\n");
	is(fake_to_upstream(fake), "a\"b (MESSAGES)\r\n");
	fake_upstream_says(fake, "* STATUS {3}\r\na\"b (MESSAGES 1)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* STATUS {3}\r\na\"b (MESSAGES 1)\r\nd OK x\r\n");
	fake_client_says(fake, "e SELECT x (QRESYNC (1 2))\r\nf CLOSE\r\n");
	has(fake_to_client(fake), "e BAD ");
	is(fake_to_upstream(fake), "L6 CLOSE\r\n");
	fake_upstream_says(fake, "L6 OK x\r\n");
	fake_client_says(fake, "g FETCH 1 FLAGS\r\n");
	is(fake_to_client(fake), "f OK x\r\ng BAD not in this state\r\n");
	fake_free(fake);
}

/* Of what is stored, which is not what is shown. */
static void the_size_of_a_mailbox_is_not_told(void **state)
{
	static const char *const refused[] = {
		"c STATUS x (MESSAGES SIZE)\r\n", "c status {1+}\r\n( (size)\r\n",
		"c LIST \"\" * RETURN (CHILDREN STATUS (SIZE))\r\n",
		"c LIST (SUBSCRIBED) \"\" (\"a\" \"b\") RETURN (STATUS (UNSEEN size))\r\n",
	};
	static const char *const passing[] = {
		"STATUS size (MESSAGES)", "STATUS \"(SIZE)\" (UNSEEN)", "LIST \"\" (SIZE \"b\")",
		"LIST \"\" * RETURN (STATUS (UNSEEN))",
	};
	struct fake *fake = logged_in("LIST-STATUS");
	char line[200];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		fake_client_says(fake, refused[i]);
		is(fake_to_client(fake), "c BAD SIZE is not offered\r\n");
	}
	is(fake_to_upstream(fake), "");
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		(void)snprintf(line, sizeof(line), "d %s\r\n", passing[i]);
		fake_client_says(fake, line);
		(void)snprintf(line, sizeof(line), "L%zu %s\r\n", i + 3, passing[i]);
		is(fake_to_upstream(fake), line);
		(void)snprintf(line, sizeof(line), "L%zu OK x\r\n", i + 3);
		fake_upstream_says(fake, line);
		is(fake_to_client(fake), "d OK x\r\n");
	}
	fake_free(fake);
}

static void idle_flows_and_ends_with_done(void **state)
{
	struct fake *fake = selected("IDLE");

	(void)state;
	fake_client_says(fake, "c IDLE\r\n");
	is(fake_to_upstream(fake), "L4 IDLE\r\n");
	fake_upstream_says(fake, "+ idling\r\n* 4 EXISTS\r\n");
	is(fake_to_client(fake), "+ idling\r\n* 4 EXISTS\r\n");
	assert_int_equal(IMAP_IDLE_WAIT, fake_client_deadline(fake));
	assert_int_equal(0, fake_upstream_deadline(fake));
	fake_client_says(fake, "DONE\r\n");
	is(fake_to_upstream(fake), "DONE\r\n");
	fake_upstream_says(fake, "L4 OK idled\r\n");
	is(fake_to_client(fake), "c OK idled\r\n");
	fake_client_says(fake, "d IDLE\r\n");
	fake_upstream_says(fake, "+ idling\r\n");
	fake_client_says(fake, "e NOOP\r\n");
	has(fake_to_upstream(fake), "DONE\r\n");
	fake_upstream_says(fake, "L5 OK idled\r\n");
	has(fake_to_client(fake), "d BAD DONE was due\r\n");
	fake_free(fake);
}

static void an_upstream_that_leaves_is_told(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c NOOP\r\n");
	fake_upstream_says(fake, "* BYE maintenance\r\n");
	is(fake_to_client(fake), "* BYE maintenance\r\n");
	fake_upstream_leaves(fake, ERR_NONE, "");
	is(fake_to_client(fake), "");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	fake = selected("");
	fake_upstream_leaves(fake, ERR_PEER, "reset");
	is(fake_to_client(fake), "* BYE upstream provider: reset\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void draining_says_bye_between_commands(void **state)
{
	struct fake *fake = selected("IDLE");

	(void)state;
	fake_client_says(fake, "c NOOP\r\n");
	fake_drain(fake);
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "L4 OK x\r\n");
	is(fake_to_client(fake), "c OK x\r\n* BYE shutting down\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	fake = selected("IDLE");
	fake_client_says(fake, "c IDLE\r\n");
	fake_upstream_says(fake, "+ idling\r\n");
	(void)fake_to_client(fake);
	fake_drain(fake);
	is(fake_to_client(fake), "* BYE shutting down\r\n");
	fake_free(fake);
}

static void somebody_unknown_has_a_time_for_all_of_it(void **state)
{
	struct fake *fake = greeted(&plain, "AUTH=PLAIN");

	(void)state;
	assert_int_equal(IMAP_LOGIN_WAIT, fake_client_deadline(fake));
	(void)fake_to_client(fake);
	fake_client_times_out(fake);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void a_client_that_is_silent_behind_an_answer_is_cut_off(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	assert_int_equal(fake_client_deadline(fake), 35 * 60 * 1000);
	fake_client_says(fake, "b NOOP\r\n");
	assert_int_equal(fake_client_deadline(fake), 0);	/* upstream's turn */
	fake_upstream_says(fake, "L3 OK\r\n");
	assert_int_equal(fake_client_deadline(fake), 35 * 60 * 1000);
	fake_client_times_out(fake);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_is_silent_behind_an_answer_is_cut_off),
		cmocka_unit_test(the_greeting_waits_for_a_verified_upstream),
		cmocka_unit_test(an_upstream_that_is_not_itself_is_told_in_a_bye),
		cmocka_unit_test(an_upstream_without_tls_gets_no_password),
		cmocka_unit_test(starttls_upstream_comes_before_all_else),
		cmocka_unit_test(a_password_in_the_clear_is_refused_before_upstream),
		cmocka_unit_test(before_login_nothing_but_that_goes_upstream),
		cmocka_unit_test(a_refused_login_is_told_and_may_be_tried_again),
		cmocka_unit_test(a_sasl_exchange_is_relayed_line_by_line),
		cmocka_unit_test(what_passes_is_a_list),
		cmocka_unit_test(commands_pass_one_after_the_other),
		cmocka_unit_test(the_size_of_a_mailbox_is_not_told),
		cmocka_unit_test(idle_flows_and_ends_with_done),
		cmocka_unit_test(an_upstream_that_leaves_is_told),
		cmocka_unit_test(draining_says_bye_between_commands),
		cmocka_unit_test(somebody_unknown_has_a_time_for_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
