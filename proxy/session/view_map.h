/*
 * view_map - the descriptor of an answer that holds shapes and perhaps a view,
 * mapped as long as something is cut from it, and counted against the gateway's
 * spool memory.
 */
#ifndef LETTERLOCK_VIEW_MAP_H
#define LETTERLOCK_VIEW_MAP_H

#include <letterlock/ask.h>
#include <letterlock/log.h>
#include <letterlock/span.h>

struct spool_budget;

/* Zeroed holds nothing. */
struct view_map {
	void *at;
	size_t size;		/* bytes mapped, counted in the budget */
	struct span entries;	/* shape_entry after shape_entry */
	struct span bytes;	/* the view behind them; empty for SHAPES */
};

enum view_map_result {
	VIEW_MAP_TAKEN,
	VIEW_MAP_FULL,		/* the budget has no room for it */
	VIEW_MAP_BAD,		/* it is no sealed memory of that size */
};

/*
 * Takes over the descriptor of a SHAPES or VIEW answer, in place of what `view`
 * held. What keeps it from that is logged. `passed` is closed in any case.
 */
enum view_map_result view_map_take(struct view_map *view, struct spool_budget *budget,
				   const struct log *log, const struct answer *answer, int passed);
void view_map_drop(struct view_map *view, struct spool_budget *budget);

#endif
