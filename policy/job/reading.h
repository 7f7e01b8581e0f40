/*
 * reading - the questions about stored mail (ask.h), answered: what is known of
 * messages, their views, and what is kept of them. Blocking; for sealers.
 */
#ifndef LETTERLOCK_READING_H
#define LETTERLOCK_READING_H

#include <letterlock/ask.h>
#include <letterlock/err.h>

struct conf;
struct key_index;
struct pgp;
struct views;

struct reading_parts {
	const struct conf *conf;
	const struct key_index *keys;	/* all of the home */
	const char *home;	/* reading_home() of these keys */
	struct pgp *pgp;	/* NULL: no GnuPG home, nothing can be opened */
	bool careful;		/* the message is not touched: shown as stored */
	struct views *views;	/* NULL: nothing is kept */
};

enum { READING_HOME_SIZE = 65 };

/* A digest of which keys there are, and which of them are secret. */
void reading_home(const struct key_index *keys, char home[READING_HOME_SIZE]);

/*
 * Answers `ask`, a question about stored mail but ASK_STORE. Its message, where
 * it has one, is in `in`; what the answer's descriptor is to hold is written to
 * `out` (an empty memfd). A view that was made stays as it is, its verdict too,
 * with one exception: a message that could not be opened is tried again when the
 * keys of the home have changed, and each time where a key's passphrase was in the
 * way, or gpg, its agent or memory was lacking (THREATS 129). What cannot be kept is shown
 * all the same, and `err` says why (to log).
 */
void reading_answer(const struct reading_parts *parts, const struct ask *ask, int in,
		    int out, struct answer *answer, struct err *err);

#endif
