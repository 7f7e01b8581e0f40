/* Whatever a sealer or the state file says of a view: what is read of it keeps
 * to its limits, and written again it is the same octets. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/shape.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(const struct shape *shape, const struct shape_range *range)
{
	if (range->offset > shape->size || range->size > shape->size - range->offset)
		abort();
}

static void check_part(const struct shape *shape, const struct shape_part *part)
{
	uint32_t path[SHAPE_PATH_MAX];

	if (part->path_n == 0 || part->path_n > SHAPE_PATH_MAX ||
	    part->encoding > SHAPE_UNKNOWN_ENCODING)
		abort();
	for (size_t i = 0; i < part->path_n; i++)
		path[i] = part->path[i];
	if (!shape_find(shape, path, part->path_n))
		abort();
	within(shape, &part->mime);
	within(shape, &part->body);
	within(shape, &part->header);
	within(shape, &part->text);
}

static void check(const struct shape *shape)
{
	within(shape, &shape->header);
	within(shape, &shape->text);
	if (shape->parts_n > SHAPE_PARTS_MAX ||
	    (shape->header_bytes.len > 0 && shape->header_bytes.len != shape->header.size))
		abort();
	for (size_t i = 0; i < shape->parts_n; i++)
		check_part(shape, &shape->parts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span wire = span_of((const char *)data, size), before = wire;
	struct shape_entry entry = { 0 };
	struct buf again;
	struct err err;

	buf_init(&again, SHAPE_MAX);
	while (before.len > 0 && shape_entry_decode(&wire, &entry, &err) == 0) {
		check(&entry.shape);
		buf_clear(&again);
		if (shape_entry_encode(&entry, &again) < 0 ||
		    !span_eq(buf_span(&again), span_of(before.at, before.len - wire.len)))
			abort();
		shape_entry_free(&entry);
		before = wire;
	}
	if (wire.at != before.at || entry.shape.parts)
		abort();
	buf_free(&again);
	return 0;
}
