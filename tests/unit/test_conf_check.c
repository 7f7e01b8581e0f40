#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/run/conf_check.h"
#include "policy/run/snapshot.h"
#include "tests/unit/memory_source.h"
#include "tests/unit/tls_certs.h"

static char *in_dir(const char *dir, const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static void put(const char *dir, const char *name, const char *text)
{
	char *path = in_dir(dir, name);
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	free(path);
}

static void put_cert(const char *dir, const char *name, const char *key_name,
		     struct cert_wish wish)
{
	struct cert *cert = cert_new(&wish);

	put(dir, name, cert->pem);
	put(dir, key_name, cert->key_pem);
	cert_free(cert);
}

static const char *const names[] = { "conf", "gw.pem", "gw.key", "other.pem", "other.key",
				     "old.pem", "old.key", "ca.pem", "ca.key", "ca.crl",
				     "text" };

static int set_up(void **state)
{
	struct cert_wish ca = { .cn = "ca", .ca = true };
	char *dir = mem_strdup("/tmp/llcheckXXXXXX"), *sub, *crl;
	struct cert *issuer;

	if (!mkdtemp(dir))
		return -1;
	put_cert(dir, "gw.pem", "gw.key", (struct cert_wish){ .dns = { "gw.example.org" } });
	put_cert(dir, "other.pem", "other.key", (struct cert_wish){ .dns = { "other" } });
	put_cert(dir, "old.pem", "old.key", (struct cert_wish){ .from_days = -9, .to_days = -2 });
	issuer = cert_new(&ca);
	crl = cert_crl(issuer, NULL, 10);
	put(dir, "ca.pem", issuer->pem);
	put(dir, "ca.key", issuer->key_pem);
	put(dir, "ca.crl", crl);
	put(dir, "text", "not PEM at all\n");
	free(crl);
	cert_free(issuer);
	sub = in_dir(dir, "sub");
	mkdir(sub, 0755);
	free(sub);
	*state = dir;
	return 0;
}

static int tear_down(void **state)
{
	for (size_t i = 0; i <= sizeof(names) / sizeof(*names); i++) {
		char *path = in_dir(*state, i == 0 ? "sub" : names[i - 1]);

		remove(path);
		free(path);
	}
	rmdir(*state);
	free(*state);
	return 0;
}

/* The problems of `text`, the paths of the directory left out. */
static char *told_of(const char *dir, const char *text)
{
	struct snapshot *snapshot = snapshot_new();
	struct source source = snapshot_source(snapshot);
	struct problems problems = { 0 };
	char *path = in_dir(dir, "conf"), *told, *at, *prefix = in_dir(dir, "");
	struct conf conf;

	put(dir, "conf", text);
	conf_read(&source, path, &conf, &problems);
	conf_check(&conf, &problems);
	told = problems_text(&problems);
	while ((at = strstr(told, prefix)))
		memmove(at, at + strlen(prefix), strlen(at + strlen(prefix)) + 1);
	conf_free(&conf);
	snapshot_free(snapshot);
	free(prefix);
	free(path);
	return told;
}

#define LISTEN "[listen in]\naddress = 127.0.0.1:1587\nupstream = up\n"	/* 1-3 */
#define UP "[upstream up]\naddress = smtp.example.com:587\nca-file = ca.pem\n"
#define PLAIN LISTEN "tls = none\n" UP					/* 7 lines */

static void what_only_the_system_knows_is_found(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ PLAIN, "" },
		{ LISTEN "certificate = gw.pem\nprivate-key = gw.key\n" UP, "" },
		{ LISTEN "certificate = gw.pem\nprivate-key = other.key\n" UP,
		  "conf:4: [listen in] certificate does not match its private key (certificate "
		  "gw.pem, private key other.key); write the paths of a certificate and of the "
		  "private key that belongs to it\n" },
		{ UP, "conf: there is no listener; write a section [listen NAME] with address = "
		  "127.0.0.1:1587 and upstream = NAME\n" },
		{ PLAIN "[gateway]\nuser = no-such-one\n", "conf:9: user: there is no account "
		  "no-such-one; write one that is there, or make it with: adduser --system --group "
		  "no-such-one\n" },
		{ PLAIN "[gateway]\nuser = root\n", "conf:9: user: root is root, which would drop "
		  "nothing; write another account\n" },
		{ PLAIN "[gateway]\nstate = none/state.db\n", "conf:9: state: there is no "
		  "directory none; make it, or write the path of a file in one that is there\n" },
		{ PLAIN "[gateway]\nstate = sub\n", "conf:9: state: sub is no regular file; write "
		  "the path of one, or of one to be made\n" },
		{ PLAIN "[gateway]\nstate = text/state.db\n", "conf:9: state: there is no "
		  "directory text; make it, or write the path of a file in one that is there\n" },
		{ PLAIN "[gateway]\nruntime-dir = text\n", "conf:9: runtime-dir: text is no "
		  "directory; write the path of one, or of one to be made\n" },
		{ PLAIN "[listen b]\naddress = 192.0.2.1:1587\nupstream = up\ntls = none\n",
		  "conf:9: [listen b] 192.0.2.1 is no address of this system; write one that is, "
		  "such as 127.0.0.1:1587\n" },
		/* a key that is mistyped elsewhere hides nothing */
		{ PLAIN "[gateway]\nuser = no-such-one\nworker = 1\n", "conf:10: unknown key "
		  "worker; did you mean workers?\n" "conf:9: user: there is no account "
		  "no-such-one; write one that is there, or make it with: adduser --system --group "
		  "no-such-one\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *told = told_of(*state, cases[i].text);

		assert_string_equal(told, cases[i].want);
		free(told);
	}
}

/* The words are those of tls_creds; which file, line and section are ours. */
static void a_pem_file_that_is_none_is_found(void **state)
{
	static const struct {
		const char *text, *start;
	} cases[] = {
		{ LISTEN "certificate = text\nprivate-key = gw.key\n" UP, "conf:4: [listen in] " },
		{ LISTEN "certificate = gw.pem\nprivate-key = text\n" UP, "conf:4: [listen in] " },
		{ LISTEN "certificate = old.pem\nprivate-key = old.key\n" UP,
		  "conf:4: [listen in] certificate expired on " },
		{ PLAIN "crl-file = text\n", "conf:7: [upstream up] " },
		{ LISTEN "tls = none\n[upstream up]\naddress = s.example:25\nca-file = text\n",
		  "conf:7: [upstream up] " },
		{ LISTEN "tls = none\n[upstream up]\naddress = s.example:25\ncrl-file = text\n",
		  "conf:7: [upstream up] " },
	};
	char *told;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		told = told_of(*state, cases[i].text);
		if (strncmp(told, cases[i].start, strlen(cases[i].start)) != 0)
			print_error("%s", told);
		assert_memory_equal(told, cases[i].start, strlen(cases[i].start));
		assert_ptr_equal(strchr(told, '\n'), told + strlen(told) - 1);
		free(told);
	}
	told = told_of(*state, PLAIN "crl-file = ca.crl\n");
	assert_string_equal(told, "");
	free(told);
}

/* The name to verify would come from the address. */
static void an_upstream_whose_address_is_wrong_is_checked_all_the_same(void **state)
{
	char *told = told_of(*state, LISTEN "tls = none\n[upstream up]\n"
			     "address = s.example\nca-file = text\n");

	assert_memory_equal(told, "conf:6: address cannot be", 25);
	assert_non_null(strstr(told, "\nconf:7: [upstream up] "));
	free(told);
}

static void a_missing_file_is_told_once(void **state)
{
	char *told = told_of(*state, LISTEN "certificate = none.pem\nprivate-key = gw.key\n" UP);

	assert_string_equal(told, "conf:4: certificate cannot be read: none.pem: No such file or "
			    "directory; write the path of a file that can\n");
	free(told);
}

static void a_private_key_is_never_shown(void **state)
{
	char *told = told_of(*state, LISTEN "certificate = gw.key\nprivate-key = gw.key\n" UP);

	assert_non_null(strstr(told, "conf:4: [listen in] "));
	assert_null(strstr(told, "BEGIN"));
	free(told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_only_the_system_knows_is_found),
		TEST(a_pem_file_that_is_none_is_found),
		TEST(an_upstream_whose_address_is_wrong_is_checked_all_the_same),
		TEST(a_missing_file_is_told_once),
		TEST(a_private_key_is_never_shown),
	};

	return cmocka_run_group_tests_name("conf_check", tests, NULL, NULL);
}
