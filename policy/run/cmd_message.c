#include "policy/run/cmd_message.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/address.h>
#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/keys/key_index.h"
#include "policy/rules/cidr.h"
#include "policy/run/as_account.h"
#include "policy/run/cmd.h"
#include "policy/store/views.h"

enum { OPTION_LISTENER = 256, OPTION_CLIENT, OPTION_LOGIN, OPTION_FROM, OPTION_TO, OPTION_JSON };

/* --- arguments --- */

static int bad_address(const char *option, const char *address)
{
	fprintf(stderr, "letterlock: %s %s: this is no address\n", option, address);
	return 2;
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = mem_strdup(value);
}

/* One numeric address, as rules compare it. */
static int take_client(struct envelope *envelope, const char *value)
{
	struct cidr cidr;
	const char *why;

	if (strchr(value, '/') || !cidr_parse(span_str(value), &cidr, &why)) {
		fprintf(stderr, "letterlock: --client %s: this is no IP address\n", value);
		return 2;
	}
	set(&envelope->client, value);
	return -1;
}

static int take_option(struct cmd_message *cmd, bool out, int option)
{
	struct envelope *envelope = &cmd->ask.envelope;
	struct span value = span_str(optarg);

	switch (option) {
	case 'c':
		cmd->conf_path = optarg;
		return -1;
	case 'h':
		return cmd_help(cmd->usage);
	case OPTION_LISTENER:
		set(&envelope->listener, optarg);
		return -1;
	case OPTION_CLIENT:
		return take_client(envelope, optarg);
	case OPTION_LOGIN:
		set(&envelope->login, optarg);
		return -1;
	case OPTION_FROM:
		if (span_is(value, "<>"))	/* the null sender, as SMTP has it */
			value = span_str("");
		if (value.len > 0 && !address_valid(value, true))
			return bad_address("--from", optarg);
		set(&envelope->sender, value.len > 0 ? optarg : "");
		return -1;
	case OPTION_TO:
		if (!address_valid(value, true))
			return bad_address("--to", optarg);
		if (envelope->to.n < ENVELOPE_RECIPIENTS_MAX)
			strs_add(&envelope->to, value);
		return -1;
	case 'o':
		cmd->folder = optarg;
		return out ? -1 : cmd_usage(cmd->usage);
	case OPTION_JSON:
		cmd->json = true;
		return out ? cmd_usage(cmd->usage) : -1;
	default:
		return cmd_usage(cmd->usage);
	}
}

int cmd_message_options(struct cmd_message *cmd, bool out, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "listener", required_argument, NULL, OPTION_LISTENER },
		{ "client", required_argument, NULL, OPTION_CLIENT },
		{ "login", required_argument, NULL, OPTION_LOGIN },
		{ "from", required_argument, NULL, OPTION_FROM },
		{ "to", required_argument, NULL, OPTION_TO },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ 0 },
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "+c:ho:", options, NULL)) != -1) {
		status = take_option(cmd, out, option);
		if (status >= 0)
			return status;
	}
	if (!cmd->ask.envelope.sender || cmd->ask.envelope.to.n == 0 || (out && !cmd->folder))
		return cmd_usage(cmd->usage);
	return -1;
}

/* --- configuration and keys --- */

/* The listener that was named, or the only one there is; NULL: none such. */
static const struct listener_settings *choose_listener(const struct settings *settings,
						       const char *name)
{
	const struct listener_settings *found = NULL;

	for (size_t i = 0; i < settings->listeners_n; i++) {
		const struct listener_settings *listener = &settings->listeners[i];

		if (listener->protocol != PROTOCOL_SMTP ||
		    (name && strcmp(listener->name, name) != 0))
			continue;
		if (found)
			return NULL;
		found = listener;
	}
	return found;
}

static int take_listener(struct envelope *envelope, const struct settings *settings)
{
	const struct listener_settings *listener =
		choose_listener(settings, envelope->listener);

	if (!listener && envelope->listener) {
		fprintf(stderr, "letterlock: --listener %s: the configuration has no such "
				"listener for SMTP\n", envelope->listener);
		return -1;
	}
	if (!listener)
		return 0;
	if (!envelope->listener)
		envelope->listener = mem_strdup(listener->name);
	if (!envelope->login && listener->login)
		envelope->login = mem_strdup(listener->login);
	return 0;
}

/* --- what was opened --- */

struct question {
	const struct gateway_settings *gateway;
	const char *login;
	const struct strs *ids;
};

/* Puts "yes", "no", or why that cannot be told. */
static int look(void *argument, struct buf *out, struct err *err)
{
	const struct question *question = argument;
	char *key = mem_printf("%s/%s", question->gateway->gnupg_home, VIEWS_KEY_FILE);
	struct views *views = views_open(question->gateway->state, key, err);
	int found = views ? views_answers(views, question->login, question->ids, err) : -1;

	views_close(views);
	free(key);
	return buf_puts(out, found < 0 ? err->text : found ? "yes" : "no");
}

/* As the gateway's account, to which the state belongs; where there is none yet
 * nothing was opened. */
static int opened(void *owner, const char *login, const struct strs *ids, struct err *err)
{
	const struct cmd_message *cmd = owner;
	struct question question = { &cmd->conf.settings.gateway, login, ids };
	struct buf said;
	int found;

	if (!cmd->pgp || (access(question.gateway->state, F_OK) < 0 && errno == ENOENT))
		return 0;
	buf_init(&said, sizeof(err->text));
	found = as_account(question.gateway->user, look, &question, &said, err);
	if (found == 0 && span_is(buf_span(&said), "yes"))
		found = 1;
	else if (found == 0 && !span_is(buf_span(&said), "no"))
		found = err_set(err, ERR_TEMP, "%.*s", (int)said.len, buf_span(&said).at);
	if (found < 0)
		fprintf(stderr, "letterlock: %s\n", err->text);
	buf_free(&said);
	return found;
}

int cmd_message_prepare(struct cmd_message *cmd)
{
	if (cmd_load_conf(cmd->conf_path, &cmd->conf) < 0 ||
	    take_listener(&cmd->ask.envelope, &cmd->conf.settings) < 0 ||
	    cmd_open_home(&cmd->conf.settings.gateway, &cmd->pgp, &cmd->keys) < 0)
		return -1;
	cmd->parts = (struct seal_parts){
		.conf = &cmd->conf,
		.keys = cmd->keys,
		.pgp = cmd->pgp,
		.now = time(NULL),
		.opened = opened,
		.owner = cmd,
	};
	return 0;
}

/* --- the message --- */

/* A line as a mail client would send it: 0, or -1 for what SMTP has not. */
static int copy_line(struct span line, FILE *to, uint64_t *size)
{
	size_t len = line.len;

	if (len > 0 && line.at[len - 1] == '\n')
		len--;
	if (len > 0 && line.at[len - 1] == '\r')
		len--;
	if (memchr(line.at, '\r', len) || memchr(line.at, '\0', len)) {
		fputs("550 5.6.11 the message has a bare CR or a NUL\n", stderr);
		return -1;
	}
	*size += len + 2;
	if (fwrite(line.at, 1, len, to) != len || fputs("\r\n", to) == EOF) {
		perror("letterlock: memory");
		return -1;
	}
	return 0;
}

static int copy_message(FILE *from, FILE *to, uint64_t max, uint64_t *size)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int result = 0;

	while (result == 0 && (n = getline(&line, &cap, from)) >= 0) {
		result = copy_line(span_of(line, (size_t)n), to, size);
		if (result == 0 && *size > max) {
			fputs("552 5.3.4 the message is larger than max-message-size\n", stderr);
			result = -1;
		}
	}
	free(line);
	if (result == 0 && (ferror(from) || fflush(to) == EOF)) {
		perror("letterlock: reading the message");
		result = -1;
	}
	return result;
}

int cmd_message_read(struct cmd_message *cmd, const char *path)
{
	uint64_t max = cmd->conf.settings.gateway.max_message_size;
	bool standard = strcmp(path, "-") == 0;
	FILE *from = standard ? stdin : fopen(path, "rbe"), *to = NULL;
	int result = -1, copy;

	if (!from) {
		fprintf(stderr, "letterlock: %s: %m\n", path);
		return -1;
	}
	cmd->in = memfd_create("letterlock", MFD_CLOEXEC);
	copy = cmd->in < 0 ? -1 : dup(cmd->in);
	to = copy < 0 ? NULL : fdopen(copy, "wb");
	if (!to)
		perror("letterlock: memory");
	else
		result = copy_message(from, to, max, &cmd->ask.message_size);
	if (to)
		fclose(to);
	else if (copy >= 0)
		close(copy);
	if (!standard)
		fclose(from);
	return result;
}

void cmd_message_done(struct cmd_message *cmd)
{
	ask_free(&cmd->ask);
	key_index_free(cmd->keys);
	pgp_free(cmd->pgp);
	conf_free(&cmd->conf);
	if (cmd->in >= 0)
		close(cmd->in);
}
