#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/buf.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){ .max = max };
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}

void buf_wipe(struct buf *buf)
{
	/* All of it: bytes that were dropped still lie around the live ones. */
	if (buf->data)
		secret_erase(buf->data, buf->cap);
	buf_free(buf);
}

struct span buf_span(const struct buf *buf)
{
	return span_of(buf->data ? buf->data + buf->head : "", buf->len);
}

size_t buf_room(const struct buf *buf)
{
	return buf->max - buf->len;
}

/* Doubles, so that n bytes cost n copies; never past what the limit can use. */
static size_t next_cap(const struct buf *buf, size_t need)
{
	size_t cap = buf->cap ? buf->cap : FIRST_CAP;

	while (cap < need && cap <= buf->max / 2)
		cap *= 2;
	return cap < need || cap > buf->max ? buf->max : cap;
}

/* Makes room for `want` more bytes behind the last; the limit was checked. */
static void make_room(struct buf *buf, size_t want)
{
	size_t cap;
	char *data;

	if (buf->cap - buf->head - buf->len >= want)
		return;
	/* Moving to the front pays only when as much was dropped as is held. */
	if (buf->cap - buf->len >= want && buf->head >= buf->len) {
		memmove(buf->data, buf->data + buf->head, buf->len);
		buf->head = 0;
		return;
	}
	cap = next_cap(buf, buf->len + want);
	data = mem_grow(NULL, cap, 1);
	if (buf->len)
		memcpy(data, buf->data + buf->head, buf->len);
	/* Not realloc: a password in transit must leave no copy behind. */
	if (buf->data)
		secret_erase(buf->data, buf->cap);
	free(buf->data);
	buf->data = data;
	buf->cap = cap;
	buf->head = 0;
	buf->used = buf->len;
}

char *buf_reserve(struct buf *buf, size_t want)
{
	if (want > buf_room(buf))
		return NULL;
	if (!buf->data || want)
		make_room(buf, want ? want : 1);
	return buf->data + buf->head + buf->len;
}

void buf_commit(struct buf *buf, size_t len)
{
	size_t behind = buf->cap - buf->head - buf->len;

	if (len > behind || len > buf_room(buf))
		abort();	/* the caller wrote past what was reserved */
	buf->len += len;
	if (buf->head + buf->len > buf->used)
		buf->used = buf->head + buf->len;
}

int buf_put(struct buf *buf, struct span bytes)
{
	char *at;

	if (bytes.len == 0)
		return 0;
	at = buf_reserve(buf, bytes.len);
	if (!at)
		return -1;
	memcpy(at, bytes.at, bytes.len);
	buf_commit(buf, bytes.len);
	return 0;
}

int buf_put_number(struct buf *buf, unsigned long long number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	return buf_put(buf, span_of(digits + at, sizeof(digits) - at));
}

int buf_printf(struct buf *buf, const char *format, ...)
{
	char here[256], *text;
	va_list args;
	size_t len;
	int ret;

	/* vasprintf() would leave copies of what may be a password */
	va_start(args, format);
	len = (size_t)vsnprintf(here, sizeof(here), format, args);
	va_end(args);
	if (len < sizeof(here)) {
		ret = buf_put(buf, span_of(here, len));
		secret_erase(here, len);
		return ret;
	}
	secret_erase(here, sizeof(here));
	text = mem_new(len + 1);
	va_start(args, format);
	(void)vsnprintf(text, len + 1, format, args);
	va_end(args);
	ret = buf_put(buf, span_of(text, len));
	secret_erase(text, len);
	free(text);
	return ret;
}

void buf_drop(struct buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf_clear(buf);
		return;
	}
	buf->head += len;
	buf->len -= len;
}

void buf_clear(struct buf *buf)
{
	buf->head = 0;
	buf->len = 0;
}

void buf_trim(struct buf *buf)
{
	if (buf->len == 0)
		buf_free(buf);
}

char *buf_take_string(struct buf *buf)
{
	char *text = span_dup(buf_span(buf));

	buf_wipe(buf);
	return text;
}
