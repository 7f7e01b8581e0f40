#include "proxy/engine/mail_kind.h"

#include <letterlock/claim.h>
#include <letterlock/header.h>
#include <letterlock/transfer.h>

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

/* As it stands, or at the front of a part that is in base64. */
static bool armour_line(struct span line)
{
	return span_starts_nocase(line, "-----BEGIN PGP ") ||
	       span_starts_nocase(line, "LS0tLS1CRUdJTiBQR1Ag");
}

/* An armour begins in it. */
static bool has_armour(struct span text)
{
	struct span line;

	while (span_split(&text, '\n', &line))
		if (armour_line(line))
			return true;
	return false;
}

/* The same, in what base64 makes of it. */
static bool has_armour_within(struct span text)
{
	char plain[MAIL_KIND_TEXT];
	struct transfer transfer;
	size_t n = 0;

	transfer_begin(&transfer, TRANSFER_BASE64, text);
	while (!transfer.ended && sizeof(plain) - n >= TRANSFER_ROOM_LEAST)
		n += transfer_next(&transfer, plain + n, sizeof(plain) - n);
	return has_armour(span_of(plain, n));
}

bool mail_kind_needs_view(struct span fields, struct span text,
			  const char *hostname)
{
	struct span all = fields;
	struct header_field field;
	bool encoded = false;
	int ret;

	while ((ret = header_next(&fields, &field)) == 1) {
		if (span_is_nocase(field.name, "Content-Type") && protected_type(field.body))
			return true;
		encoded |= span_is_nocase(field.name, "Content-Transfer-Encoding") &&
			   contains(field.body, span_str("base64"));
	}
	/* a header that cannot be read may hold what is not seen here */
	return ret < 0 || claim_borne(all, hostname) || has_armour(text) ||
	       (encoded && has_armour_within(text));
}

bool mail_kind_bears_verdict(struct span header, const char *hostname)
{
	return claim_borne(header, hostname);
}

bool mail_kind_header_ends(struct span text)
{
	struct span field;
	bool forged;

	while (claim_next(&text, "", &field, &forged))
		;
	return text.len > 0;
}
