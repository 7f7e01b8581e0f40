/*
 * journal - which recipients of a message upstream has accepted, so that a
 * repeat after a partial failure sends only the rest. Blocking, as db is. An
 * entry counts for a day.
 */
#ifndef LETTERLOCK_JOURNAL_H
#define LETTERLOCK_JOURNAL_H

#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/err.h>
#include <letterlock/strs.h>

struct journal;

enum { JOURNAL_SECONDS = 24 * 60 * 60 };

struct journal_change {
	char id[JOURNAL_ID_SIZE];
	/* Accepted now; none: all is sent and told, forget the entry. */
	struct strs recipients;
};

/* In the state file `path`. NULL with `err` (ERR_CONF). */
struct journal *journal_open(const char *path, struct err *err);
void journal_close(struct journal *journal);

/* Appends to `recipients` who has had message `id` at `now` (seconds). -1 with
 * `err` (ERR_TEMP) when that cannot be known: then nothing may be sent. */
int journal_find(struct journal *journal, const char *id, int64_t now,
		 struct strs *recipients, struct err *err);

/* Makes `n` changes and forgets what is too old. On 0 they are on the disc; on
 * -1 (`err`, ERR_TEMP: the disc is full ...) none of them is. */
int journal_write(struct journal *journal, const struct journal_change *changes,
		  size_t n, int64_t now, struct err *err);

#endif
