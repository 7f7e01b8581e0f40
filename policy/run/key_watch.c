#include "policy/run/key_watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/keys/key_index.h"
#include "policy/run/memory_file.h"
#include "policy/run/reactor.h"
#include "policy/run/sealer.h"

/* What the thread that reads an index works on; nobody else does meanwhile. */
struct reading {
	pthread_t thread;
	bool runs;
	int event;		/* written when it is done */
	int fd;			/* the keys, encoded */
	struct key_index *index;	/* read, or NULL and why not */
	struct err err;
	struct key_index *old;	/* to be freed, which takes long, too */
};

struct key_watch {
	struct key_watch_setup setup;
	struct reactor_timer *timer;
	struct reactor_watch *done;
	struct reading reading;
	struct key_index *index;
	uint64_t number;
	uint64_t stamp;		/* of the home when the list was asked for */
	char *why;		/* the last list failed; NULL: it did not */
};

/* Mixes `bytes` into `stamp` (FNV-1a). */
static uint64_t mix(uint64_t stamp, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		stamp = (stamp ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
	return stamp;
}

/*
 * A number that changes with the keys of a GnuPG home: never 0. trustdb.gpg
 * says which are disabled; a secret key is a file in private-keys-v1.d.
 */
static uint64_t stamp_of(const char *home)
{
	static const char *const names[] = { "pubring.kbx", "pubring.gpg", "pubring.db",
					     "public-keys.d/pubring.db", "trustdb.gpg",
					     "private-keys-v1.d", "secring.gpg", "gpg.conf" };
	uint64_t stamp = 0xcbf29ce484222325;
	int dir = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; dir >= 0 && i < sizeof(names) / sizeof(*names); i++) {
		struct stat status;

		if (fstatat(dir, names[i], &status, 0) < 0)
			continue;
		stamp = mix(stamp, &i, sizeof(i));
		stamp = mix(stamp, &status.st_ino, sizeof(status.st_ino));
		stamp = mix(stamp, &status.st_size, sizeof(status.st_size));
		stamp = mix(stamp, &status.st_mtim, sizeof(status.st_mtim));
	}
	if (dir >= 0)
		close(dir);
	return stamp ? stamp : 1;
}

static void ask_for_list(struct key_watch *watch, uint64_t stamp)
{
	watch->stamp = stamp;
	watch->setup.list(watch->setup.owner);
}

static void on_timer(void *owner)
{
	struct key_watch *watch = owner;
	uint64_t stamp = stamp_of(watch->setup.home);

	if (stamp != watch->stamp)
		ask_for_list(watch, stamp);
	else
		reactor_timer_start(watch->timer, KEY_WATCH_LOOK);
}

static void failed(struct key_watch *watch, const char *why)
{
	if (!watch->why || strcmp(watch->why, why) != 0) {	/* said once */
		log_error(watch->setup.log, "keys not read", "home=%s reason=\"%s\"",
			  watch->setup.home, why);
		free(watch->why);
		watch->why = mem_strdup(why);
	}
	watch->stamp = 0;	/* another look, another try */
	reactor_timer_start(watch->timer, KEY_WATCH_AGAIN);
	if (!watch->index)
		watch->setup.failed(watch->setup.owner, why);
}

static void *run(void *argument)
{
	struct reading *reading = argument;
	uint64_t one = 1;
	struct buf wire;

	key_index_free(reading->old);
	reading->old = NULL;
	buf_init(&wire, SEALER_INDEX_MAX);
	if (memory_file_read(reading->fd, &wire, &reading->err) == 0)
		reading->index = key_index_decode(buf_span(&wire), &reading->err);
	buf_free(&wire);
	close(reading->fd);
	(void)!write(reading->event, &one, sizeof(one));
	return NULL;
}

static void on_done(void *owner, bool readable, bool writable)
{
	struct key_watch *watch = owner;
	struct reading *reading = &watch->reading;
	bool first = !watch->index;
	uint64_t count;

	(void)readable;
	(void)writable;
	if (read(reading->event, &count, sizeof(count)) < 0)
		return;
	pthread_join(reading->thread, NULL);
	reading->runs = false;
	if (!reading->index) {
		failed(watch, reading->err.text);
		return;
	}
	free(watch->why);
	watch->why = NULL;
	reading->old = watch->index;	/* goes with the next one */
	watch->index = reading->index;
	reading->index = NULL;
	watch->number++;
	log_info(watch->setup.log, "keys read", "home=%s keys=%zu", watch->setup.home,
		 key_index_count(watch->index));
	reactor_timer_start(watch->timer, KEY_WATCH_LOOK);
	if (first)
		watch->setup.ready(watch->setup.owner);
}

void key_watch_listed(struct key_watch *watch, int fd, const char *why)
{
	struct reading *reading = &watch->reading;
	sigset_t all, before;
	int result;

	if (fd < 0) {
		failed(watch, why);
		return;
	}
	reading->fd = fd;
	reading->err = (struct err){ 0 };
	/* signals are for the thread that waits for them */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&reading->thread, NULL, run, reading);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	reading->runs = result == 0;
	if (!reading->runs) {
		close(fd);
		failed(watch, "no thread could be started");
	}
}

struct key_watch *key_watch_new(const struct key_watch_setup *setup)
{
	struct key_watch *watch = mem_new(sizeof(*watch));

	watch->setup = *setup;
	watch->timer = reactor_timer_new(setup->reactor, on_timer, watch);
	watch->reading.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->reading.event < 0)
		abort();	/* at start, with a handful of descriptors */
	watch->done = reactor_watch(setup->reactor, watch->reading.event, on_done, watch);
	/* before the list is made: a change during it is another list */
	ask_for_list(watch, stamp_of(setup->home));
	return watch;
}

void key_watch_free(struct key_watch *watch)
{
	if (!watch)
		return;
	if (watch->reading.runs)
		pthread_join(watch->reading.thread, NULL);
	key_index_free(watch->reading.old);
	key_index_free(watch->reading.index);
	reactor_unwatch(watch->done);
	close(watch->reading.event);
	reactor_timer_free(watch->timer);
	key_index_free(watch->index);
	free(watch->why);
	free(watch);
}

const struct key_index *key_watch_index(const struct key_watch *watch)
{
	return watch->index;
}

uint64_t key_watch_number(const struct key_watch *watch)
{
	return watch->number;
}
