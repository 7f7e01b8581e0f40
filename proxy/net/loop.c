/* loop - see loop.h. The only libuv handles of its own: signals, and the two
 * that call what was asked for at the end of a turn. */
#include "proxy/net/loop.h"

#include <stdlib.h>
#include <uv.h>

#include <letterlock/mem.h>

#include "proxy/net/spare.h"

struct loop_signal {
	uv_signal_t handle;
	void (*came)(void *owner);
	void *owner;
	struct loop_signal *next;
};

struct loop_later {
	struct loop_turn turn;
	void (*done)(void *owner);
	void *owner;
	struct loop_later *next, **link;	/* all that wait, for loop_free */
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t before_waiting;
	uv_idle_t busy;			/* active: there are turns, do not wait */
	struct loop_turn *turns;	/* asked for */
	struct loop_turn *running;	/* those of this turn still to be run */
	struct loop_later *laters;
	struct loop_signal *signals;
	struct spare *spare;
};

static void turn_link(struct loop_turn **list, struct loop_turn *turn)
{
	turn->next = *list;
	turn->link = list;
	if (turn->next)
		turn->next->link = &turn->next;
	*list = turn;
}

static void turn_unlink(struct loop_turn *turn)
{
	*turn->link = turn->next;
	if (turn->next)
		turn->next->link = turn->link;
	turn->next = NULL;
	turn->link = NULL;
}

void loop_turn_drop(struct loop_turn *turn)
{
	if (turn->link)
		turn_unlink(turn);
}

static void on_busy(uv_idle_t *handle)
{
	(void)handle;	/* being active is all it is for */
}

void loop_turn_ask(struct loop *loop, struct loop_turn *turn)
{
	if (turn->link)
		return;
	turn_link(&loop->turns, turn);
	uv_idle_start(&loop->busy, on_busy);
}

static void on_before_waiting(uv_prepare_t *handle)
{
	struct loop *loop = handle->data;

	/* what is asked for from here on belongs to the next turn */
	while (loop->turns) {
		struct loop_turn *turn = loop->turns;

		turn_unlink(turn);
		turn_link(&loop->running, turn);	/* first asked, first run */
	}
	while (loop->running) {
		struct loop_turn *turn = loop->running;

		turn_unlink(turn);
		turn->run(turn->owner);
	}
	if (!loop->turns)
		uv_idle_stop(&loop->busy);
}

struct loop *loop_new(void)
{
	struct loop *loop = mem_new(sizeof(*loop));

	loop->spare = spare_new();
	if (uv_loop_init(&loop->uv) != 0)
		abort();	/* no epoll, no product */
	uv_idle_init(&loop->uv, &loop->busy);
	uv_prepare_init(&loop->uv, &loop->before_waiting);
	loop->before_waiting.data = loop;
	uv_prepare_start(&loop->before_waiting, on_before_waiting);
	uv_unref((uv_handle_t *)&loop->before_waiting);
	return loop;
}

static void later_free(struct loop_later *later)
{
	loop_turn_drop(&later->turn);
	*later->link = later->next;
	if (later->next)
		later->next->link = later->link;
	free(later);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->laters)
		later_free(loop->laters);
	uv_run(&loop->uv, UV_RUN_DEFAULT);	/* conns that still flush */
	uv_close((uv_handle_t *)&loop->before_waiting, NULL);
	uv_close((uv_handle_t *)&loop->busy, NULL);
	for (struct loop_signal *s = loop->signals; s; s = s->next)
		uv_close((uv_handle_t *)&s->handle, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	if (uv_loop_close(&loop->uv) != 0)
		abort();	/* somebody's handle was never freed */
	while (loop->signals) {
		struct loop_signal *s = loop->signals;

		loop->signals = s->next;
		free(s);
	}
	spare_free(loop->spare);
	free(loop);
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

uint64_t loop_now(const struct loop *loop)
{
	return uv_now(&loop->uv);
}

static void on_later(void *owner)
{
	struct loop_later *later = owner;
	void (*done)(void *owner) = later->done;
	void *who = later->owner;

	later_free(later);
	done(who);
}

void loop_later(struct loop *loop, void (*done)(void *owner), void *owner)
{
	struct loop_later *later = mem_new(sizeof(*later));

	later->done = done;
	later->owner = owner;
	later->turn.run = on_later;
	later->turn.owner = later;
	later->next = loop->laters;
	later->link = &loop->laters;
	if (later->next)
		later->next->link = &later->next;
	loop->laters = later;
	loop_turn_ask(loop, &later->turn);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct loop_signal *s = handle->data;

	(void)number;
	s->came(s->owner);
}

void loop_signal(struct loop *loop, int number, void (*came)(void *owner), void *owner)
{
	struct loop_signal *s = mem_new(sizeof(*s));

	s->came = came;
	s->owner = owner;
	uv_signal_init(&loop->uv, &s->handle);
	s->handle.data = s;
	uv_signal_start(&s->handle, on_signal, number);
	uv_unref((uv_handle_t *)&s->handle);
	s->next = loop->signals;
	loop->signals = s;
}

struct spare *loop_spare(const struct loop *loop)
{
	return loop->spare;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
	return &loop->uv;
}
