/* Whatever is asked of whatever shape: an answer is within its message, of the
 * size that it says, and a part of what is answered when all is asked for. */
#include <stdlib.h>

#include <letterlock/header.h>

#include "proxy/engine/imap_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct shape_range range_of(const uint8_t *data, size_t most)
{
	uint64_t offset = data[0] % (most + 2), left = most > offset ? most - offset : 0;

	return (struct shape_range){ offset, data[1] % (left + 2) };
}

/* The value of a section, as a copy in `out`. */
static void value_of(const struct imap_fetch_item *item, const struct shape *shape,
		     struct span view, struct buf *out)
{
	struct buf head;
	struct span body, text;
	unsigned long long said;
	size_t open;

	buf_init(&head, 1 << 20);
	if (imap_answer_item(item, shape, view, &head, &body) < 0)
		abort();
	/* its name holds braces perhaps, and is what it was */
	text = span_skip(buf_span(&head), item->name.len + item->section.len);
	open = span_find(text, '{');
	if (open == text.len)
		abort();
	text = span_skip(text, open + 1);
	if (!span_number(span_of(text.at, span_find(text, '}')), &said))
		abort();
	text = span_skip(text, span_find(text, '\n') + 1);
	if (said != text.len + body.len || buf_put(out, text) < 0 ||
	    buf_put(out, body) < 0)
		abort();
	buf_free(&head);
}

static void ask(struct imap_fetch_item item, const struct shape *shape,
		struct span view)
{
	struct buf part, all;
	struct span want;
	bool partial = item.partial;

	buf_init(&part, 1 << 20);
	buf_init(&all, 1 << 20);
	item.partial = false;
	value_of(&item, shape, view, &all);
	item.partial = true;
	want = buf_span(&all);
	want = span_skip(want, item.offset < want.len ? (size_t)item.offset : want.len);
	if (want.len > item.count)
		want.len = (size_t)item.count;
	if (partial) {
		value_of(&item, shape, view, &part);
		if (!span_eq(buf_span(&part), want))
			abort();
	}
	buf_free(&part);
	buf_free(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shape_part part = { .path = { 1 }, .path_n = 1, .message = size % 2 };
	struct shape shape = { .parts = &part, .parts_n = 1 };
	struct imap_fetch_items items;
	struct span args, view, set;

	if (size < 8)
		return 0;
	view = span_of((const char *)data + 8, size - 8);
	args = span_of(view.at, span_find(view, '\xff'));
	view = span_skip(view, args.len + 1);
	if (imap_fetch_items_read(args, &set, &items) < 0)
		return 0;
	part.mime = range_of(data, view.len);
	part.body = range_of(data + 2, view.len);
	part.header = range_of(data + 4, view.len);
	part.text = range_of(data + 6, view.len);
	shape.size = view.len;
	shape.header = (struct shape_range){ 0, data[0] < view.len ? data[0] : view.len };
	shape.text = (struct shape_range){ shape.header.size,
					   view.len - shape.header.size };
	if (data[1] & 1)
		shape.header_bytes = span_of(view.at, (size_t)shape.header.size);
	for (size_t i = 0; i < items.n; i++)
		if (items.at[i].kind == IMAP_FETCH_SECTION)
			ask(items.at[i], &shape, view);
	imap_fetch_items_free(&items);
	return 0;
}
