#include "policy/run/late_answers.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/run/reactor.h"

struct one {
	TAILQ_ENTRY(one) entry;
	struct late_answers *late;
	struct reactor_timer *due;
	uint64_t link;
	struct answer words;
	int passed;
};

struct late_answers {
	struct reactor *reactor;
	TAILQ_HEAD(, one) all;
	void (*tell)(void *owner, uint64_t link, const struct answer *words, int passed);
	void *owner;
};

/* Its descriptor is somebody else's by now, or closed. */
static void take_away(struct one *one)
{
	TAILQ_REMOVE(&one->late->all, one, entry);
	reactor_timer_free(one->due);
	free(one);
}

static void on_due(void *owner)
{
	struct one *one = owner;
	const struct late_answers *late = one->late;

	late->tell(late->owner, one->link, &one->words, one->passed);
	take_away(one);
}

struct late_answers *late_answers_new(struct reactor *reactor,
				      void (*tell)(void *owner, uint64_t link,
						   const struct answer *words, int passed),
				      void *owner)
{
	struct late_answers *late = mem_new(sizeof(*late));

	late->reactor = reactor;
	late->tell = tell;
	late->owner = owner;
	TAILQ_INIT(&late->all);
	return late;
}

void late_answers_free(struct late_answers *late)
{
	struct one *one;

	if (!late)
		return;
	while ((one = TAILQ_FIRST(&late->all))) {
		if (one->passed >= 0)
			close(one->passed);
		take_away(one);
	}
	free(late);
}

void late_answers_put(struct late_answers *late, uint64_t link, uint64_t came,
		      const struct answer *words, int passed)
{
	struct one *one = mem_new(sizeof(*one));
	uint64_t taken = reactor_now(late->reactor) - came;

	one->late = late;
	one->link = link;
	one->words = *words;
	one->words.tried = false;	/* said to the engine, not to workers */
	one->passed = passed;
	one->due = reactor_timer_new(late->reactor, on_due, one);
	TAILQ_INSERT_TAIL(&late->all, one, entry);
	reactor_timer_start(one->due, LATE_ANSWERS_STEP - taken % LATE_ANSWERS_STEP);
}
