#include "policy/run/sealers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <letterlock/channel.h>
#include <letterlock/mem.h>

#include "policy/run/child.h"
#include "policy/run/reactor.h"
#include "policy/run/sealer.h"

enum {
	PAUSE_FIRST = 100,	/* ms until one that died unused is started again */
	PAUSE_LAST = 5000,
};

enum work { IDLE, SEALING, LISTING };

struct one {
	struct sealers *sealers;
	pid_t pid;			/* 0: it does not run */
	int channel;			/* -1: it does not run, or is dying */
	struct reactor_watch *watch;
	struct reactor_timer *timer;	/* until it is killed, or started */
	enum work work;
	struct seal_job *job;		/* when SEALING */
	bool late;			/* it was killed for being slow */
	bool used;			/* it has answered once */
	uint64_t pause;
	bool quick;			/* it takes nothing else */
};

struct sealers {
	struct sealers_setup setup;
	struct one *all;
	unsigned n;
	bool list_wanted;
	struct buf in;
};

static void start(struct one *one);

static void hang_up(struct one *one)
{
	reactor_unwatch(one->watch);
	one->watch = NULL;
	if (one->channel >= 0)
		close(one->channel);
	one->channel = -1;
}

/* What it had to do comes to nothing. */
static void give_up(struct one *one, const char *why)
{
	const struct sealers_setup *setup = &one->sealers->setup;
	struct seal_job *job = one->job;
	enum work work = one->work;

	one->work = IDLE;
	one->job = NULL;
	if (work == LISTING)
		setup->listed(setup->owner, -1, why);
	if (!job)
		return;
	if (!setup->sealed(setup->owner, job, NULL, -1))
		seal_queue_job_free(job);
}

/* Kills it with all that it started. Its end is seen by sealers_reap(). */
static void kill_one(struct one *one)
{
	hang_up(one);
	if (one->pid > 0 && kill(-one->pid, SIGKILL) < 0)
		(void)kill(one->pid, SIGKILL);	/* its group is not made yet */
}

static void on_timer(void *owner)
{
	struct one *one = owner;

	if (one->pid == 0) {
		start(one);
		return;
	}
	log_error(one->sealers->setup.log, "sealer killed",
		  "reason=\"too slow\" pid=%d bytes=%llu", (int)one->pid,
		  one->job ? (unsigned long long)one->job->ask.message_size : 0);
	one->late = true;
	kill_one(one);
}

static void start_later(struct one *one)
{
	one->pause = one->used ? 0
		     : one->pause ? one->pause * 2 : PAUSE_FIRST;
	if (one->pause > PAUSE_LAST)
		one->pause = PAUSE_LAST;
	reactor_timer_start(one->timer, one->pause);
}

static void send(struct one *one, struct span message, int passed)
{
	struct err err = { 0 };

	if (one->channel >= 0 &&
	    channel_send(one->channel, message, passed, &err) != CHANNEL_DONE)
		kill_one(one);	/* its end answers what was asked */
}

static void list_with(struct one *one)
{
	const char word = SEALER_LIST;

	one->sealers->list_wanted = false;
	one->work = LISTING;
	reactor_timer_start(one->timer, one->sealers->setup.list_wait);
	send(one, span_of(&word, 1), -1);
}

/* It has nothing to do. */
static void offer(struct one *one)
{
	const struct sealers_setup *setup = &one->sealers->setup;

	if (one->work != IDLE || one->channel < 0)
		return;
	if (one->sealers->list_wanted && !one->quick)
		list_with(one);
	else
		setup->idle(setup->owner);
}

static void answered_list(struct one *one, struct span message, int passed)
{
	const struct sealers_setup *setup = &one->sealers->setup;
	char *why;

	if (message.at[0] == SEALER_INDEX && passed >= 0) {
		setup->listed(setup->owner, passed, NULL);
		return;
	}
	if (passed >= 0)
		close(passed);
	why = span_dup(span_skip(message, 1));
	setup->listed(setup->owner, -1, why);
	free(why);
}

static void answered_seal(struct one *one, struct seal_job *job,
			  struct span message, int passed)
{
	const struct sealers_setup *setup = &one->sealers->setup;
	struct answer answer = { 0 };
	struct err err = { 0 };
	bool taken;

	if (answer_decode(message, &answer, &err) < 0 || answer.id != job->ask.id) {
		log_error(setup->log, "sealer talked nonsense", "reason=\"%s\"", err.text);
		if (passed >= 0)
			close(passed);
		taken = setup->sealed(setup->owner, job, NULL, -1);
	} else {
		taken = setup->sealed(setup->owner, job, &answer, passed);
	}
	answer_free(&answer);
	if (!taken)
		seal_queue_job_free(job);
}

static void on_answer(struct one *one, struct span message, int passed)
{
	struct seal_job *job = one->job;
	enum work work = one->work;

	one->work = IDLE;
	one->job = NULL;
	one->used = true;
	one->pause = 0;
	reactor_timer_stop(one->timer);
	if (work == LISTING) {
		answered_list(one, message, passed);
	} else if (work == SEALING) {
		answered_seal(one, job, message, passed);
	} else {
		if (passed >= 0)
			close(passed);
		kill_one(one);	/* nobody asked */
	}
	offer(one);
}

static void on_channel(void *owner, bool readable, bool writable)
{
	struct one *one = owner;
	struct buf *in = &one->sealers->in;
	struct err err = { 0 };
	int passed;

	(void)readable;
	(void)writable;
	switch (channel_receive(one->channel, in, &passed, &err)) {
	case CHANNEL_DONE:
		on_answer(one, buf_span(in), passed);
		break;
	case CHANNEL_AGAIN:
		break;
	case CHANNEL_CLOSED:
	case CHANNEL_FAILED:
		kill_one(one);
		break;
	}
}

static void start(struct one *one)
{
	const struct sealers_setup *setup = &one->sealers->setup;
	const char *argv[] = { "letterlock", "@sealer", setup->path, NULL };
	int ends[2] = { -1, -1 }, fds[2];
	struct child_setup child = { .argv = argv, .fds = fds, .fds_n = 2,
				     .own_group = true, .forgetful = true };
	struct err err = { 0 };

	one->late = one->used = false;
	one->work = IDLE;
	if (channel_pair(ends, &err) == 0) {
		fds[0] = ends[1];
		fds[1] = setup->snapshot;
		one->pid = child_start(&child, &err);
		close(ends[1]);
	}
	if (one->pid <= 0) {
		one->pid = 0;
		if (ends[0] >= 0)
			close(ends[0]);
		log_error(setup->log, "sealer not started", "reason=\"%s\"", err.text);
		start_later(one);
		return;
	}
	one->channel = ends[0];
	one->watch = reactor_watch(setup->reactor, one->channel, on_channel, one);
	offer(one);
}

struct sealers *sealers_new(const struct sealers_setup *setup)
{
	struct sealers *sealers = mem_new(sizeof(*sealers));

	sealers->setup = *setup;
	sealers->n = setup->n + 1;
	sealers->all = mem_new(sealers->n * sizeof(*sealers->all));
	buf_init(&sealers->in, CHANNEL_MAX);
	for (unsigned i = 0; i < sealers->n; i++) {
		struct one *one = &sealers->all[i];

		one->sealers = sealers;
		one->quick = i == setup->n;
		one->channel = -1;
		one->timer = reactor_timer_new(setup->reactor, on_timer, one);
		reactor_timer_start(one->timer, 0);
	}
	return sealers;
}

void sealers_free(struct sealers *sealers)
{
	if (!sealers)
		return;
	for (unsigned i = 0; i < sealers->n; i++) {
		struct one *one = &sealers->all[i];

		kill_one(one);
		if (one->pid > 0)
			(void)waitpid(one->pid, NULL, 0);
		seal_queue_job_free(one->job);
		reactor_timer_free(one->timer);
	}
	free(sealers->all);
	buf_free(&sealers->in);
	free(sealers);
}

/* One that has nothing to do; for what is quick rather the one that is kept for it. */
static struct one *find_idle(const struct sealers *sealers, bool quick)
{
	struct one *found = NULL;

	for (unsigned i = 0; i < sealers->n; i++) {
		struct one *one = &sealers->all[i];

		if (one->channel >= 0 && one->work == IDLE && (quick || !one->quick) &&
		    (!found || quick))
			found = one;
	}
	return found;
}

bool sealers_idle(const struct sealers *sealers, bool quick)
{
	return find_idle(sealers, quick) != NULL;
}

void sealers_seal(struct sealers *sealers, struct seal_job *job, int keys, bool whole,
		  uint64_t when)
{
	struct one *one = find_idle(sealers, job->quick);
	char head[SEALER_KEYS_SIZE] = { whole ? SEALER_HOME : SEALER_KEYS };
	const char careful = SEALER_CAREFUL;
	uint64_t mib = job->ask.message_size / (1024 * 1024);

	memcpy(head + 1, &when, sizeof(when));
	one->work = SEALING;
	one->job = job;
	reactor_timer_start(one->timer, sealers->setup.message_wait +
				       mib * sealers->setup.mib_wait);
	send(one, span_of(head, sizeof(head)), keys);
	if (job->deaths >= SEAL_JOB_DEATHS)
		send(one, span_of(&careful, 1), -1);
	send(one, job->wire, job->fd);
}

void sealers_list(struct sealers *sealers)
{
	struct one *one = find_idle(sealers, false);

	sealers->list_wanted = true;
	if (one)
		list_with(one);
}

static void ended(struct one *one, int status)
{
	const struct log *log = one->sealers->setup.log;
	pid_t pid = one->pid;

	hang_up(one);
	/* a gpg that it waited for goes, too */
	(void)kill(-pid, SIGKILL);
	one->pid = 0;
	if (!one->late)
		log_warning(log, "sealer died", "pid=%d %s=%d", (int)pid,
			    WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	/* what its work did to it says nothing of how the next one starts */
	one->used |= one->work != IDLE;
	start_later(one);
	give_up(one, "the sealer died");
}

void sealers_reap(struct sealers *sealers)
{
	for (unsigned i = 0; i < sealers->n; i++) {
		struct one *one = &sealers->all[i];
		int status;

		if (one->pid > 0 && waitpid(one->pid, &status, WNOHANG) == one->pid)
			ended(one, status);
	}
}
