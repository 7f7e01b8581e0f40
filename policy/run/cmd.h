/*
 * cmd - the subcommands of `letterlock`. Each gets its own arguments (argv[0]
 * is its name) and returns the exit status: 0 done, 1 the answer is "no" or a
 * problem was found, 2 wrong usage (said on standard error).
 */
#ifndef LETTERLOCK_CMD_H
#define LETTERLOCK_CMD_H

struct conf;
struct gateway_settings;
struct key_index;
struct pgp;

int cmd_check(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_open(int argc, char **argv);
int cmd_seal(int argc, char **argv);

/*
 * Where the configuration is without -c: $XDG_CONFIG_HOME/letterlock (or
 * ~/.config/letterlock) for a user, SYSCONFDIR/letterlock for root. The
 * caller frees it.
 */
char *cmd_default_conf(void);

/*
 * Reads the configuration `path` (NULL: cmd_default_conf()) from the disk for
 * a subcommand. 0 with `conf` filled (conf_free() it), or -1 when there were
 * problems: they stand on standard error, and the exit status is 1.
 */
int cmd_load_conf(const char *path, struct conf *conf);

/*
 * Opens the GnuPG home of `gateway` and lists its keys. The default home is
 * empty when it is not there: `pgp` is then NULL. The caller frees both. 0, or
 * -1: said on standard error.
 */
int cmd_open_home(const struct gateway_settings *gateway, struct pgp **pgp,
		  struct key_index **keys);

/*
 * For getopt_long(): what every subcommand answers to --help, on standard
 * output (returns 0), and to wrong usage, on standard error (returns 2).
 */
int cmd_help(const char *usage);
int cmd_usage(const char *usage);

#endif
