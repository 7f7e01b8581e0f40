/* main - finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("letterlock 0.1.0");
		return 0;
	}
	fputs("usage: letterlock COMMAND [ARGUMENT ...]\n", stderr);
	return 2;
}
