#include "proxy/engine/smtp_capabilities.h"

#include "proxy/engine/smtp_syntax.h"

enum { MECHANISMS_MAX = 64 };

typedef struct smtp_client_capabilities capabilities;

static void read_size(capabilities *c, struct span value)
{
	unsigned long long size = 0;

	if (value.len && !span_number(value, &size))
		return;
	c->size_known = true;
	c->size = size;
}

static void read_auth(capabilities *c, struct span value)
{
	struct span word;

	while (span_split(&value, ' ', &word)) {
		char *name;

		if (c->auth.n == MECHANISMS_MAX)
			return;
		if (!smtp_syntax_mechanism(word) ||
		    strs_has_nocase(&c->auth, word))
			continue;
		strs_add(&c->auth, word);
		name = c->auth.at[c->auth.n - 1];
		for (size_t i = 0; name[i]; i++)
			if (name[i] >= 'a' && name[i] <= 'z')
				name[i] = (char)(name[i] - 'a' + 'A');
	}
}

static void read_pipelining(capabilities *c, struct span value)
{
	c->pipelining = value.len == 0;
}

static void read_eight_bit(capabilities *c, struct span value)
{
	c->eight_bit = value.len == 0;
}

static void read_smtputf8(capabilities *c, struct span value)
{
	(void)value;		/* RFC 6531 3.1: may come with later words */
	c->smtputf8 = true;
}

static void read_dsn(capabilities *c, struct span value)
{
	c->dsn = value.len == 0;
}

static void read_enhanced_status(capabilities *c, struct span value)
{
	c->enhanced_status = value.len == 0;
}

static void read_starttls(capabilities *c, struct span value)
{
	c->starttls = value.len == 0;
}

static void read_requiretls(capabilities *c, struct span value)
{
	c->requiretls = value.len == 0;
}

static const struct {
	const char *keyword;
	void (*read)(capabilities *c, struct span value);
} keywords[] = {
	{ "SIZE", read_size },
	{ "AUTH", read_auth },
	{ "PIPELINING", read_pipelining },
	{ "8BITMIME", read_eight_bit },
	{ "SMTPUTF8", read_smtputf8 },
	{ "DSN", read_dsn },
	{ "ENHANCEDSTATUSCODES", read_enhanced_status },
	{ "STARTTLS", read_starttls },
	{ "REQUIRETLS", read_requiretls },
};

void smtp_capabilities_read(capabilities *c, const struct smtp_reply *reply)
{
	for (size_t i = 1; i < reply->lines.n; i++) {
		struct span line = span_trim(span_str(reply->lines.at[i]));
		size_t len = span_find(line, ' ');
		struct span value = span_trim(span_skip(line, len));

		for (size_t k = 0; k < sizeof(keywords) / sizeof(*keywords); k++)
			if (span_is_nocase(span_of(line.at, len),
					   keywords[k].keyword))
				keywords[k].read(c, value);
	}
}

void smtp_capabilities_free(capabilities *c)
{
	strs_free(&c->auth);
	*c = (capabilities){ 0 };
}
