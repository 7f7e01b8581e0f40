/* imap_search - SEARCH, SORT and THREAD, by what a reader is shown. */
#ifndef LETTERLOCK_IMAP_SEARCH_H
#define LETTERLOCK_IMAP_SEARCH_H

#include "proxy/session/imap_state.h"

void imap_search(struct imap_session *s);

#endif
