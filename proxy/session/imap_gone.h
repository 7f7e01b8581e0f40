/*
 * imap_gone - tells policy which messages that have a view this client has
 * expunged, as far as the session knows where they stood: those that it has
 * answered for. CLOSE says nothing of what it expunges: upstream is asked before.
 * What others expunge may have been moved elsewhere, as may what was copied before:
 * the view follows it there, and is kept. What is missed here is kept longer, no more.
 */
#ifndef LETTERLOCK_IMAP_GONE_H
#define LETTERLOCK_IMAP_GONE_H

#include "proxy/session/imap_state.h"

enum { IMAP_GONE_MAX = 20000 };	/* messages that are minded */

/* A FETCH is over: minds those of s->messages that have a view. */
void imap_gone_note(struct imap_session *s);
/* A command of the client's is relayed: is it one that copies? */
void imap_gone_command(struct imap_session *s);
/* EXPUNGE; told when the command under way is done. */
void imap_gone_expunged(struct imap_session *s, uint32_t number);
/* VANISHED, likewise. */
void imap_gone_vanished(struct imap_session *s, const struct imap_set *uids);
void imap_gone_tell(struct imap_session *s);
/* CLOSE or UNSELECT is to be said upstream: whether it is to be asked before what is
 * deleted there. */
bool imap_gone_by_close(struct imap_session *s);
/* It answers that ("SEARCH 5 7", UIDs): minds those that have a view. What is too long
 * to be read is taken, and not known. */
imap_heard imap_gone_hear_deleted;
/* The mailbox is closed: they have gone. */
void imap_gone_closed(struct imap_session *s);

#endif
