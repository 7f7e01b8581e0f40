/* main - finds the subcommand and runs it. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy/run/cmd.h"
#include "policy/run/policy_process.h"
#include "policy/run/sealer.h"
#include "proxy/run/master.h"
#include "proxy/run/worker.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *does;	/* NULL: for nobody to type */
} commands[] = {
	{ "serve",   master_serve, "run the gateway in the foreground" },
	{ "check",   cmd_check, "read configuration and policy, and say what is wrong" },
	{ "explain", cmd_explain, "say what would become of a message, and why" },
	{ "keys",    cmd_keys, "list, import, locate and forget keys" },
	{ "open",    cmd_open, "write what a reader is shown of a stored message" },
	{ "seal",    cmd_seal, "write what would be sent for a message" },
	/* what the master and the policy engine start themselves as */
	{ "@policy", policy_process_main, NULL },
	{ "@worker", worker_main, NULL },
	{ "@sealer", sealer_main, NULL },
};

static void print_usage(FILE *to)
{
	fputs("usage: letterlock COMMAND [ARGUMENT ...]\n"
	      "       letterlock COMMAND --help\n\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (commands[i].does)
			fprintf(to, "  %-9s%s\n", commands[i].name, commands[i].does);
}

static bool is_version(const char *word)
{
	return strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0;
}

static int print_version(void)
{
	puts("letterlock 0.1.0");
	return 0;
}

static int run(const struct command *command, int argc, char **argv)
{
	/* the same everywhere, so that no command has to know it */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--version") == 0)
			return print_version();
	return command->run(argc, argv);
}

/* A socket that took the number of a closed standard error would be written
 * to: each of the three is open, if to nowhere. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int dispatch(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (is_version(word))
		return print_version();
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(word, commands[i].name) == 0)
			return run(&commands[i], argc - 1, argv + 1);
	if (argc > 1)
		fprintf(stderr, "letterlock: there is no command %s\n", word);
	print_usage(stderr);
	return 2;
}

int main(int argc, char **argv)
{
	int status;

	open_standard();
	status = dispatch(argc, argv);
	/* who reads half a table has to know */
	if (status == 0 && (fflush(stdout) == EOF || ferror(stdout))) {
		fputs("letterlock: standard output cannot be written\n", stderr);
		return 1;
	}
	return status;
}
