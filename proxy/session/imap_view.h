/*
 * imap_view - what policy knows of stored messages: their shapes and views,
 * asked for and held as long as an answer is cut from them. What is held is
 * counted against the gateway's spool memory.
 */
#ifndef LETTERLOCK_IMAP_VIEW_H
#define LETTERLOCK_IMAP_VIEW_H

#include "proxy/session/imap_state.h"

/* The descriptor of an answer, mapped. Zeroed holds nothing. */
struct imap_view {
	void *at;
	size_t size;		/* bytes mapped, counted in the budget */
	struct span entries;	/* shape_entry after shape_entry */
	struct span bytes;	/* the view behind them; empty for SHAPES */
};

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

/*
 * Takes over the descriptor of a SHAPES or VIEW answer. -1: it is no sealed
 * memory of that size, or there is no room for it in the budget; that is
 * logged. `passed` is closed in any case.
 */
int imap_view_take(struct imap_session *s, struct imap_view *view,
		   const struct answer *answer, int passed);
void imap_view_drop(struct imap_session *s, struct imap_view *view);

#endif
