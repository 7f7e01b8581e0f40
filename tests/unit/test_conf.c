#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "policy/rules/conf.h"
#include "policy/rules/rule_match.h"
#include "tests/unit/memory_source.h"

#define UP "[upstream up]\naddress = smtp.example.com:587\n"		/* 2 lines */
#define L "[listen in]\naddress = 127.0.0.1:1587\nupstream = up\n"	/* 3 lines */
#define PLAIN L "tls = none\n" UP					/* 6 lines */
#define IMAP "[listen b]\nprotocol = imap\naddress = 127.0.0.1:2\ntls = none\nupstream = "
#define BOX "[upstream box]\naddress = "
#define PIN "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

struct given {
	const char *conf;
	const char *policy;
};

static int load(struct given given, struct conf *conf, struct problems *problems)
{
	const struct memory_file files[] = {
		{ "/etc/ll/letterlock.conf", given.conf },
		{ given.policy ? "/etc/ll/policy.conf" : "/nothing", given.policy },
		{ "/etc/ll/gw.pem", "CERT" },
		{ "/etc/ll/gw.key", "KEY" },
		{ "/srv/ca.pem", "CA" },
		{ "/etc/ll/crl.pem", "CRL" },
		{ "/etc/ll/other.conf", "[rule x]\nencrypt = require\n" },
		{ "/etc/ll/secret", NULL },
		{ 0 },
	};
	struct source source = memory_source(files);

	return conf_load(&source, "letterlock.conf", conf, problems);
}

/* The problems of a configuration, each a line. */
static void expect(const char *conf_text, const char *policy, const char *want)
{
	struct problems problems = { 0 };
	struct conf conf;
	int result = load((struct given){ conf_text, policy }, &conf, &problems);
	char *told = problems_text(&problems);

	if (strcmp(told, want) != 0)
		print_error("--- of:\n%s\n", conf_text);
	assert_string_equal(told, want);
	assert_int_equal(result, *want ? -1 : 0);
	free(told);
	if (result == 0)
		conf_free(&conf);
}

static struct conf load_good(const char *conf_text, const char *policy)
{
	struct problems problems = { 0 };
	struct conf conf;
	int result = load((struct given){ conf_text, policy }, &conf, &problems);
	char *told = problems_text(&problems);

	assert_string_equal(told, "");
	assert_int_equal(result, 0);
	free(told);
	return conf;
}

static void an_empty_file_has_all_defaults(void **state)
{
	struct conf conf = load_good("", NULL);
	const struct gateway_settings *gateway = &conf.settings.gateway;

	(void)state;
	assert_string_equal(gateway->hostname, "gw.test.example");
	assert_int_equal(gateway->workers, 4);
	assert_string_equal(gateway->state, "/etc/ll/state.db");
	assert_string_equal(gateway->runtime_dir, "/run/ll");
	assert_int_equal(gateway->spool_memory, 256 << 20);
	assert_int_equal(gateway->max_message_size, 50 << 20);
	assert_int_equal(gateway->drain_timeout, 30000);
	assert_null(gateway->user);
	assert_string_equal(gateway->gnupg_home, "/etc/ll/gnupg");
	assert_false(gateway->gnupg_home_named);
	assert_int_equal(gateway->lookup_timeout, 5000);
	assert_int_equal(conf.settings.listeners_n, 0);
	assert_int_equal(rule_match_count(conf.rules), 0);
	conf_free(&conf);
}

static const char full[] =
	"[gateway]\n"
	"hostname = gw.example.org       ; in greetings\n"
	"workers = 3\n"
	"policy = other.conf\n"
	"state = db/state.db\n"
	"runtime-dir = run\n"
	"spool-memory = 1G\n"
	"max-message-size = 10M\n"
	"drain-timeout = 2m\n"
	"user = letterlock\n"
	"[keys]\n"
	"gnupg-home = /var/lib/ll/gnupg\n"
	"lookup = local\n"
	"lookup-timeout = 300ms\n"
	"[listen submission]\n"
	"protocol = smtp\n"
	"address = [::1]:1587\n"
	"tls = required\n"
	"certificate = gw.pem\n"
	"private-key = gw.key\n"
	"upstream = provider\n"
	"allow-plaintext-auth = no\n"
	"login = alice@example.org\n"
	"[upstream provider]\n"
	"address = smtp.example.com:465\n"
	"tls = implicit\n"
	"verify = pin\n"
	"ca-file = /srv/ca.pem\n"
	"crl-file = crl.pem\n"
	"pin = " PIN ", " PIN "\n"
	"pin = " PIN "\n"
	"server-name = mail.example.com\n"
	"allow-plaintext = yes\n"
	"[user alice]\n"
	"login = alice\n"
	"addresses = alice@example.org, a.smith@example.org\n"
	"addresses = a@example.org\n";

static void every_key_of_the_gateway_arrives(void **state)
{
	struct conf conf = load_good(full, NULL);
	const struct gateway_settings *gateway = &conf.settings.gateway;

	(void)state;
	assert_string_equal(gateway->hostname, "gw.example.org");
	assert_int_equal(gateway->workers, 3);
	assert_string_equal(gateway->state, "/etc/ll/db/state.db");
	assert_string_equal(gateway->runtime_dir, "/etc/ll/run");
	assert_int_equal(gateway->spool_memory, 1 << 30);
	assert_int_equal(gateway->max_message_size, 10 << 20);
	assert_int_equal(gateway->drain_timeout, 120000);
	assert_string_equal(gateway->user, "letterlock");
	assert_string_equal(gateway->gnupg_home, "/var/lib/ll/gnupg");
	assert_true(gateway->gnupg_home_named);
	assert_int_equal(gateway->lookup_timeout, 300);
	assert_int_equal(rule_match_count(conf.rules), 1);
	conf_free(&conf);
}

static void every_key_of_a_listener_arrives(void **state)
{
	struct conf conf = load_good(full, NULL);
	const struct listener_settings *listener = &conf.settings.listeners[0];

	(void)state;
	assert_int_equal(conf.settings.listeners_n, 1);
	assert_string_equal(listener->name, "submission");
	assert_int_equal(listener->line, 15);
	assert_int_equal(listener->protocol, PROTOCOL_SMTP);
	assert_string_equal(listener->address.host, "::1");
	assert_int_equal(listener->address.port, 1587);
	assert_int_equal(listener->tls, LISTEN_REQUIRED);
	assert_string_equal(listener->certificate, "/etc/ll/gw.pem");
	assert_string_equal(listener->certificate_pem.at[0], "CERT");
	assert_string_equal(listener->private_key, "/etc/ll/gw.key");
	assert_string_equal(listener->private_key_pem.at[0], "KEY");
	assert_ptr_equal(listener->upstream, &conf.settings.upstreams[0]);
	assert_int_equal(listener->plaintext_auth, PLAINTEXT_NO);
	assert_string_equal(listener->login, "alice@example.org");
	conf_free(&conf);
}

static void every_key_of_an_upstream_and_a_user_arrives(void **state)
{
	struct conf conf = load_good(full, NULL);
	const struct upstream_settings *upstream = &conf.settings.upstreams[0];
	const struct user_settings *user = &conf.settings.users[0];

	(void)state;
	assert_string_equal(upstream->name, "provider");
	assert_int_equal(upstream->line, 24);
	assert_string_equal(upstream->address.host, "smtp.example.com");
	assert_int_equal(upstream->address.port, 465);
	assert_int_equal(upstream->tls, UPSTREAM_IMPLICIT);
	assert_int_equal(upstream->verify, VERIFY_PIN);
	assert_string_equal(upstream->ca_file, "/srv/ca.pem");
	assert_string_equal(upstream->ca_pem.at[0], "CA");
	assert_string_equal(upstream->crl_file, "/etc/ll/crl.pem");
	assert_string_equal(upstream->crl_pem.at[0], "CRL");
	assert_int_equal(upstream->pins.n, 3);
	assert_string_equal(upstream->pins.at[2], PIN);
	assert_string_equal(upstream->server_name, "mail.example.com");
	assert_true(upstream->allow_plaintext);
	assert_int_equal(conf.settings.users_n, 1);
	assert_string_equal(user->name, "alice");
	assert_string_equal(user->login, "alice");
	assert_int_equal(user->addresses.n, 3);
	assert_string_equal(user->addresses.at[1], "a.smith@example.org");
	conf_free(&conf);
}

static void every_key_keeps_its_line(void **state)
{
	struct conf conf = load_good(full, NULL);

	(void)state;
	assert_int_equal(conf_line(&conf, "gateway", "user"), 10);
	assert_int_equal(conf_line(&conf, "listen submission", "certificate"), 19);
	assert_int_equal(conf_line(&conf, "listen submission", NULL), 15);
	assert_int_equal(conf_line(&conf, "listen submission", "nothing"), 15);
	assert_int_equal(conf_line(&conf, "listen nothing", "tls"), 0);
	conf_free(&conf);
}

static void each_word_is_its_enum(void **state)
{
	static const struct {
		const char *tls;
		enum listener_tls want;
	} listener[] = { { "none", LISTEN_NONE }, { "starttls", LISTEN_STARTTLS },
			 { "required", LISTEN_REQUIRED }, { "implicit", LISTEN_IMPLICIT } };
	static const struct {
		const char *tls;
		enum upstream_tls want;
	} upstream[] = { { "none", UPSTREAM_NONE }, { "starttls", UPSTREAM_STARTTLS },
			 { "implicit", UPSTREAM_IMPLICIT } };
	static const struct {
		const char *word;
		enum plaintext_auth want;
	} auth[] = { { "yes", PLAINTEXT_YES }, { "no", PLAINTEXT_NO },
		     { "loopback", PLAINTEXT_LOOPBACK } };
	char text[500];
	struct conf conf;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), UP L "certificate = gw.pem\nprivate-key = gw.key\n"
			 "tls = %s\n", listener[i].tls);
		conf = load_good(text, NULL);
		assert_int_equal(conf.settings.listeners[0].tls, listener[i].want);
		assert_int_equal(conf.settings.listeners[0].plaintext_auth, PLAINTEXT_LOOPBACK);
		conf_free(&conf);
	}
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "[upstream u]\naddress = 127.0.0.1:25\ntls = %s\n",
			 upstream[i].tls);
		conf = load_good(text, NULL);
		assert_int_equal(conf.settings.upstreams[0].tls, upstream[i].want);
		conf_free(&conf);
		snprintf(text, sizeof(text), PLAIN "[listen b]\naddress = 127.0.0.1:2\n"
			 "upstream = up\ntls = none\nallow-plaintext-auth = %s\n", auth[i].word);
		conf = load_good(text, NULL);
		assert_int_equal(conf.settings.listeners[1].plaintext_auth, auth[i].want);
		conf_free(&conf);
	}
}

static void what_is_not_given_has_its_default(void **state)
{
	struct conf conf = load_good(PLAIN, NULL);
	const struct upstream_settings *upstream = &conf.settings.upstreams[0];

	(void)state;
	assert_int_equal(upstream->tls, UPSTREAM_STARTTLS);
	assert_int_equal(upstream->verify, VERIFY_CA);
	assert_string_equal(upstream->server_name, "smtp.example.com");
	assert_null(upstream->ca_file);
	assert_int_equal(upstream->ca_pem.n, 0);
	assert_false(upstream->allow_plaintext);
	assert_int_equal(conf.settings.listeners[0].protocol, PROTOCOL_SMTP);
	assert_null(conf.settings.listeners[0].login);
	conf_free(&conf);
}

static void the_system_gives_what_only_it_knows(void **state)
{
	const struct memory_file files[] = {
		{ "/letterlock.conf", "[gateway]\nstate = s/state.db\n" }, { 0 } };
	struct source source = { .read = memory_source_read, .data = (void *)files };
	struct problems problems = { 0 };
	struct conf conf;

	(void)state;
	assert_int_equal(conf_load(&source, "letterlock.conf", &conf, &problems), 0);
	assert_string_equal(conf.settings.gateway.hostname, "localhost");
	assert_int_equal(conf.settings.gateway.workers, 1);
	assert_string_equal(conf.settings.gateway.runtime_dir, "/s/run");
	conf_free(&conf);
	source.host.hostname = "not_a host";
	assert_int_equal(conf_load(&source, "/letterlock.conf", &conf, &problems), 0);
	assert_string_equal(conf.settings.gateway.hostname, "localhost");
	conf_free(&conf);
}

#define C "letterlock.conf"

static const struct {
	const char *conf;
	const char *want;
} wrong[] = {
	/* sections and keys */
	{ "[gatway]\n", C ":1: unknown section [gatway]; write [gateway], [keys], "
	  "[listen NAME], [upstream NAME] or [user NAME]\n" },
	{ "[rule x]\n", C ":1: unknown section [rule x]; write [gateway], [keys], "
	  "[listen NAME], [upstream NAME] or [user NAME]\n" },
	{ "[gateway x]\n", C ":1: [gateway x] has a name and needs none; write [gateway]\n" },
	{ "[listen]\n", C ":1: [listen] cannot be; write [listen NAME], with a name of letters, "
	  "digits and . _ - @ +\n" },
	{ "[listen a b]\n", C ":1: [listen a b] cannot be; write [listen NAME], with a name of "
	  "letters, digits and . _ - @ +\n" },
	{ "[gateway]\nhostnam = x\n", C ":2: unknown key hostnam; did you mean hostname?\n" },
	{ "[gateway]\nspool_memory = 1M\n", C ":2: unknown key spool_memory; did you mean "
	  "spool-memory?\n" },
	{ "[gateway]\ncertificate = x\n", C ":2: unknown key certificate in [gateway]; write it "
	  "into [listen NAME]\n" },
	{ "[gateway]\ngnupg-home = x\n", C ":2: unknown key gnupg-home in [gateway]; write it "
	  "into [keys]\n" },
	{ "[gateway]\nencrypt = yes\n", C ":2: unknown key encrypt in [gateway]; write one that "
	  "the manual page has, or nothing\n" },
	{ "[gateway]\nworkers = 1\nworkers = 2\n", C ":3: workers was given on line 2 already; "
	  "write it once\n" },
	{ "[gateway]\nuser =\n", C ":2: user has no value; write one, or leave the key out\n" },
	{ "[gateway]\nuser = ; x\n", C ":2: user has no value; write one, or leave the key "
	  "out\n" },
	{ "[gateway]\nx = 1\ny = 2\nworkers = 0\n", C ":2: unknown key x in [gateway]; write one "
	  "that the manual page has, or nothing\n" C ":3: unknown key y in [gateway]; write one "
	  "that the manual page has, or nothing\n" C ":4: workers cannot be \"0\"; write auto, or "
	  "a number from 1 to 256\n" },
	/* values */
	{ "[gateway]\nhostname = a b\n", C ":2: hostname cannot be \"a b\"; write a host name, "
	  "such as gw.example.org\n" },
	{ "[gateway]\nhostname = -x.example\n", C ":2: hostname cannot be \"-x.example\"; write a "
	  "host name, such as gw.example.org\n" },
	{ "[gateway]\nhostname = 1.2.3\n", C ":2: hostname cannot be \"1.2.3\"; write a host "
	  "name, such as gw.example.org\n" },
	{ "[gateway]\nworkers = many\n", C ":2: workers cannot be \"many\"; write auto, or a "
	  "number from 1 to 256\n" },
	{ "[gateway]\nworkers = 257\n", C ":2: workers cannot be \"257\"; write auto, or a number "
	  "from 1 to 256\n" },
	{ "[gateway]\nspool-memory = 1T\n", C ":2: spool-memory cannot be \"1T\"; write a size "
	  "from 64K to 1024G, such as 256M\n" },
	{ "[gateway]\nspool-memory = 1K\nmax-message-size = 1K\n", C ":2: spool-memory cannot be "
	  "\"1K\"; write a size from 64K to 1024G, such as 256M\n" },
	{ "[gateway]\nmax-message-size = 1023\n", C ":2: max-message-size cannot be \"1023\"; "
	  "write a size from 1K to 2G, such as 50M\n" },
	{ "[gateway]\nmax-message-size = 3G\n", C ":2: max-message-size cannot be \"3G\"; write a "
	  "size from 1K to 2G, such as 50M\n" },
	{ "[gateway]\ndrain-timeout = 30\n", C ":2: drain-timeout cannot be \"30\"; write a "
	  "duration from 0ms to 1d, such as 30s\n" },
	{ "[gateway]\ndrain-timeout = 2d\n", C ":2: drain-timeout cannot be \"2d\"; write a "
	  "duration from 0ms to 1d, such as 30s\n" },
	{ "[gateway]\nuser = a/b\n", C ":2: user cannot be \"a/b\"; write the name of an account "
	  "of this system\n" },
	{ "[gateway]\nuser = -x\n", C ":2: user cannot be \"-x\"; write the name of an account of "
	  "this system\n" },
	{ "[gateway]\nmax-message-size = 300M\n", C ":2: spool-memory is below max-message-size, "
	  "so that no such message could ever be taken; write a larger spool-memory or a smaller "
	  "max-message-size\n" },
	{ "[gateway]\nspool-memory = 10M\n", C ":2: spool-memory is below max-message-size, so "
	  "that no such message could ever be taken; write a larger spool-memory or a smaller "
	  "max-message-size\n" },
	{ "[gateway]\npolicy = nothing.conf\n", C ":2: policy nothing.conf cannot be read: "
	  "/etc/ll/nothing.conf: No such file or directory; write the path of a file that "
	  "can\n" },
	{ "[gateway]\npolicy = secret\n", C ":2: policy secret cannot be read: /etc/ll/secret: "
	  "Permission denied; write the path of a file that can\n" },
	{ "[keys]\nlookup-timeout = 0\n", C ":2: lookup-timeout cannot be \"0\"; write a duration "
	  "from 1ms to 5m, such as 5s\n" },
	{ "[keys]\nlookup-timeout = 6m\n", C ":2: lookup-timeout cannot be \"6m\"; write a "
	  "duration from 1ms to 5m, such as 5s\n" },
	/* what this version does not have */
	{ "[keys]\nlookup = local, autocrypt, wkd, hkps://keys.example.org, "
	  "ldap://ldap.example.org, dane, nis\n",
	  C ":2: lookup = autocrypt is not supported by this version; write lookup = local\n"
	  C ":2: lookup = wkd is not supported by this version; write lookup = local\n"
	  C ":2: lookup = hkps://keys.example.org is not supported by this version; write "
	  "lookup = local\n"
	  C ":2: lookup = ldap://ldap.example.org is not supported by this version; write "
	  "lookup = local\n"
	  C ":2: lookup = dane is not supported by this version; write lookup = local\n"
	  C ":2: lookup: \"nis\" is no key source; write lookup = local\n" },
	{ "[keys]\nca-file = ca.pem\n", C ":2: ca-file is not supported by this version; write "
	  "the file without this key\n" },
	{ "[metrics]\naddress = 127.0.0.1:9467\n", C ":2: address is not supported by this "
	  "version; write the file without this key\n" },
	/* who speaks what with whom */
	{ PLAIN IMAP "up\n" "[listen c]\nprotocol = pop3\naddress = 127.0.0.1:3\nupstream = up\n"
	  "tls = none\n", C ":11: [listen b] speaks imap and [listen in] (line 1) speaks smtp, "
	  "and both go to [upstream up]; write an [upstream NAME] for each\n" C ":15: [listen c] "
	  "speaks pop3 and [listen in] (line 1) speaks smtp, and both go to [upstream up]; write "
	  "an [upstream NAME] for each\n" },
	{ PLAIN IMAP "box\n" BOX "imap.example.com:993\ntls = implicit\n", "" },
	{ PLAIN IMAP "box\n" BOX "imap.example.com:143\n", "" },
	{ PLAIN IMAP "box\n" BOX "mail.example.com:1143\n", "" },
	{ PLAIN IMAP "box\n" BOX "mail.example.com:995\ntls = implicit\n", C ":11: [listen b] "
	  "speaks imap, and port 995 of [upstream box] is for pop3; write the name of an upstream "
	  "for imap\n" },
	{ PLAIN IMAP "box\n" BOX "127.0.0.1:995\ntls = none\n", "" },
	{ PLAIN IMAP "box\n" BOX "imap.example.com:993\n", C ":13: tls is starttls, and on port "
	  "993 it is implicit; write tls = implicit, or port 143\n" },
	{ PLAIN IMAP "box\n" BOX "imap.example.com:143\ntls = implicit\n", C ":14: tls is "
	  "implicit, and on port 143 it is starttls; write tls = starttls, or port 993\n" },
	{ PLAIN IMAP "box\n" BOX "imap.example.com:993\ntls = ssl\n", C ":14: tls cannot be "
	  "\"ssl\"; write starttls, implicit or none\n" },
	{ PLAIN "[listen b]\nprotocol = http\naddress = 127.0.0.1:2\nupstream = up\ntls = none\n",
	  C ":8: protocol cannot be \"http\"; write smtp, imap or pop3\n" },
	{ UP "verify = dane\n", C ":3: verify = dane is not supported by this version; write ca "
	  "or pin\n" },
	{ UP "verify = tofu\n", C ":3: verify = tofu is not supported by this version; write ca "
	  "or pin\n" },
	/* listeners */
	{ UP "[listen a]\nupstream = up\ntls = none\n", C ":3: [listen a] has no address; write "
	  "one: IP:PORT to listen on, such as 127.0.0.1:1587\n" },
	{ "[listen a]\n", C ":1: [listen a] has no address; write one: IP:PORT to listen on, such "
	  "as 127.0.0.1:1587\n" C ":1: [listen a] has no upstream; write one: the name of an "
	  "[upstream NAME] section\n" C ":1: [listen a] offers TLS and has no certificate; write "
	  "certificate = FILE and private-key = FILE, or tls = none\n" },
	{ UP "[listen a]\naddress = 127.0.0.1\nupstream = up\ntls = none\n", C ":4: address cannot "
	  "be \"127.0.0.1\": a port from 1 to 65535 must stand behind the last `:`; write IP:PORT, "
	  "such as 127.0.0.1:1587 or [::1]:1587\n" },
	{ UP "[listen a]\naddress = 127.0.0.1:0\nupstream = up\ntls = none\n", C ":4: address "
	  "cannot be \"127.0.0.1:0\": a port from 1 to 65535 must stand behind the last `:`; write "
	  "IP:PORT, such as 127.0.0.1:1587 or [::1]:1587\n" },
	{ UP "[listen a]\naddress = ::1:25\nupstream = up\ntls = none\n", C ":4: address cannot be "
	  "\"::1:25\": an IPv6 address must stand in brackets, like [::1]:25; write IP:PORT, such "
	  "as 127.0.0.1:1587 or [::1]:1587\n" },
	{ UP "[listen a]\naddress = localhost:25\nupstream = up\ntls = none\n", C ":4: address "
	  "cannot be \"localhost:25\": a listener is bound to an IP address; write IP:PORT, such "
	  "as 127.0.0.1:1587 or [::1]:1587\n" },
	{ UP "[listen a]\naddress = *:25\nupstream = up\ntls = none\n", C ":4: address cannot be "
	  "\"*:25\": the host is neither an IP address nor a host name; write IP:PORT, such as "
	  "127.0.0.1:1587 or [::1]:1587\n" },
	{ L "tls = none\n", C ":3: [listen in] names the upstream up, which is not there; write "
	  "the name of an [upstream NAME] section\n" },
	{ L UP, C ":1: [listen in] offers TLS and has no certificate; write certificate = FILE and "
	  "private-key = FILE, or tls = none\n" },
	{ L "tls = required\n" UP, C ":4: [listen in] offers TLS and has no certificate; write "
	  "certificate = FILE and private-key = FILE, or tls = none\n" },
	{ L "certificate = gw.pem\n" UP, C ":4: [listen in] has a certificate and no private key; "
	  "write private-key = FILE\n" },
	{ L "tls = none\nprivate-key = gw.key\n" UP, C ":5: [listen in] has a private key and no "
	  "certificate; write certificate = FILE\n" },
	{ L "certificate = x.pem\nprivate-key = secret\n" UP, C ":4: certificate cannot be read: "
	  "/etc/ll/x.pem: No such file or directory; write the path of a file that can\n"
	  C ":5: private-key cannot be read: /etc/ll/secret: Permission denied; write the path of "
	  "a file that can\n" },
	{ L "tls = plain\n" UP, C ":4: tls cannot be \"plain\"; write none, starttls, required or "
	  "implicit\n" },
	{ L "tls = none\n[upstream up]\naddress = 127.0.0.1:1587\ntls = none\n", C ":6: "
	  "[upstream up] is [listen in] (line 1) of this gateway itself; "
	  "write the address of the provider's server\n" },
	{ L "tls = none\n[upstream up]\naddress = localhost:1587\ntls = none\n", C ":6: "
	  "[upstream up] is [listen in] (line 1) of this gateway itself; "
	  "write the address of the provider's server\n" },
	{ "[listen in]\naddress = [::]:25\ntls = none\nupstream = up\n[upstream up]\n"
	  "address = 127.0.0.1:25\ntls = none\n", C ":6: [upstream up] is [listen in] (line 1) "
	  "of this gateway itself; write "
	  "the address of the provider's server\n" },
	{ L "tls = none\n[upstream up]\naddress = 127.0.0.2:1587\ntls = none\n", "" },
	{ L "tls = none\n[upstream up]\naddress = 127.0.0.1:1588\ntls = none\n", "" },
	{ "[listen in]\naddress = 0.0.0.0:587\ntls = none\nupstream = up\n[upstream up]\n"
	  "address = smtp.example.com:587\n", "" },
	{ PLAIN "[listen b]\naddress = 127.0.0.1:1587\nupstream = up\ntls = none\n", C ":8: "
	  "[listen b] and [listen in] (line 1) cannot both be bound to this port; write another "
	  "port or address\n" },
	{ PLAIN "[listen b]\naddress = 0.0.0.0:1587\nupstream = up\ntls = none\n", C ":8: "
	  "[listen b] and [listen in] (line 1) cannot both be bound to this port; write another "
	  "port or address\n" },
	{ PLAIN "[listen b]\naddress = [::]:1587\nupstream = up\ntls = none\n", C ":8: [listen b] "
	  "and [listen in] (line 1) cannot both be bound to this port; write another port or "
	  "address\n" },
	{ PLAIN "[listen b]\naddress = [::1]:1587\nupstream = up\ntls = none\n", "" },
	{ PLAIN "[listen b]\naddress = 127.0.0.1:1588\nupstream = up\ntls = none\n", "" },
	{ PLAIN "[listen b]\naddress = 127.0.0.2:1587\nupstream = up\ntls = none\n", "" },
	{ PLAIN "[listen in]\naddress = 127.0.0.1:1588\nupstream = up\ntls = none\n", C ":7: "
	  "section [listen in] stands on line 1 already; write all its keys there, or give this "
	  "one another name\n" },
	{ UP "[listen a]\naddress = 192.0.2.1:25\nupstream = up\ntls = none\nlogin = al@x.org\n",
	  C ":7: [listen a] gives everybody who reaches it the login al@x.org; write an address of "
	  "the loopback, such as 127.0.0.1:25, or leave login out\n" },
	{ UP L "tls = none\nlogin = a b\n", C ":7: login holds a blank; write one login, such as "
	  "alice@example.org\n" },
	{ UP L "tls = none\nallow-plaintext-auth = maybe\n", C ":7: allow-plaintext-auth cannot be "
	  "\"maybe\"; write loopback, yes or no\n" },
	/* upstreams */
	{ "[upstream a]\n", C ":1: [upstream a] has no address; write one: HOST:PORT of the "
	  "provider, such as smtp.example.com:587\n" },
	{ "[upstream a]\naddress = smtp.example.com\n", C ":2: address cannot be "
	  "\"smtp.example.com\": a port from 1 to 65535 must stand behind the last `:`; write "
	  "HOST:PORT, such as smtp.example.com:587\n" },
	{ "[upstream a]\naddress = smtp_example:65536\n", C ":2: address cannot be "
	  "\"smtp_example:65536\": a port from 1 to 65535 must stand behind the last `:`; write "
	  "HOST:PORT, such as smtp.example.com:587\n" },
	{ "[upstream a]\naddress = smtp example:25\n", C ":2: address cannot be \"smtp "
	  "example:25\": the host is neither an IP address nor a host name; write HOST:PORT, such "
	  "as smtp.example.com:587\n" },
	{ "[upstream a]\naddress = [smtp.example]:25\n", C ":2: address cannot be "
	  "\"[smtp.example]:25\": the host is neither an IP address nor a host name; write "
	  "HOST:PORT, such as smtp.example.com:587\n" },
	{ UP "tls = none\n", C ":3: passwords and mail would go to smtp.example.com in the clear; "
	  "write tls = starttls or implicit, or allow-plaintext = yes if that is meant\n" },
	{ UP "tls = none\nallow-plaintext = no\n", C ":3: passwords and mail would go to "
	  "smtp.example.com in the clear; write tls = starttls or implicit, or "
	  "allow-plaintext = yes if that is meant\n" },
	{ UP "tls = none\nallow-plaintext = yes\n", "" },
	{ "[upstream a]\naddress = 127.0.0.9:25\ntls = none\n", "" },
	{ "[upstream a]\naddress = [::1]:25\ntls = none\n", "" },
	{ "[upstream a]\naddress = localhost:25\ntls = none\n", "" },
	{ "[upstream a]\naddress = 128.0.0.1:25\ntls = none\n", C ":3: passwords and mail would go "
	  "to 128.0.0.1 in the clear; write tls = starttls or implicit, or allow-plaintext = yes "
	  "if that is meant\n" },
	{ UP "allow-plaintext = true\n", C ":3: allow-plaintext cannot be \"true\"; write yes or "
	  "no\n" },
	{ UP "verify = pin\n", C ":3: verify = pin without a pin; write pin = sha256:BASE64\n" },
	{ UP "pin = " PIN "\n", C ":3: pin is looked at only with verify = pin; write that, or "
	  "leave pin out\n" },
	{ UP "verify = pin\npin = sha256:AAAA, sha1:" PIN "\n",
	  C ":4: pin: \"sha256:AAAA\" is no pin; write sha256: and the base64 of the SHA-256 of "
	  "the SubjectPublicKeyInfo\n"
	  C ":4: pin: \"sha1:" PIN "\" is no pin; write sha256: and the base64 of the SHA-256 of "
	  "the SubjectPublicKeyInfo\n" },
	{ UP "verify = pin\npin = " PIN ",\n", C ":4: pin has an empty element; write no comma "
	  "there\n" },
	{ UP "ca-file = x\ncrl-file = secret\n", C ":3: ca-file cannot be read: /etc/ll/x: No such "
	  "file or directory; write the path of a file that can\n" C ":4: crl-file cannot be read: "
	  "/etc/ll/secret: Permission denied; write the path of a file that can\n" },
	{ UP "server-name = smtp.example.com:25\n", C ":3: server-name cannot be "
	  "\"smtp.example.com:25\"; write a host name, such as gw.example.org\n" },
	/* users */
	{ "[user a]\n", C ":1: [user a] has no login; write one: the login as upstream knows it\n"
	  C ":1: [user a] has no addresses; write one: the addresses and keys that this login may "
	  "use\n" },
	{ "[user a]\nlogin = a\naddresses = a@example.org, b\n", C ":3: addresses: \"b\" is no "
	  "mail address; write one such as alice@example.org\n" },
	{ "[user a]\nlogin = a\naddresses = *@example.org, Alice <a@example.org>\n",
	  C ":3: addresses: \"*@example.org\" is no mail address; write one such as "
	  "alice@example.org\n" C ":3: addresses: \"Alice <a@example.org>\" is no mail address; "
	  "write one such as "
	  "alice@example.org\n" },
	{ "[user a]\nlogin = a\naddresses = a@example.org\naddresses = A@EXAMPLE.ORG\n",
	  C ":4: addresses: A@EXAMPLE.ORG is listed twice; write it once\n" },
	{ "[user a]\nlogin = a\naddresses = a@x.org\n[user b]\nlogin = A\naddresses = b@x.org\n",
	  C ":5: the login A has a section on line 1 already; write all its addresses there\n" },
	{ "[user alice@example.org]\nlogin = a\naddresses = a@x.org\n", "" },
};

static void each_problem_is_found_and_says_what_to_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		expect(wrong[i].conf, NULL, wrong[i].want);
}

static void problems_of_both_files_are_found_in_one_run(void **state)
{
	(void)state;
	expect(PLAIN "tsl = none\n", "[rule a]\nfro = x\n[rule b]\nencrypt = yes\n",
	       C ":7: unknown key tsl; did you mean tls?\n"
	       "policy.conf:2: unknown key fro; did you mean from?\n"
	       "policy.conf:4: encrypt cannot be \"yes\"; write prefer, require or no\n");
	expect("[gateway]\npolicy = other.conf\nx = y\n", NULL,
	       C ":3: unknown key x in [gateway]; write one that the manual page has, or "
	       "nothing\n");
}

static void a_rule_names_only_listeners_that_are_there(void **state)
{
	(void)state;
	expect(PLAIN, "[rule a]\nlistener = IN, o*\nsign = yes\n", "");
	expect(PLAIN, "[rule a]\nkey = found\n[rule b]\nlistener = in, out\nsign = no\n",
	       "policy.conf:4: rule b names the listener out, which is not there; write the name "
	       "of a [listen NAME] section\n");
}

static void a_missing_configuration_is_one_problem(void **state)
{
	const struct memory_file files[] = { { "/x/none", NULL }, { 0 } };
	struct source source = memory_source(files);
	struct problems problems = { 0 };
	struct conf conf;
	char *told;

	(void)state;
	assert_int_equal(conf_load(&source, "/x/none", &conf, &problems), -1);
	assert_int_equal(conf_load(&source, "gone", &conf, &problems), -1);
	told = problems_text(&problems);
	assert_string_equal(told, "/x/none: cannot be read: /x/none: Permission denied; name the "
			    "configuration with -c FILE\ngone: cannot be read: /etc/ll/gone: No "
			    "such file or directory; name the configuration with -c FILE\n");
	free(told);
}

static int withheld_read(void *data, const char *path, struct buf *out,
			 struct err *err)
{
	if (strcmp(path, "/etc/ll/gw.key") == 0)
		return SOURCE_WITHHELD;
	return memory_source_read(data, path, out, err);
}

static void a_process_without_private_keys_reads_the_same(void **state)
{
	const struct memory_file files[] = {
		{ "/etc/ll/letterlock.conf", L UP "[listen b]\naddress = 127.0.0.1:2\n"
		  "upstream = up\ncertificate = gw.pem\nprivate-key = gw.key\n" },
		{ "/etc/ll/gw.pem", "CERT" },
		{ 0 },
	};
	struct source source = memory_source(files);
	struct problems problems = { 0 };
	struct conf conf;

	(void)state;
	((struct memory_file *)files)[0].text = strstr(files[0].text, "[upstream");
	source.read = withheld_read;
	assert_int_equal(conf_load(&source, "letterlock.conf", &conf, &problems), 0);
	assert_int_equal(conf.settings.listeners[0].certificate_pem.n, 1);
	assert_int_equal(conf.settings.listeners[0].private_key_pem.n, 0);
	assert_string_equal(conf.settings.listeners[0].private_key, "/etc/ll/gw.key");
	conf_free(&conf);
}

static void no_problem_can_forge_a_line(void **state)
{
	struct problems problems = { 0 };
	char *told;

	(void)state;
	problem_add(&problems, "f", 3, "a %s b", "x\ny\x1b[0m");
	problem_add(&problems, "f", 0, "c");
	told = problems_text(&problems);
	assert_string_equal(told, "f:3: a x?y?[0m b\nf: c\n");
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_has_all_defaults),
		cmocka_unit_test(every_key_of_the_gateway_arrives),
		cmocka_unit_test(every_key_of_a_listener_arrives),
		cmocka_unit_test(every_key_of_an_upstream_and_a_user_arrives),
		cmocka_unit_test(every_key_keeps_its_line),
		cmocka_unit_test(each_word_is_its_enum),
		cmocka_unit_test(what_is_not_given_has_its_default),
		cmocka_unit_test(the_system_gives_what_only_it_knows),
		cmocka_unit_test(each_problem_is_found_and_says_what_to_write),
		cmocka_unit_test(problems_of_both_files_are_found_in_one_run),
		cmocka_unit_test(a_rule_names_only_listeners_that_are_there),
		cmocka_unit_test(a_missing_configuration_is_one_problem),
		cmocka_unit_test(a_process_without_private_keys_reads_the_same),
		cmocka_unit_test(no_problem_can_forge_a_line),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
