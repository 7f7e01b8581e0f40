/*
 * message - the question's descriptor as bytes in memory (mapped, not copied):
 * our trace field, the client's header and its body.
 */
#ifndef LETTERLOCK_MESSAGE_H
#define LETTERLOCK_MESSAGE_H

#include <stdbool.h>

#include <letterlock/ask.h>
#include <letterlock/err.h>
#include <letterlock/span.h>

struct message {
	int fd;			/* borrowed */
	void *map;		/* NULL when there are no bytes */
	size_t map_len;
	struct span trace;	/* our fields, with their CRLF; may be empty */
	struct span client;	/* all that the client sent */
	struct span fields;	/* its header fields */
	struct span body;	/* behind the empty line */
	/* The header ends at a line that is no field, with no empty line
	 * between: readers would disagree where the body begins. */
	bool ragged;
	bool eight_bit_fields;
	bool eight_bit_body;
};

/*
 * Maps and splits the message of `ask` in `in`. -1 with `err`: ERR_REFUSED for
 * a header beyond the limits of header.h, ERR_BUG for a descriptor that does
 * not hold what `ask` says. The bytes must not change until message_close().
 */
int message_open(const struct ask *ask, int in, struct message *message,
		 struct err *err);
void message_close(struct message *message);

/* True when an octet of `text` is beyond ASCII. */
bool message_eight_bit(struct span text);

#endif
