/*
 * imap_login - who speaks: LOGIN and AUTHENTICATE, relayed. Nothing else of a
 * client goes upstream before upstream has accepted it.
 */
#ifndef LETTERLOCK_IMAP_LOGIN_H
#define LETTERLOCK_IMAP_LOGIN_H

#include "proxy/session/imap_state.h"

void imap_login(struct imap_session *s);
void imap_login_authenticate(struct imap_session *s);
/* Upstream's `+`, and the client's answer to it. */
void imap_login_challenge(struct imap_session *s, struct span text);
void imap_login_line(struct imap_session *s, struct span line);

#endif
