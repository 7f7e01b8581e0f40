/*
 * smtp_reply - one reply of an SMTP server, read off a byte queue (RFC 5321
 * 4.2). Pure.
 */
#ifndef LETTERLOCK_SMTP_REPLY_H
#define LETTERLOCK_SMTP_REPLY_H

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/strs.h>

enum {
	SMTP_REPLY_LINE_MAX = 2048,	/* octets; RFC 5321 asks for 512 */
	SMTP_REPLY_LINES_MAX = 128,
	SMTP_REPLY_MAX = 64 * 1024,	/* octets in all its lines */
};

struct smtp_reply {
	unsigned code;		/* 200-599 */
	struct strs lines;	/* text behind "250-" or "250 ", at least one */
};

enum smtp_reply_result { SMTP_REPLY_BAD = -1, SMTP_REPLY_MORE = 0,
			 SMTP_REPLY_TAKEN = 1 };

/*
 * Takes one whole reply (all its lines) off `in`. BAD with `err` (ERR_PEER):
 * no three digits, codes that differ between lines, 1xx, NUL, bare CR or LF,
 * too long, too many lines. MORE leaves `in` as it was.
 */
enum smtp_reply_result smtp_reply_take(struct buf *in, struct smtp_reply *reply,
				       struct err *err);
void smtp_reply_free(struct smtp_reply *reply);

/*
 * Appends it as it goes out: "250-..." and "250 ..." lines. Control characters
 * and what is not UTF-8 become `?`. -1 when `out` has no room.
 */
int smtp_reply_put(struct buf *out, const struct smtp_reply *reply);

#endif
