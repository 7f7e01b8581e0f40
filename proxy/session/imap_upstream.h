/*
 * imap_upstream - the upstream leg of an IMAP session: says commands, and takes
 * what is answered to who waits for it.
 */
#ifndef LETTERLOCK_IMAP_UPSTREAM_H
#define LETTERLOCK_IMAP_UPSTREAM_H

#include "proxy/session/imap_state.h"

/*
 * Says a command upstream (no tag, no CRLF; literals as {n}). When it cannot
 * be said (upstream has gone, too long), the session ends with BYE.
 */
void imap_upstream_say(struct imap_session *s, struct span command,
		       imap_heard *heard, imap_answered *answered);

/* The same for a command with a message of `size` octets behind it, which
 * imap_append_send() hands on once upstream wants it. */
void imap_upstream_say_body(struct imap_session *s, struct span command, uint64_t size,
			    imap_answered *answered);

/* Another line of a talk with upstream: SASL's, or DONE. */
void imap_upstream_line(struct imap_session *s, struct span line);

/* For the table of imap_session; see session.h. */
void imap_upstream_dial(struct session *base);
bool imap_upstream_next(struct session *base);
int64_t imap_upstream_time(const struct session *base);
void imap_upstream_secured(struct session *base);
void imap_upstream_drained(struct session *base);
bool imap_upstream_bye(struct session *base);
void imap_upstream_forget(struct session *base);
void imap_upstream_lost(struct session *base, const struct err *why);

#endif
