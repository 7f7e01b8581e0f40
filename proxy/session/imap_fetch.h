/* imap_fetch - FETCH and UID FETCH: what a reader is shown of messages. */
#ifndef LETTERLOCK_IMAP_FETCH_H
#define LETTERLOCK_IMAP_FETCH_H

#include "proxy/session/imap_state.h"

void imap_fetch(struct imap_session *s);

#endif
