/*
 * journal_writer - changes the journal in a thread of its own, so that a slow
 * disc holds nobody up but who asked for it. What waits together is written
 * together: one wait for the disc, however many.
 */
#ifndef LETTERLOCK_JOURNAL_WRITER_H
#define LETTERLOCK_JOURNAL_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/err.h>

#include "policy/store/journal.h"

enum { JOURNAL_WRITER_MAX = 4096 };	/* changes that wait */

struct journal_writer;

/* On the state file `path`. NULL with `err` (ERR_CONF). */
struct journal_writer *journal_writer_new(const char *path, struct err *err);
/* Writes what waits, then ends. NULL is fine. */
void journal_writer_free(struct journal_writer *writer);

/* Readable when there is something done. */
int journal_writer_descriptor(const struct journal_writer *writer);

struct journal_done {
	uint64_t link, id;	/* as they were given */
	struct err err;		/* ERR_NONE: it is on the disc */
};

/* Takes `change` over. False (it stays the caller's) when too many wait. */
bool journal_writer_put(struct journal_writer *writer,
			struct journal_change *change, uint64_t link, uint64_t id);

/* Whether the entry `id` is to be forgotten, though the disc may still have it:
 * who looks it up meanwhile must not take it for what was sent of another message. */
bool journal_writer_forgets(struct journal_writer *writer, const char *id);

/* One that is done; false when there is none. */
bool journal_writer_done(struct journal_writer *writer, struct journal_done *done);

#endif
