#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/settings.h>

#include "policy/job/identity.h"

static char *addresses[] = { "alice@example.org", "a.smith@example.org" };
static struct user_settings users[] = {
	{ .name = "alice", .login = "alice", .addresses = { addresses, 2 } },
};
static const struct settings settings = { .users = users, .users_n = 1 };

struct identity_case {
	const char *sender;
	const char *fields;
	const char *said;	/* in the reply; NULL: allowed */
};

static const struct identity_case cases[] = {
	{ "alice@example.org", "From: Alice <alice@example.org>\r\n", NULL },
	{ "ALICE@Example.org", "From: A.Smith@EXAMPLE.org\r\n", NULL },
	{ "", "From: alice@example.org\r\n", NULL },
	{ "alice@example.org", "From: alice@example.org, a.smith@example.org\r\n", NULL },
	{ "alice@example.org", "From: alice@example.org\r\nFROM: a.smith@example.org\r\n", NULL },
	{ "alice@example.org", "Sender: a.smith@example.org\r\nFrom: alice@example.org\r\n", NULL },
	{ "bob@example.org", "From: alice@example.org\r\n", "envelope From bob@example.org" },
	{ "alice", "From: alice@example.org\r\n", "envelope From alice" },
	{ "alice@example.org", "From: bob@example.org\r\n",
	  "header From bob@example.org is not an address of the login alice" },
	{ "alice@example.org", "From: \"alice@example.org\" <bob@example.org>\r\n", "From" },
	{ "alice@example.org", "From: bob@example.org (alice@example.org)\r\n", "From bob@" },
	{ "alice@example.org", "From: alice@example.org, bob@example.org\r\n", "From bob@" },
	{ "alice@example.org", "From: alice@example.org\r\nFrom: bob@example.org\r\n", "bob@" },
	{ "alice@example.org", "From: alice@example.org\r\nFrom : bob@example.org\r\n", "bob@" },
	{ "alice@example.org", "From: us: alice@example.org, bob@example.org;\r\n", "bob@" },
	{ "alice@example.org", "From: alice@example.org\r\nSender: bob@example.org\r\n",
	  "header Sender (as From) bob@example.org" },
	{ "alice@example.org", "From: alice@example.org.evil.example\r\n", "From" },
	{ "alice@example.org", "From: lice@example.org\r\n", "From" },
	{ "alice@example.org", "From: <alice@example.org\r\n", "header From cannot be read" },
	{ "alice@example.org", "From: nobody:;\r\n", "header From is missing" },
	{ "alice@example.org", "From:\r\n", "header From" },
	{ "alice@example.org", "Subject: x\r\n", "header From is missing" },
	{ "alice@example.org", "From: =?UTF-8?Q?alice=40example.org?= <bob@example.org>\r\n",
	  "From" },
	/* a first line that is no field: what follows is text (THREATS 110) */
	{ "alice@example.org", " From: alice@example.org\r\nFrom: alice@example.org\r\n",
	  "header From is missing" },
	{ "alice@example.org", "From: alice@example.org\nFrom: bob@example.org\r\n", "From" },
	{ "alice@example.org", "From: alice@example.org\rFrom: bob@example.org\r\n", "From" },
	{ "alice@example.org", "From: a\x1b[2J\x07@example.org\r\n", "From" },
};

static void only_addresses_of_the_login_may_write(void **state)
{
	char login[] = "alice";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ask ask = { .envelope.login = login,
				   .envelope.sender = (char *)cases[i].sender };
		struct strs from = { 0 };
		struct reply reply = { 0 };
		int result = identity_message(&settings, &ask, span_str(cases[i].fields), &from,
					      &reply);

		if (!cases[i].said) {
			if (result < 0)
				fail_msg("case %zu: %s", i, reply.text);
			assert_true(from.n > 0);
		} else {
			if (result == 0 || !strstr(reply.text, cases[i].said))
				fail_msg("case %zu: \"%s\"", i, reply.text);
			assert_int_equal(reply.code, 550);
			assert_string_equal(reply.status, "5.7.1");
			assert_null(strpbrk(reply.text, "\x1b\x07\r\n"));
		}
		strs_free(&from);
	}
}

static void the_sender_is_checked_before_the_message_is_here(void **state)
{
	char login[] = "alice", alice[] = "alice@example.org", bob[] = "bob@example.org";
	struct ask ask = { .envelope.login = login, .envelope.sender = alice };
	struct reply reply = { 0 };

	(void)state;
	assert_int_equal(identity_sender(&settings, &ask, &reply), 0);
	ask.envelope.sender = bob;
	assert_int_equal(identity_sender(&settings, &ask, &reply), -1);
	assert_int_equal(reply.code, 550);
}

static void without_a_login_nothing_is_held_against_anything(void **state)
{
	char bob[] = "bob@example.org";
	struct ask ask = { .envelope.sender = bob };
	struct strs from = { 0 };
	struct reply reply = { 0 };

	(void)state;
	assert_int_equal(identity_sender(&settings, &ask, &reply), 0);
	assert_int_equal(identity_message(&settings, &ask, span_str("From: x\r\n"), &from, &reply),
			 0);
	assert_int_equal(reply.code, 0);
	strs_free(&from);
}

/* A login without a [user] section is its own address. */
static void a_login_may_write_as_itself(void **state)
{
	char login[] = "Bob@example.org";
	struct ask ask = { .envelope.login = login, .envelope.sender = login };
	struct strs from = { 0 };
	struct reply reply = { 0 };

	(void)state;
	assert_int_equal(identity_message(&settings, &ask, span_str("From: bob@EXAMPLE.org\r\n"),
					  &from, &reply), 0);
	strs_free(&from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_addresses_of_the_login_may_write),
		cmocka_unit_test(the_sender_is_checked_before_the_message_is_here),
		cmocka_unit_test(without_a_login_nothing_is_held_against_anything),
		cmocka_unit_test(a_login_may_write_as_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
