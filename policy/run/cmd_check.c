#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/rules/conf.h"
#include "policy/run/access_check.h"
#include "policy/run/cmd.h"
#include "policy/run/conf_check.h"
#include "policy/run/key_check.h"
#include "policy/run/snapshot.h"
#include "policy/run/views_check.h"

static const char usage[] = "letterlock check [-c FILE]";

/* Prints every problem of the configuration `path`, and then every warning, which
 * is none; the exit status. */
static int check(const char *path)
{
	struct snapshot *snapshot = snapshot_new();
	struct source source = snapshot_source(snapshot);
	struct problems problems = { 0 };
	struct conf conf;
	int status;

	conf_read(&source, path, &conf, &problems);
	conf_check(&conf, &problems);
	if (problems.list.n == 0)
		views_check(&conf, &problems);
	conf_check_root(&conf, &problems);
	key_check(&conf, &problems);
	access_check(&conf, snapshot, &problems);
	for (size_t i = 0; i < problems.list.n; i++)
		fprintf(stderr, "%s\n", problems.list.at[i]);
	for (size_t i = 0; i < problems.warnings.n; i++)
		fprintf(stderr, "%s (a warning)\n", problems.warnings.at[i]);
	status = problems.list.n > 0 ? 1 : 0;
	if (status == 0)
		printf("%s: no problem found\n", path);
	problem_free(&problems);
	conf_free(&conf);
	snapshot_free(snapshot);
	return status;
}

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	char *path = NULL, *default_path;
	int option, status;

	while ((option = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd_help(usage);
		if (option != 'c')
			return cmd_usage(usage);
		path = optarg;
	}
	if (optind < argc)
		return cmd_usage(usage);
	default_path = path ? NULL : cmd_default_conf();
	status = check(path ? path : default_path);
	free(default_path);
	return status;
}
