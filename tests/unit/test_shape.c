#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <letterlock/mem.h>
#include <letterlock/shape.h>

static struct err err;

/* A multipart with a text and a message that holds one. */
static void fill(struct shape_entry *entry)
{
	struct shape *shape = &entry->shape;

	*entry = (struct shape_entry){ .kind = SHAPE_VIEW };
	shape->size = 1000;
	shape->header = (struct shape_range){ 0, 4 };
	shape->text = (struct shape_range){ 4, 996 };
	shape->envelope = span_str("(NIL {2}\r\nab)");
	shape->body = span_str("(\"TEXT\" \"PLAIN\" NIL)");
	shape->bodystructure = span_str("(\"TEXT\" \"PLAIN\" NIL NIL)");
	shape->header_bytes = span_str("a:\r\n");
	shape->parts_n = 3;
	shape->parts = mem_new(3 * sizeof(*shape->parts));
	shape->parts[0] = (struct shape_part){ .path = { 1 }, .path_n = 1,
					       .body = { 10, 5 }, .encoding = SHAPE_BASE64 };
	shape->parts[1] = (struct shape_part){ .path = { 2 }, .path_n = 1, .message = true,
					       .body = { 100, 900 }, .header = { 100, 50 },
					       .text = { 150, 850 } };
	shape->parts[2] = (struct shape_part){ .path = { 2, 1 }, .path_n = 2,
					       .body = { 150, 850 } };
}

static void shapes_come_back_whole_or_not_at_all(void **state)
{
	struct shape_entry sent, got;
	struct span wire, rest;
	struct buf out, again;
	char *text;

	(void)state;
	buf_init(&out, SHAPE_MAX);
	buf_init(&again, SHAPE_MAX);
	fill(&sent);
	assert_int_equal(shape_entry_encode(&sent, &out), 0);
	wire = buf_span(&out);
	for (size_t len = 0; len < wire.len; len++) {
		char *cut = mem_new(len + 1);	/* so that a read past it is seen */

		memcpy(cut, wire.at, len);
		rest = span_of(cut, len);
		assert_int_equal(shape_entry_decode(&rest, &got, &err), -1);
		free(cut);
	}
	text = mem_new(wire.len + 1);
	memcpy(text, wire.at, wire.len);
	for (size_t i = 0; i < wire.len; i++)
		for (int c = 0; c < 256; c++) {
			text[i] = (char)c;
			rest = span_of(text, wire.len);
			if (shape_entry_decode(&rest, &got, &err) == 0) {
				size_t used = wire.len - rest.len;

				buf_clear(&again);
				assert_int_equal(shape_entry_encode(&got, &again), 0);
				assert_true(span_eq(buf_span(&again), span_of(text, used)));
				shape_entry_free(&got);
			}
			text[i] = wire.at[i];
		}
	free(text);
	shape_entry_free(&sent);
	buf_free(&out);
	buf_free(&again);
}

static void entries_stand_one_behind_the_other(void **state)
{
	struct shape_entry view, clear = { .kind = SHAPE_CLEAR }, got;
	struct span rest;
	struct buf out;

	(void)state;
	buf_init(&out, SHAPE_MAX);
	fill(&view);
	assert_int_equal(shape_entry_encode(&clear, &out), 0);
	assert_int_equal(shape_entry_encode(&view, &out), 0);
	rest = buf_span(&out);
	assert_int_equal(shape_entry_decode(&rest, &got, &err), 0);
	assert_int_equal(got.kind, SHAPE_CLEAR);
	shape_entry_free(&got);
	assert_int_equal(shape_entry_decode(&rest, &got, &err), 0);
	assert_int_equal(got.kind, SHAPE_VIEW);
	assert_int_equal(rest.len, 0);
	assert_true(span_is(got.shape.envelope, "(NIL {2}\r\nab)"));
	assert_int_equal(got.shape.size, 1000);
	shape_entry_free(&got);
	shape_entry_free(&view);
	buf_free(&out);
}

static void a_path_leads_to_its_part_alone(void **state)
{
	static const uint32_t two_one[] = { 2, 1 }, two_two[] = { 2, 2 }, deep[] = { 2, 1, 1 };
	struct shape_entry entry;

	(void)state;
	fill(&entry);
	assert_ptr_equal(shape_find(&entry.shape, two_one, 1), &entry.shape.parts[1]);
	assert_ptr_equal(shape_find(&entry.shape, two_one, 2), &entry.shape.parts[2]);
	assert_null(shape_find(&entry.shape, two_two, 2));
	assert_null(shape_find(&entry.shape, deep, 3));
	assert_null(shape_find(&entry.shape, NULL, 0));
	shape_entry_free(&entry);
}

static void no_range_passes_the_view(void **state)
{
	struct shape_entry entry, got;
	struct span rest;
	struct buf out;

	(void)state;
	buf_init(&out, SHAPE_MAX);
	fill(&entry);
	entry.shape.parts[2].body.size++;
	assert_int_equal(shape_entry_encode(&entry, &out), 0);
	rest = buf_span(&out);
	assert_int_equal(shape_entry_decode(&rest, &got, &err), -1);
	entry.shape.parts[2].body = (struct shape_range){ UINT64_MAX, 2 };
	buf_clear(&out);
	assert_int_equal(shape_entry_encode(&entry, &out), 0);
	rest = buf_span(&out);
	assert_int_equal(shape_entry_decode(&rest, &got, &err), -1);
	shape_entry_free(&entry);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_come_back_whole_or_not_at_all),
		cmocka_unit_test(entries_stand_one_behind_the_other),
		cmocka_unit_test(a_path_leads_to_its_part_alone),
		cmocka_unit_test(no_range_passes_the_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
