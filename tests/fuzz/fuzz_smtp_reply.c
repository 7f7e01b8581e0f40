/* A reply is the same whether it came whole or byte by byte, and is read back
 * from what is written of it. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/engine/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1024 * 1024 };

static void check_same(const struct smtp_reply *a, const struct smtp_reply *b,
		       bool texts)
{
	if (a->code != b->code || a->lines.n != b->lines.n)
		abort();
	for (size_t i = 0; texts && i < a->lines.n; i++)
		if (strcmp(a->lines.at[i], b->lines.at[i]) != 0)
			abort();
}

static void check_reply(const struct smtp_reply *reply)
{
	struct smtp_reply again, third;
	struct buf wire;

	if (reply->code < 200 || reply->code > 599 || reply->lines.n == 0 ||
	    reply->lines.n > SMTP_REPLY_LINES_MAX)
		abort();
	buf_init(&wire, ROOM);
	if (smtp_reply_put(&wire, reply) < 0 ||
	    smtp_reply_take(&wire, &again, NULL) != SMTP_REPLY_TAKEN || wire.len)
		abort();
	check_same(reply, &again, false);
	/* What was cleaned once stays as it is. */
	if (smtp_reply_put(&wire, &again) < 0 ||
	    smtp_reply_take(&wire, &third, NULL) != SMTP_REPLY_TAKEN)
		abort();
	check_same(&again, &third, true);
	smtp_reply_free(&again);
	smtp_reply_free(&third);
	buf_free(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_of((const char *)data, size);
	struct smtp_reply whole, dripped;
	enum smtp_reply_result result, slowly = SMTP_REPLY_MORE;
	struct buf in, slow;
	size_t given = 0;

	if (size > 4096)
		return 0;
	buf_init(&in, ROOM);
	buf_init(&slow, ROOM);
	buf_put(&in, bytes);
	result = smtp_reply_take(&in, &whole, NULL);
	while (given < size && slowly == SMTP_REPLY_MORE) {
		buf_put(&slow, span_of(bytes.at + given++, 1));
		slowly = smtp_reply_take(&slow, &dripped, NULL);
	}
	if (slowly != result || (result == SMTP_REPLY_MORE && in.len != size))
		abort();
	if (result == SMTP_REPLY_TAKEN) {
		if (slow.len || in.len != size - given)
			abort();
		check_same(&whole, &dripped, true);
		check_reply(&whole);
		smtp_reply_free(&whole);
		smtp_reply_free(&dripped);
	}
	buf_free(&in);
	buf_free(&slow);
	return 0;
}
