#include "policy/rules/conf_relations.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <letterlock/mem.h>
#include <letterlock/name_index.h>

#include "policy/rules/endpoint.h"
#include "policy/rules/rule_parse.h"
#include "policy/rules/rule_set.h"

/* `at` moved to the line of `key` in the section that begins on `line`, or to
 * the heading when the key is not given. */
static struct reading here(const struct reading *at, const struct ini_file *file,
			   unsigned line, const char *key)
{
	const struct ini_entry *entry = ini_source_entry(ini_source_at(file, line), key);
	struct reading moved = *at;

	moved.line = entry ? entry->line : line;
	return moved;
}

static unsigned section_line(const struct ini_file *file, const char *name)
{
	const struct ini_section *section = ini_source_section(file, name);

	return section ? section->line : 0;
}

static void check_gateway(const struct reading *at, const struct ini_file *file,
			  const struct gateway_settings *gateway)
{
	unsigned line = section_line(file, "gateway");
	const struct ini_section *section = ini_source_section(file, "gateway");
	const char *key = ini_source_entry(section, "spool-memory") ?
			  "spool-memory" : "max-message-size";
	struct reading where = here(at, file, line, key);

	/* 0: the key was given and wrong, which has been said */
	if (gateway->spool_memory > 0 && gateway->spool_memory < gateway->max_message_size)
		reading_problem(&where, "spool-memory is below max-message-size, so that no such "
				"message could ever be taken; write a larger spool-memory or a "
				"smaller max-message-size");
}

static void check_listener_tls(const struct reading *at,
			       const struct ini_file *file,
			       const struct listener_settings *listener)
{
	struct reading where = here(at, file, listener->line, "tls");

	if (listener->tls != LISTEN_NONE && !listener->certificate)
		reading_problem(&where, "[listen %s] offers TLS and has no certificate; write "
				"certificate = FILE and private-key = FILE, or tls = none",
				listener->name);
	else if (listener->certificate && !listener->private_key) {
		where = here(at, file, listener->line, "certificate");
		reading_problem(&where, "[listen %s] has a certificate and no private key; write "
				"private-key = FILE", listener->name);
	} else if (listener->private_key && !listener->certificate) {
		where = here(at, file, listener->line, "private-key");
		reading_problem(&where, "[listen %s] has a private key and no certificate; write "
				"certificate = FILE", listener->name);
	}
}

static void check_upstream_name(const struct reading *at,
				const struct ini_file *file,
				const struct listener_settings *listener)
{
	struct reading where = here(at, file, listener->line, "upstream");
	char *heading = mem_printf("listen %s", listener->name);
	const struct ini_entry *entry =
		ini_source_entry(ini_source_section(file, heading), "upstream");

	if (!listener->upstream && entry && *entry->value)
		reading_problem(&where, "[listen %s] names the upstream %s, which is not there; "
				"write the name of an [upstream NAME] section", listener->name,
				entry->value);
	free(heading);
}

/* Says the first of the listeners before it that `listener` clashes with. */
static void check_clash(const struct reading *where, const struct settings *settings,
			const struct listener_settings *listener)
{
	const struct listener_settings *other = settings->listeners;

	if (!listener->address.host)
		return;
	while (other < listener && !(other->address.host &&
				     endpoint_clash(&listener->address, &other->address)))
		other++;
	if (other < listener)
		reading_problem(where, "[listen %s] and [listen %s] (line %u) cannot both be "
				"bound to this port; write another port or address",
				listener->name, other->name, other->line);
}

/* --- servers that cannot be what they are taken for --- */

static const char *const protocols[] = {
	[PROTOCOL_SMTP] = "smtp", [PROTOCOL_IMAP] = "imap", [PROTOCOL_POP3] = "pop3",
};

/* What is spoken on the ports of mail servers: RFC 6409, RFC 8314 7.3. */
static const struct mail_port {
	unsigned port;
	enum protocol protocol;
	enum upstream_tls tls;
	unsigned other;		/* the one with the other TLS */
} mail_ports[] = {
	{ 587, PROTOCOL_SMTP, UPSTREAM_STARTTLS, 465 },
	{ 465, PROTOCOL_SMTP, UPSTREAM_IMPLICIT, 587 },
	{ 143, PROTOCOL_IMAP, UPSTREAM_STARTTLS, 993 },
	{ 993, PROTOCOL_IMAP, UPSTREAM_IMPLICIT, 143 },
	{ 110, PROTOCOL_POP3, UPSTREAM_STARTTLS, 995 },
	{ 995, PROTOCOL_POP3, UPSTREAM_IMPLICIT, 110 },
};

/* NULL for any other port, and on the loopback: the end of a tunnel may be anything. */
static const struct mail_port *mail_port_of(const struct endpoint *address)
{
	if (!address->host || endpoint_loopback(address->host))
		return NULL;
	for (size_t i = 0; i < sizeof(mail_ports) / sizeof(*mail_ports); i++)
		if (mail_ports[i].port == address->port)
			return &mail_ports[i];
	return NULL;
}

/* False where `key` has another value, which was wrong and has been said. */
static bool reads(const struct ini_file *file, unsigned line, const char *key,
		  const char *word)
{
	const struct ini_entry *entry = ini_source_entry(ini_source_at(file, line), key);

	return !entry || strcmp(entry->value, word) == 0;
}

static void check_pairing(const struct reading *where, const struct ini_file *file,
			  const struct settings *settings,
			  const struct listener_settings *listener)
{
	const struct upstream_settings *upstream = listener->upstream;
	const struct listener_settings *other = settings->listeners;
	const char *speaks = protocols[listener->protocol];
	const struct mail_port *port = upstream ? mail_port_of(&upstream->address) : NULL;

	if (!upstream || !reads(file, listener->line, "protocol", speaks))
		return;
	while (other < listener && (other->upstream != upstream ||
				    other->protocol == listener->protocol ||
				    !reads(file, other->line, "protocol",
					   protocols[other->protocol])))
		other++;
	if (other < listener)
		reading_problem(where, "[listen %s] speaks %s and [listen %s] (line %u) speaks %s, "
				"and both go to [upstream %s]; write an [upstream NAME] for each",
				listener->name, speaks, other->name, other->line,
				protocols[other->protocol], upstream->name);
	else if (port && port->protocol != listener->protocol)
		reading_problem(where, "[listen %s] speaks %s, and port %u of [upstream %s] is for "
				"%s; write the name of an upstream for %s", listener->name, speaks,
				port->port, upstream->name, protocols[port->protocol], speaks);
}

/* A server that waits for the other begin of TLS just says nothing. */
static void check_tls_port(const struct reading *at, const struct ini_file *file,
			   const struct upstream_settings *upstream)
{
	static const char *const words[] = {
		[UPSTREAM_STARTTLS] = "starttls", [UPSTREAM_IMPLICIT] = "implicit",
		[UPSTREAM_NONE] = "none",
	};
	const struct mail_port *port = mail_port_of(&upstream->address);
	struct reading where = here(at, file, upstream->line, "tls");

	if (where.line == upstream->line)	/* it is the default */
		where = here(at, file, upstream->line, "address");
	if (port && upstream->tls != port->tls && upstream->tls != UPSTREAM_NONE &&
	    reads(file, upstream->line, "tls", words[upstream->tls]))
		reading_problem(&where, "tls is %s, and on port %u it is %s; write tls = %s, or "
				"port %u", words[upstream->tls], port->port, words[port->tls],
				words[port->tls], port->other);
}

static void check_listener(const struct reading *at, const struct ini_file *file,
			   const struct settings *settings, size_t i)
{
	const struct listener_settings *listener = &settings->listeners[i];
	struct reading where;

	check_upstream_name(at, file, listener);
	check_listener_tls(at, file, listener);
	where = here(at, file, listener->line, "address");
	check_clash(&where, settings, listener);
	where = here(at, file, listener->line, "upstream");
	check_pairing(&where, file, settings, listener);
	where = here(at, file, listener->line, "login");
	if (listener->login && listener->address.host &&
	    !endpoint_loopback(listener->address.host))
		reading_problem(&where, "[listen %s] gives everybody who reaches it the login %s; "
				"write an address of the loopback, such as 127.0.0.1:%u, or leave "
				"login out", listener->name, listener->login,
				listener->address.port);
}

/* Whether who connects to `to` comes in at `door`, as far as can be told here. */
static bool leads_to(const struct endpoint *to, const struct endpoint *door)
{
	bool any;

	if (!to->host || !door->host || to->port != door->port)
		return false;
	any = strcmp(door->host, "0.0.0.0") == 0 || strcmp(door->host, "::") == 0;
	return strcasecmp(to->host, door->host) == 0 ||
	       (endpoint_loopback(to->host) &&
		(any || (strcasecmp(to->host, "localhost") == 0 &&
			 endpoint_loopback(door->host))));
}

/* Each session would begin another one, until no more can be had. */
static void check_circle(const struct reading *at, const struct ini_file *file,
			 const struct settings *settings,
			 const struct upstream_settings *upstream)
{
	struct reading where = here(at, file, upstream->line, "address");

	for (size_t i = 0; i < settings->listeners_n; i++) {
		const struct listener_settings *listener = &settings->listeners[i];

		if (!leads_to(&upstream->address, &listener->address))
			continue;
		reading_problem(&where, "[upstream %s] is [listen %s] (line %u) of this gateway "
				"itself; write the address of the provider's server",
				upstream->name, listener->name, listener->line);
		return;
	}
}

static void check_upstream(const struct reading *at, const struct ini_file *file,
			   const struct upstream_settings *upstream)
{
	struct reading where = here(at, file, upstream->line, "tls");

	if (upstream->tls == UPSTREAM_NONE && upstream->address.host &&
	    !upstream->allow_plaintext && !endpoint_loopback(upstream->address.host))
		reading_problem(&where, "passwords and mail would go to %s in the clear; write "
				"tls = starttls or implicit, or allow-plaintext = yes if that is "
				"meant", upstream->address.host);
	check_tls_port(at, file, upstream);
	where = here(at, file, upstream->line, "verify");
	if (upstream->verify == VERIFY_PIN && upstream->pins.n == 0 &&
	    here(at, file, upstream->line, "pin").line == upstream->line)
		reading_problem(&where, "verify = pin without a pin; write pin = sha256:BASE64");
	where = here(at, file, upstream->line, "pin");
	if (upstream->verify != VERIFY_PIN && upstream->pins.n > 0)
		reading_problem(&where, "pin is looked at only with verify = pin; write that, or "
				"leave pin out");
}

static void check_users(const struct reading *at, const struct ini_file *file,
			const struct settings *settings)
{
	struct name_index logins = { .nocase = true };

	for (size_t i = 0; i < settings->users_n; i++) {
		const struct user_settings *user = &settings->users[i];
		struct reading where = here(at, file, user->line, "login");
		size_t first = user->login ? name_index_add(&logins, user->login, i) : i;

		if (first != i)
			reading_problem(&where, "the login %s has a section on line %u already; "
					"write all its addresses there", user->login,
					settings->users[first].line);
	}
	name_index_free(&logins);
}

void conf_relations_check(const struct reading *at, const struct ini_file *file,
			  const struct settings *settings)
{
	check_gateway(at, file, &settings->gateway);
	for (size_t i = 0; i < settings->listeners_n; i++)
		check_listener(at, file, settings, i);
	for (size_t i = 0; i < settings->upstreams_n; i++) {
		check_upstream(at, file, &settings->upstreams[i]);
		check_circle(at, file, settings, &settings->upstreams[i]);
	}
	check_users(at, file, settings);
}

static bool listener_known(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->listeners_n; i++)
		if (span_is_nocase(span_str(name), settings->listeners[i].name))
			return true;
	return false;
}

void conf_relations_check_rules(const struct reading *at,
				const struct settings *settings,
				const struct rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct strs *names = &rules->at[i].listener.exact;

		for (size_t k = 0; k < names->n; k++)
			if (!listener_known(settings, names->at[k]))
				problem_add(at->problems, rules->file,
					    rule_parse_line(rules, i, "listener", names->at[k]),
					    "rule %s names the listener %s, which is not there; "
					    "write the name of a [listen NAME] section",
					    rules->at[i].name, names->at[k]);
	}
}
