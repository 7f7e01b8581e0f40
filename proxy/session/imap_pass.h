/*
 * imap_pass - answers about messages that need no view pass as upstream says
 * them, once their headers are seen to agree with that: a provider that showed
 * another header when it was asked what the message is gets nothing past us
 * that bears a verdict, or that is encrypted. A header that cannot be read to
 * its end, or that is longer, may: the sealer has a look at it first.
 *
 * Looked at is what may hold the begin of a header: BODY[], BODY[HEADER...],
 * RFC822, RFC822.HEADER and what is not known, from their first octet on, up to
 * IMAP_PASS_HEADER_MAX octets at once, and field by field behind that. Not
 * looked at: other parts, ENVELOPE and BODYSTRUCTURE, in which no verdict can
 * stand, and partials from elsewhere where the client asked for some: not before
 * their header was seen (s->headers).
 */
#ifndef LETTERLOCK_IMAP_PASS_H
#define LETTERLOCK_IMAP_PASS_H

#include "proxy/session/imap_state.h"

enum { IMAP_PASS_HEADER_MAX = 64 * 1024 };

/* Zeroed but for the first three is how it begins. */
struct imap_pass {
	bool judged;		/* the sealer has seen these: only a verdict
				 * contradicts that */
	bool unasked;		/* s->messages does not hold all that was asked
				 * for: it was known before */
	bool midst;		/* some item that was asked for may begin in the midst of
				 * a header */
	bool contradicted;	/* an answer was withheld for good */
	bool gone;		/* one was withheld that shows nothing: NIL */
	struct imap_set again;	/* numbers of those whose UID is not known, and
				 * that are to be looked at anew */
	/* of the large answer that comes */
	uint32_t number, uid;
	struct buf held;	/* what of it waits for its header */
	size_t header_at;	/* where that begins in it */
	uint64_t due;		/* octets of the literal that are to come */
	bool partial;		/* ... of which this is a part */
	bool all;		/* no field of its header is left out */
	bool holding, passed, dropping;
	bool looking;		/* its header passes, and has not ended */
	struct buf field;	/* what of that came since a field began */
	struct buf between;	/* its text since the last literal */
	bool lost;		/* ... is not all of it */
};

/*
 * What upstream says during the FETCH. Withheld is what is about a message
 * that needs a view or contradicts that it needs none: without `judged` its
 * message is one that needs a view from then on, with it `contradicted` is
 * set. In the midst of an answer the session ends.
 */
bool imap_pass_hear(struct imap_session *s, struct imap_pass *pass,
		    const struct imap_client_event *event);
void imap_pass_drop(struct imap_pass *pass);

/* Nothing in this answer ("5 FETCH (...)") tells what a message looks like. */
bool imap_pass_plain(struct span text);

#endif
