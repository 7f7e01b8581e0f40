#include "policy/run/journal_writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/mem.h>

enum { BATCH_MAX = 256 };

struct item {
	struct journal_change change;
	struct journal_done done;
};

/* Items between two threads, in order. Guarded by journal_writer.lock. */
struct items {
	struct item *at;
	size_t n;
};

struct journal_writer {
	struct journal *journal;	/* the thread's */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct items waiting;
	struct items done;
	const struct item *busy;	/* being written */
	size_t busy_n;
	bool ending;
	int event;
};

static void append(struct items *items, const struct item *item)
{
	items->at = mem_one_more(items->at, items->n, sizeof(*items->at));
	items->at[items->n++] = *item;
}

static void drop_first(struct items *items, size_t n)
{
	items->n -= n;
	if (items->n)
		memmove(items->at, items->at + n, items->n * sizeof(*items->at));
}

/* Waits for something to do; how much of it is in `batch`, 0: end. */
static size_t wait_for_batch(struct journal_writer *writer, struct item *batch)
{
	size_t n;

	pthread_mutex_lock(&writer->lock);
	while (writer->waiting.n == 0 && !writer->ending)
		pthread_cond_wait(&writer->more, &writer->lock);
	n = writer->waiting.n < BATCH_MAX ? writer->waiting.n : BATCH_MAX;
	if (n > 0)
		memcpy(batch, writer->waiting.at, n * sizeof(*batch));
	drop_first(&writer->waiting, n);
	writer->busy = batch;
	writer->busy_n = n;
	pthread_mutex_unlock(&writer->lock);
	return n;
}

static void hand_back(struct journal_writer *writer, struct item *batch, size_t n,
		      const struct err *err)
{
	uint64_t one = 1;

	pthread_mutex_lock(&writer->lock);
	writer->busy_n = 0;
	for (size_t i = 0; i < n; i++) {
		strs_free(&batch[i].change.recipients);
		batch[i].done.err = *err;
		append(&writer->done, &batch[i]);
	}
	pthread_mutex_unlock(&writer->lock);
	(void)!write(writer->event, &one, sizeof(one));
}

static void *run(void *argument)
{
	struct journal_writer *writer = argument;
	struct journal_change *changes = mem_new(BATCH_MAX * sizeof(*changes));
	struct item *batch = mem_new(BATCH_MAX * sizeof(*batch));
	size_t n;

	while ((n = wait_for_batch(writer, batch)) > 0) {
		struct err err = { 0 };

		for (size_t i = 0; i < n; i++)
			changes[i] = batch[i].change;
		(void)journal_write(writer->journal, changes, n, time(NULL), &err);
		hand_back(writer, batch, n, &err);
	}
	free(changes);
	free(batch);
	return NULL;
}

/* Signals are for the thread that waits for them. */
static int start_thread(struct journal_writer *writer)
{
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&writer->thread, NULL, run, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

struct journal_writer *journal_writer_new(const char *path, struct err *err)
{
	struct journal_writer *writer = mem_new(sizeof(*writer));
	int result;

	writer->event = -1;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->more, NULL);
	writer->journal = journal_open(path, err);
	if (!writer->journal)
		goto out;
	writer->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	result = writer->event < 0 ? errno : start_thread(writer);
	if (result == 0)
		return writer;
	err_errno(err, ERR_TEMP, result, "starting the journal's thread");
out:
	journal_close(writer->journal);
	if (writer->event >= 0)
		close(writer->event);
	free(writer);
	return NULL;
}

void journal_writer_free(struct journal_writer *writer)
{
	if (!writer)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->ending = true;
	pthread_cond_signal(&writer->more);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->more);
	pthread_mutex_destroy(&writer->lock);
	journal_close(writer->journal);
	close(writer->event);
	free(writer->waiting.at);
	free(writer->done.at);
	free(writer);
}

int journal_writer_descriptor(const struct journal_writer *writer)
{
	return writer->event;
}

bool journal_writer_put(struct journal_writer *writer,
			struct journal_change *change, uint64_t link, uint64_t id)
{
	struct item item = { .done = { .link = link, .id = id } };
	bool room;

	pthread_mutex_lock(&writer->lock);
	room = writer->waiting.n < JOURNAL_WRITER_MAX;
	if (room) {
		item.change = *change;
		*change = (struct journal_change){ .recipients = { 0 } };
		append(&writer->waiting, &item);
		pthread_cond_signal(&writer->more);
	}
	pthread_mutex_unlock(&writer->lock);
	return room;
}

/* The last word about it among them, if there is one. */
static bool last_word(const struct item *at, size_t n, const char *id, bool *forgets)
{
	for (size_t i = n; i > 0; i--) {
		const struct journal_change *change = &at[i - 1].change;

		if (strcmp(change->id, id) != 0)
			continue;
		*forgets = change->recipients.n == 0;
		return true;
	}
	return false;
}

bool journal_writer_forgets(struct journal_writer *writer, const char *id)
{
	bool forgets = false;

	pthread_mutex_lock(&writer->lock);
	if (!last_word(writer->waiting.at, writer->waiting.n, id, &forgets))
		(void)last_word(writer->busy, writer->busy_n, id, &forgets);
	pthread_mutex_unlock(&writer->lock);
	return forgets;
}

bool journal_writer_done(struct journal_writer *writer, struct journal_done *done)
{
	uint64_t count;
	bool some;

	pthread_mutex_lock(&writer->lock);
	some = writer->done.n > 0;
	if (some) {
		*done = writer->done.at[0].done;
		drop_first(&writer->done, 1);
	} else {
		(void)!read(writer->event, &count, sizeof(count));
	}
	pthread_mutex_unlock(&writer->lock);
	return some;
}
