#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/shape.h>

/*
 * The wire form of an entry: its kind, one octet; for SHAPE_VIEW the fields
 * of struct shape in their order, numbers in network order, text behind its
 * length in 32 bits. One value has one form.
 */
enum { PART_LEAST = 2 + 2 + 4 * 8 + 2 }; /* octets of the smallest part */

/* --- writing: `bad` sticks, and is asked once at the end --- */

struct writer {
	struct buf *out;
	bool bad;
};

static void put_number(struct writer *w, uint64_t value, size_t octets)
{
	char bytes[8];

	for (size_t i = 0; i < octets; i++)
		bytes[i] = (char)(value >> 8 * (octets - 1 - i) & 255);
	w->bad |= buf_put(w->out, span_of(bytes, octets)) < 0;
}

static void put_text(struct writer *w, struct span text)
{
	w->bad |= text.len > SHAPE_MAX;
	put_number(w, text.len, 4);
	w->bad |= buf_put(w->out, text) < 0;
}

static void put_range(struct writer *w, const struct shape_range *range)
{
	put_number(w, range->offset, 8);
	put_number(w, range->size, 8);
}

static void put_part(struct writer *w, const struct shape_part *part)
{
	w->bad |= part->path_n == 0 || part->path_n > SHAPE_PATH_MAX;
	put_number(w, part->path_n, 2);
	for (size_t i = 0; i < part->path_n && !w->bad; i++)
		put_number(w, part->path[i], 2);
	put_range(w, &part->mime);
	put_range(w, &part->body);
	put_number(w, part->encoding, 1);
	put_number(w, part->message, 1);
	if (!part->message)
		return;
	put_range(w, &part->header);
	put_range(w, &part->text);
}

static void put_shape(struct writer *w, const struct shape *shape)
{
	put_number(w, shape->size, 8);
	put_range(w, &shape->header);
	put_range(w, &shape->text);
	put_text(w, shape->envelope);
	put_text(w, shape->body);
	put_text(w, shape->bodystructure);
	put_text(w, shape->header_bytes);
	w->bad |= shape->parts_n > SHAPE_PARTS_MAX;
	put_number(w, shape->parts_n, 2);
	for (size_t i = 0; i < shape->parts_n && !w->bad; i++)
		put_part(w, &shape->parts[i]);
}

int shape_entry_encode(const struct shape_entry *entry, struct buf *out)
{
	struct writer w = { .out = out };
	size_t before = out->len;

	put_number(&w, entry->kind, 1);
	if (entry->kind == SHAPE_VIEW)
		put_shape(&w, &entry->shape);
	if (!w.bad && out->len - before <= SHAPE_MAX)
		return 0;
	out->len = before;
	return -1;
}

/* --- reading: `bad` sticks; what is read behind it is 0 or empty --- */

struct reader {
	struct span rest;
	uint64_t size;	 /* that no range passes */
	const char *bad; /* the field that was wrong, or NULL */
};

static void check(struct reader *r, bool good, const char *field)
{
	if (!good && !r->bad)
		r->bad = field;
}

static struct span get_bytes(struct reader *r, size_t len, const char *field)
{
	struct span bytes = span_of(r->rest.at, len);

	check(r, len <= r->rest.len, field);
	if (r->bad)
		return span_of("", 0);
	r->rest = span_skip(r->rest, len);
	return bytes;
}

static uint64_t get_number(struct reader *r, size_t octets, uint64_t max, const char *field)
{
	struct span bytes = get_bytes(r, octets, field);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | (unsigned char)bytes.at[i];
	check(r, value <= max, field);
	return r->bad ? 0 : value;
}

static struct span get_text(struct reader *r, size_t max, const char *field)
{
	return get_bytes(r, get_number(r, 4, max, field), field);
}

static struct shape_range get_range(struct reader *r, const char *field)
{
	struct shape_range range;

	range.offset = get_number(r, 8, r->size, field);
	range.size = get_number(r, 8, r->size - range.offset, field);
	return range;
}

static void get_part(struct reader *r, struct shape_part *part)
{
	part->path_n = get_number(r, 2, SHAPE_PATH_MAX, "path");
	check(r, part->path_n > 0, "path");
	for (size_t i = 0; i < part->path_n && !r->bad; i++) {
		part->path[i] = (uint16_t)get_number(r, 2, UINT16_MAX, "path");
		check(r, part->path[i] > 0, "path");
	}
	part->mime = get_range(r, "mime");
	part->body = get_range(r, "body");
	part->encoding = (enum shape_encoding)get_number(r, 1, SHAPE_UNKNOWN_ENCODING,
							 "encoding");
	part->message = get_number(r, 1, 1, "message");
	if (!part->message)
		return;
	part->header = get_range(r, "header");
	part->text = get_range(r, "text");
}

static void get_shape(struct reader *r, struct shape *shape)
{
	size_t n;

	shape->size = r->size = get_number(r, 8, INT64_MAX, "size");
	shape->header = get_range(r, "header");
	shape->text = get_range(r, "text");
	shape->envelope = get_text(r, SHAPE_MAX, "envelope");
	shape->body = get_text(r, SHAPE_MAX, "body");
	shape->bodystructure = get_text(r, SHAPE_MAX, "bodystructure");
	shape->header_bytes = get_text(r, SHAPE_HEADER_MAX, "header");
	check(r, shape->header_bytes.len == 0 || shape->header_bytes.len == shape->header.size,
	      "header");
	n = get_number(r, 2, SHAPE_PARTS_MAX, "parts");
	check(r, n <= r->rest.len / PART_LEAST, "parts");
	if (r->bad || n == 0)
		return;
	shape->parts = mem_new(n * sizeof(*shape->parts));
	for (; shape->parts_n < n && !r->bad; shape->parts_n++)
		get_part(r, &shape->parts[shape->parts_n]);
}

int shape_entry_decode(struct span *wire, struct shape_entry *entry, struct err *err)
{
	struct reader r = { .rest = *wire };

	*entry = (struct shape_entry){ 0 };
	entry->kind = (enum shape_kind)get_number(&r, 1, SHAPE_VIEW, "kind");
	if (entry->kind == SHAPE_VIEW)
		get_shape(&r, &entry->shape);
	if (!r.bad) {
		*wire = r.rest;
		return 0;
	}
	shape_entry_free(entry);
	return err_set(err, ERR_PEER, "a shape was malformed: %s", r.bad);
}

void shape_entry_free(struct shape_entry *entry)
{
	free(entry->shape.parts);
	*entry = (struct shape_entry){ 0 };
}

const struct shape_part *shape_find(const struct shape *shape, const uint32_t *path,
				    size_t path_n)
{
	for (size_t i = 0; i < shape->parts_n; i++) {
		const struct shape_part *part = &shape->parts[i];
		size_t same = 0;

		while (same < path_n && same < part->path_n && part->path[same] == path[same])
			same++;
		if (same == path_n && same == part->path_n)
			return part;
	}
	return NULL;
}
