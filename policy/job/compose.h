/*
 * compose - writes one copy of a message as a row of the plan says: as it was,
 * signed (RFC 3156 5) or encrypted (RFC 3156 4), with header protection
 * (RFC 9788).
 */
#ifndef LETTERLOCK_COMPOSE_H
#define LETTERLOCK_COMPOSE_H

#include <stdbool.h>

#include <letterlock/ask.h>
#include <letterlock/err.h>

struct key;
struct message;
struct output;
struct pgp;
struct plan;
struct plan_row;

/* For one message; all is borrowed. */
struct compose {
	const struct ask *ask;
	const struct message *message;
	const struct plan *plan;
	const char *hostname;		/* ours, in verdicts */
	struct pgp *pgp;		/* may be NULL where no key is used */
	int out;			/* copies are appended here */
	uint64_t room;			/* octets that still fit in there */
	bool stored;			/* for the sender's own mailbox, not sent */
};

/*
 * Makes the copy for those whose plan is like `row`, encrypted to exactly the
 * `n` different `keys` where the row says so. 0: `copy` says where it is (its
 * recipients are the caller's). -1 with `reply`; `err` says more when the
 * fault is ours (kind not ERR_REFUSED). What was written then is of no use.
 */
int compose(struct compose *compose, const struct plan_row *row,
	    const struct key *const *keys, size_t n, struct answer_copy *copy,
	    struct reply *reply, struct err *err);

/* What a client is told where `err` is no fault of its message: try again. */
void compose_reply_sorry(const struct err *err, struct reply *reply);

#endif
