#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>
#include <letterlock/settings.h>

static void a_login_has_the_addresses_of_its_section_or_itself(void **state)
{
	struct settings settings = { 0 };
	struct strs list = { 0 };
	struct user_settings *user;

	(void)state;
	settings.users = mem_new(sizeof(*settings.users));
	settings.users_n = 1;
	user = settings.users;
	user->login = mem_strdup("Alice");
	strs_add(&user->addresses, span_str("alice@example.org"));
	strs_add(&user->addresses, span_str("a.smith@example.org"));

	settings_addresses(&settings, "aLICE", &list);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.at[1], "a.smith@example.org");
	settings_addresses(&settings, "bob@example.org", &list);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.at[2], "bob@example.org");
	strs_free(&list);
	settings_free(&settings);
	assert_int_equal(settings.users_n, 0);
}

static void everything_that_settings_own_is_freed(void **state)
{
	struct settings settings = { 0 };
	struct listener_settings *listener;
	struct upstream_settings *upstream;

	(void)state;
	settings.gateway.hostname = mem_strdup("gw");
	settings.gateway.state = mem_strdup("/s");
	settings.gateway.runtime_dir = mem_strdup("/r");
	settings.gateway.user = mem_strdup("u");
	settings.gateway.gnupg_home = mem_strdup("/g");
	listener = settings.listeners = mem_new(sizeof(*listener));
	settings.listeners_n = 1;
	listener->name = mem_strdup("l");
	listener->address.host = mem_strdup("::1");
	listener->certificate = mem_strdup("c");
	listener->private_key = mem_strdup("k");
	listener->login = mem_strdup("x");
	strs_add(&listener->private_key_pem, span_str("secret"));
	strs_add(&listener->certificate_pem, span_str("pem"));
	upstream = settings.upstreams = mem_new(sizeof(*upstream));
	settings.upstreams_n = 1;
	upstream->name = mem_strdup("u");
	upstream->address.host = mem_strdup("h");
	upstream->ca_file = mem_strdup("ca");
	upstream->crl_file = mem_strdup("crl");
	upstream->server_name = mem_strdup("n");
	strs_add(&upstream->pins, span_str("p"));
	strs_add(&upstream->ca_pem, span_str("p"));
	strs_add(&upstream->crl_pem, span_str("p"));
	settings_free(&settings);
	assert_null(settings.listeners);
	settings_free(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_has_the_addresses_of_its_section_or_itself),
		cmocka_unit_test(everything_that_settings_own_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
