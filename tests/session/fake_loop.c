#include "tests/session/fake_loop.h"

#include <stdlib.h>

#include <letterlock/mem.h>

void loop_turn_ask(struct loop *loop, struct loop_turn *turn)
{
	if (turn->link)
		return;
	turn->next = loop->turns;
	turn->link = &loop->turns;
	if (turn->next)
		turn->next->link = &turn->next;
	loop->turns = turn;
}

void loop_turn_drop(struct loop_turn *turn)
{
	if (!turn->link)
		return;
	*turn->link = turn->next;
	if (turn->next)
		turn->next->link = turn->link;
	turn->next = NULL;
	turn->link = NULL;
}

uint64_t loop_now(const struct loop *loop)
{
	return loop->now;
}

struct timer *timer_new(struct loop *loop, void (*fired)(void *owner), void *owner)
{
	struct timer *timer = mem_new(sizeof(*timer));

	*timer = (struct timer){ .loop = loop, .fired = fired, .owner = owner,
				 .next = loop->timers };
	loop->timers = timer;
	return timer;
}

void timer_start(struct timer *timer, uint64_t ms)
{
	timer->due = timer->loop->now + ms;
}

void timer_stop(struct timer *timer)
{
	timer->due = 0;
}

void timer_free(struct timer *timer)
{
	struct timer **at;

	if (!timer)
		return;
	for (at = &timer->loop->timers; *at != timer; at = &(*at)->next)
		;
	*at = timer->next;
	free(timer);
}

struct timer *fake_loop_due(struct loop *loop)
{
	for (struct timer *timer = loop->timers; timer; timer = timer->next)
		if (timer->due && timer->due <= loop->now) {
			timer->due = 0;
			return timer;
		}
	return NULL;
}
