/*
 * pop3_session - one POP3 conversation: a client that reads, and its provider.
 * What is encrypted or signed is shown as a view, with sizes that agree
 * (RFC 1939 11); all else is relayed.
 */
#ifndef LETTERLOCK_POP3_SESSION_H
#define LETTERLOCK_POP3_SESSION_H

#include "proxy/session/session.h"

/* For session_start(). A session that drains deletes nothing (RFC 1939 6). */
extern const struct session_protocol pop3_session_protocol;

#endif
