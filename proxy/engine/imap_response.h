/*
 * imap_response - takes an IMAP server's responses off a byte queue: whole
 * ones up to a limit, larger ones in runs. Pure.
 */
#ifndef LETTERLOCK_IMAP_RESPONSE_H
#define LETTERLOCK_IMAP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

enum imap_response_kind {
	IMAP_RESPONSE_MORE,
	IMAP_RESPONSE_WHOLE,	/* `text`: all of it, without its last CRLF */
	IMAP_RESPONSE_BIG,	/* `text`: how it begins; see imap_client.h */
	IMAP_RESPONSE_RUN,
	IMAP_RESPONSE_END,
	IMAP_RESPONSE_BAD,	/* `err`: bare CR or LF, NUL, or {n+}; {01}, and {n}
				 * where no literal is due: some read it as one, some
				 * not, to whom its octets would be responses */
};

struct imap_response_piece {
	struct span text;	/* borrowed from `in` or from `held` until the next call */
	bool literal, literal_next;
	uint64_t size;
};

enum { IMAP_RESPONSE_TAIL = 16, IMAP_RESPONSE_RUN_MAX = 32 * 1024 };

/* What a line that ends in "{n}" is. */
enum imap_response_literals {
	IMAP_RESPONSE_LITERALS,		/* as a rule: it announces one */
	IMAP_RESPONSE_WITHOUT,		/* it is wrong: SEARCH, FLAGS ... */
	IMAP_RESPONSE_WORDS,		/* words for people, whatever they end in */
};

struct imap_response {
	struct buf held;
	enum imap_response_literals literals;	/* as its first line says */
	size_t line;		/* where its last line begins */
	bool big;		/* runs are handed out */
	bool ended;		/* ... and END is due */
	bool in_literal;
	uint64_t literal;	/* octets of it that are to come */
	char tail[IMAP_RESPONSE_TAIL];	/* of a text in runs */
	size_t tail_len;
	size_t run;		/* bytes of `in` that were lent, to be dropped */
	bool handed;		/* `held` was */
};

void imap_response_init(struct imap_response *response);
void imap_response_done(struct imap_response *response);

/* The same bytes give the same pieces, but that RUNs may be cut otherwise. */
enum imap_response_kind imap_response_next(struct imap_response *response,
					   struct buf *in,
					   struct imap_response_piece *piece,
					   struct err *err);

/* Drops what was lent of `in`: what is left was not read yet. */
void imap_response_release(struct imap_response *response, struct buf *in);

#endif
