/*
 * late_answers - answers that are told at whole steps of time after their
 * question came, so that when they come says nothing of what went wrong: a message
 * that a secret key was used on in vain (RFC 9580 13.5, THREATS 127). They hold no
 * sealer while they wait.
 */
#ifndef LETTERLOCK_LATE_ANSWERS_H
#define LETTERLOCK_LATE_ANSWERS_H

#include <stdint.h>

#include <letterlock/ask.h>

struct late_answers;
struct reactor;

/* ms: more than gpg takes to fail in any way on a message of usual size */
enum { LATE_ANSWERS_STEP = 250 };

/* `tell` is given what is due: the number that late_answers_put() had, the answer, and
 * the descriptor beside it (the callee's). */
struct late_answers *late_answers_new(struct reactor *reactor,
				      void (*tell)(void *owner, uint64_t link,
						   const struct answer *words, int passed),
				      void *owner);
/* What waits is gone without a word. */
void late_answers_free(struct late_answers *late);

/* Keeps `words` (copied; no copies of a message are in it) and `passed` (taken over) for the
 * end of the step that runs since `came` (of reactor_now()). As many wait as sealers
 * fail in one step. */
void late_answers_put(struct late_answers *late, uint64_t link, uint64_t came,
		      const struct answer *words, int passed);

#endif
