/*
 * buf - a byte queue with a hard limit: put at the end, taken off the front.
 * Holds no memory while it is empty and buf_trim() was called.
 */
#ifndef LETTERLOCK_BUF_H
#define LETTERLOCK_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

struct buf {
	char *data;
	size_t head;	/* where the first byte is */
	size_t len;	/* how many there are */
	size_t cap;	/* what data can hold */
	size_t used;	/* of it, from its front: bytes that were ever held */
	size_t max;	/* len never grows past it */
};

/* An empty queue that never holds more than `max` bytes. Allocates nothing. */
void buf_init(struct buf *buf, size_t max);

/* Frees the memory; the queue is empty and may be used again. */
void buf_free(struct buf *buf);

/* As buf_free, but overwrites what was held first (for credentials). */
void buf_wipe(struct buf *buf);

/* All bytes held; valid until the queue next changes. */
struct span buf_span(const struct buf *buf);

/* Appends. 0, or -1 when it would pass the limit (then nothing was put). */
int buf_put(struct buf *buf, struct span bytes);
static inline int buf_puts(struct buf *buf, const char *text)
{
	return buf_put(buf, span_str(text));
}
int buf_put_number(struct buf *buf, unsigned long long number);	/* decimal */
int buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Room for at least `want` bytes at the end, to be written by the caller and
 * then counted in with buf_commit(). NULL when it would pass the limit.
 */
char *buf_reserve(struct buf *buf, size_t want);
void buf_commit(struct buf *buf, size_t len);

/* How many more bytes the limit allows. */
size_t buf_room(const struct buf *buf);

/* Drops `len` bytes (at most all) off the front. */
void buf_drop(struct buf *buf, size_t len);

/* Drops everything but keeps the memory. */
void buf_clear(struct buf *buf);

/* Gives the memory back when the queue is empty. */
void buf_trim(struct buf *buf);

/* The bytes as a NUL-ended string owned by the caller; the queue is empty. */
char *buf_take_string(struct buf *buf);

#endif
