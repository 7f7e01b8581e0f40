#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/buf.h>

#include "policy/crypto/pgp.h"
#include "policy/job/open.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/run/cmd.h"

static const char usage[] = "letterlock open [-c FILE] --login LOGIN";

enum { OPTION_LOGIN = 256, PIECE = 64 * 1024 };

struct arguments {
	const char *conf;
	const char *login;
};

/* -1: go on; else the exit status. */
static int options(struct arguments *arguments, int argc, char **argv)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "login", required_argument, NULL, OPTION_LOGIN },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+c:h", known, NULL)) != -1)
		switch (option) {
		case 'c':
			arguments->conf = optarg;
			break;
		case OPTION_LOGIN:
			arguments->login = optarg;
			break;
		case 'h':
			return cmd_help(usage);
		default:
			return cmd_usage(usage);
		}
	return !arguments->login || optind < argc ? cmd_usage(usage) : -1;
}

static int say(const char *what)
{
	fprintf(stderr, "letterlock: %s\n", what);
	return -1;
}

static int read_all(FILE *from, struct buf *to)
{
	char *room;
	size_t n;

	do {
		room = buf_reserve(to, PIECE);
		if (!room)
			return say("the message is larger than max-message-size");
		n = fread(room, 1, PIECE, from);
		buf_commit(to, n);
	} while (n > 0);
	return ferror(from) ? say("standard input cannot be read") : 0;
}

/* A file of a Unix mail store has LF: the lines of mail, until it is written. */
static bool add_cr(struct buf *text)
{
	struct span rest = buf_span(text);
	struct buf lines;

	if (memchr(rest.at, '\r', rest.len))
		return false;
	buf_init(&lines, 2 * text->max);
	while (rest.len > 0) {
		size_t len = span_find(rest, '\n');

		(void)buf_put(&lines, span_of(rest.at, len));
		if (len < rest.len)
			(void)buf_puts(&lines, "\r\n");
		rest = span_skip(rest, len < rest.len ? len + 1 : len);
	}
	buf_wipe(text);
	*text = lines;
	return true;
}

static int write_out(struct span text, bool without_cr)
{
	while (text.len > 0) {
		size_t len = without_cr ? span_find(text, '\r') : text.len;
		bool line_end = text.len - len > 1 && text.at[len + 1] == '\n';

		/* what was decrypted may have a CR of its own */
		if (fwrite(text.at, 1, len, stdout) != len ||
		    (len < text.len && !line_end && fputc('\r', stdout) == EOF))
			return say("standard output cannot be written");
		text = span_skip(text, len < text.len ? len + 1 : len);
	}
	return fflush(stdout) == EOF ? say("standard output cannot be written") : 0;
}

/* Opens what stands in `stored`, and writes it: the exit status. */
static int open_and_write(const struct open_parts *parts, struct buf *stored)
{
	bool lf = add_cr(stored);
	struct err err = { 0 };
	struct buf view;
	enum open_outcome outcome;
	int status = 1;

	buf_init(&view, open_most(parts->settings, stored->len));
	outcome = open_message(parts, buf_span(stored), &view, &err);
	if (outcome == OPEN_FAILED || outcome == OPEN_LATER)
		(void)say(err.kind != ERR_NONE ? err.text : "the message could not be opened");
	if (write_out(buf_span(&view), lf) == 0 && outcome != OPEN_FAILED &&
	    outcome != OPEN_LATER)
		status = 0;
	buf_wipe(&view);
	return status;
}

static int with_keys(const struct conf *conf, const char *login)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;
	struct open_parts parts = { .settings = &conf->settings, .login = login };
	struct key_index *keys = NULL;
	struct buf stored;
	int result = 1;

	buf_init(&stored, gateway->max_message_size + PIECE);
	if (cmd_open_home(gateway, &parts.pgp, &keys) == 0 && read_all(stdin, &stored) == 0) {
		parts.keys = keys;
		result = open_and_write(&parts, &stored);
	}
	key_index_free(keys);
	pgp_free(parts.pgp);
	buf_wipe(&stored);
	return result;
}

int cmd_open(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct conf conf = { 0 };
	int status = options(&arguments, argc, argv);

	if (status >= 0)
		return status;
	status = cmd_load_conf(arguments.conf, &conf) < 0 ? 1 : with_keys(&conf, arguments.login);
	conf_free(&conf);
	return status;
}
