/*
 * smtp_auth - relays AUTH (RFC 4954) line by line and learns the login that
 * upstream accepted. Nothing of it is logged or kept but the login.
 */
#ifndef LETTERLOCK_SMTP_AUTH_H
#define LETTERLOCK_SMTP_AUTH_H

#include "proxy/session/smtp_state.h"

void smtp_auth(struct smtp_session *s, const struct smtp_server_event *event);
void smtp_auth_line(struct smtp_session *s,
		    const struct smtp_server_event *event);
void smtp_auth_cancel(struct smtp_session *s);

#endif
