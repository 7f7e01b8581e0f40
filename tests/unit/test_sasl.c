#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

#include "proxy/engine/sasl.h"

enum { LINES = 4 };

/* One exchange: what the client means to say, before base64. */
struct exchange {
	const char *mechanism;
	struct span lines[LINES];	/* until an empty `at` */
	const char *login;		/* NULL: it is refused */
};

#define SAYS(literal) { literal, sizeof(literal) - 1 }

/* Plays it; false when a line is refused. */
static bool play(const struct exchange *x, struct sasl *sasl)
{
	struct err err = { ERR_NONE, "" };
	struct buf line;
	int ret = 0;

	buf_init(&line, 64 * 1024);
	for (size_t i = 0; i < LINES && x->lines[i].at && ret == 0; i++) {
		buf_clear(&line);
		assert_int_equal(codec_base64_put(&line, x->lines[i]), 0);
		ret = sasl_client_line(sasl, buf_span(&line), &err);
	}
	buf_free(&line);
	if (ret < 0)
		assert_int_equal(err.kind, ERR_REFUSED);
	return ret == 0;
}

static void check(const struct exchange *x)
{
	struct sasl *sasl = sasl_new(span_str(x->mechanism));

	assert_non_null(sasl);
	assert_null(sasl_login(sasl));
	assert_int_equal(play(x, sasl), x->login != NULL);
	if (x->login)
		assert_string_equal(sasl_login(sasl), x->login);
	else
		assert_null(sasl_login(sasl));
	sasl_free(sasl);
}

static void check_all(const struct exchange *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&list[i]);
}
#define CHECK_ALL(list) check_all(list, sizeof(list) / sizeof(*(list)))

static void plain_names_the_login(void **state)
{
	static const struct exchange list[] = {
		{ "PLAIN", { SAYS("\0alice@a.example\0secret") }, "alice@a.example" },
		{ "PLAIN", { SAYS("alice\0alice\0secret") }, "alice" },
		{ "plain", { SAYS("\0a\xc3\xa9\0p\xc3\xa4ss w\xffrd") }, "a\xc3\xa9" },
		{ "PLAIN", { SAYS("bob\0alice\0secret") }, NULL },
		{ "PLAIN", { SAYS("Alice\0alice\0secret") }, NULL },
		{ "PLAIN", { SAYS("alicex\0alice\0secret") }, NULL },
		{ "PLAIN", { SAYS("ali\0alice\0secret") }, NULL },
		{ "PLAIN", { SAYS("\0alice\0") }, NULL },
		{ "PLAIN", { SAYS("\0\0secret") }, NULL },
		{ "PLAIN", { SAYS("\0alice") }, NULL },
		{ "PLAIN", { SAYS("alice") }, NULL },
		{ "PLAIN", { SAYS("") }, NULL },
		{ "PLAIN", { SAYS("\0alice\0se\0cret") }, NULL },
		{ "PLAIN", { SAYS("\0alice\0secret\r\nMAIL") }, NULL },
		{ "PLAIN", { SAYS("\0ali\nce\0secret") }, NULL },
		{ "PLAIN", { SAYS("\0alice\x7f\0secret") }, NULL },
		{ "PLAIN", { SAYS("\0alice\xff\0secret") }, NULL },
		{ "PLAIN", { SAYS("\0alice\xe2\x80\xa8\0secret") }, NULL },
		{ "PLAIN", { SAYS("\0alice\0a"), SAYS("\0bob\0b") }, NULL },
	};

	(void)state;
	CHECK_ALL(list);
}

static void login_names_it_in_its_first_line(void **state)
{
	static const struct exchange list[] = {
		{ "LOGIN", { SAYS("alice"), SAYS("secret") }, "alice" },
		{ "LOGIN", { SAYS("alice"), SAYS("secret\n") }, NULL },
		{ "LOGIN", { SAYS("alice"), SAYS("") }, NULL },
		{ "LOGIN", { SAYS("al\rice") }, NULL },
		{ "LOGIN", { SAYS("al\0ice") }, NULL },
		{ "LOGIN", { SAYS("") }, NULL },
		{ "LOGIN", { SAYS("alice"), SAYS("bob"), SAYS("x") }, NULL },
	};

	(void)state;
	CHECK_ALL(list);
}

static void cram_md5_names_it_before_the_digest(void **state)
{
	static const struct exchange list[] = {
		{ "CRAM-MD5", { SAYS("tim b913a602c7eda7a495b4e6e7334d3890") }, "tim" },
		{ "CRAM-MD5", { SAYS("t m B913A602C7EDA7A495B4E6E7334D3890") }, "t m" },
		{ "CRAM-MD5", { SAYS(" b913a602c7eda7a495b4e6e7334d3890") }, NULL },
		{ "CRAM-MD5", { SAYS("b913a602c7eda7a495b4e6e7334d3890") }, NULL },
		{ "CRAM-MD5", { SAYS("tim b913a602c7eda7a495b4e6e7334d389") }, NULL },
		{ "CRAM-MD5", { SAYS("tim x913a602c7eda7a495b4e6e7334d3890") }, NULL },
		{ "CRAM-MD5", { SAYS("") }, NULL },
		{ "CRAM-MD5", { SAYS("t\nm b913a602c7eda7a495b4e6e7334d3890") }, NULL },
	};

	(void)state;
	CHECK_ALL(list);
}

static void scram_names_it_and_binds_to_no_channel(void **state)
{
	static const struct exchange list[] = {
		{ "SCRAM-SHA-1", { SAYS("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"),
				   SAYS("c=biws,r=fyko,p=v0X8v3Bz"), SAYS("") },
		  "user" },
		{ "SCRAM-SHA-256", { SAYS("y,,n=user,r=x") }, "user" },
		{ "SCRAM-SHA-256", { SAYS("n,,n=a=2Cb=3Dc,r=x,e=later") }, "a,b=c" },
		{ "SCRAM-SHA-256", { SAYS("n,,n=a,r=x,n=b") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=a,r=x,e=later,a=b") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,a=user,n=user,r=x") }, "user" },
		{ "SCRAM-SHA-256", { SAYS("n,a=a=2Cb,n=a=2Cb,r=x") }, "a,b" },
		{ "SCRAM-SHA-256", { SAYS("n,a=other,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,a=,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,b=user,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("p=tls-unique,,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("p,,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("x,,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,m=ext,n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=us=er,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=user=2,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=user") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=user,r=") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=us\ner,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n=user,r=x") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=user,r=x"), SAYS("x=1") }, NULL },
		{ "SCRAM-SHA-256", { SAYS("n,,n=user,r=x"), SAYS("c=biws"),
				     SAYS("more") }, NULL },
	};

	(void)state;
	CHECK_ALL(list);
}

static void tokens_come_with_the_login_they_are_for(void **state)
{
	static const struct exchange list[] = {
		{ "XOAUTH2", { SAYS("user=a@b.example\1auth=Bearer tok\1\1") },
		  "a@b.example" },
		{ "XOAUTH2", { SAYS("user=a@b.example\1auth=Bearer tok\1\1"),
			       SAYS("") }, "a@b.example" },
		{ "XOAUTH2", { SAYS("user=a\1auth=Bearer t\1\1"), SAYS("x") }, NULL },
		{ "XOAUTH2", { SAYS("user=\1auth=Bearer tok\1\1") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\1auth=Basic tok\1\1") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\1auth=Bearer tok\1") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\1auth=Bearer tok\1\1x") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\1auth=Bearer t\nk\1\1") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\nb\1auth=Bearer tok\1\1") }, NULL },
		{ "XOAUTH2", { SAYS("auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=a@b.example,\1host=x\1port=143\1"
					"auth=Bearer tok\1\1") }, "a@b.example" },
		{ "OAUTHBEARER", { SAYS("n,a=a=2Cb,\1auth=Bearer tok\1\1"),
				   SAYS("\1") }, "a,b" },
		{ "XOAUTH2", { SAYS("user=a\1user=b\1auth=Bearer tok\1\1") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\1auth=Bearer tok\1USER=b\1\1") }, NULL },
		{ "XOAUTH2", { SAYS("user=a\1auth=Bearer t\1auth=Bearer u\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=a,\1user=b\1auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=a,\1a=b\1auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,,\1auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=,\1auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("p=x,a=u,\1auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=u,auth=Bearer tok\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=u,\1nothing\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=u,\1\1") }, NULL },
		{ "OAUTHBEARER", { SAYS("n,a=u") }, NULL },
	};

	(void)state;
	CHECK_ALL(list);
}

static void names_have_a_length(void **state)
{
	char name[300];
	struct exchange x = { "LOGIN", { { name, 255 } }, name };

	(void)state;
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	check(&x);
	name[255] = 'a';
	x.lines[0].len = 256;
	x.login = NULL;
	check(&x);
}

static void lines_are_strict_base64(void **state)
{
	static const struct {
		const char *line;
		int ret;
	} lines[] = {
		{ "AGEAYg==", 0 }, { "=", -1 }, { "", -1 }, { "AGEAYg", -1 },
		{ "AGEAYg=", -1 }, { "AGEAYh==", -1 }, { "AGEA Yg==", -1 },
		{ "AGEAYg==AGEA", -1 }, { "=AAA", -1 }, { "*", -1 },
		{ "AGEA-_==", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct sasl *sasl = sasl_new(span_str("PLAIN"));

		assert_int_equal(sasl_client_line(sasl, span_str(lines[i].line),
						  NULL), lines[i].ret);
		sasl_free(sasl);
	}
}

static void only_a_first_line_may_be_an_equals_sign(void **state)
{
	struct sasl *sasl = sasl_new(span_str("XOAUTH2"));
	struct buf line;

	(void)state;
	buf_init(&line, 1000);
	codec_base64_put(&line, span_str("user=a\1auth=Bearer tok\1\1"));
	assert_int_equal(sasl_client_line(sasl, buf_span(&line), NULL), 0);
	assert_int_equal(sasl_client_line(sasl, span_str("="), NULL), -1);
	buf_free(&line);
	sasl_free(sasl);
}

static void a_refused_exchange_stays_refused(void **state)
{
	struct sasl *sasl = sasl_new(span_str("LOGIN"));

	(void)state;
	assert_int_equal(sasl_client_line(sasl, span_str("%"), NULL), -1);
	assert_int_equal(sasl_client_line(sasl, span_str("YWxpY2U="), NULL), -1);
	assert_null(sasl_login(sasl));
	sasl_free(sasl);
}

static void it_knows_where_the_password_itself_passes(void **state)
{
	static const struct {
		const char *mechanism;
		bool plaintext;
	} list[] = {
		{ "PLAIN", true }, { "LOGIN", true }, { "XOAUTH2", true },
		{ "OAUTHBEARER", true }, { "CRAM-MD5", false },
		{ "SCRAM-SHA-1", false }, { "SCRAM-SHA-256", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct sasl *sasl = sasl_new(span_str(list[i].mechanism));

		assert_int_equal(sasl_plaintext(sasl), list[i].plaintext);
		sasl_free(sasl);
	}
}

static void what_cannot_be_relayed_is_not_known(void **state)
{
	static const char *const list[] = { "", "GSSAPI", "NTLM", "EXTERNAL",
		"ANONYMOUS", "SCRAM-SHA-256-PLUS", "DIGEST-MD5", "PLAI", "PLAINX" };

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		assert_null(sasl_new(span_str(list[i])));
	sasl_free(NULL);
}

/* "A B" of the offer that follows from "C D". */
static char *offered(const char *upstream)
{
	struct strs theirs = { 0 }, ours = { 0 };
	struct span rest = span_str(upstream), word;
	struct buf list;
	char *text;

	while (span_split(&rest, ' ', &word))
		strs_add(&theirs, word);
	sasl_offer(&theirs, &ours);
	buf_init(&list, 10000);
	for (size_t i = 0; i < ours.n; i++)
		buf_printf(&list, i ? " %s" : "%s", ours.at[i]);
	text = buf_take_string(&list);
	buf_free(&list);
	strs_free(&theirs);
	strs_free(&ours);
	return text;
}

static void the_offer_is_what_can_be_relayed(void **state)
{
	static const char *const list[][2] = {
		{ "PLAIN LOGIN", "PLAIN LOGIN" },
		{ "LOGIN PLAIN", "LOGIN PLAIN" },
		{ "GSSAPI NTLM PLAIN EXTERNAL", "PLAIN" },
		{ "plain PLAIN", "PLAIN" },
		{ "SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-1 SCRAM-SHA-256" },
		{ "SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN", "PLAIN" },
		{ "SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "SCRAM-SHA-1" },
		{ "CRAM-MD5 XOAUTH2 OAUTHBEARER", "CRAM-MD5 XOAUTH2 OAUTHBEARER" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		char *text = offered(list[i][0]);

		assert_string_equal(text, list[i][1]);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names_the_login),
		cmocka_unit_test(login_names_it_in_its_first_line),
		cmocka_unit_test(cram_md5_names_it_before_the_digest),
		cmocka_unit_test(scram_names_it_and_binds_to_no_channel),
		cmocka_unit_test(tokens_come_with_the_login_they_are_for),
		cmocka_unit_test(names_have_a_length),
		cmocka_unit_test(lines_are_strict_base64),
		cmocka_unit_test(only_a_first_line_may_be_an_equals_sign),
		cmocka_unit_test(a_refused_exchange_stays_refused),
		cmocka_unit_test(it_knows_where_the_password_itself_passes),
		cmocka_unit_test(what_cannot_be_relayed_is_not_known),
		cmocka_unit_test(the_offer_is_what_can_be_relayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
