#include "policy/run/policy_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/log.h>
#include <letterlock/mem.h>

#include "policy/job/seal.h"
#include "policy/store/journal.h"
#include "policy/keys/gnupg_home.h"
#include "policy/run/child.h"
#include "policy/run/engine.h"
#include "policy/run/engine_journal.h"
#include "policy/run/engine_messages.h"
#include "policy/run/inherited.h"
#include "policy/run/journal_writer.h"
#include "policy/run/key_watch.h"
#include "policy/run/late_answers.h"
#include "policy/run/orders.h"
#include "policy/run/reactor.h"
#include "policy/run/sealers.h"
#include "policy/run/views_check.h"
#include "policy/run/worker_link.h"

/* Descriptors for all but messages: links, sealers, state. */
enum { OTHER_FDS = 800 };

/* ms */
enum {
	LOOK = 1000,			/* between two looks at what waits */
	MESSAGE_WAIT = 60 * 1000,	/* that a sealer may take for a message ... */
	MIB_WAIT = 1000,		/* ... and for each MiB of it */
	LIST_WAIT = 120 * 1000,		/* and for all keys */
};

/* --- questions --- */

static void on_asked(void *owner, struct worker_link *link, struct ask *ask,
		     struct span wire, int passed)
{
	struct engine *engine = owner;
	struct seal_parts parts = { .conf = &engine->conf,
				    .keys = key_watch_index(engine->keys),
				    .now = time(NULL) };
	struct answer words = { .id = ask->id };
	uint64_t id = worker_link_id(link);

	switch (ask->kind) {
	case ASK_SENDER:
		seal_sender(&parts, ask, &words);
		break;
	case ASK_RCPT:
		seal_recipient(&parts, ask, &words);
		break;
	case ASK_SEAL:
	case ASK_STORE:
	case ASK_SHAPES:
	case ASK_VIEW:
	case ASK_OPEN:
	case ASK_CLEAR:
	case ASK_GONE:
	case ASK_DELETED:
	case ASK_FIND:
		engine_messages_queue(engine, id, ask, wire, passed);
		return;
	case ASK_ACCEPTED:
	case ASK_COMPLETE:
		engine_journal_change(engine, id, ask);
		break;
	}
	if (words.kind)
		engine_answer(engine, id, &words, -1);
	answer_free(&words);
	ask_free(ask);
	if (passed >= 0)
		close(passed);
}

/* --- workers come and go --- */

static void on_gone(void *owner, struct worker_link *link)
{
	struct engine *engine = owner;
	struct engine_link *linked;

	seal_queue_forget(&engine->queue, worker_link_id(link));
	TAILQ_FOREACH(linked, &engine->links, entry)
		if (linked->link == link)
			linked->gone = true;
}

static void free_links(struct engine *engine, bool all)
{
	struct engine_link *linked, *next;

	for (linked = TAILQ_FIRST(&engine->links); linked; linked = next) {
		next = TAILQ_NEXT(linked, entry);
		if (!all && !linked->gone)
			continue;
		TAILQ_REMOVE(&engine->links, linked, entry);
		worker_link_free(linked->link);
		free(linked);
	}
}

static void on_look(void *owner)
{
	struct engine *engine = owner;

	free_links(engine, false);
	engine_messages_expire(engine);
	reactor_timer_start(engine->look, LOOK);
}

static void add_link(struct engine *engine, int fd)
{
	struct worker_link_setup setup = {
		.reactor = engine->reactor, .log = &engine->log, .fd = fd,
		.id = engine->next_link++, .asked = on_asked, .gone = on_gone,
		.owner = engine,
	};
	struct engine_link *linked = mem_new(sizeof(*linked));

	linked->link = worker_link_new(&setup);
	TAILQ_INSERT_TAIL(&engine->links, linked, entry);
	if (key_watch_index(engine->keys))
		worker_link_read(linked->link);
}

/* --- keys --- */

static void on_list(void *owner)
{
	sealers_list(((struct engine *)owner)->sealers);
}

static void on_listed(void *owner, int fd, const char *why)
{
	key_watch_listed(((struct engine *)owner)->keys, fd, why);
}

static void cannot(const char *why)
{
	struct err err = { 0 };

	(void)orders_send(ORDERS_CHANNEL, ORDERS_CANNOT, 0, why, -1, &err);
	_exit(1);
}

static void on_keys(void *owner)
{
	struct engine *engine = owner;
	struct engine_link *linked;
	struct err err = { 0 };

	TAILQ_FOREACH(linked, &engine->links, entry)
		worker_link_read(linked->link);
	if (orders_send(ORDERS_CHANNEL, ORDERS_READY, 0, NULL, -1, &err) < 0)
		_exit(1);
}

static void on_no_keys(void *owner, const char *why)
{
	(void)owner;
	cannot(why);
}

static void on_due(void *owner, uint64_t link, const struct answer *words, int passed)
{
	engine_answer(owner, link, words, passed);
}

/* --- start and end --- */

static void on_orders(void *owner, bool readable, bool writable)
{
	struct engine *engine = owner;
	struct orders orders;
	struct err err = { 0 };
	int passed;

	(void)readable;
	(void)writable;
	switch (orders_receive(ORDERS_CHANNEL, &orders, &passed, &err)) {
	case CHANNEL_DONE:
		break;
	case CHANNEL_AGAIN:
		return;
	case CHANNEL_CLOSED:
	case CHANNEL_FAILED:
		_exit(1);	/* there is no master; sealers end with us */
	}
	if (orders.kind == ORDERS_LINK && passed >= 0) {
		add_link(engine, passed);
		return;
	}
	if (orders.kind == ORDERS_DRAIN)
		reactor_stop(engine->reactor);
	if (passed >= 0)
		close(passed);
}

static void on_signal(void *owner, int number)
{
	(void)number;
	sealers_reap(((struct engine *)owner)->sealers);
}

static void start_sealers(struct engine *engine, const char *path)
{
	const struct gateway_settings *gateway = &engine->conf.settings.gateway;
	struct sealers_setup sealers = {
		.reactor = engine->reactor, .log = &engine->log,
		.n = gateway->workers, .path = path, .snapshot = ORDERS_SNAPSHOT,
		.message_wait = MESSAGE_WAIT, .mib_wait = MIB_WAIT,
		.list_wait = LIST_WAIT,
		.idle = engine_messages_idle,
		.sealed = engine_messages_sealed, .listed = on_listed,
		.owner = engine,
	};
	struct key_watch_setup keys = {
		.reactor = engine->reactor, .log = &engine->log,
		.home = gateway->gnupg_home, .list = on_list, .ready = on_keys,
		.failed = on_no_keys, .owner = engine,
	};

	engine->sealers = sealers_new(&sealers);
	engine->keys = key_watch_new(&keys);
}

/* How many messages may wait: each is a descriptor. */
static unsigned count_messages(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	limit.rlim_cur = SEAL_QUEUE_MAX + OTHER_FDS < limit.rlim_max
				 ? SEAL_QUEUE_MAX + OTHER_FDS
				 : limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur <= OTHER_FDS ? 1 : (unsigned)limit.rlim_cur - OTHER_FDS;
}

/* A home with options of somebody else's works, but not as fast, or tells the
 * network who gets mail: said, and that is all. */
static void note_missing_options(const struct engine *engine, const char *home)
{
	struct problems problems = { 0 };
	struct strs missing = { 0 };

	gnupg_home_check(home, &problems, &missing);
	for (size_t i = 0; i < missing.n; i++)
		log_warning(&engine->log, "option missing in gpg.conf", "home=%s option=%s", home,
			    missing.at[i]);
	problem_free(&problems);
	strs_free(&missing);
}

/* Gives the GnuPG home what it needs, before a sealer looks into it. */
static int prepare_home(struct engine *engine, struct err *err)
{
	const struct gateway_settings *gateway = &engine->conf.settings.gateway;

	if (!gateway->gnupg_home_named && access(gateway->gnupg_home, F_OK) < 0)
		return 0;	/* there is none, and nobody said so */
	if (gnupg_home_prepare(gateway->gnupg_home, false, err) < 0)
		return -1;
	note_missing_options(engine, gateway->gnupg_home);
	return 0;
}

static int set_up(struct engine *engine, const char *path, struct err *err)
{
	static const int signals[] = { SIGCHLD };
	const char *state;

	engine->log.least = LOG_LEVEL_INFO;
	TAILQ_INIT(&engine->links);
	seal_queue_init(&engine->queue, count_messages());
	if (inherited_conf(path, &engine->conf, err) < 0)
		return -1;
	/* what is wrong with the views or their key is said now, not to readers */
	if (prepare_home(engine, err) < 0 || views_check_open(&engine->conf.settings, err) < 0)
		return -1;
	state = engine->conf.settings.gateway.state;
	engine->journal = journal_open(state, err);
	if (!engine->journal)
		return -1;
	engine->writer = journal_writer_new(state, err);
	if (!engine->writer)
		return -1;
	engine->reactor = reactor_new();
	reactor_signals(engine->reactor, signals, 1, on_signal, engine);
	engine->orders = reactor_watch(engine->reactor, ORDERS_CHANNEL, on_orders,
				       engine);
	engine->journal_watch = reactor_watch(engine->reactor,
					      journal_writer_descriptor(engine->writer),
					      engine_journal_done, engine);
	engine->look = reactor_timer_new(engine->reactor, on_look, engine);
	reactor_timer_start(engine->look, LOOK);
	engine->late = late_answers_new(engine->reactor, on_due, engine);
	start_sealers(engine, path);
	return 0;
}

static void tear_down(struct engine *engine)
{
	journal_writer_free(engine->writer);
	sealers_free(engine->sealers);
	key_watch_free(engine->keys);
	seal_queue_free(&engine->queue);
	late_answers_free(engine->late);
	if (engine->home >= 0)
		close(engine->home);
	free_links(engine, true);
	reactor_unwatch(engine->orders);
	reactor_unwatch(engine->journal_watch);
	reactor_timer_free(engine->look);
	reactor_free(engine->reactor);
	journal_close(engine->journal);
	conf_free(&engine->conf);
}

int policy_process_main(int argc, char **argv)
{
	struct engine engine = { .next_link = 1, .home = -1 };
	struct err err = { 0 };

	child_harden();
	child_spare_memory();
	(void)fcntl(ORDERS_CHANNEL, F_SETFD, FD_CLOEXEC);
	(void)fcntl(ORDERS_SNAPSHOT, F_SETFD, FD_CLOEXEC);
	if (argc != 2) {
		fputs("letterlock: @policy is started by letterlock serve\n", stderr);
		return 2;
	}
	if (set_up(&engine, argv[1], &err) < 0)
		cannot(err.text);
	reactor_run(engine.reactor);
	tear_down(&engine);
	return 0;
}
