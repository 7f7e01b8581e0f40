/*
 * imap_stored - the bytes of one message as upstream stores them, fetched into
 * a spool: all of them at once, and the same way whatever is in them
 * (THREATS 99), without marking it as seen. Or, of one that no spool can hold, how
 * it begins.
 */
#ifndef LETTERLOCK_IMAP_STORED_H
#define LETTERLOCK_IMAP_STORED_H

#include "proxy/session/imap_state.h"

enum { IMAP_STORED_FRONT = 64 * 1024 };	/* octets */

enum imap_stored_result {
	IMAP_STORED_MORE,	/* is being fetched */
	IMAP_STORED_WHOLE,	/* `spool` is finished, or `front` is all there */
	IMAP_STORED_GONE,	/* upstream did not say it */
	IMAP_STORED_FULL,	/* there was no room for it */
};

/* Zeroed holds nothing. */
struct imap_stored {
	struct spool *spool;
	bool only_front;
	struct buf front;
	uint32_t uid;
	bool taking;		/* the runs that come are its octets */
	bool begun;		/* ... or they came already */
	uint64_t left;		/* octets that are due */
	uint64_t size;		/* octets of it, when it is FULL; 0: not known */
	enum imap_stored_result result;
};

/* Says the FETCH. Its answers go to `heard` and `answered`, which hand them
 * to the two below. */
void imap_stored_ask(struct imap_session *s, struct imap_stored *stored,
		     const struct imap_message *message, imap_heard *heard,
		     imap_answered *answered);
/* The same for the first IMAP_STORED_FRONT octets, which go to `front`. */
void imap_stored_ask_front(struct imap_session *s, struct imap_stored *stored,
			   const struct imap_message *message, imap_heard *heard,
			   imap_answered *answered);
bool imap_stored_hear(struct imap_session *s, struct imap_stored *stored,
		      const struct imap_client_event *event);
enum imap_stored_result imap_stored_done(struct imap_session *s,
					 struct imap_stored *stored);

void imap_stored_drop(struct imap_stored *stored);

#endif
