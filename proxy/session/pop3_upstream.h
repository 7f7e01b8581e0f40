/*
 * pop3_upstream - the upstream leg of a POP3 session: says commands, and takes
 * what is answered to who waits for it.
 */
#ifndef LETTERLOCK_POP3_UPSTREAM_H
#define LETTERLOCK_POP3_UPSTREAM_H

#include "proxy/session/pop3_state.h"

/* Says a command; when it cannot be said the session ends. */
void pop3_upstream_say(struct pop3_session *s, enum pop3_client_kind kind, pop3_heard *heard,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* For the table of pop3_session; see session.h. */
void pop3_upstream_dial(struct session *base);
bool pop3_upstream_next(struct session *base);
int64_t pop3_upstream_time(const struct session *base);
void pop3_upstream_secured(struct session *base);
bool pop3_upstream_bye(struct session *base);
void pop3_upstream_forget(struct session *base);
void pop3_upstream_lost(struct session *base, const struct err *why);

#endif
