#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/run/cmd.h"
#include "policy/run/cmd_message.h"

static const char usage[] =
	"letterlock seal [-c FILE] [--listener NAME] [--client ADDRESS]\n"
	"       [--login LOGIN] --from ADDRESS --to ADDRESS ... -o DIR";

enum { PIECE = 64 * 1024, NAME_SIZE = 32 };

static int say(const char *what)
{
	fprintf(stderr, "letterlock: %s: %m\n", what);
	return -1;
}

/* The empty folder -o; -1: said. */
static int open_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool empty = true;
	int fd;

	if (!folder)
		return say(path);
	while ((entry = readdir(folder)))
		empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(folder);
	if (!empty) {
		errno = ENOTEMPTY;
		return say(path);
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? say(path) : fd;
}

/* A file that is not there yet, for its owner alone: it may be readable mail. */
static FILE *create(int folder, const char *name)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

static int write_range(FILE *to, int from, uint64_t at, uint64_t size)
{
	char piece[PIECE];

	while (size > 0) {
		size_t want = size < sizeof(piece) ? (size_t)size : sizeof(piece);
		ssize_t n = pread(from, piece, want, (off_t)at);

		if (n <= 0 || fwrite(piece, 1, (size_t)n, to) != (size_t)n)
			return -1;
		at += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

static int write_recipients(FILE *to, const struct ask_recipients *recipients,
			    const struct strs *addresses)
{
	for (size_t i = 0; i < recipients->n; i++)
		if (fprintf(to, "%s\n", addresses->at[recipients->at[i]]) < 0)
			return -1;
	return 0;
}

/* N.eml and N.rcpt. */
static int write_copy(int folder, size_t number, const struct answer_copy *copy, int from,
		      const struct strs *addresses)
{
	char eml[NAME_SIZE], rcpt[NAME_SIZE];
	FILE *message, *recipients;
	int result = -1;

	(void)snprintf(eml, sizeof(eml), "%zu.eml", number);
	(void)snprintf(rcpt, sizeof(rcpt), "%zu.rcpt", number);
	message = create(folder, eml);
	recipients = create(folder, rcpt);
	if (message && recipients)
		result = write_range(message, from, copy->offset, copy->size) |
			 write_recipients(recipients, &copy->recipients, addresses);
	if (message && fclose(message) != 0)
		result = -1;
	if (recipients && fclose(recipients) != 0)
		result = -1;
	return result < 0 ? say(eml) : 0;
}

static void remove_copies(int folder, size_t n)
{
	char name[NAME_SIZE];

	for (size_t i = 1; i <= n; i++) {
		(void)snprintf(name, sizeof(name), "%zu.eml", i);
		(void)unlinkat(folder, name, 0);
		(void)snprintf(name, sizeof(name), "%zu.rcpt", i);
		(void)unlinkat(folder, name, 0);
	}
}

static int write_copies(struct cmd_message *cmd, int folder, const struct answer *answer, int out)
{
	for (size_t i = 0; i < answer->copies_n; i++) {
		const struct answer_copy *copy = &answer->copies[i];
		int from = copy->from_question ? cmd->in : out;

		if (write_copy(folder, i + 1, copy, from, &cmd->ask.envelope.to) < 0) {
			remove_copies(folder, i + 1);
			return -1;
		}
	}
	return 0;
}

/* Seals what was read, and writes the copies: the exit status. */
static int seal_into(struct cmd_message *cmd, int folder)
{
	struct answer answer = { 0 };
	struct err err = { 0 };
	int out = memfd_create("copies", MFD_CLOEXEC), status = 1;

	if (out < 0) {
		(void)say("memory");
		return 1;
	}
	seal(&cmd->parts, &cmd->ask, cmd->in, out, &answer, &err);
	if (err.kind != ERR_NONE)
		fprintf(stderr, "letterlock: %s\n", err.text);
	if (answer.kind == ANSWER_SEALED)
		status = write_copies(cmd, folder, &answer, out) < 0;
	else
		fprintf(stderr, "%u %s %s\n", answer.reply.code, answer.reply.status,
			answer.reply.text);
	answer_free(&answer);
	close(out);
	return status;
}

int cmd_seal(int argc, char **argv)
{
	struct cmd_message cmd = {
		.usage = usage,
		.in = -1,
		.ask = { .kind = ASK_SEAL, .output_max = UINT64_MAX,
			 .upstream_eight_bit = true, .upstream_smtputf8 = true },
	};
	int status = cmd_message_options(&cmd, true, argc, argv), folder = -1;

	if (status < 0 && optind < argc)
		status = cmd_usage(usage);
	if (status < 0) {
		status = 1;
		folder = open_folder(cmd.folder);
		if (folder >= 0 && cmd_message_prepare(&cmd) == 0 &&
		    cmd_message_read(&cmd, "-") == 0)
			status = seal_into(&cmd, folder);
	}
	if (folder >= 0)
		close(folder);
	cmd_message_done(&cmd);
	return status;
}
