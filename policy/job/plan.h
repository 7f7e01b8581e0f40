/*
 * plan - what is to become of one message, recipient by recipient, before
 * anything is written or encrypted. `seal` carries it out, `explain` shows it:
 * so they cannot disagree.
 */
#ifndef LETTERLOCK_PLAN_H
#define LETTERLOCK_PLAN_H

#include <stdbool.h>

#include <letterlock/ask.h>
#include <letterlock/err.h>

#include "policy/job/client_crypto.h"
#include "policy/rules/rule_match.h"

struct key;
struct message;
struct seal_parts;

/* What is done with the message for a recipient. */
enum plan_do {
	PLAN_WAIT,	/* a rule has to see the message first */
	PLAN_UNKNOWN,	/* ... to know the listener or client: see `refused` */
	PLAN_REFUSE,	/* `refused` says why */
	PLAN_PASS,	/* as the client wrote it */
	PLAN_SIGN,
	PLAN_ENCRYPT,
	PLAN_SIGN_ENCRYPT,
};

/* One recipient of the envelope. All but the arrays is borrowed. */
struct plan_row {
	const char *to;
	enum plan_do what;
	struct decision decision;	/* not set for PLAN_WAIT */
	const struct key *key;		/* the recipient's, usable, or NULL */
	char why_no_key[64];		/* when NULL */
	const struct key **also;	/* also-encrypt-to; owned */
	size_t also_n;
	bool blind;			/* in no To or Cc */
	struct reply refused;		/* code 0: not refused */
};

struct plan {
	struct plan_row *rows;		/* in the order of the envelope */
	size_t n;
	const struct key *signer;	/* of the login, or NULL */
	char why_no_signer[64];
	struct client_crypto client;
	struct reply refused;		/* the message as a whole; code 0: no */
};

/*
 * Decides for every recipient of `ask`, which carries one or more, with the
 * message in view unless `message` is NULL. When the message is refused as a
 * whole every row that was not refused before gets that reply.
 */
void plan_make(const struct seal_parts *parts, const struct ask *ask,
	       const struct message *message, struct plan *plan);
void plan_free(struct plan *plan);

/* Makes plan->refused that of every row that has none of its own. */
void plan_spread(struct plan *plan);

/* The first refusal, or NULL when every recipient may have the message. */
const struct reply *plan_refusal(const struct plan *plan);

/* Fills row->also as its decision says (a fingerprint or an address each), or
 * row->refused when one cannot be used. */
void plan_find_also(const struct seal_parts *parts, struct plan_row *row);

bool plan_encrypts(const struct plan_row *row);
bool plan_signs(const struct plan_row *row);

#endif
