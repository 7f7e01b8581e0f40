#include "policy/run/cmd.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/run/snapshot.h"

/* The home directory; borrowed, NULL when nobody knows it. */
static const char *home_directory(void)
{
	const char *home = getenv("HOME");
	const struct passwd *account;

	if (home && home[0] == '/')
		return home;
	account = getpwuid(geteuid());
	return account ? account->pw_dir : NULL;
}

char *cmd_default_conf(void)
{
	const char *given = getenv("XDG_CONFIG_HOME"), *home;

	if (geteuid() == 0)
		return mem_strdup(SYSCONFDIR "/letterlock/letterlock.conf");
	/* a relative one is to be ignored (XDG Base Directory) */
	if (given && given[0] == '/')
		return mem_printf("%s/letterlock/letterlock.conf", given);
	home = home_directory();
	return mem_printf("%s/.config/letterlock/letterlock.conf", home ? home : "");
}

int cmd_load_conf(const char *path, struct conf *conf)
{
	struct snapshot *snapshot = snapshot_new();
	struct source source = snapshot_source(snapshot);
	char *default_path = path ? NULL : cmd_default_conf();
	struct problems problems = { 0 };
	int result = conf_load(&source, path ? path : default_path, conf, &problems);

	for (size_t i = 0; i < problems.list.n; i++)
		fprintf(stderr, "%s\n", problems.list.at[i]);
	problem_free(&problems);
	free(default_path);
	snapshot_free(snapshot);
	return result;
}

int cmd_help(const char *usage)
{
	printf("usage: %s\n", usage);
	return 0;
}

int cmd_usage(const char *usage)
{
	fprintf(stderr, "usage: %s\n", usage);
	return 2;
}

int cmd_open_home(const struct gateway_settings *gateway, struct pgp **pgp,
		  struct key_index **keys)
{
	struct err err = { 0 };
	struct stat status;

	*pgp = NULL;
	if (!gateway->gnupg_home_named && stat(gateway->gnupg_home, &status) < 0 &&
	    errno == ENOENT) {
		*keys = key_index_new();
		return 0;
	}
	*pgp = pgp_new(gateway->gnupg_home, &err);
	*keys = *pgp ? pgp_list(*pgp, &err) : NULL;
	if (*keys)
		return 0;
	fprintf(stderr, "letterlock: %s\n", err.text);
	return -1;
}
