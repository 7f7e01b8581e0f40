/*
 * cmd_message - what `seal` and `explain` have in common: their arguments, a
 * message from a file, and the parts that decide.
 */
#ifndef LETTERLOCK_CMD_MESSAGE_H
#define LETTERLOCK_CMD_MESSAGE_H

#include <stdbool.h>

#include <letterlock/ask.h>

#include "policy/job/seal.h"
#include "policy/rules/conf.h"

struct cmd_message {
	const char *usage;
	/* arguments; borrowed from argv */
	const char *conf_path;	/* -c, or NULL */
	const char *folder;	/* -o, or NULL */
	bool json;
	/* what is made of them; owned */
	struct conf conf;
	struct ask ask;
	int in;			/* the message with CRLF, or -1 */
	struct key_index *keys;
	struct pgp *pgp;
	struct seal_parts parts;
};

/*
 * Reads the options that `seal` (`out`: -o) or `explain` (--json) takes; optind
 * is behind them. -1: go on; else the exit status to leave with.
 */
int cmd_message_options(struct cmd_message *cmd, bool out, int argc, char **argv);

/*
 * Reads configuration and keys. Of the listener that was named, or else of the
 * only one for SMTP, the login is taken when none was given. 0, or -1: said on standard error.
 */
int cmd_message_prepare(struct cmd_message *cmd);

/*
 * Reads the message from `path` ("-": standard input) into memory, as a mail
 * client would send it: LF becomes CRLF. 0, or -1: said on standard error.
 */
int cmd_message_read(struct cmd_message *cmd, const char *path);
void cmd_message_done(struct cmd_message *cmd);

#endif
