/*
 * cmd - the subcommands of `letterlock`. Each gets its own arguments (argv[0]
 * is its name) and returns the exit status: 0 done, 1 the answer is "no" or a
 * problem was found, 2 wrong usage (said on standard error).
 */
#ifndef LETTERLOCK_CMD_H
#define LETTERLOCK_CMD_H

int cmd_check(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_seal(int argc, char **argv);

/*
 * Where the configuration is without -c: $XDG_CONFIG_HOME/letterlock (or
 * ~/.config/letterlock) for a user, SYSCONFDIR/letterlock for root. The
 * caller frees it.
 */
char *cmd_default_conf(void);

#endif
