#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/secret.h>

static void a_secret_is_a_copy_that_goes_when_told(void **state)
{
	struct secret secret = { 0 };
	char password[] = "correct horse";

	(void)state;
	assert_int_equal(secret_span(&secret).len, 0);
	secret_set(&secret, span_str(password));
	secret_erase(password, sizeof(password));
	assert_int_equal(password[0], 0);
	assert_true(span_is(secret_span(&secret), "correct horse"));
	secret_set(&secret, span_skip(secret_span(&secret), 8));
	assert_true(span_is(secret_span(&secret), "horse"));
	secret_set(&secret, span_str(""));
	assert_int_equal(secret_span(&secret).len, 0);
	secret_wipe(&secret);
	secret_wipe(&secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_a_copy_that_goes_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
