#include "proxy/engine/mail_kind.h"

#include <letterlock/claim.h>
#include <letterlock/header.h>

/* ASCII case ignored. */
static bool contains(struct span text, struct span what)
{
	for (size_t i = 0; what.len && i + what.len <= text.len; i++)
		if (span_eq_nocase(span_of(text.at + i, what.len), what))
			return true;
	return false;
}

/*
 * Looked for anywhere in the field, comments and parameters too: a type that
 * clients and we read differently is opened, where it is read once and for all.
 */
static bool protected_type(struct span type)
{
	static const char *const words[] = { "encrypted", "signed", "pkcs7", "pgp" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (contains(type, span_str(words[i])))
			return true;
	return false;
}

static bool armour_line(struct span line)
{
	return span_starts_nocase(line, "-----BEGIN PGP ");
}

/* An armour begins in it, as it stands. */
static bool has_armour(struct span text)
{
	struct span line;

	while (span_split(&text, '\n', &line))
		if (armour_line(line))
			return true;
	return false;
}

bool mail_kind_needs_view(struct span fields, struct span text,
			  const char *hostname)
{
	struct span all = fields;
	struct header_field field;
	int ret;

	while ((ret = header_next(&fields, &field)) == 1)
		if (span_is_nocase(field.name, "Content-Type") && protected_type(field.body))
			return true;
	/* a header that cannot be read may hold what is not seen here */
	return ret < 0 || claim_borne(all, hostname) || has_armour(text);
}

bool mail_kind_bears_verdict(struct span header, const char *hostname)
{
	return claim_borne(header, hostname);
}
