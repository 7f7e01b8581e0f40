#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/address.h>
#include <letterlock/buf.h>
#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/keys/gnupg_home.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/cmd.h"
#include "policy/run/table.h"

static const char usage[] =
	"letterlock keys list [-c FILE] [--json] [ADDRESS]\n"
	"       letterlock keys import [-c FILE] [--json] [KEYFILE]\n"
	"       letterlock keys locate [-c FILE] [--json] ADDRESS\n"
	"       letterlock keys forget [-c FILE] [--secret] FINGERPRINT";

struct keys {
	/* arguments; borrowed from argv */
	const char *conf_path;
	const char *word;	/* behind the name of what is to be done, or NULL */
	bool json;
	bool secret;
	int in;			/* import: what to read */
	/* owned */
	struct conf conf;
	struct pgp *pgp;	/* NULL: there is no home */
};

/* Always 1, the exit status for a problem. */
static int problem(const struct err *err)
{
	fprintf(stderr, "letterlock: %s\n", err->text);
	return 1;
}

static struct key_index *read_keys(const struct keys *keys, struct err *err)
{
	return keys->pgp ? pgp_list(keys->pgp, err) : key_index_new();
}

/* --- words about keys --- */

static void put_date(struct table *table, int64_t when)
{
	time_t seconds = (time_t)when;
	struct tm day;
	char text[32];

	if (when == 0 || !gmtime_r(&seconds, &day) ||
	    strftime(text, sizeof(text), "%Y-%m-%d", &day) == 0)
		table_put(table, NULL);
	else
		table_put(table, text);
}

static void put_list(struct table *table, const struct strs *list)
{
	struct buf text;
	char *joined;

	buf_init(&text, 1024 * 1024);
	for (size_t i = 0; i < list->n; i++)
		(void)buf_printf(&text, "%s%s", i ? ", " : "", list->at[i]);
	joined = buf_take_string(&text);
	table_put(table, *joined ? joined : NULL);
	free(joined);
}

/* The word for its state: "usable", or what is against encrypting to it. */
static void put_state(struct table *table, const struct key *key, int64_t now)
{
	char why[64];

	table_put(table, key_usable(key, KEY_ENCRYPT, now, why) ? "usable" : why);
}

static void put_key(struct table *table, const struct key *key, int64_t now)
{
	char why[64];

	table_put(table, key->fingerprint);
	table_put(table, key_usable(key, KEY_ENCRYPT, now, why) ? "yes" : "no");
	table_put(table, key_usable(key, KEY_SIGN, now, why) ? "yes" : "no");
	put_date(table, key->created);
	put_date(table, key->expires);
	put_state(table, key, now);
	put_list(table, &key->addresses);
	put_list(table, &key->user_ids);
}

static void print(const struct keys *keys, struct table *table)
{
	if (keys->json)
		table_print_json(table, stdout);
	else if (table->cells.n > 0)
		table_print(table, stdout);
	table_free(table);
}

/* --- list --- */

static bool has_address(const struct key *key, struct span address)
{
	for (size_t i = 0; i < key->addresses.n; i++)
		if (address_same(span_str(key->addresses.at[i]), address))
			return true;
	return false;
}

static int by_address(const void *one, const void *other)
{
	const struct key *a = *(const struct key *const *)one;
	const struct key *b = *(const struct key *const *)other;
	int order = strcmp(a->addresses.n ? a->addresses.at[0] : "",
			   b->addresses.n ? b->addresses.at[0] : "");

	return order ? order : strcmp(a->fingerprint, b->fingerprint);
}

static int list(struct keys *keys)
{
	static const char *const head[] = { "fingerprint", "encrypt", "sign", "created",
					    "expires", "state", "addresses", "user-ids" };
	int64_t now = time(NULL);
	struct err err = { 0 };
	struct key_index *index = read_keys(keys, &err);
	const struct key **found;
	struct table table;
	size_t n = 0;

	if (!index)
		return problem(&err);
	found = mem_new(key_index_count(index) * sizeof(const struct key *));
	for (size_t i = 0; i < key_index_count(index); i++) {
		const struct key *key = key_index_at(index, i);

		if (!keys->word || has_address(key, span_str(keys->word)))
			found[n++] = key;
	}
	qsort(found, n, sizeof(const struct key *), by_address);
	table_init(&table, head, sizeof(head) / sizeof(*head));
	for (size_t i = 0; i < n; i++)
		put_key(&table, found[i], now);
	print(keys, &table);
	free(found);
	key_index_free(index);
	if (n > 0)
		return 0;
	fprintf(stderr, "letterlock: no key%s%s\n", keys->word ? " of " : "",
		keys->word ? keys->word : "");
	return 1;
}

/* --- locate --- */

static int locate(struct keys *keys)
{
	static const char *const head[] = { "source", "address", "fingerprint", "state" };
	struct err err = { 0 };
	struct key_index *index = read_keys(keys, &err);
	const struct key *key;
	struct table table;
	char why[64];

	if (!index)
		return problem(&err);
	key = key_index_find(index, span_str(keys->word), KEY_ENCRYPT, time(NULL), why);
	table_init(&table, head, sizeof(head) / sizeof(*head));
	table_put(&table, "local");
	table_put(&table, keys->word);
	table_put(&table, key ? key->fingerprint : NULL);
	table_put(&table, key ? "usable" : why);
	print(keys, &table);
	key_index_free(index);
	return key ? 0 : 1;
}

/* --- import --- */

/* A key that is of no use now and was not here before is not kept; one that
 * was here is: what came may be its revocation. */
static bool unwanted(const struct key *key, const struct key_index *before, int64_t now)
{
	char why[64];

	if (key->secret || key_index_get(before, span_str(key->fingerprint)))
		return false;
	switch (key_state(key, KEY_ENCRYPT, now, why)) {
	case KEY_STATE_EXPIRED:
	case KEY_STATE_REVOKED:
	case KEY_STATE_INVALID:
		return true;
	case KEY_STATE_USABLE:
	case KEY_STATE_LATER:
	case KEY_STATE_UNABLE:
	case KEY_STATE_DISABLED:
	case KEY_STATE_MISSING:
		break;
	}
	return false;
}

/* Says which of the keys that came with their secret part cannot sign: those
 * with a passphrase. How many these are. */
static unsigned count_locked(struct keys *keys, const struct pgp_import *got,
			     const struct key_index *after)
{
	int64_t now = time(NULL);
	unsigned locked = 0;
	char why[64];

	for (size_t i = 0; i < got->fingerprints.n; i++) {
		const struct key *key = key_index_get(after, span_str(got->fingerprints.at[i]));
		struct err err = { 0 };

		if (key && key_usable(key, KEY_SIGN, now, why) &&
		    pgp_sign_try(keys->pgp, key->fingerprint, &err) < 0) {
			(void)problem(&err);
			locked++;
		}
	}
	return locked;
}

/* One line about each key that came. How many are not kept. */
static unsigned settle(struct keys *keys, const struct pgp_import *got,
		       const struct key_index *before, const struct key_index *after)
{
	static const char *const head[] = { "fingerprint", "result", "state", "addresses" };
	int64_t now = time(NULL);
	struct err err = { 0 };
	struct table table;
	unsigned rejected = 0;

	table_init(&table, head, sizeof(head) / sizeof(*head));
	for (size_t i = 0; i < got->fingerprints.n; i++) {
		struct span fingerprint = span_str(got->fingerprints.at[i]);
		const struct key *key = key_index_get(after, fingerprint);
		const struct key *known = key_index_get(before, fingerprint);

		if (!key)
			continue;
		table_put(&table, key->fingerprint);
		if (unwanted(key, before, now)) {
			rejected++;
			table_put(&table, "rejected");
			if (pgp_delete(keys->pgp, key->fingerprint, false, &err) < 0)
				(void)problem(&err);
		} else {
			table_put(&table, known && known->secret == key->secret ?
				  "known" : "imported");
		}
		put_state(&table, key, now);
		put_list(&table, &key->addresses);
	}
	print(keys, &table);
	return rejected;
}

static int import(struct keys *keys)
{
	struct key_index *before = NULL, *after = NULL;
	struct pgp_import got = { 0 };
	struct err err = { 0 };
	unsigned rejected = 0;
	int status = 1;

	before = read_keys(keys, &err);
	if (!before)
		goto out;
	if (pgp_import(keys->pgp, keys->in, &got, &err) < 0) {
		err_while(&err, "%s", keys->word ? keys->word : "standard input");
		goto out;
	}
	after = read_keys(keys, &err);
	if (!after)
		goto out;
	rejected = settle(keys, &got, before, after) + got.rejected;
	if (rejected > 0)
		err_set(&err, ERR_CONF, "%u not taken: no use can be made of %s", rejected,
			rejected == 1 ? "it" : "them");
	else if (got.fingerprints.n == 0)
		err_set(&err, ERR_CONF, "there was no key to take");
	else
		status = 0;
	if (count_locked(keys, &got, after) > 0)
		status = 1;
out:
	if (err.kind != ERR_NONE)
		(void)problem(&err);
	strs_free(&got.fingerprints);
	key_index_free(before);
	key_index_free(after);
	return status;
}

/* --- forget --- */

static int forget(struct keys *keys)
{
	struct err err = { 0 };
	struct key_index *index = read_keys(keys, &err);
	const struct key *key;
	int status = 1;

	if (!index)
		return problem(&err);
	key = key_index_get(index, span_str(keys->word));
	if (!key)
		err_set(&err, ERR_CONF, "there is no key %s", keys->word);
	else if (key->secret && !keys->secret)
		err_set(&err, ERR_CONF, "the secret part of %s is here, too, and would be lost: "
			"--secret removes both", key->fingerprint);
	else
		status = pgp_delete(keys->pgp, key->fingerprint, keys->secret, &err) < 0;
	if (status)
		(void)problem(&err);
	else
		printf("%s is forgotten\n", key->fingerprint);
	key_index_free(index);
	return status;
}

/* --- the GnuPG home, as the account that uses it --- */

static int make_home(const char *home, const struct child_account *account, struct err *err)
{
	if (mkdir(home, 0700) < 0)
		return errno == EEXIST ? 0 :
		       err_errno(err, ERR_CONF, errno, "making the GnuPG home %s", home);
	if (account->drop && lchown(home, account->uid, account->gid) < 0)
		return err_errno(err, ERR_CONF, errno, "giving away the GnuPG home %s", home);
	return 0;
}

/* What gpg writes must belong to whom the gateway runs as: root becomes that.
 * Without `make`, a home that nobody named may be missing. */
static int open_home(struct keys *keys, bool make, struct err *err)
{
	const struct gateway_settings *gateway = &keys->conf.settings.gateway;
	struct child_account account;

	if (child_account(gateway->user, &account, err) < 0 ||
	    (make && make_home(gateway->gnupg_home, &account, err) < 0))
		return -1;
	if (child_become(&account) < 0)
		return err_set(err, ERR_CONF, "cannot become %s", gateway->user);
	if (account.drop)
		(void)setenv("HOME", account.home, 1);
	if (!gateway->gnupg_home_named && access(gateway->gnupg_home, F_OK) < 0)
		return 0;
	keys->pgp = pgp_new(gateway->gnupg_home, err);
	return keys->pgp ? 0 : -1;
}

/* --- arguments --- */

enum takes { TAKES_NOTHING = 0, TAKES_JSON = 1, TAKES_SECRET = 2, TAKES_ADDRESS = 4,
	     TAKES_FINGERPRINT = 8, TAKES_FILE = 16, NEEDS_WORD = 32 };

static const struct action {
	const char *name;
	unsigned takes;
	int (*run)(struct keys *keys);
} actions[] = {
	{ "list", TAKES_ADDRESS | TAKES_JSON, list },
	{ "import", TAKES_FILE | TAKES_JSON, import },
	{ "locate", TAKES_ADDRESS | TAKES_JSON | NEEDS_WORD, locate },
	{ "forget", TAKES_FINGERPRINT | TAKES_SECRET | NEEDS_WORD, forget },
};

static const struct action *action_named(const char *name)
{
	for (size_t i = 0; name && i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(name, actions[i].name) == 0)
			return &actions[i];
	return NULL;
}

static bool fingerprint(const char *text)
{
	size_t len = strspn(text, "0123456789ABCDEFabcdef");

	return !text[len] && (len == 40 || len == 64);
}

/* 0, or the exit status 2. */
static int check_word(const struct keys *keys, const struct action *action)
{
	if (!keys->word)
		return action->takes & NEEDS_WORD ? cmd_usage(usage) : 0;
	if (action->takes & TAKES_ADDRESS && !address_valid(span_str(keys->word), true)) {
		fprintf(stderr, "letterlock: %s is no address\n", keys->word);
		return 2;
	}
	if (action->takes & TAKES_FINGERPRINT && !fingerprint(keys->word)) {
		fprintf(stderr, "letterlock: %s is no fingerprint: 40 hexadecimal digits, "
			"as keys list shows them\n", keys->word);
		return 2;
	}
	return 0;
}

static int run(struct keys *keys, const struct action *action)
{
	bool import_it = action->takes & TAKES_FILE;
	struct err err = { 0 };
	int status;

	if (cmd_load_conf(keys->conf_path, &keys->conf) < 0)
		return 1;
	/* before privileges are dropped: who calls may read it */
	if (import_it && keys->word && strcmp(keys->word, "-") != 0)
		keys->in = open(keys->word, O_RDONLY | O_CLOEXEC);
	if (keys->in < 0)
		status = err_errno(&err, ERR_CONF, errno, "%s", keys->word);
	else
		status = open_home(keys, import_it, &err);
	status = status < 0 ? problem(&err) : action->run(keys);
	pgp_free(keys->pgp);
	conf_free(&keys->conf);
	return status;
}

int cmd_keys(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "secret", no_argument, NULL, 's' },
		{ 0 },
	};
	struct keys keys = { .in = STDIN_FILENO };
	const struct action *action;
	int option, status;

	/* options may stand before words and behind them */
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd_help(usage);
		if (option == 'c')
			keys.conf_path = optarg;
		else if (option == 'j')
			keys.json = true;
		else if (option == 's')
			keys.secret = true;
		else
			return cmd_usage(usage);
	}
	action = action_named(optind < argc ? argv[optind] : NULL);
	if (!action || argc - optind > 2 || (keys.json && !(action->takes & TAKES_JSON)) ||
	    (keys.secret && !(action->takes & TAKES_SECRET)))
		return cmd_usage(usage);
	keys.word = argv[optind + 1];
	status = check_word(&keys, action);
	return status ? status : run(&keys, action);
}
