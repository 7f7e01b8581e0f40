/*
 * imap_known - what policy knows of messages that this session has not looked
 * at: that they are clear, or that they have a view. It spares a look at each of
 * them where many are asked about, as a client does that opens a mailbox.
 */
#ifndef LETTERLOCK_IMAP_KNOWN_H
#define LETTERLOCK_IMAP_KNOWN_H

#include "proxy/session/imap_state.h"

/* So many messages are worth the question. */
enum { IMAP_KNOWN_LEAST = 16 };

/*
 * Asks about those of s->messages that are not known, notes what they are, and
 * calls `then` with a copy of `event`; what policy does not know, or does not
 * answer, stays as it was.
 */
void imap_known_ask(struct imap_session *s, const struct imap_client_event *event,
		    imap_answered *then);

/* Tells policy which of those that it did not know are clear; nobody waits. */
void imap_known_tell(struct imap_session *s);

/* Ends what is under way. */
void imap_known_drop(struct imap_session *s);

#endif
