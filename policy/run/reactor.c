#include "policy/run/reactor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/mem.h>

struct reactor_watch {
	TAILQ_ENTRY(reactor_watch) entry;
	struct reactor *reactor;
	int fd;			/* -1: taken away, freed after the turn */
	short events;
	void (*ready)(void *owner, bool readable, bool writable);
	void *owner;
};

struct reactor_timer {
	TAILQ_ENTRY(reactor_timer) entry;
	struct reactor *reactor;
	uint64_t at;		/* 0: it does not run */
	void (*fired)(void *owner);
	void *owner;
};

struct reactor {
	bool stopped;
	uint64_t now;
	TAILQ_HEAD(, reactor_watch) watches;
	TAILQ_HEAD(, reactor_timer) timers;
	struct pollfd *polled;
	struct reactor_watch **asked;	/* whom polled[i] is for */
	size_t cap;
	int signals;		/* a signalfd, or -1 */
	struct reactor_watch *signal_watch;
	void (*came)(void *owner, int number);
	void *signal_owner;
};

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct reactor *reactor_new(void)
{
	struct reactor *reactor = mem_new(sizeof(*reactor));

	TAILQ_INIT(&reactor->watches);
	TAILQ_INIT(&reactor->timers);
	reactor->signals = -1;
	reactor->now = clock_ms();
	return reactor;
}

/* Frees the watches that were taken away. */
static void sweep(struct reactor *reactor)
{
	struct reactor_watch *watch, *next;

	for (watch = TAILQ_FIRST(&reactor->watches); watch; watch = next) {
		next = TAILQ_NEXT(watch, entry);
		if (watch->fd >= 0)
			continue;
		TAILQ_REMOVE(&reactor->watches, watch, entry);
		free(watch);
	}
}

void reactor_free(struct reactor *reactor)
{
	if (!reactor)
		return;
	reactor_unwatch(reactor->signal_watch);
	if (reactor->signals >= 0)
		close(reactor->signals);
	sweep(reactor);
	free(reactor->polled);
	free(reactor->asked);
	free(reactor);
}

void reactor_stop(struct reactor *reactor)
{
	reactor->stopped = true;
}

uint64_t reactor_now(const struct reactor *reactor)
{
	return reactor->now;
}

/* Fills `polled`; how many there are. */
static size_t gather(struct reactor *reactor)
{
	struct reactor_watch *watch;
	size_t n = 0;

	TAILQ_FOREACH(watch, &reactor->watches, entry) {
		if (n == reactor->cap) {
			reactor->cap = reactor->cap ? reactor->cap * 2 : 16;
			reactor->polled = mem_grow(reactor->polled, reactor->cap,
						   sizeof(*reactor->polled));
			reactor->asked = mem_grow(reactor->asked, reactor->cap,
						  sizeof(*reactor->asked));
		}
		reactor->polled[n] = (struct pollfd){ .fd = watch->fd,
						      .events = watch->events };
		reactor->asked[n++] = watch;
	}
	return n;
}

/* For poll(2): ms until the first timer fires, -1: for ever. */
static int wait_time(const struct reactor *reactor)
{
	const struct reactor_timer *timer;
	uint64_t first = UINT64_MAX, now = clock_ms();

	TAILQ_FOREACH(timer, &reactor->timers, entry)
		if (timer->at && timer->at < first)
			first = timer->at;
	if (first == UINT64_MAX)
		return -1;
	if (first <= now)
		return 0;
	return first - now > INT_MAX ? INT_MAX : (int)(first - now);
}

static void tell_watches(struct reactor *reactor, size_t n)
{
	for (size_t i = 0; i < n && !reactor->stopped; i++) {
		struct reactor_watch *watch = reactor->asked[i];
		short came = reactor->polled[i].revents;

		if (came && watch->fd >= 0)	/* nobody took it away meanwhile */
			watch->ready(watch->owner,
				     came & (POLLIN | POLLHUP | POLLERR | POLLNVAL),
				     came & POLLOUT);
	}
}

/* One that is due, and no longer runs; NULL when none is. */
static struct reactor_timer *due(struct reactor *reactor)
{
	struct reactor_timer *timer;

	TAILQ_FOREACH(timer, &reactor->timers, entry) {
		if (!timer->at || timer->at > reactor->now)
			continue;
		timer->at = 0;
		return timer;
	}
	return NULL;
}

void reactor_run(struct reactor *reactor)
{
	struct reactor_timer *timer;

	reactor->stopped = false;
	while (!reactor->stopped) {
		size_t n = gather(reactor);
		int ready = poll(reactor->polled, n, wait_time(reactor));

		reactor->now = clock_ms();
		if (ready > 0)
			tell_watches(reactor, n);
		while (!reactor->stopped && (timer = due(reactor)))
			timer->fired(timer->owner);
		sweep(reactor);
	}
}

struct reactor_watch *reactor_watch(struct reactor *reactor, int fd,
				    void (*ready)(void *owner, bool readable, bool writable),
				    void *owner)
{
	struct reactor_watch *watch = mem_new(sizeof(*watch));

	watch->reactor = reactor;
	watch->fd = fd;
	watch->events = POLLIN;
	watch->ready = ready;
	watch->owner = owner;
	TAILQ_INSERT_TAIL(&reactor->watches, watch, entry);
	return watch;
}

void reactor_want(struct reactor_watch *watch, bool readable, bool writable)
{
	watch->events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
}

void reactor_unwatch(struct reactor_watch *watch)
{
	if (watch)
		watch->fd = -1;
}

struct reactor_timer *reactor_timer_new(struct reactor *reactor,
					void (*fired)(void *owner), void *owner)
{
	struct reactor_timer *timer = mem_new(sizeof(*timer));

	timer->reactor = reactor;
	timer->fired = fired;
	timer->owner = owner;
	TAILQ_INSERT_TAIL(&reactor->timers, timer, entry);
	return timer;
}

void reactor_timer_start(struct reactor_timer *timer, uint64_t ms)
{
	/* at least 1: it fires in a later turn, never twice in one */
	timer->at = clock_ms() + (ms ? ms : 1);
}

void reactor_timer_stop(struct reactor_timer *timer)
{
	timer->at = 0;
}

bool reactor_timer_runs(const struct reactor_timer *timer)
{
	return timer->at != 0;
}

void reactor_timer_free(struct reactor_timer *timer)
{
	if (!timer)
		return;
	TAILQ_REMOVE(&timer->reactor->timers, timer, entry);
	free(timer);
}

static void on_signals(void *owner, bool readable, bool writable)
{
	struct reactor *reactor = owner;
	struct signalfd_siginfo info;

	(void)readable;
	(void)writable;
	while (read(reactor->signals, &info, sizeof(info)) == sizeof(info))
		reactor->came(reactor->signal_owner, (int)info.ssi_signo);
}

void reactor_signals(struct reactor *reactor, const int *numbers, size_t n,
		     void (*came)(void *owner, int number), void *owner)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n; i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	reactor->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (reactor->signals < 0)
		abort();	/* without it nothing could ever end us in order */
	reactor->came = came;
	reactor->signal_owner = owner;
	reactor->signal_watch = reactor_watch(reactor, reactor->signals, on_signals,
					      reactor);
}
