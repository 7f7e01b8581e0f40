/* Who may log in over POP3, and how: USER, AUTH, STLS and what CAPA says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/session/pop3_state.h"
#include "tests/session/pop3_talk.h"

#define ALICE "AGFsaWNlAHNlY3JldA=="		/* alice, secret: by PLAIN */

static struct fake *authenticating(void)
{
	return greeted(&plain, "SASL PLAIN LOGIN X-ODD\r\n");
}

static void client_hears(struct fake *fake, const char *said, const char *heard,
			 const char *upstream)
{
	fake_client_says(fake, said);
	is(fake_to_client(fake), heard);
	is(fake_to_upstream(fake), upstream);
}

static void upstream_hears(struct fake *fake, const char *said, const char *heard,
			   const char *client)
{
	fake_upstream_says(fake, said);
	is(fake_to_upstream(fake), heard);
	is(fake_to_client(fake), client);
}

/* Nobody is logged in, and somebody may: alice is then. */
static void may_log_in(struct fake *fake)
{
	client_hears(fake, "STAT\r\n", "-ERR log in first\r\n", "");
	client_hears(fake, "USER alice\r\nPASS b\r\n", "+OK\r\n", "USER alice\r\n");
	upstream_hears(fake, "+OK\r\n", "PASS b\r\n", "");
	upstream_hears(fake, "+OK in\r\n", "", "+OK logged in\r\n");
	client_hears(fake, "UIDL\r\n", "", "UIDL\r\n");
	fake_free(fake);
}

/* THREATS 106 */
static void a_name_that_upstream_refuses_gets_no_password(void **state)
{
	struct fake *fake = authenticating();

	(void)state;
	client_hears(fake, "USER bob\r\nPASS a\r\n", "+OK\r\n", "USER bob\r\n");
	upstream_hears(fake, "-ERR no bob\r\n", "", "-ERR no bob\r\n");
	client_hears(fake, "PASS a\r\n", "", "USER bob\r\n");
	upstream_hears(fake, "+OK\r\n", "PASS a\r\n", "");
	upstream_hears(fake, "-ERR [AUTH] no\r\n", "", "-ERR [AUTH] no\r\n");
	fake_free(fake);
}

static void who_is_logged_in_is_who_authenticated(void **state)
{
	static const char *const said[] = {
		"AUTH PLAIN " ALICE "\r\n", "auth plain\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		struct fake *fake = authenticating();

		client_hears(fake, said[i], "", i ? "AUTH plain\r\n" : "AUTH PLAIN\r\n");
		if (i) {
			upstream_hears(fake, "+ \r\n", "", "+ \r\n");
			client_hears(fake, ALICE "\r\nQUIT\r\n", "", ALICE "\r\n");
		} else {
			upstream_hears(fake, "+\r\n", ALICE "\r\n", "");
		}
		fake_upstream_says(fake, "+OK in\r\n");
		is(fake_to_client(fake), "+OK logged in\r\n");
		if (!i)
			fake_client_says(fake, "UIDL\r\nQUIT\r\n");
		is(fake_to_upstream(fake), i ? "QUIT\r\n" : "UIDL\r\n");
		if (!i)
			client_hears(fake, "USER b\r\n", "", "");
		fake_free(fake);
	}
}

/* THREATS 35 */
static void an_exchange_that_is_not_in_order_is_given_up(void **state)
{
	static const struct {
		const char *command, *challenge, *line;	/* NULL: none comes */
		const char *upstream;	/* what is said to it at last */
	} cases[] = {
		{ "AUTH PLAIN\r\n", "+ \r\n", "*\r\n", "*\r\n" },
		{ "AUTH PLAIN\r\n", "+ \r\n", "!\r\n", "*\r\n" },
		{ "AUTH PLAIN\r\n", "+ \r\n", "AGEA\x01\r\n", "*\r\n" },
		{ "AUTH PLAIN\r\n", "+ \r\n", "a\rb\r\n", "*\r\n" },
		/* nothing may be asked before the first response */
		{ "AUTH PLAIN " ALICE "\r\n", "+ YQ==\r\n", NULL, "*\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int taken = 0; taken < 2; taken++) {
			struct fake *fake = authenticating();

			client_hears(fake, cases[i].command, "", "AUTH PLAIN\r\n");
			fake_upstream_says(fake, cases[i].challenge);
			if (cases[i].line) {
				is(fake_to_client(fake), "+ \r\n");
				fake_client_says(fake, cases[i].line);
			}
			is(fake_to_upstream(fake), cases[i].upstream);
			is(fake_to_client(fake), "");
			if (!taken) {
				upstream_hears(fake, "-ERR given up\r\n", "",
					       "-ERR authentication was not in order\r\n");
				may_log_in(fake);
				continue;
			}
			upstream_hears(fake, "+OK in\r\n", "",
				       "-ERR upstream took a login that was cancelled\r\n");
			assert_true(fake_session_over(fake));
			fake_free(fake);
		}
}

static void an_exchange_that_upstream_would_not_take_is_not_begun(void **state)
{
	struct fake *fake = authenticating();

	(void)state;
	client_hears(fake, "AUTH X-ODD\r\n", "-ERR this mechanism is not offered\r\n", "");
	client_hears(fake, "AUTH SCRAM-SHA-1\r\n", "-ERR this mechanism is not offered\r\n", "");
	fake_client_says(fake, "AUTH PLAIN !\r\n");
	assert_memory_equal(fake_to_client(fake), "-ERR ", 5);
	is(fake_to_upstream(fake), "");
	may_log_in(fake);
	fake = greeted(&plain, "USER\r\n");
	client_hears(fake, "AUTH PLAIN " ALICE "\r\n", "-ERR this mechanism is not offered\r\n",
		     "");
	fake_free(fake);
}

/* THREATS 107: in each state what may be said in it, of what upstream has. */
static void what_is_offered_is_what_may_be_said_now(void **state)
{
	static const struct {
		enum listener_tls tls;
		bool outside;
		const char *first, *secured;
	} cases[] = {
		{ LISTEN_NONE, false, "USER\r\nSASL PLAIN LOGIN\r\n", NULL },
		{ LISTEN_STARTTLS, false, "STLS\r\nUSER\r\nSASL PLAIN LOGIN\r\n",
		  "USER\r\nSASL PLAIN LOGIN\r\n" },
		{ LISTEN_STARTTLS, true, "STLS\r\n", "USER\r\nSASL PLAIN LOGIN\r\n" },
		{ LISTEN_REQUIRED, false, "STLS\r\n", "USER\r\nSASL PLAIN LOGIN\r\n" },
	};
	static const char begin[] = "+OK\r\nTOP\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n";
	static const char end[] = "EXPIRE 5\r\n.\r\n";
	char want[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake_options options = plain;
		struct fake *fake;

		options.listen_tls = cases[i].tls;
		options.not_loopback = cases[i].outside;
		fake = greeted(&options, "TOP\r\nSASL PLAIN LOGIN X-ODD\r\nEXPIRE 5\r\nUTF8\r\n"
			       "LANG\r\nIMPLEMENTATION x\r\nX-Y\r\nSTLS\r\n");
		snprintf(want, sizeof(want), "%s%s%s", begin, cases[i].first, end);
		client_hears(fake, "CAPA\r\n", want, "");
		if (cases[i].secured) {
			client_hears(fake, "STLS\r\n", "+OK begin TLS\r\n", "");
			fake_client_secured(fake);
			snprintf(want, sizeof(want), "%s%s%s", begin, cases[i].secured, end);
			client_hears(fake, "CAPA\r\n", want, "");
			client_hears(fake, "STLS\r\n", "-ERR TLS is active already\r\n", "");
		}
		client_hears(fake, "AUTH PLAIN " ALICE "\r\n", "", "AUTH PLAIN\r\n");
		fake_upstream_says(fake, "+ \r\n");
		fake_upstream_says(fake, "+OK\r\n");
		(void)fake_to_upstream(fake);
		is(fake_to_client(fake), "+OK logged in\r\n");
		snprintf(want, sizeof(want), "%s%s", begin, end);
		client_hears(fake, "CAPA\r\n", want, "");
		client_hears(fake, "STLS\r\n", "-ERR not now: somebody is logged in\r\n", "");
		fake_free(fake);
	}
	/* what upstream does not have, and no more */
	{
		struct fake *fake = greeted(&plain, "UIDL\r\n");

		client_hears(fake, "CAPA\r\n", "+OK\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\n"
			     "AUTH-RESP-CODE\r\nUSER\r\n.\r\n", "");
		fake_free(fake);
	}
}

/* THREATS 6: before TLS no name, no password, no exchange. */
static void no_password_goes_without_tls_where_it_must_not(void **state)
{
	static const struct {
		enum listener_tls tls;
		const char *refusal;
	} cases[] = {
		{ LISTEN_STARTTLS, "-ERR a password would travel in the clear: use TLS\r\n" },
		{ LISTEN_NONE, "-ERR a password would travel in the clear: use TLS\r\n" },
		{ LISTEN_REQUIRED, "-ERR TLS is needed first: STLS\r\n" },
	};
	static const char *const said[] = {
		"USER alice\r\n", "PASS b\r\n", "AUTH PLAIN " ALICE "\r\n", "AUTH PLAIN\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake_options options = plain;
		struct fake *fake;

		options.listen_tls = cases[i].tls;
		options.not_loopback = true;
		fake = greeted(&options, "SASL PLAIN\r\n");
		for (size_t k = 0; k < sizeof(said) / sizeof(*said); k++)
			client_hears(fake, said[k], cases[i].refusal, "");
		fake_free(fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_upstream_refuses_gets_no_password),
		cmocka_unit_test(who_is_logged_in_is_who_authenticated),
		cmocka_unit_test(an_exchange_that_is_not_in_order_is_given_up),
		cmocka_unit_test(an_exchange_that_upstream_would_not_take_is_not_begun),
		cmocka_unit_test(what_is_offered_is_what_may_be_said_now),
		cmocka_unit_test(no_password_goes_without_tls_where_it_must_not),
	};

	return cmocka_run_group_tests_name("pop3_login", tests, NULL, NULL);
}
