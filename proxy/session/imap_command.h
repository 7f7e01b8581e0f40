/* imap_command - one command of the client's to the room that treats it. */
#ifndef LETTERLOCK_IMAP_COMMAND_H
#define LETTERLOCK_IMAP_COMMAND_H

#include "proxy/session/imap_state.h"

void imap_command(struct imap_session *s);

#endif
