/*
 * imap_session - reading by IMAP, start to end: a client leg and an upstream
 * leg. It moves events between the two engines and parses nothing.
 */
#ifndef LETTERLOCK_IMAP_SESSION_H
#define LETTERLOCK_IMAP_SESSION_H

#include "proxy/session/session.h"

/* For session_start(). */
extern const struct session_protocol imap_session_protocol;

#endif
