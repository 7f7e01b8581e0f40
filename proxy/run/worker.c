#include "proxy/run/worker.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include <letterlock/log.h>
#include <letterlock/mem.h>

#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/inherited.h"
#include "policy/run/orders.h"
#include "proxy/net/conn.h"
#include "proxy/net/dial.h"
#include "proxy/net/listener.h"
#include "proxy/net/loop.h"
#include "proxy/net/tls_creds.h"
#include "proxy/run/affinity.h"
#include "proxy/session/imap_session.h"
#include "proxy/session/policy_link.h"
#include "proxy/session/pop3_session.h"
#include "proxy/session/smtp_session.h"
#include "proxy/session/shares.h"
#include "proxy/session/spool.h"

enum {
	/* Descriptors that one session may need: both legs, spool, copies, one
	 * on its way to the engine. */
	SESSION_FDS = 5,
	OTHER_FDS = 64,
	DRAINED_LOOK = 20,	/* ms between two looks whether all is done */
	LAST_WORDS = 300,	/* ms for connections that still close */
};

/* One listener, as sessions need it. */
struct door {
	struct worker *worker;
	const struct listener_settings *settings;
	struct upstream *upstream;	/* of worker->upstreams */
	struct tls_creds *creds;	/* NULL: no TLS */
	struct listener *listener;	/* NULL: takes no connections */
	int fd;				/* -1: closed */
};

struct worker {
	struct log log;
	struct conf conf;
	struct loop *loop;
	struct watch *orders;
	struct policy_link *policy;
	struct spool_budget *budget;
	struct shares *shares;
	struct upstream **upstreams;	/* beside conf.settings.upstreams */
	struct door *doors;		/* beside conf.settings.listeners */
	struct session_list sessions;
	unsigned sessions_max;
	uint64_t next_id;
	struct affinity *affinity;
	struct timer *drained;		/* looks whether all is done */
	uint64_t drain_until;
};

/* --- connections --- */

static const struct session_protocol *const protocols[] = {
	[PROTOCOL_SMTP] = &smtp_session_protocol,
	[PROTOCOL_IMAP] = &imap_session_protocol,
	[PROTOCOL_POP3] = &pop3_session_protocol,
};

static void turn_away(const struct door *door, struct conn *conn)
{
	log_warning(&door->worker->log, "connection turned away",
		    "reason=\"too many sessions\" peer=%s sessions=%u",
		    conn_peer(conn), door->worker->sessions.count);
	if (door->settings->tls == LISTEN_IMPLICIT) {
		conn_abort(conn);	/* in the clear it would be no words */
		return;
	}
	(void)buf_printf(conn_out(conn), "%s\r\n", protocols[door->settings->protocol]->too_many);
	conn_close(conn);
}

static void on_accepted(void *owner, struct conn *conn)
{
	struct door *door = owner;
	struct worker *worker = door->worker;
	struct session_setup setup = {
		.loop = worker->loop, .settings = &worker->conf.settings,
		.listener = door->settings, .upstream = door->upstream,
		.creds = door->creds, .policy = worker->policy,
		.budget = worker->budget, .shares = worker->shares,
		.log = &worker->log, .list = &worker->sessions, .id = worker->next_id++,
	};

	affinity_arrival(worker->affinity);
	if (worker->sessions.count >= worker->sessions_max)
		turn_away(door, conn);
	else
		session_start(conn, &setup, protocols[door->settings->protocol]);
}

static void open_doors(struct worker *worker)
{
	for (size_t i = 0; i < worker->conf.settings.listeners_n; i++) {
		struct door *door = &worker->doors[i];

		if (door->fd >= 0 && !door->listener)
			door->listener = listener_new(worker->loop, door->fd, on_accepted, door);
	}
}

/* --- draining --- */

static void on_drained(void *owner)
{
	struct worker *worker = owner;
	bool late = loop_now(worker->loop) >= worker->drain_until;

	if (!late && (worker->sessions.count > 0 ||
		      policy_link_pending(worker->policy) > 0)) {
		timer_start(worker->drained, DRAINED_LOOK);
		return;
	}
	if (worker->sessions.count > 0)
		log_warning(&worker->log, "sessions cut off",
			    "reason=\"drain-timeout\" sessions=%u",
			    worker->sessions.count);
	loop_stop(worker->loop);
}

static void close_doors(struct worker *worker)
{
	for (size_t i = 0; i < worker->conf.settings.listeners_n; i++) {
		struct door *door = &worker->doors[i];

		listener_free(door->listener);
		door->listener = NULL;
		/* the port stays open as long as anybody holds it */
		if (door->fd >= 0)
			close(door->fd);
		door->fd = -1;
	}
}

/* Sessions go on for as long as their clients like. */
static void retire(struct worker *worker)
{
	struct err err = { 0 };

	close_doors(worker);
	if (orders_send(ORDERS_CHANNEL, ORDERS_CLOSED, 0, NULL, -1, &err) < 0)
		_exit(1);	/* there is no master */
	worker->drain_until = UINT64_MAX;
	timer_start(worker->drained, 0);
}

static void drain(struct worker *worker, uint64_t ms)
{
	close_doors(worker);
	worker->drain_until = loop_now(worker->loop) + ms;
	session_list_drain(&worker->sessions);
	timer_start(worker->drained, 0);
}

/* --- orders --- */

static void on_order(struct worker *worker, const struct orders *orders, int passed)
{
	if (orders->kind == ORDERS_LINK && passed >= 0) {
		policy_link_connect(worker->policy, passed);
		return;
	}
	if (orders->kind == ORDERS_ACCEPT)
		open_doors(worker);
	else if (orders->kind == ORDERS_RETIRE)
		retire(worker);
	else if (orders->kind == ORDERS_DRAIN)
		drain(worker, orders->number);
	if (passed >= 0)
		close(passed);
}

static void on_orders(void *owner, bool readable, bool writable)
{
	struct worker *worker = owner;
	struct orders orders;
	struct err err = { 0 };
	int passed;

	(void)readable;
	(void)writable;
	switch (orders_receive(ORDERS_CHANNEL, &orders, &passed, &err)) {
	case CHANNEL_DONE:
		on_order(worker, &orders, passed);
		break;
	case CHANNEL_AGAIN:
		break;
	case CHANNEL_CLOSED:
	case CHANNEL_FAILED:
		_exit(1);	/* there is no master */
	}
}

/* --- start --- */

/* All descriptors that are allowed, and how many sessions they are for. */
static unsigned count_sessions(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 100;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur > 1024 * 1024)
		limit.rlim_cur = 1024 * 1024;
	return limit.rlim_cur < 2 * OTHER_FDS ? 1
	       : (unsigned)((limit.rlim_cur - OTHER_FDS) / SESSION_FDS);
}

static int make_upstreams(struct worker *worker, struct err *err)
{
	const struct settings *settings = &worker->conf.settings;

	worker->upstreams = mem_new((settings->upstreams_n + 1) *
				    sizeof(struct upstream *));
	for (size_t i = 0; i < settings->upstreams_n; i++) {
		worker->upstreams[i] = upstream_new(&settings->upstreams[i], err);
		if (!worker->upstreams[i])
			return err_while(err, "upstream %s", settings->upstreams[i].name);
	}
	return 0;
}

static int make_doors(struct worker *worker, struct err *err)
{
	const struct settings *settings = &worker->conf.settings;

	worker->doors = mem_new((settings->listeners_n + 1) * sizeof(struct door));
	for (size_t i = 0; i < settings->listeners_n; i++) {
		struct door *door = &worker->doors[i];

		door->worker = worker;
		door->settings = &settings->listeners[i];
		door->upstream = worker->upstreams[door->settings->upstream -
						   settings->upstreams];
		door->fd = ORDERS_LISTENERS + (int)i;
		if (door->settings->tls == LISTEN_NONE)
			continue;
		door->creds = tls_creds_server(door->settings, err);
		if (!door->creds)
			return err_while(err, "listener %s", door->settings->name);
	}
	return 0;
}

/* Ids of sessions differ between workers and starts: what is unlikely to
 * repeat in a log is enough. */
static uint64_t first_id(unsigned slot)
{
	return (uint64_t)time(NULL) << 32 | (uint64_t)(slot & 0x7ff) << 21;
}

static int set_up(struct worker *worker, const char *path, unsigned slot,
		  unsigned number, struct err *err)
{
	worker->sessions_max = count_sessions();
	worker->next_id = first_id(slot);
	if (inherited_conf(path, &worker->conf, err) < 0)
		return -1;
	close(ORDERS_SNAPSHOT);	/* with private keys */
	worker->budget = spool_budget_open(ORDERS_BUDGET, slot, err);
	if (!worker->budget || make_upstreams(worker, err) < 0 ||
	    make_doors(worker, err) < 0)
		return -1;
	worker->shares = shares_new(worker->budget, worker->conf.settings.gateway.spool_memory);
	worker->loop = loop_new();
	worker->affinity = affinity_new(worker->loop, number,
					worker->conf.settings.gateway.workers);
	worker->policy = policy_link_new(worker->loop, &worker->log);
	worker->drained = timer_new(worker->loop, on_drained, worker);
	worker->orders = watch_new(worker->loop, ORDERS_CHANNEL, on_orders, worker);
	watch_want(worker->orders, true, false);
	return 0;
}

static void on_last_words(uv_timer_t *timer)
{
	(void)timer;
	_exit(0);	/* what was said is on its way: the system sends it */
}

/* Lets connections say their last words, but not for long: some clients never
 * close their end. */
static void run_out(struct worker *worker)
{
	uv_timer_t limit;

	uv_timer_init(loop_uv(worker->loop), &limit);
	uv_timer_start(&limit, on_last_words, LAST_WORDS, 0);
	uv_unref((uv_handle_t *)&limit);
	loop_run(worker->loop);
	uv_close((uv_handle_t *)&limit, NULL);
	loop_run(worker->loop);
}

static void tear_down(struct worker *worker)
{
	watch_free(worker->orders);
	timer_free(worker->drained);
	affinity_free(worker->affinity);
	policy_link_free(worker->policy);
	run_out(worker);
	loop_free(worker->loop);
	for (size_t i = 0; i < worker->conf.settings.listeners_n; i++)
		tls_creds_free(worker->doors[i].creds);
	for (size_t i = 0; i < worker->conf.settings.upstreams_n; i++)
		upstream_free(worker->upstreams[i]);
	free(worker->doors);
	free(worker->upstreams);
	shares_free(worker->shares);
	spool_budget_close(worker->budget);
	conf_free(&worker->conf);
}

int worker_main(int argc, char **argv)
{
	struct worker worker = { .log = { .least = LOG_LEVEL_INFO } };
	struct err err = { 0 };
	unsigned long long slot = 0, number = 0;

	child_harden();
	child_spare_memory();
	child_wake_politely();
	if (argc != 4 || !span_number(span_str(argv[2]), &slot) ||
	    !span_number(span_str(argv[3]), &number)) {
		fputs("letterlock: @worker is started by letterlock serve\n", stderr);
		return 2;
	}
	if (set_up(&worker, argv[1], (unsigned)slot, (unsigned)number, &err) < 0) {
		(void)orders_send(ORDERS_CHANNEL, ORDERS_CANNOT, 0, err.text, -1, &err);
		return 1;
	}
	if (orders_send(ORDERS_CHANNEL, ORDERS_READY, 0, NULL, -1, &err) < 0)
		return 1;
	loop_run(worker.loop);
	if (worker.sessions.count > 0)
		_exit(0);	/* they are cut off as they are */
	tear_down(&worker);
	return 0;
}
