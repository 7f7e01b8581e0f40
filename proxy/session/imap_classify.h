/*
 * imap_classify - which messages of a FETCH need a view and which pass as they
 * are. It asks upstream for a few header fields and for how the text begins,
 * once in a session for each message.
 */
#ifndef LETTERLOCK_IMAP_CLASSIFY_H
#define LETTERLOCK_IMAP_CLASSIFY_H

#include "proxy/session/imap_state.h"

/* Called when s->messages is known. */
typedef void imap_classified(struct imap_session *s);

/*
 * Looks at the messages of `set` (the client's, numbers or UIDs as its command
 * says) and fills s->messages, in the order of their numbers. A `set` that
 * upstream refuses ends the client's command with upstream's words; `done` is
 * not called then, nor when the session ends.
 */
void imap_classify(struct imap_session *s, struct span set, imap_classified *done);

/* An EXPUNGE of message `number` came: those behind it have moved up. */
void imap_classify_expunged(struct imap_session *s, uint32_t number);

/* The message of that UID in s->messages, or NULL. */
struct imap_message *imap_classify_find(struct imap_session *s, uint32_t uid);

#endif
