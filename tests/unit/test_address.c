#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/address.h>
#include <letterlock/mem.h>

/* `n` times `c` and then `end`, for the length limits. */
static char *stretched(size_t n, char c, const char *end)
{
	char *text = mem_new(n + strlen(end) + 1);

	memset(text, c, n);
	memcpy(text + n, end, strlen(end));
	return text;
}

static void addr_specs_are_told_from_all_else(void **state)
{
	static const char *const good[] = {
		"a@b", "alice@example.org", "a.b+c@d-e.f", "!#$%&'*+-/=?^_`{|}~@x", "A@B.C",
		"\"\"@x", "\"a b\"@x", "\"a\\\"b\"@x", "\"a\\\\\"@x", "\"a@b\"@x", "\"<>,;:\"@x",
		"a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a@[ipv6:::1]", "a@1.2.3.4", "a@b_c.d",
	};
	static const char *const bad[] = {
		"", "a", "@", "@b", "a@", "postmaster", "a@b@c", ".a@b", "a.@b", "a..b@c",
		"a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b-.c", "a b@c", "a@b c", " a@b",
		"a@b ", "<a@b>", "a@b,c@d", "\"a@b", "\"a\"b@c", "\"a\\\"@b", "a\"b\"@c",
		"\"a\"b\"@c", "\"a\\\\\"b\"@x", "a@[]", "a@[192.0.2]", "a@[192.0.2.256]",
		"a@[IPv6:192.0.2.1]", "a@[2001:db8::1]", "a@[x:y]", "a@[192.0.2.1", "a@192.0.2.1]",
		"a@[192.0.2.1]x", "a(c)@b", "a@b(c)", "a@b\r\nRCPT TO:<c@d>", "a\r@b", "a\n@b",
		"\"a\r\n b\"@c", "a\t@b", "\"a\tb\"@c", "a@b\x7f", "a@b/c", "a@b%c", "a@*", "a;b@c",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!address_valid(span_str(good[i]), false) ||
		    !address_valid(span_str(good[i]), true))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (address_valid(span_str(bad[i]), false) ||
		    address_valid(span_str(bad[i]), true))
			fail_msg("taken: %s", bad[i]);
	assert_false(address_valid(span_of("a@b\0c", 5), true));
	assert_false(address_valid(span_of("a\0@b", 4), true));
	assert_false(address_valid(span_of("a@[127.0.0.1\0x]", 15), true));
	assert_false(address_valid(span_of(NULL, 0), true));
}

static void utf8_addresses_need_to_be_asked_for(void **state)
{
	static const char *const good[] = { "j\xc3\xb6rg@x", "a@h\xc3\xbctte.de",
					    "\"\xc3\xb6 \xc3\xb6\"@x" };
	static const char *const bad[] = { "j\xf6rg@x", "a@\xff", "\"\\\xc3\xb6\"@x",
					   "a\xc2\x85@x", "a\xe2\x80\xa8@x", "a@\xc3" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(address_valid(span_str(good[i]), true));
		assert_false(address_valid(span_str(good[i]), false));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(address_valid(span_str(bad[i]), true));
}

static void length_limits_hold_to_the_octet(void **state)
{
	static const size_t local[] = { 64, 65 };
	char domain[300] = "";
	char *text;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		text = stretched(local[i], 'a', "@b");
		assert_int_equal(address_valid(span_str(text), false), i == 0);
		free(text);
	}
	/* 127 labels "a." and one more letter are 255 octets. */
	for (size_t i = 0; i < 127; i++)
		memcpy(domain + 2 + 2 * i, "a.", 2);
	memcpy(domain, "x@", 2);
	memcpy(domain + 256, "a", 2);
	assert_int_equal(strlen(domain), 2 + 255);
	assert_true(address_valid(span_str(domain), false));
	memcpy(domain + 256, "aa", 3);
	assert_false(address_valid(span_str(domain), false));
	memset(domain + 2, 'a', 63);
	domain[65] = '\0';
	assert_true(address_valid(span_str(domain), false));
	memset(domain + 2, 'a', 64);
	domain[66] = '\0';
	assert_false(address_valid(span_str(domain), false));
}

static void one_mailbox_has_one_normal_form(void **state)
{
	static const char *const pairs[][2] = {
		{ "Alice@Example.ORG", "alice@example.org" },
		{ "\"Alice\"@x", "alice@x" },
		{ "\"a.b\"@x", "a.b@x" },
		{ "\"a\\.b\"@x", "a.b@x" },
		{ "\"a b\"@x", "\"a b\"@x" },
		{ "\"a\\ b\"@x", "\"a b\"@x" },
		{ "\"a\\\"b\\\\\"@x", "\"a\\\"b\\\\\"@x" },
		{ "\"\"@x", "\"\"@x" },
		{ "\".a\"@x", "\".a\"@x" },
		{ "\"a@b\"@C", "\"a@b\"@c" },
		{ "J\xc3\x96rg@x", "j\xc3\x96rg@x" },
		{ "not one", "not one" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *normal = address_normal(span_str(pairs[i][0]));

		assert_string_equal(normal, pairs[i][1]);
		assert_true(address_same(span_str(pairs[i][0]), span_str(pairs[i][1])));
		free(normal);
	}
}

static void what_only_resembles_an_address_is_another_one(void **state)
{
	static const char *const others[] = {
		"alice@example.org.evil", "malice@example.org", "alice@example.or",
		"alice+tag@example.org", "a.lice@example.org", "alice@mail.example.org",
		"\xd0\xb0lice@example.org", "alice@ex\xc3\xa4mple.org", "alice @example.org",
		"alice@example.org ", "\"alice \"@example.org",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(address_same(span_str("alice@example.org"), span_str(others[i])));
	assert_false(address_same(span_str("a@b"), span_of("a@b\0c", 5)));
}

static void the_domain_is_behind_the_last_at(void **state)
{
	(void)state;
	assert_true(span_is(address_domain(span_str("a@b.c")), "b.c"));
	assert_true(span_is(address_domain(span_str("\"a@x\"@b.c")), "b.c"));
	assert_int_equal(address_domain(span_str("postmaster")).len, 0);
	assert_int_equal(address_domain(span_str("a@")).len, 0);
	assert_int_equal(address_domain(span_str("")).len, 0);
}

struct list_case {
	const char *body;
	const char *want;	/* joined by `|`; NULL: refused */
};

static const struct list_case lists[] = {
	{ "a@x", "a@x" },
	{ " a@x ", "a@x" },
	{ "a@x, b@y", "a@x|b@y" },
	{ "a@x,b@y,", "a@x|b@y" },
	{ ",, a@x ,\r\n , b@y", "a@x|b@y" },
	{ "Alice <a@x>", "a@x" },
	{ "Alice<a@x>", "a@x" },
	{ "<a@x>", "a@x" },
	{ "< a@x >", "a@x" },
	{ "\"Doe, John\" <j@x>, b@y", "j@x|b@y" },
	{ "\"a@evil\" <j@x>", "j@x" },
	{ "\"quote \\\" <e@vil>\" <j@x>", "j@x" },
	{ "John Q. Public <j@x>", "j@x" },
	{ "[List] Bob / Sales <j@x>", "j@x" },
	{ "J\xc3\xb6rg <j@x>, J\xf6rg <k@x>", "j@x|k@x" },
	{ "=?utf-8?q?a=40evil?= <j@x>", "j@x" },
	{ "=?utf-8?q?=3Cv=40evil=3E?= <j@x>", "j@x" },
	{ "a@x (Alice)", "a@x" },
	{ "(c (nested \\) ) <e@vil>,) a@x (d)", "a@x" },
	{ "Alice (c) Smith (d) <(e)a@x(f)> (g)", "a@x" },
	{ "Alice\r\n Smith\r\n\t<a@x>,\r\n b@y", "a@x|b@y" },
	{ "<@r1,@r2:a@x>", "a@x" },
	{ "<@r1 , , @r2: a@x>", "a@x" },
	{ "\"quoted local\"@x", "\"quoted local\"@x" },
	{ "<\"a@b\"@x>", "\"a@b\"@x" },
	{ "a@[192.0.2.1]", "a@[192.0.2.1]" },
	{ "Friends: a@x, Bob <b@y>;", "a@x|b@y" },
	{ "Friends: a@x;, c@z", "a@x|c@z" },
	{ "undisclosed-recipients:;", "" },
	{ "A: ; , B:,;", "" },
	{ "\"G r\": a@x;", "a@x" },
	{ "j\xc3\xb6rg@x", "j\xc3\xb6rg@x" },

	{ "", NULL },
	{ "  ", NULL },
	{ ",", NULL },
	{ "Alice", NULL },
	{ "a@x b@y", NULL },
	{ "a@x <b@y>", NULL },
	{ "a@x@y", NULL },
	{ "<a@x> <b@y>", NULL },
	{ "<a@x>b@y", NULL },
	{ "Alice <a@x> Bob", NULL },
	{ "Alice <a@x", NULL },
	{ "Alice <a@x, b@y>", NULL },
	{ "Alice <>", NULL },
	{ "<<a@x>>", NULL },
	{ "a@evil Alice <a@x>", NULL },
	{ "Alice@evil <a@x>", NULL },
	{ "a@x; b@y", NULL },
	{ "Group: a@x", NULL },
	{ "Group: a@x, Inner: b@y;;", NULL },
	{ "Group: a@x b@y;", NULL },
	{ ": a@x;", NULL },
	{ "a@x;", NULL },
	{ "a(c)@x", NULL },
	{ "a@(c)x", NULL },
	{ "a @x", NULL },
	{ "a@ x", NULL },
	{ "a. b@x", NULL },
	{ "<a@x\r\n .y>", NULL },
	{ "=?utf-8?q?a?=@x", NULL },
	{ "a@=?utf-8?q?x?=", NULL },
	{ "a@x (open", NULL },
	{ "\"open <a@x>", NULL },
	{ "\"a\\\" <a@x>", NULL },
	{ "a\\@x", NULL },
	{ "<@r1:>", NULL },
	{ "<@:a@x>", NULL },
	{ "<@r1 a@x>", NULL },
	{ "a@x\r\nBcc: e@vil", NULL },
	{ "a@x\nb@y", NULL },
	{ "a@x\r", NULL },
	{ "a@x\r\n", NULL },
	{ "a@x\r b@y", NULL },
	{ "a\x01@x", NULL },
	{ "Al\x7fice <a@x>", NULL },
	{ "a..b@x", NULL },
	{ "a@x.", NULL },
};

static char *joined(const struct strs *list)
{
	char *text = mem_strdup("");

	for (size_t i = 0; i < list->n; i++) {
		char *more = mem_printf("%s%s%s", text, i ? "|" : "", list->at[i]);

		free(text);
		text = more;
	}
	return text;
}

static void lists_yield_every_mailbox_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const struct list_case *c = &lists[i];
		struct strs list = { 0 };
		struct err err = { 0 };
		int ret = address_list(span_str(c->body), &list, &err);
		char *got = joined(&list);

		if ((ret == 0) != (c->want != NULL))
			fail_msg("\"%s\": %d, %s %s", c->body, ret, got, err.text);
		assert_string_equal(got, c->want ? c->want : "");
		assert_int_equal(err.kind, ret ? ERR_REFUSED : ERR_NONE);
		free(got);
		strs_free(&list);
	}
}

static void a_nul_in_a_list_is_refused_wherever_it_is(void **state)
{
	static const char body[] = "(c) \"N n\" <@r:a@x>, G: b@y;";
	struct strs list = { 0 };
	struct err err;

	(void)state;
	strs_add(&list, span_str("kept"));
	for (size_t at = 0; at < sizeof(body); at++) {
		char text[sizeof(body)];

		memcpy(text, body, at);
		text[at] = '\0';
		memcpy(text + at + 1, body + at, sizeof(body) - 1 - at);
		assert_int_equal(address_list(span_of(text, sizeof(body)), &list, &err), -1);
		assert_int_equal(list.n, 1);
	}
	assert_int_equal(address_list(span_str(body), &list, &err), 0);
	assert_int_equal(list.n, 3);
	strs_free(&list);
}

static void hostile_lists_are_bounded(void **state)
{
	struct strs list = { 0 };
	char *deep = stretched(1000000, '(', "a@x");
	char *many = mem_new(5 * ADDRESS_LIST_MAX + 5);
	struct err err;

	(void)state;
	assert_int_equal(address_list(span_str(deep), &list, &err), -1);
	memset(deep, ',', 1000000);
	assert_int_equal(address_list(span_str(deep), &list, &err), 0);
	strs_free(&list);
	for (size_t i = 0; i < ADDRESS_LIST_MAX; i++)
		memcpy(many + 4 * i, "a@x,", 4);
	assert_int_equal(address_list(span_str(many), &list, &err), 0);
	assert_int_equal(list.n, ADDRESS_LIST_MAX);
	strs_free(&list);
	memcpy(many + 4 * ADDRESS_LIST_MAX, "b@y", 3);
	assert_int_equal(address_list(span_str(many), &list, &err), -1);
	assert_int_equal(list.n, 0);
	strs_free(&list);
	free(deep);
	free(many);
}

static void a_local_part_may_spell_a_route(void **state)
{
	static const struct {
		const char *text, *routes;
	} cases[] = {
		{ "bob@x.example", "" },
		{ "postmaster", "" },
		{ "", "" },
		{ "bob+tag=x@y.example", "" },
		{ "bob%x.example@y.example", "bob@x.example " },
		{ "\"bob@x.example\"@y.example", "bob@x.example " },
		{ "x.example!bob@y.example", "bob@x.example " },
		{ "bob%x.example%z.example@y.example", "bob%x.example@z.example bob@x.example " },
		{ "z.example!x.example!bob@y.example",
		  "x.example!bob@z.example bob@x.example " },
		{ "\"\\\"a b\\\"@x.example\"@y.example", "\"a b\"@x.example " },
		{ "\"bob%x.example\"@y.example", "bob@x.example " },
		{ "a!b%c@d", "a!b@c b%c@a b@a b@c " },
		{ "%@y.example", "@ " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct strs list = { 0 };
		char *got = mem_strdup("");

		address_routes(span_str(cases[i].text), &list);
		for (size_t k = 0; k < list.n; k++) {
			char *more = mem_printf("%s%s ", got, list.at[k]);

			free(got);
			got = more;
		}
		assert_string_equal(got, cases[i].routes);
		free(got);
		strs_free(&list);
	}
}

static void routes_without_end_have_one(void **state)
{
	struct strs list = { 0 };
	char text[ADDRESS_LOCAL_MAX + 3];

	(void)state;
	for (size_t i = 0; i < ADDRESS_LOCAL_MAX; i++)
		text[i] = i % 2 ? '%' : '!';
	memcpy(text + ADDRESS_LOCAL_MAX, "@y", 3);
	address_routes(span_str(text), &list);
	assert_true(list.n > 1 && list.n < ADDRESS_LOCAL_MAX * ADDRESS_LOCAL_MAX);
	strs_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addr_specs_are_told_from_all_else),
		cmocka_unit_test(utf8_addresses_need_to_be_asked_for),
		cmocka_unit_test(length_limits_hold_to_the_octet),
		cmocka_unit_test(one_mailbox_has_one_normal_form),
		cmocka_unit_test(what_only_resembles_an_address_is_another_one),
		cmocka_unit_test(the_domain_is_behind_the_last_at),
		cmocka_unit_test(lists_yield_every_mailbox_or_nothing),
		cmocka_unit_test(a_nul_in_a_list_is_refused_wherever_it_is),
		cmocka_unit_test(hostile_lists_are_bounded),
		cmocka_unit_test(a_local_part_may_spell_a_route),
		cmocka_unit_test(routes_without_end_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
