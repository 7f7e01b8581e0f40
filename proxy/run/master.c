#include "proxy/run/master.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include <letterlock/log.h>
#include <letterlock/mem.h>

#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/cmd.h"
#include "policy/run/access_check.h"
#include "policy/run/conf_check.h"
#include "policy/run/reactor.h"
#include "policy/run/snapshot.h"
#include "proxy/run/generation.h"
#include "proxy/run/notify.h"
#include "proxy/run/orphans.h"
#include "proxy/run/slots.h"
#include "proxy/run/sockets.h"
#include "proxy/run/states.h"

static const char usage[] = "letterlock serve [-c FILE]";

enum {
	STRAYS_AFTER = 200,	/* ms behind a child's death */
	RETIRED_MAX = 4,	/* earlier generations whose sessions go on */
};

struct entry {
	TAILQ_ENTRY(entry) entry;
	struct generation *generation;
	bool over;
};

struct master {
	const char *path;
	struct log log;
	struct reactor *reactor;
	struct reactor_timer *sweep;	/* takes away what is over */
	struct reactor_timer *strays;
	struct sockets *sockets;
	struct slots *slots;
	struct states *states;
	TAILQ_HEAD(entries, entry) all;
	struct entry *current;		/* which takes connections */
	struct entry *starting;		/* which will be; NULL: none */
	struct entry *closing;		/* which may take some still; NULL: none */
	bool again;			/* read once more when that is over */
	bool stopping;
	int status;
};

static void print_problems(const struct problems *problems)
{
	for (size_t i = 0; i < problems->list.n; i++)
		fprintf(stderr, "%s\n", problems->list.at[i]);
}

static void on_sweep(void *owner)
{
	struct master *master = owner;
	struct entry *entry, *next;

	for (entry = TAILQ_FIRST(&master->all); entry; entry = next) {
		next = TAILQ_NEXT(entry, entry);
		if (!entry->over)
			continue;
		TAILQ_REMOVE(&master->all, entry, entry);
		generation_free(entry->generation);
		free(entry);
	}
	if (master->stopping && TAILQ_EMPTY(&master->all))
		reactor_stop(master->reactor);
}

/* Takes it away once nothing of it is running on the stack. */
static void forget(struct master *master, struct entry *entry)
{
	entry->over = true;
	if (master->current == entry)
		master->current = NULL;
	if (master->starting == entry)
		master->starting = NULL;
	reactor_timer_start(master->sweep, 0);
}

static struct entry *entry_of(struct master *master,
			      const struct generation *generation)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, &master->all, entry)
		if (entry->generation == generation)
			return entry;
	return NULL;
}

/* Its sessions go on; but not those of too many earlier reloads. */
static void retire(struct master *master, struct entry *old)
{
	struct entry *entry;
	unsigned later = 0;

	TAILQ_FOREACH_REVERSE(entry, &master->all, entries, entry)
		if (entry != master->current && ++later > RETIRED_MAX)
			generation_drain(entry->generation);
	master->closing = old;
	generation_retire(old->generation);
}

static void reload(struct master *master);

static void on_ready(void *owner, struct generation *generation)
{
	struct master *master = owner;
	struct entry *entry = entry_of(master, generation), *old = master->current;

	if (entry->over)
		return;		/* a SIGHUP of this very turn has put another in its place */
	master->current = entry;
	master->starting = NULL;
	generation_open(generation);
	if (old) {
		retire(master, old);	/* on_closed() goes on */
		return;
	}
	notify("READY=1");
	fputs("letterlock: ready\n", stderr);
	if (master->again)
		reload(master);
}

/* From now, all that connect find the new configuration. */
static void on_closed(void *owner, struct generation *generation)
{
	struct master *master = owner;

	(void)generation;
	master->closing = NULL;
	log_info(&master->log, "configuration reloaded", "file=%s", master->path);
	if (master->stopping)
		return;
	notify("READY=1");
	if (master->again)
		reload(master);
}

static void on_failed(void *owner, struct generation *generation, const char *why)
{
	struct master *master = owner;
	struct entry *entry = entry_of(master, generation);

	if (entry->over)
		return;
	fprintf(stderr, "%s: %s\n", master->path, why);
	forget(master, entry);
	if (master->current) {
		log_error(&master->log, "configuration not reloaded",
			  "file=%s reason=\"the old one stays\"", master->path);
		notify("READY=1");
		return;
	}
	master->status = 1;
	master->stopping = true;
}

static void on_over(void *owner, struct generation *generation)
{
	forget(owner, entry_of(owner, generation));
}

/* Starts a generation on what was read. */
static int start(struct master *master, const struct snapshot *snapshot,
		 const struct conf *conf, struct problems *problems)
{
	struct generation_setup setup = {
		.reactor = master->reactor, .log = &master->log,
		.sockets = master->sockets, .slots = master->slots,
		.states = master->states, .path = master->path, .snapshot = snapshot, .conf = conf,
		.ready = on_ready, .failed = on_failed,
		.closed = on_closed, .over = on_over, .owner = master,
	};
	struct generation *generation;
	struct err err = { 0 };
	struct entry *entry;

	generation = generation_new(&setup, &err);
	if (!generation) {
		problem_add(problems, conf->shown, 0, "%s", err.text);
		return -1;
	}
	slots_limit(master->slots, conf->settings.gateway.spool_memory);
	entry = mem_new(sizeof(*entry));
	entry->generation = generation;
	TAILQ_INSERT_TAIL(&master->all, entry, entry);
	master->starting = entry;
	return 0;
}

/* What others could change or get at is told, but ends nothing that runs:
 * `check` is where it is a problem. */
static void warn(const struct master *master, const struct snapshot *snapshot,
		 const struct conf *conf, struct problems *read)
{
	struct problems problems = { 0 };

	conf_check_root(conf, read);
	for (size_t i = 0; i < read->warnings.n; i++)
		log_warning(&master->log, "configuration is odd", "problem=\"%s\"",
			    read->warnings.at[i]);
	access_check(conf, snapshot, &problems);
	for (size_t i = 0; i < problems.list.n; i++)
		log_warning(&master->log, "others could get access", "problem=\"%s\"",
			    problems.list.at[i]);
	problem_free(&problems);
}

/* Reads everything and starts on it. -1 when there were problems, which stand
 * on standard error. */
static int read_and_start(struct master *master)
{
	struct snapshot *snapshot = snapshot_new();
	struct source source = snapshot_source(snapshot);
	struct problems problems = { 0 };
	struct conf conf = { 0 };
	int result;

	conf_read(&source, master->path, &conf, &problems);
	conf_check(&conf, &problems);
	if (problems.list.n == 0) {
		warn(master, snapshot, &conf, &problems);
		start(master, snapshot, &conf, &problems);
	}
	print_problems(&problems);
	conf_free(&conf);
	snapshot_free(snapshot);
	result = problems.list.n == 0 ? 0 : -1;
	problem_free(&problems);
	return result;
}

static void reload(struct master *master)
{
	master->again = !master->current || master->closing;
	if (master->stopping || master->again)
		return;
	notify_reloading();
	if (master->starting)
		forget(master, master->starting);	/* nobody needs it any more */
	if (read_and_start(master) == 0)
		return;
	log_error(&master->log, "configuration not reloaded",
		  "file=%s reason=\"the old one stays\"", master->path);
	notify("READY=1");
}

/* Lets all finish; asked a second time, ends them. */
static void stop(struct master *master)
{
	struct entry *entry;

	notify("STOPPING=1");
	TAILQ_FOREACH(entry, &master->all, entry)
		if (master->stopping || entry == master->starting)
			generation_kill(entry->generation);
		else
			generation_drain(entry->generation);
	master->stopping = true;
	reactor_timer_start(master->sweep, 0);
}

static void reap(struct master *master)
{
	struct entry *entry;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		TAILQ_FOREACH(entry, &master->all, entry)
			if (generation_ended(entry->generation, pid, status)) {
				reactor_timer_start(master->strays, STRAYS_AFTER);
				break;
			}
}

static bool is_member(void *owner, pid_t pid)
{
	struct master *master = owner;
	struct entry *entry;

	TAILQ_FOREACH(entry, &master->all, entry)
		if (generation_has(entry->generation, pid))
			return true;
	return false;
}

static void on_strays(void *owner)
{
	orphans_kill_strays(is_member, owner);
}

static void on_signal(void *owner, int number)
{
	struct master *master = owner;

	switch (number) {
	case SIGCHLD:
		reap(master);
		break;
	case SIGHUP:
		reload(master);
		break;
	default:
		stop(master);
		break;
	}
}

static int set_up(struct master *master)
{
	static const int signals[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM };
	struct err err = { 0 };

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);	/* ignored, children would end unseen */
	TAILQ_INIT(&master->all);
	/* the first configuration says how much it is */
	master->slots = slots_new(0, &err);
	if (!master->slots) {
		fprintf(stderr, "letterlock: %s\n", err.text);
		return -1;
	}
	master->reactor = reactor_new();
	master->sockets = sockets_new();
	master->states = states_new();
	master->sweep = reactor_timer_new(master->reactor, on_sweep, master);
	master->strays = reactor_timer_new(master->reactor, on_strays, master);
	orphans_adopt();
	reactor_signals(master->reactor, signals, sizeof(signals) / sizeof(*signals),
			on_signal, master);
	return 0;
}

static void tear_down(struct master *master)
{
	orphans_end();
	reactor_timer_free(master->sweep);
	reactor_timer_free(master->strays);
	sockets_free(master->sockets);
	states_free(master->states);
	slots_free(master->slots);
	reactor_free(master->reactor);
}

static int serve(const char *path)
{
	struct master master = { .path = path,
				 .log = { .least = LOG_LEVEL_INFO } };

	child_harden();
	if (set_up(&master) < 0)
		return 1;
	if (read_and_start(&master) == 0)
		reactor_run(master.reactor);
	else
		master.status = 1;
	tear_down(&master);
	return master.status;
}

int master_serve(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	char *path = NULL, *default_path;
	int option, status;

	while ((option = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd_help(usage);
		if (option != 'c')
			return cmd_usage(usage);
		path = optarg;
	}
	if (optind < argc)
		return cmd_usage(usage);
	default_path = path ? NULL : cmd_default_conf();
	status = serve(path ? path : default_path);
	free(default_path);
	return status;
}
