#include "policy/rules/conf_schema.h"

#include <string.h>

#include <letterlock/settings.h>

#include "policy/rules/conf_value.h"
#include "policy/rules/ini_source.h"
#include "policy/rules/rule_set.h"
#include "policy/rules/rule_value.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define SECOND 1000ULL
#define DAY (86400 * SECOND)

/* clang-format off */
#define GATEWAY(name, read, field) \
	SECTION_GATEWAY, name, read, offsetof(struct gateway_settings, field)
#define KEYS(name, read, field) \
	SECTION_KEYS, name, read, offsetof(struct gateway_settings, field)
#define LISTEN(name, read, field) \
	SECTION_LISTEN, name, read, offsetof(struct listener_settings, field)
#define UPSTREAM(name, read, field) \
	SECTION_UPSTREAM, name, read, offsetof(struct upstream_settings, field)
#define USER(name, read, field) \
	SECTION_USER, name, read, offsetof(struct user_settings, field)
#define RULE(name, read, field) \
	SECTION_RULE, name, read, offsetof(struct rule, field)

static const struct conf_key keys[] = {
	{ GATEWAY("hostname", conf_value_host, hostname), .flags = KEY_SYSTEM,
	  .doc = "the gateway's name in greetings, Received fields and verdicts" },
	{ GATEWAY("workers", conf_value_count, workers), .flags = KEY_SYSTEM,
	  .least = 1, .most = 256,
	  .doc = "network processes, and sealers; auto is one a core" },
	{ SECTION_GATEWAY, "policy", conf_value_path, 0, .flags = KEY_CHECKED,
	  .preset = "policy.conf",
	  .doc = "the file of the rules, letterlock-policy(5)" },
	{ GATEWAY("state", conf_value_path, state), .preset = "state.db",
	  .doc = "the SQLite file of the journal" },
	{ GATEWAY("runtime-dir", conf_value_path, runtime_dir), .flags = KEY_SYSTEM,
	  .doc = "the directory of sockets and of spool files" },
	{ GATEWAY("spool-memory", conf_value_size, spool_memory),
	  .least = 64 * KIB, .most = 1024 * GIB, .preset = "256M",
	  .doc = "message bytes held at once; beyond them the answer is 452" },
	{ GATEWAY("max-message-size", conf_value_size, max_message_size),
	  .least = KIB, .most = 2 * GIB, .preset = "50M",
	  .doc = "no larger message is taken" },
	{ GATEWAY("drain-timeout", conf_value_duration, drain_timeout),
	  .least = 0, .most = DAY, .preset = "30s",
	  .doc = "how long sessions may go on after SIGTERM" },
	{ GATEWAY("user", conf_value_account, user),
	  .doc = "the account to drop to when started as root" },
	{ GATEWAY("network-user", conf_value_account, network_user),
	  .doc = "another one for the processes that speak with the network" },

	{ KEYS("gnupg-home", conf_value_path, gnupg_home), .preset = "gnupg",
	  .doc = "the GnuPG home with recipients' keys and own secret keys" },
	{ SECTION_KEYS, "lookup", conf_value_lookup, 0, .flags = KEY_LIST | KEY_CHECKED,
	  .later = "autocrypt wkd dane", .preset = "local",
	  .doc = "where keys are looked for, in order" },
	{ KEYS("lookup-timeout", conf_value_duration, lookup_timeout),
	  .least = 1, .most = 300 * SECOND, .preset = "5s",
	  .doc = "how long a key source may take" },
	{ SECTION_KEYS, "ca-file", conf_value_unsupported, 0, .flags = KEY_CHECKED,
	  .doc = "CAs for key servers (not supported by this version)" },

	{ SECTION_METRICS, "address", conf_value_unsupported, 0, .flags = KEY_CHECKED,
	  .doc = "where /metrics is served (not supported by this version)" },

	{ LISTEN("protocol", conf_value_word, protocol),
	  .words = "smtp imap pop3", .preset = "smtp",
	  .doc = "what mail clients speak here" },
	{ LISTEN("address", conf_value_listen_address, address), .flags = KEY_NEEDED,
	  .doc = "IP:PORT to listen on, such as 127.0.0.1:1587" },
	{ LISTEN("tls", conf_value_word, tls),
	  .words = "none starttls required implicit", .preset = "starttls",
	  .doc = "TLS towards mail clients" },
	{ LISTEN("certificate", conf_value_path, certificate),
	  .doc = "PEM file of the certificate and its chain" },
	{ LISTEN("private-key", conf_value_path, private_key),
	  .doc = "PEM file of the certificate's private key" },
	{ SECTION_LISTEN, "upstream", conf_value_name, 0,
	  .flags = KEY_NEEDED | KEY_CHECKED,
	  .doc = "the name of an [upstream NAME] section" },
	{ LISTEN("allow-plaintext-auth", conf_value_word, plaintext_auth),
	  .words = "loopback yes no", .preset = "loopback",
	  .doc = "whether a password may come without TLS" },
	{ LISTEN("login", conf_value_login, login),
	  .doc = "the person behind a listener whose clients do not authenticate" },

	{ UPSTREAM("address", conf_value_host_address, address), .flags = KEY_NEEDED,
	  .doc = "HOST:PORT of the provider, such as smtp.example.com:587" },
	{ UPSTREAM("tls", conf_value_word, tls),
	  .words = "starttls implicit none", .preset = "starttls",
	  .doc = "TLS towards the provider" },
	{ UPSTREAM("verify", conf_value_word, verify),
	  .words = "ca pin", .later = "dane tofu", .preset = "ca",
	  .doc = "how the provider's certificate is verified" },
	{ UPSTREAM("ca-file", conf_value_path, ca_file), .flags = KEY_SYSTEM,
	  .doc = "PEM file of the CAs that are trusted" },
	{ UPSTREAM("crl-file", conf_value_path, crl_file),
	  .doc = "PEM file of certificate revocation lists" },
	{ UPSTREAM("pin", conf_value_pins, pins), .flags = KEY_LIST,
	  .doc = "sha256:BASE64 of the SubjectPublicKeyInfo, for verify = pin" },
	{ UPSTREAM("server-name", conf_value_host, server_name), .flags = KEY_SYSTEM,
	  .doc = "the name that the certificate must bear" },
	{ UPSTREAM("allow-plaintext", conf_value_bool, allow_plaintext), .preset = "no",
	  .doc = "must be yes for tls = none to a host that is not loopback" },

	{ USER("login", conf_value_login, login), .flags = KEY_NEEDED,
	  .doc = "the login as upstream knows it" },
	{ USER("addresses", conf_value_addresses, addresses),
	  .flags = KEY_NEEDED | KEY_LIST,
	  .doc = "the addresses and keys that this login may use" },

	{ RULE("direction", rule_value_directions, directions),
	  .flags = KEY_LIST | KEY_CONDITION,
	  .words = "outbound inbound stored", .preset = "outbound",
	  .doc = "which way the message goes" },
	{ RULE("listener", rule_value_globs, listener), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "names of listeners" },
	{ RULE("login", rule_value_logins, login), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "logins, globs, file: lists" },
	{ RULE("client", rule_value_clients, client), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "IP addresses and blocks of the client" },
	{ RULE("from", rule_value_addresses, from), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "envelope sender: addresses, globs, file: lists, <>" },
	{ RULE("to", rule_value_addresses, to), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "the recipient: addresses, globs, file: lists" },
	{ RULE("key", rule_value_key, key), .flags = KEY_CONDITION,
	  .words = "found missing",
	  .doc = "whether a usable key of the recipient is known" },
	{ RULE("subject", rule_value_subjects, subject), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "globs for the decoded subject" },
	{ RULE("header", rule_value_header, header), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "NAME: GLOB for the value of a header field" },
	{ RULE("size", rule_value_size, size), .flags = KEY_CONDITION,
	  .doc = "larger (>10M) or smaller (<1K) than this" },
	{ RULE("attachment", rule_value_globs, attachment),
	  .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "globs for the file names of parts" },
	{ RULE("content", rule_value_pattern, content), .flags = KEY_LIST | KEY_CONDITION,
	  .doc = "a regular expression for the decoded text parts" },
	{ RULE("answers", rule_value_answers, answers), .flags = KEY_CONDITION,
	  .words = "encrypted",
	  .doc = "the message names one that was encrypted and opened for the login" },

	{ RULE("action", conf_value_word, action),
	  .words = "accept reject", .later = "hold", .preset = "accept",
	  .doc = "whether the message is taken for this recipient" },
	{ RULE("reply", conf_value_text, reply), .most = 400,
	  .doc = "the text of the reply when this rule refuses" },
	{ RULE("encrypt", conf_value_word, encrypt),
	  .words = "prefer require no", .preset = "prefer",
	  .doc = "whether the recipient's copy is encrypted" },
	{ RULE("sign", conf_value_word, sign),
	  .words = "no yes prefer", .preset = "no",
	  .doc = "whether the login's key signs it" },
	{ SECTION_RULE, "format", conf_value_word, 0, .flags = KEY_CHECKED,
	  .words = "auto openpgp", .later = "smime", .preset = "auto",
	  .doc = "the format of what is encrypted or signed" },
	{ SECTION_RULE, "missing-key", conf_value_word, 0, .flags = KEY_CHECKED,
	  .words = "reject", .later = "hold", .preset = "reject",
	  .doc = "what happens under encrypt = require without a key" },
	{ RULE("protect-subject", conf_value_bool, protect_subject), .preset = "yes",
	  .doc = "whether the real subject travels inside only" },
	{ RULE("strip-tag", conf_value_bool, strip_tag), .preset = "no",
	  .doc = "removes from the subject what the matching glob spelt out" },
	{ RULE("also-encrypt-to", rule_value_keys, also_encrypt_to), .flags = KEY_LIST,
	  .doc = "fingerprints or addresses of more keys to encrypt to" },
	{ RULE("add-header", rule_value_add_header, add_header), .flags = KEY_LIST,
	  .doc = "NAME: TEXT, a header field to be added" },
};

_Static_assert(sizeof(keys) / sizeof(*keys) <= CONF_SCHEMA_KEYS_MAX, "raise it");

static const struct {
	const char *word;
	bool named;
	bool policy;
} sections[] = {
	[SECTION_GATEWAY] = { "gateway", false, false },
	[SECTION_KEYS] = { "keys", false, false },
	[SECTION_METRICS] = { "metrics", false, false },
	[SECTION_LISTEN] = { "listen", true, false },
	[SECTION_UPSTREAM] = { "upstream", true, false },
	[SECTION_USER] = { "user", true, false },
	[SECTION_RULE] = { "rule", true, true },
};
/* clang-format on */

const struct conf_key *conf_schema_keys(size_t *n)
{
	*n = sizeof(keys) / sizeof(*keys);
	return keys;
}

const struct conf_key *conf_schema_key(enum conf_section section,
				       const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].section == section && strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const char *conf_schema_section_word(enum conf_section section)
{
	return sections[section].word;
}

bool conf_schema_section_named(enum conf_section section)
{
	return sections[section].named;
}

static bool name_good(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9') || strchr("._-@+", *c)))
			return false;
	return *name != '\0';
}

static enum conf_section section_of(bool policy, struct span word)
{
	for (int i = 0; i < SECTION_NONE; i++)
		if (sections[i].policy == policy && span_is(word, sections[i].word))
			return i;
	return SECTION_NONE;
}

enum conf_section conf_schema_heading(const struct reading *at, bool policy,
				      const char *heading, const char **name)
{
	struct span word;
	struct span rest = span_str(heading);
	enum conf_section section;

	span_split(&rest, ' ', &word);
	section = section_of(policy, word);
	*name = rest.at ? rest.at : "";
	if (section == SECTION_NONE) {
		reading_problem(at, "unknown section [%s]; write %s", heading, policy ?
				"[rule NAME]" : "[gateway], [keys], [listen NAME], "
				"[upstream NAME] or [user NAME]");
		return SECTION_NONE;
	}
	if (!sections[section].named && **name) {
		reading_problem(at, "[%s] has a name and needs none; write [%s]", heading,
				sections[section].word);
		return SECTION_NONE;
	}
	if (sections[section].named && !name_good(*name)) {
		reading_problem(at, "[%s] cannot be; write [%s NAME], with a name of letters, "
				"digits and . _ - @ +", heading, sections[section].word);
		return SECTION_NONE;
	}
	return section;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, where two letters that changed places are one slip;
 * names are short. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][INI_NAME_MAX + 2];
	size_t len = strlen(b), i;

	if (strlen(a) > INI_NAME_MAX || len > INI_NAME_MAX)
		return SIZE_MAX;
	for (size_t k = 0; k <= len; k++)
		rows[0][k] = k;
	for (i = 1; a[i - 1]; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3], *over = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t k = 1; k <= len; k++) {
			row[k] = smaller(above[k - 1] + (a[i - 1] != b[k - 1]),
					 smaller(above[k], row[k - 1]) + 1);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = smaller(row[k], over[k - 2] + 1);
		}
	}
	return rows[(i - 1) % 3][len];
}

bool conf_schema_unknown_key(const struct reading *at,
			     enum conf_section section, const char *name)
{
	const struct conf_key *nearest = NULL, *elsewhere = NULL;
	size_t least = 3;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		size_t far = distance(name, keys[i].name);

		if (far == 0)
			elsewhere = &keys[i];
		if (keys[i].section == section && far < least) {
			nearest = &keys[i];
			least = far;
		}
	}
	if (nearest)
		return reading_problem(at, "unknown key %s; did you mean %s?", name,
				       nearest->name);
	if (elsewhere && (elsewhere->section == SECTION_RULE) == (section == SECTION_RULE))
		return reading_problem(at, "unknown key %s in [%s]; write it into [%s%s]", name,
				       sections[section].word,
				       sections[elsewhere->section].word,
				       sections[elsewhere->section].named ? " NAME" : "");
	return reading_problem(at, "unknown key %s in [%s]; write one that the manual page has, "
			       "or nothing", name, sections[section].word);
}
