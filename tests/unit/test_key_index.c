#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/keys/key_index.h"

enum { NOW = 1800000000, DAY = 86400 };

/* A good key of `address`; its fingerprint is forty times `digit`. */
static struct key good(char digit, const char *address)
{
	struct key key = { .created = NOW - 100 * DAY, .can_encrypt = true, .can_sign = true };

	memset(key.fingerprint, digit, 40);
	strs_add(&key.user_ids, span_str(address));
	strs_add(&key.addresses, span_str(address));
	key.encryption = mem_new(sizeof(*key.encryption));
	key.encryption_n = 1;
	key.encryption[0] = (struct key_part){ .id = (uint64_t)digit << 56,
					       .created = key.created };
	return key;
}

static void add(struct key_index *index, struct key key)
{
	key_index_add(index, &key);
}

/* The first digit of the fingerprint of what is found; '-' and `why` if none. */
static char found(const struct key_index *index, const char *address, enum key_use use,
		  char why[64])
{
	const struct key *key = key_index_find(index, span_str(address), use, NOW, why);

	return key ? key->fingerprint[0] : '-';
}

/* Likewise for the only key of a@example.org. */
static void expect(struct key key, enum key_use use, const char *reason)
{
	struct key_index *index = key_index_new();
	char why[64];

	add(index, key);
	assert_int_equal(found(index, "a@example.org", use, why), *reason ? '-' : 'A');
	assert_string_equal(why, reason);
	key_index_free(index);
}

static void only_the_whole_address_finds_a_key(void **state)
{
	static const char *const others[] = {
		"", "a", "@", "a@", "@example.org", "example.org", "a@example.or",
		"a@example.org.", "a@example.orgx", "xa@example.org", "a@xexample.org",
		"a@example.org ", "<a@example.org>", "a+b@example.org", "a@sub.example.org",
		"a.@example.org", "\xd0\xb0@example.org", "a@example.org\nb",
	};
	struct key_index *index = key_index_new();
	char why[64];

	(void)state;
	add(index, good('A', "a@example.org"));
	assert_int_equal(found(index, "a@example.org", KEY_ENCRYPT, why), 'A');
	assert_int_equal(found(index, "A@EXAMPLE.Org", KEY_ENCRYPT, why), 'A');
	assert_int_equal(found(index, "\"a\"@example.org", KEY_ENCRYPT, why), 'A');
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_int_equal(found(index, others[i], KEY_ENCRYPT, why), '-');
		assert_string_equal(why, "no key");
	}
	key_index_free(index);
}

static void a_key_of_no_use_is_never_found_and_it_is_said_why(void **state)
{
	struct key key;

	(void)state;
	expect(good('A', "a@example.org"), KEY_ENCRYPT, "");
	key = good('A', "a@example.org");
	key.expires = NOW;
	expect(key, KEY_ENCRYPT, "expired 2027-01-15");
	key = good('A', "a@example.org");
	key.expires = NOW + 1;
	expect(key, KEY_ENCRYPT, "");
	key = good('A', "a@example.org");
	key.revoked = true;
	expect(key, KEY_ENCRYPT, "revoked");
	key = good('A', "a@example.org");
	key.disabled = true;
	expect(key, KEY_ENCRYPT, "disabled");
	key = good('A', "a@example.org");
	key.invalid = true;
	expect(key, KEY_ENCRYPT, "invalid");
	key = good('A', "a@example.org");
	key.created = NOW + 1;
	expect(key, KEY_ENCRYPT, "not valid yet");
	key = good('A', "a@example.org");
	key.encryption[0].created = NOW + 1;
	expect(key, KEY_ENCRYPT, "not valid yet");
	key = good('A', "a@example.org");
	key.encryption[0].expires = NOW - DAY;
	expect(key, KEY_ENCRYPT, "expired 2027-01-14");
	key = good('A', "a@example.org");
	key.encryption_n = 0;
	expect(key, KEY_ENCRYPT, "cannot encrypt");
}

static void signing_needs_the_secret_part(void **state)
{
	struct key key = good('A', "a@example.org");

	(void)state;
	expect(key, KEY_SIGN, "no secret key");
	key = good('A', "a@example.org");
	key.secret = true;
	expect(key, KEY_SIGN, "");
	key = good('A', "a@example.org");
	key.secret = true;
	key.can_sign = false;
	expect(key, KEY_SIGN, "cannot sign");
	key = good('A', "a@example.org");
	key.secret = true;
	key.sign_expires = NOW - DAY;
	expect(key, KEY_SIGN, "expired 2027-01-14");
	key = good('A', "a@example.org");
	key.secret = true;
	key.revoked = true;
	expect(key, KEY_SIGN, "revoked");
}

static void one_good_part_is_enough(void **state)
{
	struct key key = good('A', "a@example.org");

	(void)state;
	key.encryption = mem_grow(key.encryption, 2, sizeof(*key.encryption));
	key.encryption_n = 2;
	key.encryption[1] = key.encryption[0];
	key.encryption[0].expires = NOW - DAY;
	expect(key, KEY_ENCRYPT, "");
}

static void of_several_the_newest_good_one_is_taken_in_any_order(void **state)
{
	static const char *const orders[] = { "ABCD", "DCBA", "CABD", "BDAC", "DABC" };

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct key_index *index = key_index_new();
		char why[64];

		for (const char *c = orders[i]; *c; c++) {
			struct key key = good(*c, "a@example.org");

			key.created += *c == 'A' ? 1 : *c == 'D' ? 9 : 5;
			key.revoked = *c == 'D';
			add(index, key);
		}
		/* D is newest, but revoked; B and C are as new as each other */
		assert_int_equal(found(index, "a@example.org", KEY_ENCRYPT, why), 'B');
		assert_string_equal(why, "");
		key_index_free(index);
	}
}

static void of_several_reasons_the_nearest_to_use_is_told(void **state)
{
	struct key_index *index = key_index_new();
	struct key key = good('A', "a@example.org");
	char why[64];

	(void)state;
	key.revoked = true;
	add(index, key);
	key = good('B', "a@example.org");
	key.expires = NOW - 1;
	add(index, key);
	key = good('C', "a@example.org");
	key.encryption_n = 0;
	add(index, key);
	assert_int_equal(found(index, "a@example.org", KEY_ENCRYPT, why), '-');
	assert_string_equal(why, "expired 2027-01-15");
	key_index_free(index);
}

static void a_key_that_comes_again_replaces_itself(void **state)
{
	struct key_index *index = key_index_new();
	char why[64];

	(void)state;
	add(index, good('A', "a@example.org"));
	add(index, good('B', "b@example.org"));
	add(index, good('A', "new@example.org"));
	assert_int_equal(key_index_count(index), 2);
	assert_int_equal(found(index, "a@example.org", KEY_ENCRYPT, why), '-');
	assert_int_equal(found(index, "new@example.org", KEY_ENCRYPT, why), 'A');
	assert_int_equal(found(index, "b@example.org", KEY_ENCRYPT, why), 'B');
	key_index_free(index);
}

static void fingerprints_are_whole_and_in_any_case(void **state)
{
	struct key_index *index = key_index_new();
	char text[41];

	(void)state;
	add(index, good('A', "a@example.org"));
	memset(text, 'a', 40);
	text[40] = '\0';
	assert_non_null(key_index_get(index, span_str(text)));
	assert_null(key_index_get(index, span_of(text, 39)));
	assert_null(key_index_get(index, span_of(text, 16)));
	assert_null(key_index_get(index, span_of(text, 0)));
	key_index_free(index);
}

static void a_slice_holds_all_keys_of_an_address_good_or_not(void **state)
{
	struct key_index *index = key_index_new(), *slice = key_index_new();
	struct key key = good('B', "a@example.org");
	char text[41], why[64];

	(void)state;
	key.revoked = true;
	add(index, key);
	add(index, good('A', "a@example.org"));
	add(index, good('C', "c@example.org"));
	add(index, good('D', "d@example.org"));
	key_index_slice(index, span_str("A@example.org"), slice);
	key_index_slice(index, span_str("A@example.org"), slice);
	assert_int_equal(key_index_count(slice), 2);
	memset(text, 'D', 40);
	key_index_slice(index, span_of(text, 40), slice);
	key_index_free(index);
	assert_int_equal(key_index_count(slice), 3);
	assert_int_equal(found(slice, "a@example.org", KEY_ENCRYPT, why), 'A');
	assert_int_equal(found(slice, "d@example.org", KEY_ENCRYPT, why), 'D');
	assert_int_equal(found(slice, "c@example.org", KEY_ENCRYPT, why), '-');
	key_index_free(slice);
}

static struct key_index *some(void)
{
	struct key_index *index = key_index_new();
	struct key key = good('A', "a@example.org");

	strs_add(&key.addresses, span_str("second@example.org"));
	key.expires = NOW + 7;
	key.secret = true;
	key.sign_expires = NOW + 8;
	add(index, key);
	key = good('B', "b@example.org");
	key.encryption_n = 0;
	key.revoked = key.disabled = key.invalid = true;
	key.can_encrypt = key.can_sign = false;
	add(index, key);
	return index;
}

static void the_wire_form_gives_the_same_index(void **state)
{
	struct key_index *index = some(), *copy;
	struct buf wire, again;
	struct err err = { 0 };
	const struct key *key;

	(void)state;
	buf_init(&wire, 100000);
	buf_init(&again, 100000);
	assert_int_equal(key_index_encode(index, &wire), 0);
	copy = key_index_decode(buf_span(&wire), &err);
	assert_non_null(copy);
	assert_int_equal(key_index_encode(copy, &again), 0);
	assert_true(span_eq(buf_span(&wire), buf_span(&again)));
	key = key_index_at(copy, 0);
	assert_int_equal(key->expires, NOW + 7);
	assert_int_equal(key->sign_expires, NOW + 8);
	assert_true(key->secret && key->can_encrypt && key->can_sign && !key->revoked);
	assert_string_equal(key->addresses.at[1], "second@example.org");
	assert_int_equal(key->encryption_n, 1);
	key = key_index_at(copy, 1);
	assert_true(!key->secret && key->revoked && key->disabled && key->invalid);
	buf_free(&wire);
	buf_free(&again);
	key_index_free(index);
	key_index_free(copy);
}

static void a_wire_form_that_is_cut_or_goes_on_is_refused(void **state)
{
	struct key_index *index = some();
	struct err err = { 0 };
	struct buf wire;

	(void)state;
	buf_init(&wire, 100000);
	assert_int_equal(key_index_encode(index, &wire), 0);
	for (size_t len = 0; len < wire.len; len++)
		assert_null(key_index_decode(span_of(buf_span(&wire).at, len), &err));
	assert_int_equal(err.kind, ERR_BUG);
	(void)buf_puts(&wire, "x");
	assert_null(key_index_decode(buf_span(&wire), &err));
	buf_free(&wire);
	key_index_free(index);
}

static void a_limit_stops_the_encoding(void **state)
{
	struct key_index *index = some();
	struct buf wire;

	(void)state;
	for (size_t max = 0; max < 60; max++) {
		buf_init(&wire, max);
		assert_int_equal(key_index_encode(index, &wire), -1);
		buf_free(&wire);
	}
	key_index_free(index);
}

/* Seconds for 20,000 look-ups among `n` keys, each with its own address. */
static double seconds_for(size_t n)
{
	struct key_index *index = key_index_new();
	struct timespec from, to;
	char text[64], why[64];

	for (size_t i = 0; i < n; i++) {
		struct key key = good('0', "");

		strs_free(&key.addresses);
		(void)snprintf(text, sizeof(text), "user%zu@example.org", i);
		strs_add(&key.addresses, span_str(text));
		(void)snprintf(key.fingerprint, sizeof(key.fingerprint), "%040zX", i);
		add(index, key);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (size_t i = 0; i < 20000; i++) {
		(void)snprintf(text, sizeof(text), "user%zu@example.org", i * 7919 % n);
		assert_non_null(key_index_find(index, span_str(text), KEY_ENCRYPT, NOW, why));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	key_index_free(index);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void a_hundred_thousand_keys_are_found_as_fast_as_a_hundred(void **state)
{
	(void)state;
	/* memory is farther away then; a walk through all would be 1,000 times */
	assert_true(seconds_for(100000) < 50 * seconds_for(100) + 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_whole_address_finds_a_key),
		cmocka_unit_test(a_key_of_no_use_is_never_found_and_it_is_said_why),
		cmocka_unit_test(signing_needs_the_secret_part),
		cmocka_unit_test(one_good_part_is_enough),
		cmocka_unit_test(of_several_the_newest_good_one_is_taken_in_any_order),
		cmocka_unit_test(of_several_reasons_the_nearest_to_use_is_told),
		cmocka_unit_test(a_key_that_comes_again_replaces_itself),
		cmocka_unit_test(fingerprints_are_whole_and_in_any_case),
		cmocka_unit_test(a_slice_holds_all_keys_of_an_address_good_or_not),
		cmocka_unit_test(the_wire_form_gives_the_same_index),
		cmocka_unit_test(a_wire_form_that_is_cut_or_goes_on_is_refused),
		cmocka_unit_test(a_limit_stops_the_encoding),
		cmocka_unit_test(a_hundred_thousand_keys_are_found_as_fast_as_a_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
