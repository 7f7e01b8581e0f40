/*
 * policy_link - a worker's questions to the policy engine, and the answers.
 * When the engine dies and is replaced, questions under way are asked again,
 * once: all of them may be repeated.
 */
#ifndef LETTERLOCK_POLICY_LINK_H
#define LETTERLOCK_POLICY_LINK_H

#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/log.h>

struct loop;
struct policy_link;
struct policy_question;

enum {
	/* What is under way at once, in questions and in their bytes; beyond
	 * it there is no answer (NULL), told by the loop at once. */
	POLICY_LINK_QUESTIONS = 65536,
	POLICY_LINK_BYTES = 64 * 1024 * 1024,
};

/* Without a connection yet: what is asked waits for one. `log` is borrowed. */
struct policy_link *policy_link_new(struct loop *loop, const struct log *log);

/* Questions under way are forgotten, their owners are not told. */
void policy_link_free(struct policy_link *link);

/*
 * Takes over `fd`, one end of a channel to an engine. What went to the one
 * before and was not answered is asked again, unless that was the second time
 * already: a question that engines die of must not kill the next one.
 */
void policy_link_connect(struct policy_link *link, int fd);

/* How many questions are under way, also those nobody waits for. */
unsigned policy_link_pending(const struct policy_link *link);

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
