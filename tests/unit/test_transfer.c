#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/buf.h>
#include <letterlock/transfer.h>

static const char *const texts[] = {
	"", "S", "SGVsbG8=", "SGVs\r\nbG8=\r\n", "VkkK=UlVTISE=", "SGVs!bG8=", "SGVsbA===", "=",
	"plain\r\ntext", "caf=C3=A9", "soft= \t\r\nbreak", "blanks  \r\ngo", "in  side", "a= b\r\n",
	"=  \rX", "a==41", "tail ", " ", "= ", "=\n", "end=", "=4", " \t \t x  ",
};

/* Decodes in pieces of `room`, from copies of the state. */
static void in_pieces(enum transfer_encoding encoding, struct span text, size_t room,
		      struct buf *out)
{
	struct transfer transfer;
	char piece[64];

	transfer_begin(&transfer, encoding, text);
	while (!transfer.ended) {
		struct transfer copy = transfer;
		size_t n = transfer_next(&copy, piece, room);

		assert_true(n <= room);
		assert_int_equal(0, buf_put(out, span_of(piece, n)));
		transfer = copy;
	}
	assert_int_equal(0, transfer_next(&transfer, piece, room));
}

static void the_same_comes_out_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (int encoding = 0; encoding <= TRANSFER_QUOTED_PRINTABLE; encoding++) {
			struct buf whole;

			buf_init(&whole, 1000);
			in_pieces((enum transfer_encoding)encoding, span_str(texts[i]), 64, &whole);
			for (size_t room = TRANSFER_ROOM_LEAST; room < 20; room++) {
				struct buf pieces;

				buf_init(&pieces, 1000);
				in_pieces((enum transfer_encoding)encoding, span_str(texts[i]),
					  room, &pieces);
				assert_true(span_eq(buf_span(&whole), buf_span(&pieces)));
				buf_free(&pieces);
			}
			buf_free(&whole);
		}
}

/* How many calls it takes, and how much comes out of them. */
static size_t calls(enum transfer_encoding encoding, struct span text, size_t *got)
{
	static char piece[2 * TRANSFER_WORK_MAX];
	struct transfer transfer;
	size_t n = 0;

	*got = 0;
	transfer_begin(&transfer, encoding, text);
	for (; !transfer.ended; n++)
		*got += transfer_next(&transfer, piece, sizeof(piece));
	return n;
}

static void a_call_looks_at_so_much_only(void **state)
{
	static char many[4 * TRANSFER_WORK_MAX + 1];
	struct span text = span_of(many, sizeof(many));
	size_t got;

	(void)state;
	memset(many, ' ', sizeof(many));
	assert_int_equal(5, calls(TRANSFER_BASE64, text, &got));
	assert_int_equal(0, got);
	assert_int_equal(5, calls(TRANSFER_IDENTITY, text, &got));
	assert_int_equal(sizeof(many), got);
	assert_in_range(calls(TRANSFER_QUOTED_PRINTABLE, text, &got), 5, 6);
	assert_int_equal(0, got);
	many[0] = '=';			/* no soft line break, as is known at its end */
	many[sizeof(many) - 1] = 'x';
	assert_in_range(calls(TRANSFER_QUOTED_PRINTABLE, text, &got), 10, 16);
	assert_int_equal(sizeof(many), got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_comes_out_in_pieces_of_any_size),
		cmocka_unit_test(a_call_looks_at_so_much_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
