/*
 * smtp_session - one submission session, start to end: a client leg, an
 * upstream leg, a spool and the policy link. It moves events between the two
 * engines and parses nothing. The final dot is answered 250 in one place
 * (smtp_deliver), once upstream has accepted every copy.
 */
#ifndef LETTERLOCK_SMTP_SESSION_H
#define LETTERLOCK_SMTP_SESSION_H

#include "proxy/session/session.h"

/* For session_start(). One that drains ends with its transaction, in a
 * 421 4.3.2. */
extern const struct session_protocol smtp_session_protocol;

#endif
