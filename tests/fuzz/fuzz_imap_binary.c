/* Whatever is asked of whatever part: the answer is of the size that it says, that is
 * BINARY.SIZE's, says whether it holds a NUL, and is cut from what all of it is. */
#include <stdlib.h>

#include "proxy/engine/imap_binary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The value of an item, in `out`; of SIZE as it says. */
static unsigned long long value_of(const struct imap_fetch_item *item, const struct shape *shape,
				   struct span view, struct buf *out)
{
	struct imap_binary binary;
	struct buf head;
	struct span text;
	unsigned long long said;

	imap_binary_begin(&binary, item, shape, view);
	while (!imap_binary_count(&binary))
		;
	buf_init(&head, 1 << 16);
	if (imap_binary_put(&binary, &head) < 0)
		abort();
	while (!imap_binary_next(&binary, out))
		;
	text = span_skip(buf_span(&head), item->name.len + item->section.len);
	text = span_skip(text, span_find(text, ' ') + 1);
	if (item->kind == IMAP_FETCH_BINARY) {
		bool nul = out->len && memchr(buf_span(out).at, '\0', out->len);

		if (nul != (text.at[0] == '~'))
			abort();
		text = span_skip(text, nul ? 2 : 1);
		text.len = span_find(text, '}');
	}
	if (!span_number(text, &said) || (item->kind == IMAP_FETCH_BINARY && said != out->len))
		abort();
	buf_free(&head);
	return said;
}

static void ask(struct imap_fetch_item item, const struct shape *shape, struct span view)
{
	struct buf part, all, none;
	struct span want;

	buf_init(&part, 1 << 20);
	buf_init(&all, 1 << 20);
	buf_init(&none, 0);
	item.kind = IMAP_FETCH_BINARY;
	(void)value_of(&item, shape, view, &part);
	if (item.partial) {
		item.partial = false;
		(void)value_of(&item, shape, view, &all);
		want = buf_span(&all);
		want = span_skip(want, item.offset < want.len ? (size_t)item.offset : want.len);
		if (want.len > item.count)
			want.len = (size_t)item.count;
		if (!span_eq(buf_span(&part), want))
			abort();
		buf_free(&part);
		part = all;
	}
	item.kind = IMAP_FETCH_BINARY_SIZE;
	if (value_of(&item, shape, view, &none) != part.len)
		abort();
	buf_free(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shape_part part = { .path = { 1 }, .path_n = 1 };
	struct shape shape = { .parts = &part, .parts_n = 1 };
	struct imap_fetch_items items;
	struct span args, view, set;

	if (size < 3)
		return 0;
	view = span_of((const char *)data + 3, size - 3);
	args = span_of(view.at, span_find(view, '\xff'));
	view = span_skip(view, args.len + 1);
	if (imap_fetch_items_read(args, &set, &items) < 0)
		return 0;
	part.encoding = (enum shape_encoding)(data[0] % (SHAPE_UNKNOWN_ENCODING + 1));
	part.body = (struct shape_range){ data[1] % (view.len + 2), data[2] };
	shape.size = view.len;
	for (size_t i = 0; i < items.n; i++)
		if (items.at[i].kind >= IMAP_FETCH_BINARY)
			ask(items.at[i], &shape, view);
	imap_fetch_items_free(&items);
	return 0;
}
