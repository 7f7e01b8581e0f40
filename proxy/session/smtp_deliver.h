/*
 * smtp_deliver - sends the sealed copies upstream, one after the other on the
 * one connection, and answers the final dot. It writes the only 250 to a
 * message: when upstream has accepted every copy. Where there are several,
 * each acceptance is journalled first, so that a repeat sends only the rest.
 */
#ifndef LETTERLOCK_SMTP_DELIVER_H
#define LETTERLOCK_SMTP_DELIVER_H

#include "proxy/session/smtp_state.h"

/* Copies what is to be sent (the answer is borrowed) into the session. */
void smtp_deliver_copy_answer(struct smtp_session *s,
			      const struct answer *answer);

/* Starts sending s->sealed. */
void smtp_deliver(struct smtp_session *s);

/* Upstream takes bytes again. */
void smtp_deliver_more(struct smtp_session *s);

/* What was written to the client has left: the journal may forget. */
void smtp_deliver_told(struct smtp_session *s);

#endif
