/*
 * header_guard - the header of a copy: what stands outside, what is protected
 * inside (RFC 9788), and what never leaves. Pure.
 */
#ifndef LETTERLOCK_HEADER_GUARD_H
#define LETTERLOCK_HEADER_GUARD_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

struct decision;
struct header_field;

enum header_guard_kind {
	/* The client's message with a field more or less: structural fields
	 * stay among the others, nothing is protected. */
	HEADER_GUARD_CLEAR,
	/* Protected copies of all fields; outside they are the same. */
	HEADER_GUARD_SIGNED,
	/* As before, but hidden outside (hcp_baseline, and Thread-Topic, which
	 * repeats the subject), and HP-Outer says what is not. */
	HEADER_GUARD_ENCRYPTED,
	/* What the client signed: inside goes only what is hidden outside. */
	HEADER_GUARD_AROUND,
};

struct header_guard_wish {
	enum header_guard_kind kind;
	const struct decision *decision;	/* add-header, strip-tag ... */
	const char *hostname;	/* whose verdicts (claim.h) stay behind */
	bool keep_subject;	/* strip-tag is not for this one */
	bool seven_bit;		/* 8-bit fields as encoded words */
	bool rewritten;		/* the body changes: no DKIM-Signature */
	bool stored;		/* a draft, to be read by who wrote it: Bcc stays,
				 * inside where that is encrypted */
};

/* Whole fields with CRLF. */
struct header_guard {
	struct buf outer;
	struct buf inner;	/* without the structural fields */
	struct buf hp_outer;	/* HP-Outer fields */
	bool changed;		/* `outer` is not what the client sent (CLEAR) */
	bool eight_bit;		/* `outer` holds 8-bit octets */
	bool utf8;		/* ... in characters of UTF-8, or must be such */
};

/* `fields` is the client's header. 0, or -1 when it would become too large. */
int header_guard_make(struct span fields, const struct header_guard_wish *wish,
		      struct header_guard *guard);
void header_guard_free(struct header_guard *guard);

/*
 * Appends the Content- fields of a payload's root, taken from `fields`. `hp`
 * ("cipher", "clear") goes into Content-Type unless it is NULL; `encoding` is
 * its new Content-Transfer-Encoding unless it is NULL. A Content-Type that is
 * missing or broken is made the text/plain that RFC 2045 5.2 takes it for.
 * `body` tells its charset then. `seven_bit`: as in the wish. -1: too large.
 */
int header_guard_structure(struct span fields, struct span body, const char *hp,
			   const char *encoding, bool seven_bit, struct buf *out);

/*
 * Appends a field of a part inside, or of an embedded message, in 7 bits;
 * nothing when `encoding` is given and the field says something of the bytes
 * that are encoded anew. -1: too large.
 */
int header_guard_part_field(const struct header_field *field, const char *encoding,
			    struct buf *out);

/*
 * Appends one field, without blanks at line ends and with lines of 998 octets
 * at most. -1 when `out` is full.
 */
int header_guard_put(struct span name, struct span body, struct buf *out);

#endif
