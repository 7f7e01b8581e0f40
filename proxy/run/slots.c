#include "proxy/run/slots.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/session/spool.h"

struct slots {
	int fd;
	struct spool_budget *budget;
	bool taken[SLOTS_MAX];
};

struct slots *slots_new(uint64_t limit, struct err *err)
{
	struct slots *slots = mem_new(sizeof(*slots));

	/* the master's own map names no worker's slot */
	slots->fd = -1;
	if (spool_budget_new(limit, SLOTS_MAX, &slots->fd, err) == 0)
		slots->budget = spool_budget_open(slots->fd, 0, err);
	if (slots->budget)
		return slots;
	slots_free(slots);
	return NULL;
}

void slots_free(struct slots *slots)
{
	if (!slots)
		return;
	spool_budget_close(slots->budget);
	if (slots->fd >= 0)
		close(slots->fd);
	free(slots);
}

int slots_descriptor(const struct slots *slots)
{
	return slots->fd;
}

void slots_limit(struct slots *slots, uint64_t limit)
{
	spool_budget_limit(slots->budget, limit);
}

int slots_take(struct slots *slots)
{
	for (int i = 0; i < SLOTS_MAX; i++) {
		if (slots->taken[i])
			continue;
		slots->taken[i] = true;
		return i;
	}
	return -1;
}

void slots_reclaim(struct slots *slots, int slot)
{
	spool_budget_reclaim(slots->budget, (unsigned)slot);
}

void slots_give(struct slots *slots, int slot)
{
	slots_reclaim(slots, slot);
	slots->taken[slot] = false;
}
