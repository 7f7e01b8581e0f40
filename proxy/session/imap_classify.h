/*
 * imap_classify - which messages of a FETCH need a view and which pass as they
 * are. It asks upstream for a few header fields and for how the text begins,
 * once in a session for each message; where nothing is known yet, in the same
 * FETCH that asks which messages there are.
 */
#ifndef LETTERLOCK_IMAP_CLASSIFY_H
#define LETTERLOCK_IMAP_CLASSIFY_H

#include "proxy/session/imap_state.h"

/*
 * Looks at the messages of `set` (the client's, numbers or UIDs as its command
 * says), of those that have changed `since` (" (CHANGEDSINCE 5)", or empty), and
 * fills s->messages, in the order of their numbers. `done` hears what
 * upstream answered last: NO when it told of some only. A command that is BAD
 * there ends the client's in upstream's words; `done` is not called then, nor
 * when the session ends.
 */
void imap_classify(struct imap_session *s, struct span set, struct span since,
		   imap_answered *done);

/* An EXPUNGE of message `number` came: those behind it have moved. */
void imap_classify_expunged(struct imap_session *s, uint32_t number);

/* Those of `uids` have gone. */
void imap_classify_vanished(struct imap_session *s, const struct imap_set *uids);

/* The message of that UID, of that number in s->messages, or NULL. */
struct imap_message *imap_classify_find(const struct imap_session *s, uint32_t uid);
struct imap_message *imap_classify_at(const struct imap_session *s, uint32_t number);
/* The first one behind that UID. */
struct imap_message *imap_classify_next(const struct imap_session *s, uint32_t uid);

/* That message needs a view after all, whatever it said before; it is in
 * s->messages from then on. -1: there are too many. */
int imap_classify_protect(struct imap_session *s, uint32_t number, uint32_t uid);
/* The sealer has seen it: it passes as it is. */
void imap_classify_cleared(struct imap_session *s, uint32_t uid);

#endif
