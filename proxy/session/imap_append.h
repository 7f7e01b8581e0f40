/*
 * imap_append - APPEND: what a client stores is sealed to its login's own key
 * before upstream gets it (ASK_STORE). Nothing is said upstream before all of
 * it is here.
 */
#ifndef LETTERLOCK_IMAP_APPEND_H
#define LETTERLOCK_IMAP_APPEND_H

#include "proxy/session/imap_state.h"

/* The events of the client's leg: APPEND, BODY, BODY_END, BODY_BAD. */
void imap_append(struct imap_session *s, const struct imap_server_event *event);
void imap_append_body(struct imap_session *s, struct span bytes);
void imap_append_end(struct imap_session *s);
void imap_append_bad(struct imap_session *s);

/* Upstream waits for the message, or can take more of it. */
void imap_append_send(struct imap_session *s);

#endif
