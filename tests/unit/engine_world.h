/*
 * engine_world - a policy engine with its sealers, each the test's own program
 * again, and the test as its master and worker.
 */
#ifndef LETTERLOCK_TEST_ENGINE_WORLD_H
#define LETTERLOCK_TEST_ENGINE_WORLD_H

#include <stdint.h>
#include <sys/types.h>

#include <letterlock/ask.h>

#include "policy/run/orders.h"

struct engine_world {
	char dir[32];
	pid_t pid;
	int orders;	/* the master's end */
	int link;	/* the worker's end */
	uint64_t id;	/* of the last question */
};

/* For main(): whether this process was to be an engine or a sealer; it was
 * one, and ends with `status`. */
bool engine_world_child(int argc, char **argv, int *status);

/* For setup and teardown: *state becomes a struct engine_world with its
 * configuration (two sealers); _ready: its engine runs and has a link. */
int engine_world_make(void **state);
int engine_world_make_ready(void **state);
int engine_world_end(void **state);

void engine_world_write(const struct engine_world *world, const char *name, const char *text);
void engine_world_start(struct engine_world *world);
void engine_world_link(struct engine_world *world);
/* Starts it with a link, and waits until it answers. */
void engine_world_ready(struct engine_world *world);
/* Ends it at once, and its link. */
void engine_world_kill(struct engine_world *world);

/* Until there is something to read, or an end; 60 s at most. */
void engine_world_wait(int fd);
/* What it tells its master next. */
enum orders_kind engine_world_hear(struct engine_world *world, struct orders *orders);

/* A question of alice, the next one; to be changed at will. */
struct ask engine_world_question(struct engine_world *world, enum ask_kind kind);

/* Asks and frees `ask`; `passed` stays the caller's. */
void engine_world_put(struct engine_world *world, struct ask *ask, int passed);

/* The next answer, which must be to question `id`; the caller's to free, as is
 * its descriptor, where somebody wants it (`passed` not NULL). */
struct answer engine_world_answer(struct engine_world *world, uint64_t id, int *passed);

#endif
