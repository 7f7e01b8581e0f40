#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/ask.h>

#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/run/key_slice.h"
#include "tests/unit/memory_source.h"

static const struct memory_file files[] = {
	{ "/etc/ll/letterlock.conf",
	  "[gateway]\npolicy = policy.conf\n"
	  "[user a]\nlogin = Alice\naddresses = alice@example.org, a.smith@example.org\n" },
	{ "/etc/ll/policy.conf",
	  "[rule escrow]\nencrypt = require\n"
	  "also-encrypt-to = escrow@example.org, "
	  "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE\n" },
	{ NULL, NULL },
};

static void add(struct key_index *index, char digit, const char *address)
{
	struct key key = { .created = 1, .can_encrypt = true };

	memset(key.fingerprint, digit, 40);
	strs_add(&key.user_ids, span_str(address));
	strs_add(&key.addresses, span_str(address));
	key_index_add(index, &key);
}

static bool has(const struct key_index *index, char digit)
{
	char fingerprint[41] = { 0 };

	memset(fingerprint, digit, 40);
	return key_index_get(index, span_str(fingerprint)) != NULL;
}

static void a_message_gets_the_keys_it_could_need_and_no_other(void **state)
{
	struct source source = memory_source(files);
	struct problems problems = { 0 };
	struct key_index *index = key_index_new(), *slice;
	struct ask ask = { .kind = ASK_SEAL };
	struct conf conf;

	(void)state;
	assert_int_equal(conf_load(&source, "letterlock.conf", &conf, &problems), 0);
	add(index, '1', "bob@example.org");
	add(index, '2', "bob@example.org");	/* another of his */
	add(index, '3', "a.smith@example.org");
	add(index, '4', "escrow@example.org");
	add(index, 'E', "somebody@example.org");	/* by its fingerprint */
	add(index, '5', "eve@example.org");
	add(index, '6', "xbob@example.org");
	ask.envelope.login = (char *)"alice";
	ask.envelope.sender = (char *)"alice@example.org";
	strs_add(&ask.envelope.to, span_str("Bob@Example.org"));
	slice = key_slice(index, &conf, &ask);
	for (const char *wanted = "1234E"; *wanted; wanted++)
		assert_true(has(slice, *wanted));
	assert_int_equal(key_index_count(slice), 5);
	strs_free(&ask.envelope.to);
	key_index_free(slice);
	/* without a login and a known recipient, what the rules name is left */
	ask.envelope.login = NULL;
	ask.envelope.sender = (char *)"";
	strs_add(&ask.envelope.to, span_str("nobody@example.org"));
	slice = key_slice(index, &conf, &ask);
	assert_int_equal(key_index_count(slice), 2);
	strs_free(&ask.envelope.to);
	key_index_free(slice);
	key_index_free(index);
	conf_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_gets_the_keys_it_could_need_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
