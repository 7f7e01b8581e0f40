#include "policy/run/engine_messages.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/keys/key_index.h"
#include "policy/run/engine.h"
#include "policy/run/journal_writer.h"
#include "policy/run/key_slice.h"
#include "policy/run/key_watch.h"
#include "policy/run/late_answers.h"
#include "policy/run/memory_file.h"
#include "policy/run/reactor.h"
#include "policy/run/sealer.h"
#include "policy/run/sealers.h"
#include "policy/store/journal.h"

/* ms that a message may wait for a sealer; its client waits 5 minutes */
enum { QUEUE_WAIT = 180 * 1000 };

static void refuse_job(struct engine *engine, const struct seal_job *job,
		       const char *status, const char *text)
{
	engine_refuse(engine, job->link, job->ask.id, status, text);
}

/* The part of the index for one message, as a sealer is given it. */
static int slice_for(struct engine *engine, const struct ask *ask, struct err *err)
{
	struct key_index *slice = key_slice(key_watch_index(engine->keys),
					    &engine->conf, ask);
	struct buf wire;
	int fd = -1;

	buf_init(&wire, SEALER_SLICE_MAX);
	if (key_index_encode(slice, &wire) < 0)
		err_set(err, ERR_TEMP, "a message needs too many keys");
	else
		fd = memory_file_new(buf_span(&wire), err);
	buf_free(&wire);
	key_index_free(slice);
	return fd;
}

/* All of the index, encoded once: the engine's to close. */
static int home_of(struct engine *engine, struct err *err)
{
	uint64_t number = key_watch_number(engine->keys);
	struct buf wire;

	if (engine->home >= 0 && engine->home_number == number)
		return engine->home;
	if (engine->home >= 0)
		close(engine->home);
	engine->home = -1;
	engine->home_number = number;
	buf_init(&wire, SEALER_INDEX_MAX);
	if (key_index_encode(key_watch_index(engine->keys), &wire) < 0)
		err_set(err, ERR_TEMP, "there are too many keys");
	else
		engine->home = memory_file_new(buf_span(&wire), err);
	buf_free(&wire);
	return engine->home;
}

/* A message that is sealed needs few keys; who signed what is stored is known
 * only once that is open. */
static bool needs_home(const struct ask *ask)
{
	return ask->kind != ASK_SEAL && ask->kind != ASK_STORE;
}

/* The next job that a sealer can take now, or NULL. */
static struct seal_job *next_job(struct engine *engine)
{
	if (sealers_idle(engine->sealers, false))
		return seal_queue_take(&engine->queue);
	if (sealers_idle(engine->sealers, true))
		return seal_queue_take_quick(&engine->queue);
	return NULL;
}

void engine_messages_idle(void *owner)
{
	struct engine *engine = owner;
	struct seal_job *job;

	while ((job = next_job(engine))) {
		struct err err = { 0 };
		bool whole = needs_home(&job->ask);
		int keys = whole ? home_of(engine, &err) : slice_for(engine, &job->ask, &err);

		if (keys < 0) {
			log_error(&engine->log, "message not sealed", "reason=\"%s\"",
				  err.text);
			refuse_job(engine, job, "4.3.0", "keys not found now: try again");
			seal_queue_job_free(job);
			continue;
		}
		sealers_seal(engine->sealers, job, keys, whole,
			     key_watch_number(engine->keys));
		if (!whole)
			close(keys);
	}
}

/* Takes who has had the message off one copy; what is left. */
static size_t take_off(struct answer_copy *copy, const struct ask *ask,
		       const struct strs *had)
{
	struct ask_recipients *to = &copy->recipients;
	size_t left = 0;

	for (size_t i = 0; i < to->n; i++) {
		const char *address = ask->envelope.to.at[to->at[i]];
		bool done = false;

		for (size_t j = 0; j < had->n && !done; j++)
			done = strcmp(had->at[j], address) == 0;
		if (!done)
			to->at[left++] = to->at[i];
	}
	to->n = left;
	return left;
}

/* Takes copies and recipients that were accepted before off the answer. */
static int take_off_served(struct engine *engine, const struct ask *ask,
			   struct answer *words, struct err *err)
{
	struct strs had = { 0 };
	size_t left = 0;

	if (journal_writer_forgets(engine->writer, words->journal))
		return 0;
	if (journal_find(engine->journal, words->journal, time(NULL), &had, err) < 0)
		return -1;
	for (size_t i = 0; had.n && i < words->copies_n; i++) {
		struct answer_copy copy = words->copies[i];

		if (take_off(&copy, ask, &had) == 0)
			free(copy.recipients.at);
		else
			words->copies[left++] = copy;
	}
	if (had.n) {
		words->copies_n = left;
		words->journalled = true;
	}
	strs_free(&had);
	return 0;
}

/* Whether a sealer's answer to a question about stored mail is one to it. */
static bool fits_stored(const struct ask *ask, const struct answer *words, int passed)
{
	static const enum answer_kind due[] = {
		[ASK_SHAPES] = ANSWER_SHAPES, [ASK_VIEW] = ANSWER_VIEW,
		[ASK_OPEN] = ANSWER_VIEW, [ASK_CLEAR] = ANSWER_YES, [ASK_GONE] = ANSWER_YES,
		[ASK_DELETED] = ANSWER_YES, [ASK_FIND] = ANSWER_FOUND,
	};

	if (words->copies_n)
		return false;
	if (words->kind == ANSWER_REFUSED || (ask->kind == ASK_VIEW &&
					      words->kind == ANSWER_UNKNOWN))
		return true;
	return words->kind == due[ask->kind] && (!words->tried || words->kind == ANSWER_VIEW) &&
	       (words->kind == ANSWER_YES ||
		(passed >= 0 &&
		 memory_file_sealed(passed, words->shapes_size + words->view_size)));
}

/* Whether a sealer's answer speaks of the message it was given. */
static bool fits(const struct ask *ask, const struct answer *words, int passed)
{
	if (needs_home(ask))
		return fits_stored(ask, words, passed);
	if (ask->kind == ASK_STORE && words->kind == ANSWER_SEALED && words->copies_n != 1)
		return false;
	for (size_t i = 0; i < words->copies_n; i++) {
		const struct answer_copy *copy = &words->copies[i];

		if ((!copy->from_question && passed < 0) ||
		    (copy->recipients.n == 0) != (ask->kind == ASK_STORE))
			return false;
		for (size_t j = 0; j < copy->recipients.n; j++)
			if (copy->recipients.at[j] >= ask->envelope.to.n)
				return false;
	}
	return words->kind == ANSWER_SEALED || words->kind == ANSWER_REFUSED;
}

/* A stored message must not make its mailbox unreadable, whatever it does to
 * sealers (THREATS 93): after some it is shown as it is. Sending says 4xx. */
static bool try_again(struct engine *engine, struct seal_job *job)
{
	if (job->ask.kind != ASK_OPEN || job->deaths >= SEAL_JOB_DEATHS)
		return false;
	job->deaths++;
	if (!seal_queue_put(&engine->queue, job))
		return false;
	engine_messages_idle(engine);
	return true;
}

bool engine_messages_sealed(void *owner, struct seal_job *job,
			    struct answer *words, int passed)
{
	struct engine *engine = owner;
	struct err err = { 0 };

	if (words && fits(&job->ask, words, passed) &&
	    (words->kind != ANSWER_SEALED || job->ask.kind != ASK_SEAL ||
	     take_off_served(engine, &job->ask, words, &err) == 0)) {
		if (words->tried)
			late_answers_put(engine->late, job->link, job->came, words, passed);
		else
			engine_answer(engine, job->link, words, passed);
		return false;
	}
	if (passed >= 0)
		close(passed);
	if (!words && try_again(engine, job))
		return true;
	if (err.kind != ERR_NONE)
		log_error(&engine->log, "message not sealed", "reason=\"%s\"", err.text);
	refuse_job(engine, job, "4.3.0",
		   needs_home(&job->ask) ? "stored mail cannot be opened now: try again"
					 : "the message could not be protected now: try again");
	return false;
}

void engine_messages_expire(struct engine *engine)
{
	uint64_t now = reactor_now(engine->reactor);
	struct seal_job *job;

	if (now < QUEUE_WAIT)
		return;
	while ((job = seal_queue_take_older(&engine->queue, now - QUEUE_WAIT))) {
		refuse_job(engine, job, "4.3.2", "too busy to protect the message: try again");
		seal_queue_job_free(job);
	}
}

/* Whether the message of a question, where it has one, is there for good. */
static bool holds_still(const struct ask *ask, int passed)
{
	if (ask->kind != ASK_SEAL && ask->kind != ASK_STORE && ask->kind != ASK_OPEN)
		return passed < 0;
	return ask->message_size <= UINT64_MAX - ask->trace_size && passed >= 0 &&
	       memory_file_sealed(passed, ask->message_size + ask->trace_size);
}

/* What looks at some records alone: a search reads all of a mailbox. */
static bool is_quick(const struct ask *ask)
{
	return needs_home(ask) && ask->kind != ASK_OPEN && ask->kind != ASK_FIND;
}

void engine_messages_queue(struct engine *engine, uint64_t link,
			   struct ask *ask, struct span wire, int passed)
{
	struct seal_job *job = mem_new(sizeof(*job));

	job->link = link;
	job->ask = *ask;
	*ask = (struct ask){ .id = job->ask.id };
	job->wire = span_of(span_dup(wire), wire.len);
	job->fd = passed;
	job->came = reactor_now(engine->reactor);
	job->quick = is_quick(&job->ask);
	if (!holds_still(&job->ask, passed)) {
		log_error(&engine->log, "message that could change was refused", NULL);
		refuse_job(engine, job, "4.3.0", "spool failed: try again");
	} else if (seal_queue_put(&engine->queue, job)) {
		engine_messages_idle(engine);
		return;
	} else {
		refuse_job(engine, job, "4.3.2", "too busy to protect the message: try again");
	}
	seal_queue_job_free(job);
}
