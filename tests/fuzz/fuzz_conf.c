/* Any letterlock.conf gives settings or problems, never both or neither; what
 * is read stands in the file; what is accepted holds together. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/rules/conf.h"
#include "policy/rules/ini_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is every file: the configuration, the policy, and lists. */
static int read_input(void *data, const char *path, struct buf *out,
		      struct err *err)
{
	if (strstr(path, "none")) {
		err_set(err, ERR_CONF, "no such file");
		return SOURCE_MISSING;
	}
	return buf_put(out, *(const struct span *)data);
}

static void check_problems(const struct problems *problems)
{
	for (size_t i = 0; i < problems->list.n; i++)
		for (const char *c = problems->list.at[i]; *c; c++)
			if ((unsigned char)*c < 0x20)
				abort();
}

static struct span line_of(struct span text, unsigned number)
{
	struct span line = { 0 };

	while (number-- > 0)
		if (!span_split(&text, '\n', &line))
			abort();
	return line;
}

static void check_entries(struct span text)
{
	struct ini_file file = { 0 };
	struct problems problems = { 0 };
	unsigned last = 0;

	ini_source_read(text, "f", &file, &problems);
	for (size_t i = 0; i < file.n; i++) {
		if (file.sections[i].line <= last)
			abort();
		last = file.sections[i].line;
		for (size_t k = 0; k < file.sections[i].n; k++) {
			const struct ini_entry *entry = &file.sections[i].entries[k];
			struct span line = line_of(text, entry->line);

			if (entry->line <= last || strlen(entry->name) > INI_NAME_MAX ||
			    !memmem(line.at, line.len, entry->name, strlen(entry->name)) ||
			    !memmem(line.at, line.len, entry->value, strlen(entry->value)))
				abort();
			last = entry->line;
		}
	}
	check_problems(&problems);
	problem_free(&problems);
	ini_source_free(&file);
}

static void check_settings(const struct settings *settings)
{
	const struct gateway_settings *gateway = &settings->gateway;

	if (gateway->workers == 0 || gateway->spool_memory < gateway->max_message_size ||
	    !gateway->hostname || gateway->state[0] != '/' || !gateway->runtime_dir)
		abort();
	for (size_t i = 0; i < settings->listeners_n; i++)
		if (!settings->listeners[i].upstream || !settings->listeners[i].address.host ||
		    (settings->listeners[i].tls != LISTEN_NONE &&
		     !settings->listeners[i].private_key))
			abort();
	for (size_t i = 0; i < settings->upstreams_n; i++)
		if (!settings->upstreams[i].server_name ||
		    (settings->upstreams[i].verify == VERIFY_PIN &&
		     settings->upstreams[i].pins.n == 0))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct source source = { .read = read_input, .data = &text };
	struct problems problems = { 0 };
	struct conf conf;
	int result;

	check_entries(text);
	result = conf_load(&source, "/x/f.conf", &conf, &problems);
	if ((result == 0) != (problems.list.n == 0))
		abort();
	check_problems(&problems);
	if (result == 0) {
		check_settings(&conf.settings);
		conf_free(&conf);
	}
	problem_free(&problems);
	return 0;
}
