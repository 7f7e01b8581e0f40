/*
 * engine_messages - messages on their way through the policy engine: queued,
 * handed to a sealer with the keys they need, and back to the worker without
 * those recipients whom upstream has served before.
 */
#ifndef LETTERLOCK_ENGINE_MESSAGES_H
#define LETTERLOCK_ENGINE_MESSAGES_H

#include <stdint.h>

#include <letterlock/ask.h>

struct engine;
struct seal_job;

/* Takes `ask` and `passed` over; `wire` is what the ask came as. */
void engine_messages_queue(struct engine *engine, uint64_t link,
			   struct ask *ask, struct span wire, int passed);

/* Answers what has waited too long, while its client still listens. */
void engine_messages_expire(struct engine *engine);

/* For sealers_setup: a sealer can take one, and what became of one. A stored
 * message that two died of is asked about once more, to be shown as it is. */
void engine_messages_idle(void *owner);
bool engine_messages_sealed(void *owner, struct seal_job *job,
			    struct answer *words, int passed);

#endif
