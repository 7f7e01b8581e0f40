/*
 * smtp_submit - DATA: the message into the spool, then to policy, which seals
 * it. Nothing is sent before the final dot, and nothing of a message that
 * broke off.
 */
#ifndef LETTERLOCK_SMTP_SUBMIT_H
#define LETTERLOCK_SMTP_SUBMIT_H

#include "proxy/session/smtp_state.h"

void smtp_submit_data(struct smtp_session *s);
void smtp_submit_body(struct smtp_session *s, struct span run);
void smtp_submit_end(struct smtp_session *s);
/* The engine refused the message (`why` for the log); it is forgotten. */
void smtp_submit_bad(struct smtp_session *s, const char *why);

#endif
