/* engine_journal - what upstream has accepted goes to the disc, and only then
 * the worker is told that it has. */
#ifndef LETTERLOCK_ENGINE_JOURNAL_H
#define LETTERLOCK_ENGINE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

struct ask;
struct engine;

/* ASK_ACCEPTED, ASK_COMPLETE: answered when it is done. */
void engine_journal_change(struct engine *engine, uint64_t link,
			   const struct ask *ask);

/* For reactor_watch() of the writer's descriptor. */
void engine_journal_done(void *owner, bool readable, bool writable);

#endif
