/* watch - see loop.h. */
#include "proxy/net/loop.h"

#include <stdlib.h>
#include <uv.h>

#include <letterlock/mem.h>

struct watch {
	uv_poll_t handle;
	int wanted;	/* UV_READABLE, UV_WRITABLE */
	void (*ready)(void *owner, bool readable, bool writable);
	void *owner;
};

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct watch *watch = handle->data;

	if (status < 0) {
		/* libuv stopped it for POLLERR: the next read or write of the
		 * owner says what it is */
		events = watch->wanted;
		uv_poll_start(handle, watch->wanted, on_poll);
	}
	watch->ready(watch->owner, events & UV_READABLE, events & UV_WRITABLE);
}

struct watch *watch_new(struct loop *loop, int fd,
			void (*ready)(void *owner, bool readable, bool writable), void *owner)
{
	struct watch *watch = mem_new(sizeof(*watch));

	if (uv_poll_init(loop_uv(loop), &watch->handle, fd) != 0)
		abort();	/* not a descriptor that can be polled: a bug */
	watch->handle.data = watch;
	watch->ready = ready;
	watch->owner = owner;
	return watch;
}

void watch_want(struct watch *watch, bool readable, bool writable)
{
	int wanted = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	if (wanted == watch->wanted)
		return;	/* each change costs two system calls */
	watch->wanted = wanted;
	uv_poll_start(&watch->handle, wanted, on_poll);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void watch_free(struct watch *watch)
{
	if (watch)
		uv_close((uv_handle_t *)&watch->handle, on_closed);
}
