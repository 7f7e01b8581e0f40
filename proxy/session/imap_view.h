/*
 * imap_view - what policy knows of stored messages: their shapes and views,
 * asked for (view_map holds the answers).
 */
#ifndef LETTERLOCK_IMAP_VIEW_H
#define LETTERLOCK_IMAP_VIEW_H

#include "proxy/session/imap_state.h"
#include "proxy/session/view_map.h"

/*
 * Where the selected mailbox is, for a question; owned by the caller. Where
 * upstream gives no UIDVALIDITY a UID means nothing to anybody else: the place
 * is this session's alone then, for as long as the mailbox is selected.
 */
void imap_view_place(const struct imap_session *s, struct ask_place *place);

/* Asks about the messages `uids` of the selected mailbox; `stored` (a
 * finished spool, for OPEN) or NULL. As imap_state_ask(). */
void imap_view_ask(struct imap_session *s, enum ask_kind kind,
		   const uint32_t *uids, size_t n, const struct spool *stored,
		   policy_answered *answered);

/* Tells about `uids` of the selected mailbox (CLEAR, GONE); nobody waits for it: a
 * word that is lost costs a look, or some room. */
void imap_view_tell(struct imap_session *s, enum ask_kind kind, const struct imap_set *uids);

/* Tells that the mailbox of that name was deleted; nobody waits. */
void imap_view_tell_deleted(struct imap_session *s, const char *mailbox);

#endif
