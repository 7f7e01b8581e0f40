#include "policy/rules/conf.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>
#include <letterlock/name_index.h>

#include "policy/rules/conf_relations.h"
#include "policy/rules/endpoint.h"
#include "policy/rules/fill.h"
#include "policy/rules/ini_source.h"
#include "policy/rules/rule_parse.h"
#include "policy/rules/rule_set.h"

static struct listener_settings *add_listener(struct settings *settings)
{
	struct listener_settings *listener;

	settings->listeners = mem_one_more(settings->listeners, settings->listeners_n,
					   sizeof(*settings->listeners));
	listener = &settings->listeners[settings->listeners_n++];
	*listener = (struct listener_settings){ 0 };
	return listener;
}

static struct upstream_settings *add_upstream(struct settings *settings)
{
	struct upstream_settings *upstream;

	settings->upstreams = mem_one_more(settings->upstreams, settings->upstreams_n,
					   sizeof(*settings->upstreams));
	upstream = &settings->upstreams[settings->upstreams_n++];
	*upstream = (struct upstream_settings){ 0 };
	return upstream;
}

static struct user_settings *add_user(struct settings *settings)
{
	struct user_settings *user;

	settings->users = mem_one_more(settings->users, settings->users_n,
					   sizeof(*settings->users));
	user = &settings->users[settings->users_n++];
	*user = (struct user_settings){ 0 };
	return user;
}

static void read_listener(const struct reading *at, const char *name,
			  const struct ini_section *section,
			  struct settings *settings)
{
	struct listener_settings *listener = add_listener(settings);

	listener->name = mem_strdup(name);
	listener->line = section->line;
	fill_section(at, SECTION_LISTEN, section, listener);
}

static void read_upstream(const struct reading *at, const char *name,
			  const struct ini_section *section,
			  struct settings *settings)
{
	struct upstream_settings *upstream = add_upstream(settings);

	upstream->name = mem_strdup(name);
	upstream->line = section->line;
	fill_section(at, SECTION_UPSTREAM, section, upstream);
	if (!upstream->server_name)
		upstream->server_name = mem_strdup(upstream->address.host);
}

static void read_user(const struct reading *at, const char *name,
		      const struct ini_section *section,
		      struct settings *settings)
{
	struct user_settings *user = add_user(settings);

	user->name = mem_strdup(name);
	user->line = section->line;
	fill_section(at, SECTION_USER, section, user);
}

static void read_section(const struct reading *at,
			 const struct ini_section *section,
			 struct settings *settings)
{
	struct reading here = *at;
	const char *name;

	here.line = section->line;
	switch (conf_schema_heading(&here, false, section->name, &name)) {
	case SECTION_LISTEN:
		read_listener(at, name, section, settings);
		break;
	case SECTION_UPSTREAM:
		read_upstream(at, name, section, settings);
		break;
	case SECTION_USER:
		read_user(at, name, section, settings);
		break;
	case SECTION_METRICS:
		fill_section(at, SECTION_METRICS, section, NULL);
		break;
	case SECTION_GATEWAY:	/* read_gateway() has read these */
	case SECTION_KEYS:
	case SECTION_RULE:
	case SECTION_NONE:
		break;
	}
}

/* [gateway] and [keys], which have defaults also when they are not there. */
static void read_gateway(const struct reading *at, const struct ini_file *file,
			 struct gateway_settings *gateway)
{
	const struct source_host *host = &at->source->host;
	const struct ini_section *keys = ini_source_section(file, "keys");

	fill_section(at, SECTION_GATEWAY, ini_source_section(file, "gateway"), gateway);
	fill_section(at, SECTION_KEYS, keys, gateway);
	gateway->gnupg_home_named = ini_source_entry(keys, "gnupg-home");
	if (!gateway->hostname)
		gateway->hostname = mem_strdup(
			host->hostname && endpoint_host_valid(span_str(host->hostname)) ?
			host->hostname : "localhost");
	if (gateway->workers == 0)
		gateway->workers = host->cores > 0 ? host->cores : 1;
	if (!gateway->runtime_dir && host->runtime_dir)
		gateway->runtime_dir = mem_strdup(host->runtime_dir);
	if (!gateway->runtime_dir && gateway->state) {
		char *directory = source_directory(gateway->state);

		gateway->runtime_dir = source_path(directory, "run");
		free(directory);
	}
}

/* Listeners point at their upstreams once no array moves any more. */
static void join_upstreams(const struct ini_file *file, struct settings *settings)
{
	struct name_index names = { 0 };
	size_t at;

	for (size_t k = 0; k < settings->upstreams_n; k++)
		name_index_add(&names, settings->upstreams[k].name, k);
	for (size_t i = 0; i < settings->listeners_n; i++) {
		struct listener_settings *listener = &settings->listeners[i];
		char *heading = mem_printf("listen %s", listener->name);
		const struct ini_entry *entry =
			ini_source_entry(ini_source_section(file, heading), "upstream");

		free(heading);
		if (entry && name_index_find(&names, span_str(entry->value), &at))
			listener->upstream = &settings->upstreams[at];
	}
	name_index_free(&names);
}

/* The contents of a PEM file that a key names, into `pem`. */
static void read_pem(const struct reading *at, const struct ini_section *section,
		     const char *key, const char *path, struct strs *pem)
{
	const struct ini_entry *entry = ini_source_entry(section, key);
	struct reading here = *at;
	struct buf text;
	struct span bytes;

	if (!path || !entry)
		return;
	here.line = entry->line;
	buf_init(&text, SOURCE_FILE_MAX);
	if (reading_file(&here, key, path, &text)) {
		bytes = buf_span(&text);
		if (span_find(bytes, '\0') < bytes.len)
			reading_problem(&here, "%s: %s is no PEM file; write the path of one",
					key, entry->value);
		else if (bytes.len > 0)
			strs_add(pem, bytes);
	}
	buf_wipe(&text);
}

/* Listeners and upstreams stand in the order of their sections. */
static void read_pems(const struct reading *at, const struct ini_file *file,
		      struct settings *settings)
{
	size_t listeners = 0, upstreams = 0;

	for (size_t i = 0; i < file->n; i++) {
		const struct ini_section *section = &file->sections[i];

		if (listeners < settings->listeners_n &&
		    settings->listeners[listeners].line == section->line) {
			struct listener_settings *listener = &settings->listeners[listeners++];

			read_pem(at, section, "certificate", listener->certificate,
				 &listener->certificate_pem);
			read_pem(at, section, "private-key", listener->private_key,
				 &listener->private_key_pem);
		}
		if (upstreams < settings->upstreams_n &&
		    settings->upstreams[upstreams].line == section->line) {
			struct upstream_settings *upstream = &settings->upstreams[upstreams++];

			read_pem(at, section, "ca-file", upstream->ca_file,
				 &upstream->ca_pem);
			read_pem(at, section, "crl-file", upstream->crl_file,
				 &upstream->crl_pem);
		}
	}
}

/*
 * The rules. Without the key `policy`, and without the file that it stands
 * for by default, there are none.
 */
static struct rules *read_policy(const struct reading *at,
				 const struct ini_file *file)
{
	const struct ini_entry *entry =
		ini_source_entry(ini_source_section(file, "gateway"), "policy");
	struct span name = span_str(entry ? entry->value : "policy.conf");
	char *path = reading_path(at, name), *shown = reading_shown(at, name);
	char *directory = source_directory(path);
	struct reading here = *at, inside = *at;
	struct err err = { 0 };
	struct rules *rules;
	struct buf text;
	int result;

	buf_init(&text, SOURCE_FILE_MAX);
	result = at->source->read(at->source->data, path, &text, &err);
	here.line = entry ? entry->line : 0;
	if (result < 0 && (entry || result != SOURCE_MISSING))
		reading_problem(&here, "policy %.*s cannot be read: %s; write the path of a file "
				"that can", (int)name.len, name.at, err.text);
	inside.shown = shown;
	inside.directory = directory;
	rules = rule_parse(&inside, result < 0 ? span_of("", 0) : buf_span(&text));
	buf_free(&text);
	free(directory);
	free(shown);
	free(path);
	return rules;
}

static void read_all(const struct reading *at, struct conf *conf)
{
	struct ini_file *file = conf->written;
	struct settings *settings = &conf->settings;

	read_gateway(at, file, &settings->gateway);
	for (size_t i = 0; i < file->n; i++)
		read_section(at, &file->sections[i], settings);
	join_upstreams(file, settings);
	conf_relations_check(at, file, settings);
	read_pems(at, file, settings);
	conf->rules = read_policy(at, file);
	conf_relations_check_rules(at, settings, conf->rules);
}

int conf_read(const struct source *source, const char *path,
	      struct conf *conf, struct problems *problems)
{
	size_t before = problems->list.n;
	char *whole = source_path(source->host.directory, path);
	char *directory = source_directory(whole);
	struct reading at = { source, path, directory, 0, problems };
	struct err err = { 0 };
	struct buf text;

	*conf = (struct conf){ .shown = mem_strdup(path),
			       .written = mem_new(sizeof(struct ini_file)) };
	buf_init(&text, SOURCE_FILE_MAX);
	if (source->read(source->data, whole, &text, &err) != SOURCE_READ) {
		reading_problem(&at, "cannot be read: %s; name the configuration with -c FILE",
				err.text);
	} else {
		ini_source_read(buf_span(&text), path, conf->written, problems);
		read_all(&at, conf);
	}
	buf_free(&text);
	free(directory);
	free(whole);
	return problems->list.n == before ? 0 : -1;
}

int conf_load(const struct source *source, const char *path,
	      struct conf *conf, struct problems *problems)
{
	int result = conf_read(source, path, conf, problems);

	if (result < 0)
		conf_free(conf);
	return result;
}

void conf_free(struct conf *conf)
{
	settings_free(&conf->settings);
	rule_parse_free(conf->rules);
	if (conf->written)
		ini_source_free(conf->written);
	free(conf->written);
	free(conf->shown);
	*conf = (struct conf){ 0 };
}

unsigned conf_line(const struct conf *conf, const char *section,
		   const char *key)
{
	const struct ini_section *found =
		ini_source_section(conf->written, section);
	const struct ini_entry *entry = key ? ini_source_entry(found, key) : NULL;

	return entry ? entry->line : found ? found->line : 0;
}
