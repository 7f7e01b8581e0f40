/*
 * smtp_dot - message bytes on the wire and off it: the dot before a line that
 * begins with one, and the line of one dot that ends it all (RFC 5321 4.5.2).
 * Pure. Only CRLF is a line end, both ways.
 */
#ifndef LETTERLOCK_SMTP_DOT_H
#define LETTERLOCK_SMTP_DOT_H

#include <stdbool.h>

#include <letterlock/buf.h>

/* What a message must not hold; bits, gathered until its end. */
enum {
	SMTP_DOT_BARE = 1 << 0,	/* a CR or LF that is not part of a CRLF */
	SMTP_DOT_NUL = 1 << 1,
	SMTP_DOT_LONG = 1 << 2,	/* a line of more than line_max octets */
};

struct smtp_dot_reader {
	size_t line_max;	/* octets with the CRLF, without a doubled dot */
	size_t line;		/* octets seen of this line */
	bool inside;		/* not at the start of a line */
	unsigned faults;
};

enum smtp_dot_result {
	SMTP_DOT_MORE,		/* nothing to hand out before more bytes come */
	SMTP_DOT_RUN,		/* `run` is a piece of the message */
	SMTP_DOT_END,		/* it is over */
};

void smtp_dot_reader_init(struct smtp_dot_reader *reader, size_t line_max);

/*
 * Reads on in `in`. `run` is a part of `in`, the dots undone by standing
 * before it; the first `taken` bytes of `in` are done with once `run` is. At
 * most three bytes are left for the next call (CR, dot, dot CR: what they
 * mean is not known yet). With a fault it goes on to the true end: what
 * follows is still the message and no commands.
 */
enum smtp_dot_result smtp_dot_read(struct smtp_dot_reader *reader,
				   struct span in, size_t *taken,
				   struct span *run);

/* A zeroed struct stands at the start of a message. */
struct smtp_dot_writer {
	bool inside;		/* not at the start of a line */
	bool cr;		/* the last byte was a CR: its LF must follow */
	bool bad;		/* it was no CRLF text: never to be ended */
};

/*
 * Appends `bytes`, dots doubled. -1, with nothing appended, when `out` has no
 * room for the worst case (every third byte doubled). -1 and `bad` for a NUL, a
 * bare CR or LF, and from then on: the connection is of no use, since a server
 * might see an end where we see none.
 */
int smtp_dot_write(struct smtp_dot_writer *writer, struct buf *out,
		   struct span bytes);

/* The final dot, after a CRLF where the message lacks it; -1 likewise. */
int smtp_dot_write_end(struct smtp_dot_writer *writer, struct buf *out);

#endif
