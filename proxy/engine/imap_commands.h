/*
 * imap_commands - the commands that are taken from a client: where each is
 * allowed and how it is treated. A command that is not here is refused.
 */
#ifndef LETTERLOCK_IMAP_COMMANDS_H
#define LETTERLOCK_IMAP_COMMANDS_H

#include <stdbool.h>

#include <letterlock/span.h>

enum imap_commands_state {
	IMAP_STATE_NEW = 1,		/* nobody is logged in */
	IMAP_STATE_LOGGED_IN = 2,
	IMAP_STATE_SELECTED = 4,
};

/* What a session does about it. */
enum imap_commands_treatment {
	IMAP_DO_RELAY,		/* as it is; answers likewise */
	IMAP_DO_CAPABILITY,
	IMAP_DO_NOOP,
	IMAP_DO_LOGOUT,
	IMAP_DO_ID,
	IMAP_DO_STARTTLS,	/* the engine's own */
	IMAP_DO_LOGIN,
	IMAP_DO_AUTHENTICATE,
	IMAP_DO_ENABLE,
	IMAP_DO_SELECT,
	IMAP_DO_DELETE,		/* a mailbox is gone behind it */
	IMAP_DO_CLOSE,		/* no mailbox is selected behind it */
	IMAP_DO_APPEND,
	IMAP_DO_IDLE,
	IMAP_DO_NOTIFY,
	IMAP_DO_FETCH,
	IMAP_DO_SEARCH,		/* SEARCH, SORT, THREAD */
};

struct imap_command {
	const char *verb;	/* "FETCH", "UID FETCH" */
	unsigned states;	/* of enum imap_commands_state */
	bool arguments;		/* some are due; else none may come */
	enum imap_commands_treatment treatment;
};

/* Takes the verb (with UID before it) off `rest`; what stands behind is left
 * with its blank. NULL when it is not in the table. */
const struct imap_command *imap_commands_take(struct span *rest);

/* Whether it begins with UID: its set holds UIDs. */
bool imap_commands_uid(const struct imap_command *command);

#endif
