/* slots - the gateway's spool budget as the master has it: which worker has
 * which slot, over all generations. */
#ifndef LETTERLOCK_SLOTS_H
#define LETTERLOCK_SLOTS_H

#include <stdint.h>

#include <letterlock/err.h>

enum { SLOTS_MAX = 2048 };

struct slots;

struct slots *slots_new(uint64_t limit, struct err *err);
void slots_free(struct slots *slots);

/* The descriptor that workers inherit. */
int slots_descriptor(const struct slots *slots);
void slots_limit(struct slots *slots, uint64_t limit);

/* A slot of one's own; -1 when all are in use. */
int slots_take(struct slots *slots);
/* What its worker held is free again; the slot stays taken. */
void slots_reclaim(struct slots *slots, int slot);
void slots_give(struct slots *slots, int slot);

#endif
