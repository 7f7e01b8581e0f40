/*
 * smtp_envelope - MAIL and RCPT: asked of policy, then of upstream, whose
 * words the client hears (RFC 5321 3.3, RFC 3461, RFC 6531, RFC 8689).
 */
#ifndef LETTERLOCK_SMTP_ENVELOPE_H
#define LETTERLOCK_SMTP_ENVELOPE_H

#include "proxy/session/smtp_state.h"

void smtp_envelope_mail(struct smtp_session *s,
			const struct smtp_server_event *event);
void smtp_envelope_rcpt(struct smtp_session *s,
			const struct smtp_server_event *event);

#endif
