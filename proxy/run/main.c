/* main - finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

#include "policy/run/cmd.h"
#include "policy/run/policy_process.h"
#include "policy/run/sealer.h"
#include "proxy/run/master.h"
#include "proxy/run/worker.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "serve", master_serve },
	{ "check", cmd_check },
	{ "explain", cmd_explain },
	{ "keys", cmd_keys },
	{ "seal", cmd_seal },
	/* what the master and the policy engine start themselves as */
	{ "@policy", policy_process_main },
	{ "@worker", worker_main },
	{ "@sealer", sealer_main },
};

static int usage(FILE *out, int status)
{
	fputs("usage: letterlock COMMAND [ARGUMENT ...]\n", out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (commands[i].name[0] != '@')
			fprintf(out, "       letterlock %s --help\n", commands[i].name);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("letterlock 0.1.0");
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return usage(stderr, 2);
}
