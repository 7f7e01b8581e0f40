/*
 * shape - what a view looks like: its sizes, IMAP's words for it, and where
 * its parts are. A sealer makes it beside the view, once; the network workers
 * cut every answer about the message from these two and never parse MIME.
 * Encoding and decoding are pure; decoding trusts nothing.
 */
#ifndef LETTERLOCK_SHAPE_H
#define LETTERLOCK_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/span.h>

enum {
	SHAPE_PARTS_MAX = 2000,
	SHAPE_PATH_MAX = 32,	       /* numbers in a section: 1.2.3 */
	SHAPE_HEADER_MAX = 256 * 1024, /* octets of header that are kept in it */
	SHAPE_MAX = 4 * 1024 * 1024,   /* octets of one, on the wire */
	SHAPE_PART_MOST = 136,	       /* more than a part has of them */
	/* octets of IMAP's words, which have room there beside all the rest */
	SHAPE_TEXT_MAX = SHAPE_MAX - SHAPE_HEADER_MAX - SHAPE_PARTS_MAX * SHAPE_PART_MOST - 1024,
};

/* A range of the view. */
struct shape_range {
	uint64_t offset, size;
};

enum shape_encoding {
	SHAPE_IDENTITY, /* 7bit, 8bit, binary, or none that is known */
	SHAPE_BASE64,
	SHAPE_QUOTED_PRINTABLE,
	SHAPE_UNKNOWN_ENCODING,
};

/*
 * One part that a section number leads to (RFC 9051 6.4.5.1), as IMAP counts:
 * a message that is no multipart has one part, "1", its body; so has one that
 * is embedded ("2.1").
 */
struct shape_part {
	uint16_t path[SHAPE_PATH_MAX];
	size_t path_n;		 /* never 0 */
	struct shape_range mime; /* BODY[n.MIME], with its empty line */
	struct shape_range body; /* BODY[n] */
	enum shape_encoding encoding;
	bool message;		   /* message/rfc822: the two below are set */
	struct shape_range header; /* BODY[n.HEADER], with its empty line */
	struct shape_range text;   /* BODY[n.TEXT] */
};

struct shape {
	uint64_t size;		   /* of the view: RFC822.SIZE */
	struct shape_range header; /* BODY[HEADER], with its empty line */
	struct shape_range text;   /* BODY[TEXT] */
	/* As an IMAP server writes them: with their parentheses; quoted strings,
	 * and literals ("{3}CRLFabc") where there is no other way. */
	struct span envelope;	   /* ENVELOPE */
	struct span body;	   /* BODY, without extensions */
	struct span bodystructure; /* BODYSTRUCTURE */
	/* The octets of `header`, so that lists of messages need no view; empty
	 * when they are more than SHAPE_HEADER_MAX. */
	struct span header_bytes;
	struct shape_part *parts;
	size_t parts_n;
};

/* What is known of one stored message. */
enum shape_kind {
	SHAPE_UNKNOWN = 0, /* nobody has looked at it yet */
	SHAPE_CLEAR = 1,   /* it needs no view: shown as it is stored */
	SHAPE_VIEW = 2,	   /* it has one, of `shape` */
};

struct shape_entry {
	enum shape_kind kind;
	struct shape shape; /* SHAPE_VIEW */
};

/* Appends the wire form; -1 when `out` is full or a limit is passed. */
int shape_entry_encode(const struct shape_entry *entry, struct buf *out);

/*
 * Takes the first entry off `wire`. The spans of `entry` borrow from it, its
 * parts are the caller's: shape_entry_free(). -1 with `err`: it is malformed, a
 * range passes `size`, or a limit is passed.
 */
int shape_entry_decode(struct span *wire, struct shape_entry *entry, struct err *err);
void shape_entry_free(struct shape_entry *entry);

/* The part that `path` leads to, or NULL. */
const struct shape_part *shape_find(const struct shape *shape, const uint32_t *path,
				    size_t path_n);

#endif
