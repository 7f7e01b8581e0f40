#include "proxy/engine/smtp_parameters.h"

enum {
	ENVID_MAX = 100,	/* RFC 3461 4.4 */
	ORCPT_MAX = 500,	/* RFC 3461 4.2 */
	ADDRESS_TYPE_MAX = 40,
};

static const struct smtp_syntax_fault bad_value = {
	501, "5.5.4", "the value of a parameter is not in order"
};
static const struct smtp_syntax_fault repeated = {
	501, "5.5.4", "a parameter came twice"
};
static const struct smtp_syntax_fault unknown = {
	555, "5.5.4", "a parameter is not known"
};

static bool read_size(struct span value, struct smtp_server_event *event)
{
	unsigned long long size;

	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
	if (value.len == 0 || value.len > 20)
		return false;	/* RFC 1870 4 */
	while (value.len > 1 && value.at[0] == '0')
		value = span_skip(value, 1);
	event->size = span_number(value, &size) ? size : UINT64_MAX;
	return true;
}

static bool read_body(struct span value, struct smtp_server_event *event)
{
	event->eight_bit = span_is_nocase(value, "8BITMIME");
	return event->eight_bit || span_is_nocase(value, "7BIT");
}

static bool read_smtputf8(struct span value, struct smtp_server_event *event)
{
	event->smtputf8 = true;
	return value.len == 0;
}

static bool read_nothing(struct span value, struct smtp_server_event *event)
{
	(void)event;
	return value.len == 0;
}

static bool read_ret(struct span value, struct smtp_server_event *event)
{
	(void)event;
	return span_is_nocase(value, "FULL") || span_is_nocase(value, "HDRS");
}

static bool read_envid(struct span value, struct smtp_server_event *event)
{
	(void)event;
	return value.len && smtp_syntax_xtext(value, ENVID_MAX);
}

/* "<>" or an address in xtext (RFC 4954 5). */
static bool read_auth(struct span value, struct smtp_server_event *event)
{
	(void)event;
	return span_is(value, "<>") ||
	       (value.len && smtp_syntax_xtext(value, ORCPT_MAX));
}

static bool read_notify(struct span value, struct smtp_server_event *event)
{
	struct span word;

	(void)event;
	if (span_is_nocase(value, "NEVER"))
		return true;
	while (span_split(&value, ',', &word))
		if (!span_is_nocase(word, "SUCCESS") &&
		    !span_is_nocase(word, "FAILURE") &&
		    !span_is_nocase(word, "DELAY"))
			return false;
	return true;
}

/* "rfc822;xtext"; "utf-8;..." may hold UTF-8 as it is (RFC 6533 3). */
static bool read_orcpt(struct span value, struct smtp_server_event *event)
{
	size_t len = span_find(value, ';');
	struct span type = span_of(value.at, len);
	struct span address = span_skip(value, len + 1);

	if (len == 0 || len > ADDRESS_TYPE_MAX || address.len == 0 ||
	    address.len > ORCPT_MAX)
		return false;
	for (size_t i = 0; i < type.len; i++)
		if (type.at[i] <= ' ' || type.at[i] > '~' || type.at[i] == '+')
			return false;
	if (span_is_nocase(type, "utf-8") && event->smtputf8)
		return true;	/* smtp_syntax_parameters() looked at it */
	return smtp_syntax_xtext(address, ORCPT_MAX);
}

static const struct rule {
	const char *keyword;
	enum smtp_server_event_kind of;
	bool (*read)(struct span value, struct smtp_server_event *event);
} rules[] = {
	{ "SIZE", SMTP_SERVER_MAIL, read_size },
	{ "BODY", SMTP_SERVER_MAIL, read_body },
	{ "SMTPUTF8", SMTP_SERVER_MAIL, read_smtputf8 },
	{ "RET", SMTP_SERVER_MAIL, read_ret },
	{ "ENVID", SMTP_SERVER_MAIL, read_envid },
	{ "AUTH", SMTP_SERVER_MAIL, read_auth },
	{ "REQUIRETLS", SMTP_SERVER_MAIL, read_nothing },
	{ "NOTIFY", SMTP_SERVER_RCPT, read_notify },
	{ "ORCPT", SMTP_SERVER_RCPT, read_orcpt },
};

static const struct rule *rule_of(const struct smtp_server_event *event,
				  struct span keyword)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].of == event->kind &&
		    span_is_nocase(keyword, rules[i].keyword))
			return &rules[i];
	return NULL;
}

static bool came_before(const struct smtp_server_event *event, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(event->parameters[i].keyword,
				   event->parameters[n].keyword))
			return true;
	return false;
}

const struct smtp_syntax_fault *
smtp_parameters_read(struct smtp_server_event *event)
{
	for (size_t i = 0; i < event->parameters_n; i++) {
		const struct smtp_parameter *next = &event->parameters[i];
		const struct rule *rule = rule_of(event, next->keyword);

		if (!rule)
			return &unknown;
		if (came_before(event, i))
			return &repeated;
		if (!rule->read(next->value, event))
			return &bad_value;
	}
	return NULL;
}
