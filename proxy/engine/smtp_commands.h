/*
 * smtp_commands - the commands that a client may give, as a table, and the one
 * dispatcher that checks state and arguments (RFC 5321 4.1.1, 4.1.4).
 */
#ifndef LETTERLOCK_SMTP_COMMANDS_H
#define LETTERLOCK_SMTP_COMMANDS_H

#include "proxy/engine/smtp_server_state.h"

/*
 * Runs the command in `server->line`. True when `event` is to be handed out
 * (`server->parked` is set when it waits for an answer), false when the
 * command was answered in `out`.
 */
bool smtp_commands_run(struct smtp_server *server, struct buf *out,
		       struct smtp_server_event *event);

/* The second half of an EHLO in a transaction, whose RESET was handed out. */
void smtp_commands_hello(struct smtp_server *server,
			 struct smtp_server_event *event);

#endif
