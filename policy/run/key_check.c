#include "policy/run/key_check.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/keys/gnupg_home.h"
#include "policy/keys/key_index.h"
#include "policy/rules/rule_match.h"
#include "policy/rules/rule_parse.h"
#include "policy/run/as_account.h"

enum {
	INDEX_MAX = 256 * 1024 * 1024,	/* bytes of an encoded index */
};

enum home { HOME_GOOD, HOME_NONE, HOME_BAD };

/* HOME_NONE: nobody named it and it is not there, which is no problem. */
static enum home home_check(const struct conf *conf, struct problems *problems)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;
	const struct passwd *account =
		gateway->user ? getpwnam(gateway->user) : NULL;
	const char *home = gateway->gnupg_home;
	unsigned line = conf_line(conf, "keys", "gnupg-home");
	size_t before = problems->list.n;
	struct stat status;

	if (strlen(home) > GNUPG_HOME_PATH_MAX)
		problem_add(problems, conf->shown, line,
			    "gnupg-home: %s has more than %d bytes, and gpg-agent's socket would "
			    "not fit; write a shorter path", home, GNUPG_HOME_PATH_MAX);
	if (stat(home, &status) < 0) {
		if (!gateway->gnupg_home_named && errno == ENOENT)
			return problems->list.n == before ? HOME_NONE : HOME_BAD;
		problem_add(problems, conf->shown, line,
			    "gnupg-home: %s cannot be looked into; letterlock keys import makes "
			    "it where it is not there, or write the path of one that is", home);
		return HOME_BAD;
	}
	if (!S_ISDIR(status.st_mode))
		problem_add(problems, conf->shown, line,
			    "gnupg-home: %s is no directory; write the path of one", home);
	else if (status.st_mode & 077)
		problem_add(problems, conf->shown, line,
			    "gnupg-home: others may look into %s; write with chmod 700 that they "
			    "may not", home);
	/* that root is none to run as has been told */
	if (account && account->pw_uid != 0 && status.st_uid != account->pw_uid)
		problem_add(problems, conf->shown, line,
			    "gnupg-home: %s does not belong to %s, who is to use it; write that "
			    "with chown", home, gateway->user);
	gnupg_home_check(home, problems, NULL);
	return problems->list.n == before ? HOME_GOOD : HOME_BAD;
}

/* --- what the account that uses the home does --- */

struct asked {
	const char *home;
	const struct key_index *keys;
};

static int list_keys(void *argument, struct buf *out, struct err *err)
{
	const struct asked *asked = argument;
	struct pgp *pgp = pgp_new(asked->home, err);
	struct key_index *index = pgp ? pgp_list(pgp, err) : NULL;
	int result = index ? key_index_encode(index, out) : -1;

	if (index && result < 0)
		err_set(err, ERR_CONF, "there are too many keys");
	key_index_free(index);
	pgp_free(pgp);
	return result;
}

/* Signs with each key that should be able to: a line about each that is not. */
static int try_signers(void *argument, struct buf *out, struct err *err)
{
	const struct asked *asked = argument;
	struct pgp *pgp = pgp_new(asked->home, err);
	int result = pgp ? 0 : -1;
	char why[64];

	for (size_t i = 0; result == 0 && i < key_index_count(asked->keys); i++) {
		const struct key *key = key_index_at(asked->keys, i);
		struct err cannot = { 0 };

		if (key_usable(key, KEY_SIGN, time(NULL), why) &&
		    pgp_sign_try(pgp, key->fingerprint, &cannot) < 0 &&
		    buf_printf(out, "%s\n", cannot.text) < 0)
			result = err_set(err, ERR_CONF, "too many keys cannot sign");
	}
	pgp_free(pgp);
	return result;
}

/* --- what comes of it --- */

static void home_problem(const struct conf *conf, const char *what, const char *remedy,
			 struct problems *problems)
{
	problem_add(problems, conf->shown, conf_line(conf, "keys", "gnupg-home"),
		    "gnupg-home: %s%s", what, remedy);
}

static const char use_another[] = "; write the path of a GnuPG home that gpg can use";

static struct key_index *keys_of(const struct conf *conf, struct problems *problems)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;
	struct asked asked = { .home = gateway->gnupg_home };
	struct key_index *index = NULL;
	struct err err = { 0 };
	struct buf wire;

	buf_init(&wire, INDEX_MAX);
	if (as_account(gateway->user, list_keys, &asked, &wire, &err) == 0)
		index = key_index_decode(buf_span(&wire), &err);
	if (!index)
		home_problem(conf, err.text, use_another, problems);
	buf_free(&wire);
	return index;
}

static void check_signers(const struct conf *conf, const struct key_index *keys,
			  struct problems *problems)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;
	struct asked asked = { .home = gateway->gnupg_home, .keys = keys };
	struct err err = { 0 };
	struct span rest;
	struct buf lines;

	buf_init(&lines, INDEX_MAX);
	if (as_account(gateway->user, try_signers, &asked, &lines, &err) < 0)
		home_problem(conf, err.text, use_another, problems);
	rest = buf_span(&lines);
	while (rest.len > 0) {
		size_t len = span_find(rest, '\n');
		char *line = span_dup(span_of(rest.at, len));

		home_problem(conf, line, strchr(line, ';') ? "" :
			     "; import it again with letterlock keys import", problems);
		free(line);
		rest = span_skip(rest, len < rest.len ? len + 1 : len);
	}
	buf_free(&lines);
}

static void check_extra_key(const struct rules *rules, size_t i,
			    const char *name, const struct key_index *keys,
			    struct problems *problems)
{
	struct decision rule;
	int64_t now = time(NULL);
	bool address = strchr(name, '@');
	char why[64] = "no key";
	const struct key *key = address ?
		key_index_find(keys, span_str(name), KEY_ENCRYPT, now, why) :
		key_index_get(keys, span_str(name));

	rule_match_nth(rules, i, &rule);
	if (!key || (!address && !key_usable(key, KEY_ENCRYPT, now, why)))
		problem_add(problems, rule.file,
			    rule_parse_line(rules, i, "also-encrypt-to", name),
			    "rule %s: also-encrypt-to %s cannot be used: %s; import the key with "
			    "letterlock keys import, or write another", rule.rule, name, why);
}

static bool can_sign(const struct key_index *keys)
{
	char why[64];

	for (size_t i = 0; i < key_index_count(keys); i++)
		if (key_usable(key_index_at(keys, i), KEY_SIGN, time(NULL), why))
			return true;
	return false;
}

/* Whether some address of the person's has a key that can sign. */
static bool login_signs(const struct settings *settings, const char *login,
			const struct key_index *keys)
{
	struct strs addresses = { 0 };
	bool signs = false;
	char why[64];

	settings_addresses(settings, login, &addresses);
	for (size_t i = 0; i < addresses.n && !signs; i++)
		signs = key_index_find(keys, span_str(addresses.at[i]), KEY_SIGN, time(NULL), why);
	strs_free(&addresses);
	return signs;
}

/* Who else may log in is not known here; whom a rule's conditions leave out is
 * seen only by what comes: so these are warnings. */
static void warn_of_unsigned(const struct conf *conf, const struct decision *rule, size_t i,
			     const struct key_index *keys, struct problems *problems)
{
	const struct settings *settings = &conf->settings;

	for (size_t k = 0; k < settings->users_n; k++) {
		const struct user_settings *user = &settings->users[k];

		if (user->login && !login_signs(settings, user->login, keys))
			problem_warn(problems, rule->file,
				     rule_parse_line(conf->rules, i, "sign", "yes"),
				     "rule %s: sign = yes, and [user %s] has no key that can sign: "
				     "their mail is refused where it decides; import one, or write "
				     "sign = prefer", rule->rule, user->name);
	}
}

static void check_rule(const struct conf *conf, size_t i, const struct key_index *keys,
		       struct problems *problems)
{
	const struct rules *rules = conf->rules;
	struct decision rule;

	rule_match_nth(rules, i, &rule);
	for (size_t k = 0; k < rule.also_encrypt_to->n; k++)
		check_extra_key(rules, i, rule.also_encrypt_to->at[k], keys, problems);
	if (rule.action != ACTION_ACCEPT || rule.sign != SIGN_YES)
		return;
	if (can_sign(keys))
		warn_of_unsigned(conf, &rule, i, keys, problems);
	else
		problem_add(problems, rule.file, rule_parse_line(rules, i, "sign", "yes"),
			    "rule %s: sign = yes, and no key in gnupg-home can sign, so that all "
			    "its mail would be refused; import a secret key with letterlock keys "
			    "import, or write sign = prefer", rule.rule);
}

/* The keys of the home; NULL when that is a problem, which is added. */
static struct key_index *read_keys(const struct conf *conf,
				   struct problems *problems)
{
	const char *user = conf->settings.gateway.user;

	switch (home_check(conf, problems)) {
	case HOME_BAD:
		return NULL;
	case HOME_NONE:
		return key_index_new();
	case HOME_GOOD:
		break;
	}
	/* an account that is not there has been told */
	return user && !getpwnam(user) ? NULL : keys_of(conf, problems);
}

void key_check(const struct conf *conf, struct problems *problems)
{
	struct key_index *keys;

	if (!conf->settings.gateway.gnupg_home || !conf->rules)
		return;
	keys = read_keys(conf, problems);
	for (size_t i = 0; keys && i < rule_match_count(conf->rules); i++)
		check_rule(conf, i, keys, problems);
	if (keys && can_sign(keys))
		check_signers(conf, keys, problems);
	key_index_free(keys);
}
