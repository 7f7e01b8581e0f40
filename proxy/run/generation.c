#include "proxy/run/generation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <letterlock/channel.h>
#include <letterlock/mem.h>

#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/reactor.h"
#include "policy/run/snapshot.h"
#include "proxy/run/member.h"
#include "proxy/run/slots.h"
#include "proxy/run/sockets.h"
#include "proxy/run/states.h"

enum {
	/* ms beyond drain-timeout for a worker, and for the engine to end */
	DRAIN_GRACE = 2000,
	ENGINE_WAIT = 5000,
};

enum stage { STARTING, RUNNING, RETIRING, DRAINING_WORKERS, DRAINING_ENGINE, OVER };

struct worker {
	struct member *member;
	int slot;
	bool closed;			/* said that it accepts no more */
};

struct generation {
	struct generation_setup setup;
	enum stage stage;
	struct child_account account, network;	/* of the engine, of workers */
	uint64_t drain_timeout;
	int with_keys, without_keys;	/* snapshots */
	int *listeners;			/* borrowed of setup.sockets; NULL: given */
	size_t listeners_n;
	struct states_file *state;	/* held till all have gone */
	struct member *engine;
	struct worker *workers;
	unsigned workers_n;
	struct reactor_timer *timer;	/* of retiring and draining */
	struct reactor_timer *closing;	/* runs while `closed` is not told */
	bool tell_closed;
};

static bool is_engine(const struct generation *generation,
		      const struct member *member)
{
	return member == generation->engine;
}

static unsigned number_of(const struct generation *generation,
			  const struct member *member)
{
	unsigned i = 0;

	while (generation->workers[i].member != member)
		i++;
	return i;
}

/* Gives a worker and the engine the ends of a channel. */
static void link_worker(struct generation *generation, unsigned number)
{
	struct member *worker = generation->workers[number].member;
	struct err err = { 0 };
	int ends[2];

	if (!member_pid(worker) || !generation->engine ||
	    !member_pid(generation->engine))
		return;		/* who starts later links */
	if (channel_pair(ends, &err) < 0) {
		log_error(generation->setup.log, "worker not linked", "reason=\"%s\"",
			  err.text);
		member_kill(worker);	/* its successor is */
		return;
	}
	member_order(generation->engine, ORDERS_LINK, number, ends[0]);
	member_order(worker, ORDERS_LINK, number, ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void on_started(void *owner, struct member *member)
{
	struct generation *generation = owner;

	if (!is_engine(generation, member)) {
		link_worker(generation, number_of(generation, member));
		return;
	}
	for (unsigned i = 0; i < generation->workers_n; i++)
		link_worker(generation, i);
}

static bool all_ready(const struct generation *generation)
{
	if (!member_ready(generation->engine))
		return false;
	for (unsigned i = 0; i < generation->workers_n; i++)
		if (!member_ready(generation->workers[i].member))
			return false;
	return true;
}

static void on_ready(void *owner, struct member *member, uint64_t number)
{
	struct generation *generation = owner;

	(void)number;
	if (generation->stage == RUNNING && !is_engine(generation, member))
		member_order(member, ORDERS_ACCEPT, 0, -1);
	if (generation->stage != STARTING || !all_ready(generation))
		return;
	generation->stage = RUNNING;
	generation->setup.ready(generation->setup.owner, generation);
}

static void on_cannot(void *owner, struct member *member, const char *why)
{
	struct generation *generation = owner;

	if (generation->stage == STARTING)
		generation->setup.failed(generation->setup.owner, generation, why);
	else
		log_error(generation->setup.log, "child cannot work",
			  "role=%s reason=\"%s\"", member_role(member), why);
}

/* How many of it accept connections still, for all that is known. */
static unsigned count_open(const struct generation *generation)
{
	unsigned n = 0;

	for (unsigned i = 0; i < generation->workers_n; i++)
		n += member_pid(generation->workers[i].member) &&
		     !generation->workers[i].closed;
	return n;
}

static void tell_closed(struct generation *generation)
{
	if (!generation->tell_closed)
		return;
	generation->tell_closed = false;
	reactor_timer_stop(generation->closing);
	generation->setup.closed(generation->setup.owner, generation);
}

static void tell_if_closed(struct generation *generation)
{
	if (count_open(generation) == 0)
		tell_closed(generation);
}

static void on_closed(void *owner, struct member *member)
{
	struct generation *generation = owner;

	generation->workers[number_of(generation, member)].closed = true;
	tell_if_closed(generation);
}

/* One is stuck: the others have waited long enough. */
static void on_closing(void *owner)
{
	struct generation *generation = owner;

	log_warning(generation->setup.log, "old workers may accept connections still",
		    "reason=\"they do not answer\" workers=%u", count_open(generation));
	tell_closed(generation);
}

static bool workers_gone(const struct generation *generation)
{
	for (unsigned i = 0; i < generation->workers_n; i++)
		if (member_pid(generation->workers[i].member))
			return false;
	return true;
}

static void end_if_over(struct generation *generation)
{
	if ((generation->stage == RETIRING || generation->stage == DRAINING_WORKERS) &&
	    workers_gone(generation)) {
		generation->stage = DRAINING_ENGINE;
		member_retire(generation->engine);
		member_order(generation->engine, ORDERS_DRAIN, 0, -1);
		reactor_timer_start(generation->timer, ENGINE_WAIT);
	}
	if (generation->stage == DRAINING_ENGINE &&
	    !member_pid(generation->engine)) {
		generation->stage = OVER;
		reactor_timer_stop(generation->timer);
		generation->setup.over(generation->setup.owner, generation);
	}
}

static void on_died(void *owner, struct member *member)
{
	struct generation *generation = owner;

	if (!is_engine(generation, member))
		slots_reclaim(generation->setup.slots,
			      generation->workers[number_of(generation, member)].slot);
	tell_if_closed(generation);
	end_if_over(generation);
}

/* Retiring or draining took too long. */
static void on_timer(void *owner)
{
	struct generation *generation = owner;

	if (generation->stage == RETIRING)
		generation_drain(generation);
	else
		generation_kill(generation);
}

static int write_snapshot(const struct generation *generation, bool private_keys,
			  int *fd, struct err *err)
{
	const struct generation_setup *setup = &generation->setup;

	*fd = memfd_create("configuration", MFD_CLOEXEC);
	if (*fd < 0)
		return err_errno(err, ERR_TEMP, errno, "making a snapshot");
	return snapshot_write(setup->snapshot, &setup->conf->settings, private_keys,
			      *fd, err);
}

static void on_each(struct member_setup *to, struct generation *generation)
{
	to->reactor = generation->setup.reactor;
	to->log = generation->setup.log;
	to->account = &generation->account;
	to->started = on_started;
	to->ready = on_ready;
	to->cannot = on_cannot;
	to->died = on_died;
	to->owner = generation;
	strs_add(&to->arguments, span_str(generation->setup.path));
}

static void start_engine(struct generation *generation)
{
	struct member_setup setup = { .role = "@policy", .fds_n = 1 };

	on_each(&setup, generation);
	setup.fds[ORDERS_SNAPSHOT - ORDERS_CHANNEL - 1] = generation->without_keys;
	generation->engine = member_new(&setup);
}

static int start_worker(struct generation *generation, struct worker *worker,
			struct err *err)
{
	struct member_setup setup = { .role = "@worker" };
	char *text;

	worker->slot = slots_take(generation->setup.slots);
	if (worker->slot < 0)
		return err_set(err, ERR_TEMP, "earlier configurations still have too many "
			       "workers");
	on_each(&setup, generation);
	setup.closed = on_closed;
	setup.account = &generation->network;
	text = mem_printf("%d", worker->slot);
	strs_add(&setup.arguments, span_str(text));
	free(text);
	text = mem_printf("%td", worker - generation->workers);
	strs_add(&setup.arguments, span_str(text));
	free(text);
	setup.fds[0] = generation->with_keys;
	setup.fds[1] = slots_descriptor(generation->setup.slots);
	setup.fds_n = 2;
	for (size_t i = 0; i < generation->listeners_n; i++)
		setup.fds[setup.fds_n++] = generation->listeners[i];
	worker->member = member_new(&setup);
	return 0;
}

static int start(struct generation *generation, struct err *err)
{
	const struct settings *settings = &generation->setup.conf->settings;
	unsigned n = settings->gateway.workers;
	const char *user = settings->gateway.user, *network = settings->gateway.network_user;

	if (child_account(user, &generation->account, err) < 0 ||
	    child_account(network ? network : user, &generation->network, err) < 0 ||
	    write_snapshot(generation, true, &generation->with_keys, err) < 0 ||
	    write_snapshot(generation, false, &generation->without_keys, err) < 0)
		return -1;
	if (settings->listeners_n > MEMBER_FDS_MAX - 2)
		return err_set(err, ERR_CONF, "there are more than %d listeners",
			       MEMBER_FDS_MAX - 2);
	generation->listeners = mem_new(settings->listeners_n * sizeof(int) + 1);
	if (sockets_take(generation->setup.sockets, settings, generation->listeners,
			 err) < 0) {
		free(generation->listeners);
		generation->listeners = NULL;
		return -1;
	}
	generation->listeners_n = settings->listeners_n;
	generation->state = states_take(generation->setup.states, settings->gateway.state,
					&generation->account, err);
	if (!generation->state)
		return -1;
	start_engine(generation);
	generation->workers = mem_new(n * sizeof(*generation->workers));
	for (; generation->workers_n < n; generation->workers_n++)
		if (start_worker(generation, &generation->workers[generation->workers_n],
				 err) < 0)
			return -1;
	return 0;
}

struct generation *generation_new(const struct generation_setup *setup,
				  struct err *err)
{
	struct generation *generation = mem_new(sizeof(*generation));

	generation->setup = *setup;
	generation->setup.path = mem_strdup(setup->path);
	generation->with_keys = generation->without_keys = -1;
	generation->drain_timeout = setup->conf->settings.gateway.drain_timeout;
	generation->timer = reactor_timer_new(setup->reactor, on_timer, generation);
	generation->closing = reactor_timer_new(setup->reactor, on_closing, generation);
	if (start(generation, err) < 0) {
		generation_free(generation);
		return NULL;
	}
	generation->setup.conf = NULL;
	generation->setup.snapshot = NULL;
	return generation;
}

static void give_listeners(struct generation *generation)
{
	if (!generation->listeners)
		return;
	sockets_give(generation->setup.sockets, generation->listeners,
		     generation->listeners_n);
	free(generation->listeners);
	generation->listeners = NULL;
}

void generation_free(struct generation *generation)
{
	if (!generation)
		return;
	member_free(generation->engine);
	for (unsigned i = 0; i < generation->workers_n; i++) {
		member_free(generation->workers[i].member);
		slots_give(generation->setup.slots, generation->workers[i].slot);
	}
	free(generation->workers);
	give_listeners(generation);
	states_give(generation->setup.states, generation->state);
	if (generation->with_keys >= 0)
		close(generation->with_keys);
	if (generation->without_keys >= 0)
		close(generation->without_keys);
	reactor_timer_free(generation->timer);
	reactor_timer_free(generation->closing);
	free((char *)generation->setup.path);
	free(generation);
}

void generation_open(struct generation *generation)
{
	for (unsigned i = 0; i < generation->workers_n; i++)
		if (member_ready(generation->workers[i].member))
			member_order(generation->workers[i].member, ORDERS_ACCEPT, 0, -1);
}

/* No worker of it is started again; those that run are told to end. */
static void end_workers(struct generation *generation, enum stage stage,
			enum orders_kind order, uint64_t number)
{
	generation->stage = stage;
	give_listeners(generation);
	for (unsigned i = 0; i < generation->workers_n; i++) {
		struct member *worker = generation->workers[i].member;

		member_retire(worker);
		member_order(worker, order, number, -1);
	}
}

void generation_retire(struct generation *generation)
{
	if (generation->stage >= RETIRING)
		return;
	end_workers(generation, RETIRING, ORDERS_RETIRE, 0);
	reactor_timer_start(generation->timer, GENERATION_RETIRED);
	generation->tell_closed = true;
	reactor_timer_start(generation->closing, GENERATION_CLOSING);
	tell_if_closed(generation);
	end_if_over(generation);
}

void generation_drain(struct generation *generation)
{
	if (generation->stage >= DRAINING_WORKERS)
		return;
	end_workers(generation, DRAINING_WORKERS, ORDERS_DRAIN, generation->drain_timeout);
	reactor_timer_start(generation->timer, generation->drain_timeout + DRAIN_GRACE);
	end_if_over(generation);
}

void generation_kill(struct generation *generation)
{
	if (generation->stage < DRAINING_WORKERS)
		generation_drain(generation);
	for (unsigned i = 0; i < generation->workers_n; i++)
		member_kill(generation->workers[i].member);
	if (generation->stage == DRAINING_ENGINE)
		member_kill(generation->engine);
}

bool generation_ended(struct generation *generation, pid_t pid, int status)
{
	if (member_ended(generation->engine, pid, status))
		return true;
	for (unsigned i = 0; i < generation->workers_n; i++)
		if (member_ended(generation->workers[i].member, pid, status))
			return true;
	return false;
}

bool generation_has(const struct generation *generation, pid_t pid)
{
	bool found = member_pid(generation->engine) == pid;

	for (unsigned i = 0; i < generation->workers_n; i++)
		found |= member_pid(generation->workers[i].member) == pid;
	return found;
}
