/* The first octet chooses encoding and room: the same comes out as in one go, and
 * never more than went in. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/buf.h>
#include <letterlock/transfer.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool decode(enum transfer_encoding encoding, struct span text, size_t room,
		   struct buf *out)
{
	struct transfer transfer;
	char piece[256];

	transfer_begin(&transfer, encoding, text);
	while (!transfer.ended) {
		size_t n = transfer_next(&transfer, piece, room);

		if (n > room || buf_put(out, span_of(piece, n)) < 0)
			abort();
	}
	return transfer.exact;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum transfer_encoding encoding;
	struct buf whole, pieces;
	struct span text;

	if (size == 0)
		return 0;
	encoding = (enum transfer_encoding)(data[0] % (TRANSFER_QUOTED_PRINTABLE + 1));
	text = span_of((const char *)data + 1, size - 1);
	buf_init(&whole, size);
	buf_init(&pieces, size);
	if (decode(encoding, text, 256, &whole) !=
	    decode(encoding, text, TRANSFER_ROOM_LEAST + data[0] % 17, &pieces))
		abort();
	if (!span_eq(buf_span(&whole), buf_span(&pieces)))
		abort();
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
