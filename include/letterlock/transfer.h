/*
 * transfer - the transfer encodings base64 and quoted-printable (RFC 2045 6.7,
 * 6.8), decoded piece by piece and as leniently as mail clients do. Pure.
 */
#ifndef LETTERLOCK_TRANSFER_H
#define LETTERLOCK_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

enum transfer_encoding {
	TRANSFER_IDENTITY, /* 7bit, 8bit, binary */
	TRANSFER_BASE64,
	TRANSFER_QUOTED_PRINTABLE,
};

enum {
	TRANSFER_ROOM_LEAST = 3,
	TRANSFER_WORK_MAX = 64 * 1024, /* octets that one call looks at */
};

/* A decoding under way: may be copied, and taken up from the copy. */
struct transfer {
	enum transfer_encoding encoding;
	struct span rest; /* what is not decoded yet, borrowed */
	/*
	 * False where the text is not as RFC 2045 asks, so that programs read it
	 * differently: what is no digit is passed over, `=` inside ends a group
	 * and not the data.
	 */
	bool exact;
	bool ended;
	/* base64 */
	uint32_t bits;
	unsigned digits, padding;
	/* quoted-printable: octets in front of `rest` that were seen to be
	 * blanks (behind a `=`, which counts), and that stand for themselves */
	size_t seen, plain;
};

/* Sets up the decoding of `text`, which is borrowed until it has ended. */
void transfer_begin(struct transfer *transfer, enum transfer_encoding encoding,
		    struct span text);

/*
 * Writes what comes next to `to`, at most `room` octets (TRANSFER_ROOM_LEAST or
 * more): how many, perhaps none though it has not `ended`, since one call looks
 * at so much only.
 */
size_t transfer_next(struct transfer *transfer, char *to, size_t room);

#endif
