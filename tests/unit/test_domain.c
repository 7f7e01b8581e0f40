#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/address.h>
#include <letterlock/domain.h>

static void a_domain_that_is_its_own_mapping_is_settled(void **state)
{
	static const char *const good[] = {
		"partner.example", "PARTNER.example", "x--y.example", "",
		"xn--bcher-kva.example", "b\u00fccher.example", "B\u00fcCHER.Example",
		"stra\u00dfe.example", "p\u0430rtner.example", "\u4f8b\u3048.example",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(domain_settled(span_str(good[i])));
}

static void a_domain_that_servers_read_as_another_is_none(void **state)
{
	static const char *const bad[] = {
		"\uff50artner.example", "partner\u3002example", "partner\uff0eexample",
		"partner\uff61example", "part\u00adner.example", "\u24dfartner.example",
		"partner\u200b.example", "B\u00dcCHER.example", "bu\u0308cher.example",
		"\u202e\u00fc.example", "\xff.example",
	};
	char address[80] = "carol@";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(domain_settled(span_str(bad[i])));
		memcpy(address + 6, bad[i], strlen(bad[i]) + 1);
		assert_false(address_valid(span_str(address), true));
	}
	assert_false(domain_settled(span_of("\xc3\xbc\0.example", 11)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_that_is_its_own_mapping_is_settled),
		cmocka_unit_test(a_domain_that_servers_read_as_another_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
