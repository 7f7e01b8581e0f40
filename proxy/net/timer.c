/* timer - see loop.h. */
#include "proxy/net/loop.h"

#include <stdlib.h>
#include <uv.h>

#include <letterlock/mem.h>

struct timer {
	uv_timer_t handle;
	void (*fired)(void *owner);
	void *owner;
};

struct timer *timer_new(struct loop *loop, void (*fired)(void *owner), void *owner)
{
	struct timer *timer = mem_new(sizeof(*timer));

	uv_timer_init(loop_uv(loop), &timer->handle);
	timer->handle.data = timer;
	timer->fired = fired;
	timer->owner = owner;
	return timer;
}

static void on_timer(uv_timer_t *handle)
{
	struct timer *timer = handle->data;

	timer->fired(timer->owner);
}

void timer_start(struct timer *timer, uint64_t ms)
{
	uv_timer_start(&timer->handle, on_timer, ms, 0);
}

void timer_stop(struct timer *timer)
{
	uv_timer_stop(&timer->handle);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void timer_free(struct timer *timer)
{
	if (timer)
		uv_close((uv_handle_t *)&timer->handle, on_closed);
}
