#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/crypto/cipher.h"

static const unsigned char key[CIPHER_KEY_SIZE] = { 1, 2, 3 };

static void seal(const char *about, const char *plain, struct buf *out)
{
	struct err err;

	buf_init(out, 1000);
	assert_int_equal(cipher_seal(key, span_str(about), span_str(plain), out, &err), 0);
	assert_int_equal(out->len, strlen(plain) + CIPHER_MORE);
}

static int opens(const unsigned char *with, const char *about, struct span sealed, const char *want)
{
	struct buf out;
	struct err err;
	int result;

	buf_init(&out, 1000);
	result = cipher_open(with, span_str(about), sealed, &out, &err);
	assert_true(result == 0 ? span_is(buf_span(&out), want) : out.len == 0);
	buf_free(&out);
	return result;
}

static void what_is_sealed_opens(void **state)
{
	struct buf one, two;

	(void)state;
	seal("a", "a text", &one);
	seal("a", "a text", &two);
	assert_false(span_eq(buf_span(&one), buf_span(&two)));	/* another nonce */
	assert_int_equal(opens(key, "a", buf_span(&one), "a text"), 0);
	assert_int_equal(opens(key, "a", buf_span(&two), "a text"), 0);
	buf_free(&one);
	buf_free(&two);
	seal("", "", &one);
	assert_int_equal(opens(key, "", buf_span(&one), ""), 0);
	buf_free(&one);
}

static void nothing_else_opens(void **state)
{
	unsigned char other[CIPHER_KEY_SIZE] = { 1, 2, 4 };
	struct buf sealed;
	struct span all;

	(void)state;
	seal("a", "a text", &sealed);
	all = buf_span(&sealed);
	assert_int_equal(opens(other, "a", all, ""), -1);
	assert_int_equal(opens(key, "b", all, ""), -1);
	for (size_t len = 0; len < all.len; len++)
		assert_int_equal(opens(key, "a", span_of(all.at, len), ""), -1);
	for (size_t i = 0; i < all.len; i++) {
		((char *)all.at)[i] ^= 4;
		assert_int_equal(opens(key, "a", all, ""), -1);
		((char *)all.at)[i] ^= 4;
	}
	assert_int_equal(opens(key, "a", all, "a text"), 0);
	buf_free(&sealed);
}

static void a_full_queue_takes_nothing(void **state)
{
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 10 + CIPHER_MORE - 1);
	assert_int_equal(cipher_seal(key, span_str(""), span_str("0123456789"), &out, &err), -1);
	assert_int_equal(out.len, 0);
	assert_int_equal(err.kind, ERR_TEMP);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens),
		cmocka_unit_test(nothing_else_opens),
		cmocka_unit_test(a_full_queue_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
