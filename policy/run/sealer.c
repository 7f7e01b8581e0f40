#include "policy/run/sealer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/log.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "policy/crypto/pgp.h"
#include "policy/job/reading.h"
#include "policy/job/seal.h"
#include "policy/job/store.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/inherited.h"
#include "policy/run/memory_file.h"
#include "policy/run/orders.h"
#include "policy/store/views.h"

enum {
	CPU_SECONDS = 180,	/* of this process, for one message */
	DESCRIPTORS = 256,	/* the more, the slower each fork for gpg */
};

static const uint64_t ADDRESS_SPACE = 4ULL * 1024 * 1024 * 1024;

struct sealer {
	struct log log;
	struct conf conf;
	struct pgp *pgp;		/* NULL: there is no home yet */
	struct key_index *keys;		/* for the next message */
	struct key_index *all;		/* of the home, for stored mail */
	uint64_t all_read;		/* which state of the home they are of */
	char home[READING_HOME_SIZE];	/* the same for what is kept */
	uint64_t keys_read;		/* the state that gpg's own keys are of */
	struct views *views;		/* NULL: not opened yet, or no home */
	bool careful;			/* with the next message */
	struct buf in;
};

/* Nothing that a message makes us do may eat the machine. */
static void limit(void)
{
	const struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };
	const struct rlimit space = { ADDRESS_SPACE, ADDRESS_SPACE };

	(void)setrlimit(RLIMIT_NOFILE, &descriptors);
#if !defined(__SANITIZE_ADDRESS__)	/* which maps terabytes */
	(void)setrlimit(RLIMIT_AS, &space);
#else
	(void)space;
#endif
}

/* From now, CPU_SECONDS for this message; then SIGXCPU ends us. */
static void limit_time(void)
{
	struct rusage used;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &used) < 0 || getrlimit(RLIMIT_CPU, &limit) < 0)
		return;
	limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
			 CPU_SECONDS;
	(void)setrlimit(RLIMIT_CPU, &limit);
}

static bool home_missing(const struct sealer *sealer)
{
	const struct gateway_settings *gateway = &sealer->conf.settings.gateway;
	struct stat status;

	return !gateway->gnupg_home_named && stat(gateway->gnupg_home, &status) < 0 &&
	       errno == ENOENT;
}

/* Opens the home if that was not done. 0 also when there is none and nobody
 * said that there is one: then sealer->pgp stays NULL. */
static int open_home(struct sealer *sealer, struct err *err)
{
	if (sealer->pgp || home_missing(sealer))
		return 0;
	sealer->pgp = pgp_new(sealer->conf.settings.gateway.gnupg_home, err);
	return sealer->pgp ? 0 : -1;
}

static void send_all(struct span message, int passed)
{
	struct err err = { 0 };

	/* the engine reads it: it takes what it is owed at once */
	if (channel_send(ORDERS_CHANNEL, message, passed, &err) != CHANNEL_DONE)
		_exit(1);
}

static int list_keys(struct sealer *sealer, struct err *err)
{
	struct key_index *index;
	struct buf wire;
	int fd = -1;

	if (open_home(sealer, err) < 0)
		return -1;
	if (sealer->pgp)
		pgp_forget_keys(sealer->pgp);
	index = sealer->pgp ? pgp_list(sealer->pgp, err) : key_index_new();
	if (!index)
		return -1;
	buf_init(&wire, SEALER_INDEX_MAX);
	if (key_index_encode(index, &wire) < 0)
		err_set(err, ERR_CONF, "there are too many keys");
	else
		fd = memory_file_new(buf_span(&wire), err);
	buf_free(&wire);
	key_index_free(index);
	return fd;
}

static void list(struct sealer *sealer)
{
	struct err err = { 0 };
	int fd = list_keys(sealer, &err);
	const char word = fd >= 0 ? SEALER_INDEX : SEALER_FAILED;
	struct buf message;

	buf_init(&message, sizeof(err.text) + 1);
	(void)buf_put(&message, span_of(&word, 1));
	if (fd < 0)
		(void)buf_puts(&message, err.text);
	send_all(buf_span(&message), fd);
	buf_free(&message);
	if (fd >= 0)
		close(fd);
}

static struct key_index *read_keys(struct sealer *sealer, int fd)
{
	struct key_index *keys = NULL;
	struct err err = { 0 };
	struct buf wire;

	buf_init(&wire, SEALER_INDEX_MAX);
	if (memory_file_read(fd, &wire, &err) == 0)
		keys = key_index_decode(buf_span(&wire), &err);
	buf_free(&wire);
	if (!keys) {
		log_error(&sealer->log, "keys not read", "reason=\"%s\"", err.text);
		_exit(1);
	}
	return keys;
}

/* Those of one message, or all of the home, which are kept while they hold. */
static void take_keys(struct sealer *sealer, bool whole, int fd, uint64_t when)
{
	if (!whole) {
		key_index_free(sealer->keys);
		sealer->keys = read_keys(sealer, fd);
	} else if (!sealer->all || sealer->all_read != when) {
		key_index_free(sealer->all);
		sealer->all = read_keys(sealer, fd);
		sealer->all_read = when;
		reading_home(sealer->all, sealer->home);
	}
	if (sealer->pgp && when != sealer->keys_read)
		pgp_forget_keys(sealer->pgp);
	sealer->keys_read = when;
}

/* Beside the secret keys: whoever has these needs no views. */
static int open_views(struct sealer *sealer, struct err *err)
{
	const struct gateway_settings *gateway = &sealer->conf.settings.gateway;
	char *key;

	if (sealer->views || home_missing(sealer))
		return 0;
	key = mem_printf("%s/%s", gateway->gnupg_home, VIEWS_KEY_FILE);
	sealer->views = views_open(gateway->state, key, err);
	free(key);
	return sealer->views ? 0 : -1;
}

/* For rules that ask what a message answers. */
static int opened(void *owner, const char *login, const struct strs *ids, struct err *err)
{
	struct sealer *sealer = owner;
	int found = open_views(sealer, err);

	if (found == 0 && sealer->views)
		found = views_answers(sealer->views, login, ids, err);
	if (found < 0)
		log_error(&sealer->log, "answered message not looked for",
			  "reason=\"%s\" login=%s", err->text, login);
	return found;
}

static void seal_it(struct sealer *sealer, const struct ask *ask, int in, int out,
		    struct answer *answer, struct err *err)
{
	struct seal_parts parts = {
		.conf = &sealer->conf, .keys = sealer->keys, .pgp = sealer->pgp,
		.now = time(NULL), .opened = opened, .owner = sealer,
	};

	if (ask->kind == ASK_SEAL)
		seal(&parts, ask, in, out, answer, err);
	else
		store(&parts, ask, in, out, answer, err);
}

static int read_it(struct sealer *sealer, const struct ask *ask, int in, int out,
		   struct answer *answer, struct err *err)
{
	struct reading_parts parts = {
		.conf = &sealer->conf, .keys = sealer->all, .home = sealer->home,
		.pgp = sealer->pgp, .careful = sealer->careful,
	};

	if (open_views(sealer, err) < 0)
		return -1;
	parts.views = sealer->views;
	reading_answer(&parts, ask, in, out, answer, err);
	return 0;
}

/* The answer's own file, which it goes with. */
static int make_answer(struct sealer *sealer, const struct ask *ask, int in,
		       int out, struct answer *answer, struct err *err)
{
	if (open_home(sealer, err) < 0)
		return err_while(err, "opening the GnuPG home");
	if (ask->kind == ASK_SEAL || ask->kind == ASK_STORE)
		seal_it(sealer, ask, in, out, answer, err);
	else if (read_it(sealer, ask, in, out, answer, err) < 0)
		return -1;
	if (err->kind != ERR_NONE)
		log_error(&sealer->log, "message not treated as it should be",
			  "reason=\"%s\" login=%s", err->text,
			  ask->envelope.login ? ask->envelope.login : "-");
	return memory_file_seal(out, err);
}

/* Whether there is something to read in the file. */
static bool has_file(const struct answer *answer)
{
	return answer->kind == ANSWER_SEALED || answer->kind == ANSWER_SHAPES ||
	       answer->kind == ANSWER_VIEW || answer->kind == ANSWER_FOUND;
}

static void answer_ask(struct sealer *sealer, const struct ask *ask, int in)
{
	int out = memfd_create("copies", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct answer answer = { .id = ask->id };
	struct err err = { 0 };
	struct buf wire;

	limit_time();
	buf_init(&wire, CHANNEL_MAX);
	if (out < 0 || make_answer(sealer, ask, in, out, &answer, &err) < 0 ||
	    answer_encode(&answer, &wire) < 0) {
		log_error(&sealer->log, "question not answered", "reason=\"%s\"", err.text);
		answer_free(&answer);
		answer = (struct answer){ .id = ask->id, .kind = ANSWER_REFUSED };
		reply_set(&answer.reply, 451, "4.3.0",
			  ask->kind == ASK_SEAL || ask->kind == ASK_STORE
				  ? "the message could not be protected now: try again"
				  : "stored mail cannot be opened now: try again");
		buf_clear(&wire);
		(void)answer_encode(&answer, &wire);
	}
	send_all(buf_span(&wire), has_file(&answer) ? out : -1);
	buf_free(&wire);
	answer_free(&answer);
	if (out >= 0)
		close(out);
}

/* Whoever gets at this process later finds no message in it. */
static void forget(struct sealer *sealer)
{
	struct span order = buf_span(&sealer->in);

	secret_erase((char *)order.at, order.len);
	buf_clear(&sealer->in);
	child_forget_stack();
}

static bool has_what_it_needs(const struct sealer *sealer, const struct ask *ask, int passed)
{
	if (ask->kind == ASK_SEAL || ask->kind == ASK_STORE)
		return sealer->keys && passed >= 0;
	return sealer->all && (ask->kind != ASK_OPEN || passed >= 0);
}

static void take_message(struct sealer *sealer, int passed)
{
	struct span wire = buf_span(&sealer->in);
	struct err err = { 0 };
	struct ask ask = { 0 };
	uint64_t when;

	if (wire.len == 1 && wire.at[0] == SEALER_LIST) {
		list(sealer);
		return;
	}
	if (wire.len == 1 && wire.at[0] == SEALER_CAREFUL) {
		sealer->careful = true;
		return;
	}
	if (wire.len == SEALER_KEYS_SIZE && passed >= 0 &&
	    (wire.at[0] == SEALER_KEYS || wire.at[0] == SEALER_HOME)) {
		memcpy(&when, wire.at + 1, sizeof(when));
		take_keys(sealer, wire.at[0] == SEALER_HOME, passed, when);
		return;
	}
	if (ask_decode(wire, &ask, &err) < 0 || !has_what_it_needs(sealer, &ask, passed)) {
		log_error(&sealer->log, "engine talked nonsense", "reason=\"%s\"", err.text);
		_exit(1);
	}
	answer_ask(sealer, &ask, passed);
	sealer->careful = false;
	ask_free(&ask);
}

/* Until the engine has gone. */
static void serve(struct sealer *sealer)
{
	struct pollfd channel = { .fd = ORDERS_CHANNEL, .events = POLLIN };
	struct err err = { 0 };
	int passed;

	for (;;) {
		switch (channel_receive(ORDERS_CHANNEL, &sealer->in, &passed, &err)) {
		case CHANNEL_DONE:
			take_message(sealer, passed);
			if (passed >= 0)
				close(passed);
			forget(sealer);
			break;
		case CHANNEL_AGAIN:
			(void)poll(&channel, 1, -1);
			break;
		case CHANNEL_CLOSED:
		case CHANNEL_FAILED:
			return;
		}
	}
}

int sealer_main(int argc, char **argv)
{
	struct sealer sealer = { .log = { .least = LOG_LEVEL_INFO } };
	struct err err = { 0 };

	child_harden();
	child_spare_memory();
	child_forget_environment();	/* gpg ends after each message */
	/* nobody reads its words: 26 files of a locale are opened for them else */
	(void)setenv("LC_ALL", "C", 1);
	limit();
	/* gpg inherits nothing of ours */
	(void)fcntl(ORDERS_CHANNEL, F_SETFD, FD_CLOEXEC);
	if (argc != 2) {
		fputs("letterlock: @sealer is started by letterlock serve\n", stderr);
		return 2;
	}
	if (inherited_conf(argv[1], &sealer.conf, &err) < 0) {
		log_error(&sealer.log, "sealer not started", "reason=\"%s\"", err.text);
		return 1;
	}
	buf_init(&sealer.in, CHANNEL_MAX);
	serve(&sealer);
	key_index_free(sealer.keys);
	key_index_free(sealer.all);
	views_close(sealer.views);
	pgp_free(sealer.pgp);
	conf_free(&sealer.conf);
	buf_free(&sealer.in);
	return 0;
}
