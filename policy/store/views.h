/*
 * views - what readers were shown of stored messages, kept so that it is the
 * same in every session: view, shape, and the words that SEARCH looks for.
 * Kept per login and encrypted under a key of its own file; by the content of
 * the stored message, so that COPY and MOVE lead to the same view. Blocking, as
 * db is.
 */
#ifndef LETTERLOCK_VIEWS_H
#define LETTERLOCK_VIEWS_H

#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/shape.h>
#include <letterlock/strs.h>

struct views;

/* What the key's file is called, in the GnuPG home. */
#define VIEWS_KEY_FILE "letterlock-views.key"

enum { VIEWS_DIGEST_SIZE = 65 };	/* 64 hex digits and a NUL */

/* What is kept of one stored message of a login's. */
struct views_record {
	char digest[VIEWS_DIGEST_SIZE];	/* SHA-256 of the stored bytes */
	/* Which keys it was tried with (a digest, or ""): a view that could not
	 * be opened is made anew when these have changed. */
	char keys[VIEWS_DIGEST_SIZE];
	bool failed;			/* it could not be opened */
	struct span entry;		/* wire form of its shape_entry */
	struct span view;		/* its bytes; empty for SHAPE_CLEAR */
	struct span words;		/* what SEARCH finds: mime_fold() of decoded
					 * header fields, "name: value" a line, an
					 * empty line, and decoded text; LF */
};

/* Overwrites what the last call has left in memory. */
void views_forget(struct views *views);

/*
 * Opens the state file `state`; the key is in `key_file`, made with a random
 * key (mode 0600) when there is none and no view is kept yet. NULL with `err`
 * (ERR_CONF): also when the key is missing or another one than the views have.
 */
struct views *views_open(const char *state, const char *key_file, struct err *err);
void views_close(struct views *views);

/*
 * Looks for the message that stands at place->names[i] for `login`. 1: `record`
 * is set, its spans are valid until the next call; 0: not known; -1 with `err`
 * (ERR_TEMP). `with_view` false leaves `view` and `words` empty, and is cheap.
 */
int views_at(struct views *views, const char *login, const struct ask_place *place,
	     size_t i, bool with_view, struct views_record *record, struct err *err);

/* The same for the message with this digest, wherever it stands. */
int views_of(struct views *views, const char *login, const char *digest,
	     struct views_record *record, struct err *err);

/* Keeps `record` (in place of the one of its digest), which stands at
 * place->names[i]. On 0 it is on the disc. */
int views_keep(struct views *views, const char *login, const struct ask_place *place,
	       size_t i, const struct views_record *record, struct err *err);

/* From now on place->names[i] is the message with that digest, which is kept. */
int views_place(struct views *views, const char *login, const struct ask_place *place,
		size_t i, const char *digest, struct err *err);

/* All of place->names are clear, and need no view. */
int views_clear(struct views *views, const char *login, const struct ask_place *place,
		struct err *err);

/* Those names stand for nothing any more; what no place leads to is deleted. */
int views_gone(struct views *views, const char *login, const struct ask_place *place,
	       struct err *err);

/* The mailbox was deleted: as views_gone() of all that stood in it, under any
 * UIDVALIDITY. */
int views_deleted(struct views *views, const char *login, const struct ask_place *place,
		  struct err *err);

/*
 * Notes that the signature named `id` (a digest) stands on the message that the
 * digest `message` tells from others. 1: it stood on another one before (a
 * replay); 0: not; -1 with `err`.
 */
int views_signature(struct views *views, const char *login, const char *id,
		    const char *message, struct err *err);

/*
 * Notes that `login` was shown an encrypted message with these Message-IDs; what
 * is kept of them says nothing without the key. 0: on the disc; -1 with `err`.
 */
int views_answers_note(struct views *views, const char *login, const struct strs *ids,
		       struct err *err);

/* Whether one of `ids` was noted so. 1, 0, or -1 with `err`: nobody can tell. */
int views_answers(struct views *views, const char *login, const struct strs *ids,
		  struct err *err);

/*
 * Appends to `all` the UIDs in `place` that have a view, and to `found` those
 * that hold what `ask` (ASK_FIND) looks for, as sets ("1:3,7"). Both texts are
 * folded (mime_fold).
 */
int views_find(struct views *views, const char *login, const struct ask *ask,
	       struct buf *all, struct buf *found, struct err *err);

#endif
