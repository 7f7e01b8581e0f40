#include "policy/job/client_words.h"

#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/content_type.h"

#define PGP_MIME CLIENT_WORDS_PGP_MIME
#define CONTROL CLIENT_WORDS_CONTROL
#define DATA CLIENT_WORDS_DATA
#define INLINE CLIENT_WORDS_INLINE
#define SMIME CLIENT_WORDS_SMIME
#define PARTS (CONTROL | DATA)
#define ROOTS (PGP_MIME | INLINE | SMIME)

/* Where a field (or, of Content-Type and Content-Disposition, a parameter)
 * may stand, and its values, between `|`; NULL: any, since it has to differ
 * from message to message. Case does not count. */
static const struct row {
	unsigned where;
	const char *field, *param, *words;
} rows[] = {
	{ PGP_MIME, "Content-Type", "", "multipart/encrypted" },
	{ PGP_MIME, "Content-Type", "boundary", NULL },
	{ PGP_MIME, "Content-Type", "protocol", "application/pgp-encrypted" },
	{ CONTROL, "Content-Type", "", "application/pgp-encrypted" },
	{ CONTROL, "Content-Type", "name",
	  "|version.asc|PGPMIME version identification|PGPMIME Versions Identification" },
	{ DATA, "Content-Type", "", "application/octet-stream" },
	{ DATA, "Content-Type", "name",
	  "|encrypted.asc|msg.asc|message.asc|PGP.asc|openpgp-encrypted-message.asc" },
	{ INLINE, "Content-Type", "", "text/plain" },
	{ INLINE, "Content-Type", "format", "flowed|fixed" },
	{ INLINE, "Content-Type", "delsp", "yes|no" },
	{ INLINE | PGP_MIME | PARTS, "Content-Type", "charset",
	  "us-ascii|utf-8|iso-8859-1|iso-8859-2|iso-8859-15|windows-1250|windows-1252|koi8-r|"
	  "iso-2022-jp|shift_jis|gb18030|big5|euc-kr" },
	{ SMIME, "Content-Type", "", "application/pkcs7-mime|application/x-pkcs7-mime" },
	{ SMIME, "Content-Type", "smime-type", "enveloped-data|authEnveloped-data" },
	{ SMIME, "Content-Type", "name", "smime.p7m" },

	{ ROOTS | PARTS, "Content-Disposition", "", "inline|attachment" },
	{ CONTROL, "Content-Disposition", "filename",
	  "|version.asc|PGPMIME version identification|PGPMIME Versions Identification" },
	{ DATA, "Content-Disposition", "filename",
	  "|encrypted.asc|msg.asc|message.asc|PGP.asc|openpgp-encrypted-message.asc" },
	{ SMIME, "Content-Disposition", "filename", "smime.p7m" },

	{ CONTROL, "Content-Description", "",
	  "PGP/MIME version identification|PGP/MIME Versions Identification|PGP/MIME version" },
	/* Evolution alone translates its own; GPGMail writes its one twice */
	{ PGP_MIME | DATA, "Content-Description", "",
	  "OpenPGP encrypted message|OpenPGP encrypted message.asc|PGP encrypted message|"
	  "PGP/MIME encrypted message|Message encrypted with OpenPGP using GPGMail|"
	  "This is a digitally encrypted message part" },
	{ SMIME, "Content-Description", "", "S/MIME Encrypted Message" },

	{ PGP_MIME | INLINE, "Content-Transfer-Encoding", "", "7bit|8bit|binary" },
	{ PARTS, "Content-Transfer-Encoding", "", "7bit|8bit|binary|base64|quoted-printable" },
	{ SMIME, "Content-Transfer-Encoding", "", "base64" },
	{ PARTS, "MIME-Version", "", "1.0" },
	{ ROOTS, "Content-Class", "", "urn:content-classes:message" },
};

static const char preambles[] =
	"This is an OpenPGP/MIME encrypted message (RFC 2015)|"
	"This is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)|"
	"This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)|"
	"This is an OpenPGP/MIME encrypted message (RFC 9580 and 3156)|"
	"This is an OpenPGP/MIME encrypted message (RFC 3156)|"
	"This is an OpenPGP/MIME encrypted message (RFC 3156).|"
	"This is a multi-part message in MIME format.|"
	"This is a MIME-encrypted message.";

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span client_words_trim(struct span text)
{
	while (text.len > 0 && blank(text.at[0]))
		text = span_skip(text, 1);
	while (text.len > 0 && blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* Whether `value` is one of those between the `|` of `words`. */
static bool among(struct span value, const char *words)
{
	struct span rest = span_str(words), word;

	while (span_split(&rest, '|', &word))
		if (span_eq_nocase(value, word))
			return true;
	return false;
}

/* `param` is empty for what is no parameter. */
static bool allowed(struct span field, struct span param, struct span value, unsigned where)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];

		if ((row->where & where) && span_is_nocase(field, row->field) &&
		    span_is_nocase(param, row->param))
			return !row->words || among(value, row->words);
	}
	return false;
}

/* A comment, which the grammar lets stand nearly everywhere. */
static bool commented(struct span body)
{
	bool quoted = false;

	for (size_t i = 0; i < body.len; i++) {
		if (quoted && body.at[i] == '\\')
			i++;
		else if (body.at[i] == '"')
			quoted = !quoted;
		else if (!quoted && body.at[i] == '(')
			return true;
	}
	return false;
}

/* Content-Type, Content-Disposition: a value and parameters. */
static bool structured(const struct header_field *field, bool slash, unsigned where)
{
	struct span none = span_str("");
	struct content_type type;
	bool known;

	if (commented(field->body) || content_type_parse(field->body, slash, &type) < 0)
		return false;
	known = !type.odd && !type.twice && !type.open &&
		allowed(field->name, none, span_str(type.value), where);
	for (size_t i = 0; known && i < type.n; i++)
		known = allowed(field->name, type.params[i].name,
				span_str(type.params[i].value), where);
	content_type_free(&type);
	return known;
}

/* A tag of RFC 5646, short enough to hold no sentence. */
static bool language(struct span tag)
{
	size_t run = 0;

	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.at[i];

		run = c == '-' ? 0 : run + 1;
		if (run > 8 || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'))
			return false;
	}
	return tag.len <= 12;
}

static bool field_known(const struct header_field *field, unsigned where)
{
	struct span none = span_str("");
	char *value;
	bool known;

	if (span_is_nocase(field->name, "Content-Type"))
		return structured(field, true, where);
	if (span_is_nocase(field->name, "Content-Disposition"))
		return structured(field, false, where);
	value = header_unfold(field->body);
	if (span_is_nocase(field->name, "Content-Language"))
		known = language(span_str(value));
	else
		known = allowed(field->name, none, span_str(value), where);
	free(value);
	return known;
}

bool client_words_known(struct span fields, enum client_words_where where)
{
	struct header_field field;
	int got;

	while ((got = header_next(&fields, &field)) == 1) {
		if ((where & ROOTS) && !span_starts_nocase(field.name, "Content-"))
			continue;
		if (!field_known(&field, where))
			return false;
	}
	return got == 0;
}

bool client_words_preamble(struct span text)
{
	text = client_words_trim(text);
	return text.len == 0 || among(text, preambles);
}
