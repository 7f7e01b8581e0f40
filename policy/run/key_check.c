#include "policy/run/key_check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/keys/gnupg_home.h"
#include "policy/keys/key_index.h"
#include "policy/rules/rule_match.h"
#include "policy/rules/rule_parse.h"

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
			    "gnupg-home: %s cannot be looked into; make it with mkdir -m 700, or "
			    "write the path of a directory that is there", home);
		return HOME_BAD;
	}
	if (!S_ISDIR(status.st_mode))
		problem_add(problems, conf->shown, line,
			    "gnupg-home: %s is no directory; write the path of one", home);
	else if (status.st_mode & 077)
		problem_add(problems, conf->shown, line,
			    "gnupg-home: others may look into %s; write with chmod 700 that they "
			    "may not", home);
	if (account && status.st_uid != account->pw_uid)
		problem_add(problems, conf->shown, line,
			    "gnupg-home: %s does not belong to %s, who is to use it; write that "
			    "with chown", home, gateway->user);
	gnupg_home_check(home, problems, NULL);
	return problems->list.n == before ? HOME_GOOD : HOME_BAD;
}

static struct key_index *list_keys(const char *home, struct err *err)
{
	struct pgp *pgp = pgp_new(home, err);
	struct key_index *index = pgp ? pgp_list(pgp, err) : NULL;

	pgp_free(pgp);
	return index;
}

/* The child of list_keys_as(): never returns. */
static void send_keys_as(const struct passwd *account, const char *home, int out)
{
	struct key_index *index;
	struct err err = { 0 };
	struct span rest;
	struct buf wire;

	if (initgroups(account->pw_name, account->pw_gid) < 0 ||
	    setgid(account->pw_gid) < 0 || setuid(account->pw_uid) < 0)
		_exit(1);
	index = list_keys(home, &err);
	buf_init(&wire, INDEX_MAX);
	if (!index || key_index_encode(index, &wire) < 0)
		_exit(1);
	rest = buf_span(&wire);
	while (rest.len > 0) {
		ssize_t n = write(out, rest.at, rest.len);

		if (n < 0 && errno != EINTR)
			_exit(1);
		rest = span_skip(rest, n > 0 ? (size_t)n : 0);
	}
	_exit(0);
}

/* All that comes until the other end closes. */
static int read_all(int in, struct buf *bytes)
{
	for (;;) {
		char *at = buf_reserve(bytes, 65536);
		ssize_t n = at ? read(in, at, 65536) : -1;

		if (n < 0 && at && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		buf_commit(bytes, (size_t)n);
	}
}

/* Root lists the keys as the account that will use them: gpg makes files in
 * the home, which must not belong to root. */
static struct key_index *list_keys_as(const struct passwd *account,
				      const char *home, struct err *err)
{
	struct key_index *index = NULL;
	struct buf wire;
	int ends[2], status = 1;
	pid_t child;

	if (pipe(ends) < 0) {
		err_errno(err, ERR_TEMP, errno, "listing keys");
		return NULL;
	}
	child = fork();
	if (child == 0) {
		close(ends[0]);
		send_keys_as(account, home, ends[1]);
	}
	close(ends[1]);
	buf_init(&wire, INDEX_MAX);
	if (child > 0) {
		int got = read_all(ends[0], &wire);

		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (got == 0 && status == 0)
			index = key_index_decode(buf_span(&wire), err);
		else
			err_set(err, ERR_CONF, "gpg could not list the keys as %s",
				account->pw_name);
	} else {
		err_set(err, ERR_TEMP, "cannot fork to list keys");
	}
	buf_free(&wire);
	close(ends[0]);
	return index;
}

static struct key_index *keys_of(const struct gateway_settings *gateway,
				 struct err *err)
{
	const struct passwd *account =
		gateway->user && geteuid() == 0 ? getpwnam(gateway->user) : NULL;

	return account ? list_keys_as(account, gateway->gnupg_home, err)
		       : list_keys(gateway->gnupg_home, err);
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

static void check_rule(const struct rules *rules, size_t i,
		       const struct key_index *keys, struct problems *problems)
{
	struct decision rule;

	rule_match_nth(rules, i, &rule);
	for (size_t k = 0; k < rule.also_encrypt_to->n; k++)
		check_extra_key(rules, i, rule.also_encrypt_to->at[k], keys, problems);
	if (rule.action == ACTION_ACCEPT && rule.sign == SIGN_YES && !can_sign(keys))
		problem_add(problems, rule.file, rule_parse_line(rules, i, "sign", "yes"),
			    "rule %s: sign = yes, and no key in gnupg-home can sign, so that all "
			    "its mail would be refused; import a secret key with letterlock keys "
			    "import, or write sign = prefer", rule.rule);
}

/* The keys of the home; NULL when that is a problem, which is added. */
static struct key_index *read_keys(const struct conf *conf,
				   struct problems *problems)
{
	struct err err = { 0 };
	struct key_index *keys;

	switch (home_check(conf, problems)) {
	case HOME_BAD:
		return NULL;
	case HOME_NONE:
		return key_index_new();
	case HOME_GOOD:
		break;
	}
	keys = keys_of(&conf->settings.gateway, &err);
	if (!keys)
		problem_add(problems, conf->shown, conf_line(conf, "keys", "gnupg-home"),
			    "gnupg-home: %s; write the path of a GnuPG home that gpg can use",
			    err.text);
	return keys;
}

void key_check(const struct conf *conf, struct problems *problems)
{
	struct key_index *keys;

	if (!conf->settings.gateway.gnupg_home || !conf->rules)
		return;
	keys = read_keys(conf, problems);
	for (size_t i = 0; keys && i < rule_match_count(conf->rules); i++)
		check_rule(conf->rules, i, keys, problems);
	key_index_free(keys);
}
