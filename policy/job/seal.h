/*
 * seal - one outbound message, start to end: rules with the message in view,
 * keys, and the copies to send. Blocking. Used by the sealer process and by
 * `letterlock seal` and `explain` alike, so that they cannot disagree.
 */
#ifndef LETTERLOCK_SEAL_H
#define LETTERLOCK_SEAL_H

#include <letterlock/ask.h>
#include <letterlock/err.h>

struct conf;
struct key_index;
struct pgp;
struct plan;

struct seal_parts {
	const struct conf *conf;
	const struct key_index *keys;	/* all that the message could need */
	struct pgp *pgp;		/* NULL: no GnuPG home; nothing needs it */
	int64_t now;			/* seconds */
	/* Whether one of `ids` is of a message that was encrypted and opened for
	 * `login` (see answers.h): 1, 0, or -1 with `err`, which is the callee's to
	 * log: then, and where this is NULL, the message is refused for now. Asked
	 * only where a rule looks at it. */
	int (*opened)(void *owner, const char *login, const struct strs *ids, struct err *err);
	void *owner;
};

/*
 * Answers `ask` (ASK_SEAL), whose message is in `in` (a descriptor that can
 * be read at offsets). `answer` becomes ANSWER_SEALED with copies in `out` (an
 * empty memfd or file), or ANSWER_REFUSED with the reply; what went wrong
 * inside is a 451, never a clear copy. The journal id is set in either case
 * (the policy engine takes recipients that were served before off the copies).
 * `err` is what to log when something of ours failed.
 */
void seal(const struct seal_parts *parts, const struct ask *ask, int in,
	  int out, struct answer *answer, struct err *err);

/* SHA-256 over login, envelope sender and the client's bytes without their
 * Message-ID field, in hex: what makes two submissions the same message. */
int seal_journal_id(const struct ask *ask, int in, char id[JOURNAL_ID_SIZE],
		    struct err *err);

/*
 * The decisions before the message is here: what ASK_SENDER and ASK_RCPT are
 * answered, and `explain` without a message shows.
 */
void seal_sender(const struct seal_parts *parts, const struct ask *ask,
		 struct answer *answer);
void seal_recipient(const struct seal_parts *parts, const struct ask *ask,
		    struct answer *answer);

/*
 * What seal() would do with the message in `in`, or could say of it before it
 * is here when `in` is -1: for `explain`. plan_free() it; it borrows from
 * `parts` and `ask`.
 */
void seal_plan(const struct seal_parts *parts, const struct ask *ask, int in,
	       struct plan *plan);

#endif
