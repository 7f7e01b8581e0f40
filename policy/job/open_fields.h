/*
 * open_fields - the header of an opened message: outer fields, those that the
 * payload protects (RFC 9788 4), and none that only we may write. Pure.
 */
#ifndef LETTERLOCK_OPEN_FIELDS_H
#define LETTERLOCK_OPEN_FIELDS_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>
#include <letterlock/strs.h>

/* How the payload protects its header (RFC 9788 2.1.1). */
enum open_protection {
	OPEN_UNPROTECTED,
	OPEN_SUBJECT_ONLY,	/* the old draft's protected-headers="v1" */
	OPEN_PROTECTED,		/* hp="clear" or hp="cipher" */
};

/* By the Content-Type at the root of the payload, nowhere else. */
enum open_protection open_fields_protection(struct span inner);

/* A verdict header from outside: X-Letterlock, or Authentication-Results in the
 * name of `hostname` (RFC 8601 5). */
bool open_fields_forged(struct span name, struct span body, const char *hostname);

/* Appends `fields` without the forged ones, and with a blank for what is no line
 * end but could be taken for one (CR or LF alone, NUL). -1 when `out` is full. */
int open_fields_clean(struct span fields, const char *hostname, struct buf *out);

struct open_fields {
	struct span outer;
	struct span inner;	/* of the payload, or of what is signed within it */
	enum open_protection protection;
	bool inner_from;	/* the payload's From may be shown */
	/* The header whose structural fields replace the outer ones; `at` is NULL
	 * where those stay. */
	struct span structure;
	const char *hostname;
};

/* Appends the header of the view, likewise, without the empty line. -1: `out` is
 * full. */
int open_fields_join(const struct open_fields *fields, struct buf *out);

/* The one address of the one From field; NULL when it is not that. Owned by the
 * caller, in normal form. */
char *open_fields_from(struct span fields);

/*
 * True when the outer header contradicts what the payload says it was sent
 * with (From, To, Date, Message-ID; HP-Outer where there is one): a message that
 * was taken from where it belongs. Only for OPEN_PROTECTED.
 */
bool open_fields_contradict(struct span outer, struct span inner);

#endif
