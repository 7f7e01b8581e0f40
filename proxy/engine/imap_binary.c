#include "proxy/engine/imap_binary.h"

/* A part that is not there is empty, and so is known. */
static bool known(const struct imap_fetch_item *item, const struct shape *shape)
{
	const struct shape_part *part = shape_find(shape, item->path, item->path_n);

	return !item->path_n || !part || part->encoding != SHAPE_UNKNOWN_ENCODING;
}

bool imap_binary_known(const struct imap_fetch_items *items, const struct shape *shape)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind >= IMAP_FETCH_BINARY && !known(&items->at[i], shape))
			return false;
	return true;
}

static enum transfer_encoding encoding_of(const struct shape_part *part)
{
	switch (part->encoding) {
	case SHAPE_BASE64:
		return TRANSFER_BASE64;
	case SHAPE_QUOTED_PRINTABLE:
		return TRANSFER_QUOTED_PRINTABLE;
	case SHAPE_IDENTITY:
	case SHAPE_UNKNOWN_ENCODING:
		break;
	}
	return TRANSFER_IDENTITY;
}

static struct span body_of(const struct shape_part *part, struct span view)
{
	struct shape_range body = part->body;

	if (body.offset > view.len || body.size > view.len - body.offset)
		return span_of("", 0);
	return span_of(view.at + body.offset, (size_t)body.size);
}

void imap_binary_begin(struct imap_binary *b, const struct imap_fetch_item *item,
		       const struct shape *shape, struct span view)
{
	const struct shape_part *part = NULL;
	enum transfer_encoding encoding = TRANSFER_IDENTITY;

	if (item->path_n) {
		part = shape_find(shape, item->path, item->path_n);
		encoding = part ? encoding_of(part) : TRANSFER_IDENTITY;
		view = part ? body_of(part, view) : span_of("", 0);
	}
	*b = (struct imap_binary){ .item = item, .to = UINT64_MAX };
	if (item->partial) {
		b->from = item->offset;
		b->to = item->offset + item->count;
	}
	transfer_begin(&b->transfer, encoding, view);
	b->start = b->transfer;
}

/* The part of a piece, decoded behind `at` others, that is asked for. */
static struct span asked_for(const struct imap_binary *b, uint64_t at, struct span piece)
{
	if (at < b->from)
		piece = span_skip(piece, b->from - at < piece.len ? (size_t)(b->from - at)
								  : piece.len);
	if (at < b->from)
		at = b->from;
	if (at >= b->to)
		return span_of("", 0);
	if (piece.len > b->to - at)
		piece.len = (size_t)(b->to - at);
	return piece;
}

static bool done(const struct imap_binary *b)
{
	return b->transfer.ended || b->at >= b->to;
}

/* Decodes a piece into `room`: what of it is asked for. */
static struct span decode(struct imap_binary *b, char *room)
{
	size_t n = transfer_next(&b->transfer, room, IMAP_BINARY_PIECE);
	uint64_t at = b->at;

	b->at += n;
	return asked_for(b, at, span_of(room, n));
}

bool imap_binary_count(struct imap_binary *b)
{
	char room[IMAP_BINARY_PIECE];
	struct span piece;

	if (done(b))
		return true;
	if (b->at <= b->from) {
		b->start = b->transfer;
		b->start_at = b->at;
	}
	piece = decode(b, room);
	b->nul |= piece.len && memchr(piece.at, '\0', piece.len);
	return done(b);
}

int imap_binary_put(struct imap_binary *b, struct buf *head)
{
	uint64_t end = b->at < b->to ? b->at : b->to;
	uint64_t size = end > b->from ? end - b->from : 0;

	b->transfer = b->start;
	b->at = b->start_at;
	b->to = b->from + size;
	if (imap_fetch_items_put_name(b->item, head) < 0)
		return -1;
	if (b->item->kind == IMAP_FETCH_BINARY_SIZE) {
		b->to = b->at;		/* nothing follows */
		return buf_printf(head, " %llu", (unsigned long long)size);
	}
	return buf_printf(head, " %s{%llu}\r\n", b->nul ? "~" : "", (unsigned long long)size);
}

bool imap_binary_next(struct imap_binary *b, struct buf *out)
{
	char room[IMAP_BINARY_PIECE];

	if (!done(b))
		(void)buf_put(out, decode(b, room));
	return done(b);
}
