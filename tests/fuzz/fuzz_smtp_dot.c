/* Message bytes: cut otherwise they are the same message with the same faults;
 * what was written is read back; no end is written but the last. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/engine/smtp_dot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8 * 1024 * 1024, LINE_MAX_OCTETS = 60 };

struct outcome {
	struct buf text;
	unsigned faults;
	bool ended;
	size_t end;		/* where on the wire */
};

/* Reads `wire`, `step` bytes at a time (by turns `step` and one). */
static void read_all(struct span wire, size_t step, struct outcome *o)
{
	struct smtp_dot_reader reader;
	size_t seen = 0, given = 0, taken;
	struct span run;
	enum smtp_dot_result result;

	*o = (struct outcome){ .ended = false };
	buf_init(&o->text, ROOM);
	smtp_dot_reader_init(&reader, LINE_MAX_OCTETS);
	while (!o->ended) {
		result = smtp_dot_read(&reader, span_of(wire.at + seen, given - seen),
				       &taken, &run);
		seen += taken;
		if (run.len)
			buf_put(&o->text, run);
		o->ended = result == SMTP_DOT_END;
		if (result != SMTP_DOT_MORE)
			continue;
		if (given - seen > 3)
			abort();
		if (given == wire.len)
			break;
		given += given % 2 && step < wire.len - given ? step : 1;
	}
	o->faults = reader.faults;
	o->end = seen;
}

static void check_reading(struct span wire, size_t step)
{
	struct outcome a, b;

	read_all(wire, wire.len, &a);
	read_all(wire, step, &b);
	if (a.ended != b.ended || a.end != b.end || a.faults != b.faults ||
	    !span_eq(buf_span(&a.text), buf_span(&b.text)))
		abort();
	buf_free(&a.text);
	buf_free(&b.text);
}

static int write_all(struct span text, size_t step, struct buf *wire)
{
	struct smtp_dot_writer writer = { 0 };

	buf_init(wire, ROOM);
	while (text.len) {
		size_t len = step < text.len ? step : text.len;

		if (smtp_dot_write(&writer, wire, span_of(text.at, len)) < 0)
			return -1;
		text = span_skip(text, len);
	}
	return smtp_dot_write_end(&writer, wire);
}

static void check_writing(struct span text, size_t step)
{
	struct outcome back;
	struct buf a, b;
	int ret = write_all(text, text.len ? text.len : 1, &a);
	struct span got;

	if (write_all(text, step, &b) != ret)
		abort();
	if (ret == 0) {
		read_all(buf_span(&a), 7, &back);
		got = buf_span(&back.text);
		if (!span_eq(buf_span(&a), buf_span(&b)) || !back.ended ||
		    back.end != a.len || back.faults & ~(unsigned)SMTP_DOT_LONG)
			abort();
		/* A CRLF is added only where the text had none at its end. */
		if (got.len == text.len + 2 && (!text.len || text.at[text.len - 1] != '\n'))
			got.len -= 2;
		if (!span_eq(got, text))
			abort();
		buf_free(&back.text);
	}
	buf_free(&a);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes;

	if (size < 1)
		return 0;
	bytes = span_of((const char *)data + 1, size - 1);
	check_reading(bytes, data[0] % 32 + 1U);
	check_writing(bytes, data[0] % 32 + 1U);
	return 0;
}
