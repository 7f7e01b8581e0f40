/*
 * policy_link - a worker's questions to the policy engine, and the answers.
 * When the engine dies and is replaced, questions under way are asked again,
 * once: all of them may be repeated.
 */
#ifndef LETTERLOCK_POLICY_LINK_H
#define LETTERLOCK_POLICY_LINK_H

#include <stdint.h>

#include <letterlock/ask.h>

struct policy_link;
struct policy_question;

/*
 * The answer, or NULL when there was none within the time (then 451).
 * `answer` is borrowed; `passed` is the descriptor that came with it, owned
 * by the callee, or -1.
 */
typedef void policy_answered(void *owner, const struct answer *answer,
			     int passed);

/*
 * Asks; `ask` is encoded at once (its id is chosen here) and stays the
 * caller's, `passed` (or -1) is duplicated. The answer comes from the loop,
 * never from inside this call. Never NULL.
 */
struct policy_question *policy_ask(struct policy_link *link, struct ask *ask,
				   int passed, uint64_t timeout_ms,
				   policy_answered *answered, void *owner);

/* The session has ended: no answer will be called. After the answer the
 * question is gone by itself. NULL is fine. */
void policy_forget(struct policy_question *question);

#endif
