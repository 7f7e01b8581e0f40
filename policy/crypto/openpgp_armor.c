#include "policy/crypto/openpgp_armor.h"

#include <string.h>

#include "policy/crypto/openpgp_armor_fields.h"

static const struct {
	enum openpgp_armor_label label;
	const char *begin, *end;
} heads[] = {
	{ OPENPGP_ARMOR_MESSAGE, "-----BEGIN PGP MESSAGE-----",
	  "-----END PGP MESSAGE-----" },
	{ OPENPGP_ARMOR_SIGNATURE, "-----BEGIN PGP SIGNATURE-----",
	  "-----END PGP SIGNATURE-----" },
	{ OPENPGP_ARMOR_KEYS, "-----BEGIN PGP PUBLIC KEY BLOCK-----",
	  "-----END PGP PUBLIC KEY BLOCK-----" },
	{ OPENPGP_ARMOR_KEYS, "-----BEGIN PGP PRIVATE KEY BLOCK-----",
	  "-----END PGP PRIVATE KEY BLOCK-----" },
};

/* Header fields that RFC 9580 6.2.2 knows. */
static const char *const fields[] = { "Version:", "Comment:", "Hash:", "Charset:",
				      "MessageID:" };

/* What a character is in base64: its 6 bits, or one of these. */
enum { BLANK = 64, NEWLINE, FOREIGN };

enum { NO_HEAD = sizeof(heads) / sizeof(*heads) };

void openpgp_armor_init(struct openpgp_armor *armor)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";

	*armor = (struct openpgp_armor){ .begin = NO_HEAD };
	openpgp_crc_init(&armor->crc);
	memset(armor->class_of, FOREIGN, sizeof(armor->class_of));
	for (unsigned char i = 0; i < 64; i++)
		armor->class_of[(unsigned char)alphabet[i]] = i;
	armor->class_of[' '] = armor->class_of['\t'] = armor->class_of['\r'] = BLANK;
	armor->class_of['\n'] = NEWLINE;
}

static void bad(struct openpgp_armor *armor, const char *why)
{
	armor->place = OPENPGP_ARMOR_BAD;
	armor->why = why;
}

/* --- whole lines: all that is not data --- */

/* The line without blanks at its end; false when it did not fit. */
static bool line_of(const struct openpgp_armor *armor, struct span *line)
{
	size_t kept = armor->line_len < sizeof(armor->line) ? armor->line_len
							    : sizeof(armor->line);

	*line = span_of(armor->line, kept);
	while (line->len > 0 && armor->class_of[(unsigned char)line->at[line->len - 1]] == BLANK)
		line->len--;
	return kept == armor->line_len;
}

static void outside_line(struct openpgp_armor *armor)
{
	struct span line;
	bool whole = line_of(armor, &line);

	for (size_t i = 0; whole && i < NO_HEAD; i++) {
		if (!span_is(line, heads[i].begin))
			continue;
		if (armor->begin != NO_HEAD) {
			bad(armor, "there is more than one armored block");
			return;
		}
		armor->begin = i;
		armor->label = heads[i].label;
		armor->place = OPENPGP_ARMOR_HEADERS;
		return;
	}
	if (line.len > 0 || !whole)
		armor->text_around = true;
}

static void header_line(struct openpgp_armor *armor)
{
	struct span line;
	bool whole = line_of(armor, &line);

	if (whole && line.len == 0) {
		armor->place = OPENPGP_ARMOR_DATA;
		return;
	}
	armor->header_words |= !whole || !openpgp_armor_fields_known(line);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (span_starts_nocase(line, fields[i]))
			return;
	bad(armor, "the armor has a header line that is none");
}

/* "=" and the checksum in base64. */
static void checksum_line(struct openpgp_armor *armor, struct span line)
{
	bool whole = line.len == 5 && !armor->checked;
	uint32_t crc = 0;

	for (size_t i = 1; whole && i < 5; i++) {
		unsigned char bits = armor->class_of[(unsigned char)line.at[i]];

		crc = crc << 6 | (bits & 63);
		whole = bits < BLANK;
	}
	if (!whole || crc != armor->crc.sum)
		bad(armor, "the armor's checksum is wrong");
	armor->checked = true;
}

static void closing_line(struct openpgp_armor *armor)
{
	struct span line;
	bool whole = line_of(armor, &line);

	if (whole && span_is(line, heads[armor->begin].end))
		armor->place = OPENPGP_ARMOR_BEHIND;
	else if (whole && line.len > 0 && line.at[0] == '=')
		checksum_line(armor, line);
	else if (!whole || line.len > 0)
		bad(armor, "the armor does not end as it begins");
}

static void end_line(struct openpgp_armor *armor)
{
	switch (armor->place) {
	case OPENPGP_ARMOR_BEFORE:
	case OPENPGP_ARMOR_BEHIND:
		outside_line(armor);
		break;
	case OPENPGP_ARMOR_HEADERS:
		header_line(armor);
		break;
	case OPENPGP_ARMOR_CLOSING:
		closing_line(armor);
		break;
	case OPENPGP_ARMOR_DATA:
	case OPENPGP_ARMOR_PADDED:
	case OPENPGP_ARMOR_BAD:
		break;
	}
	armor->line_len = 0;
}

static void take_line(struct openpgp_armor *armor, struct span *in)
{
	size_t len = span_find(*in, '\n');
	size_t room = armor->line_len < sizeof(armor->line) ?
		      sizeof(armor->line) - armor->line_len : 0;

	memcpy(armor->line + sizeof(armor->line) - room, in->at, len < room ? len : room);
	armor->line_len += len;
	if (len == in->len) {
		*in = span_skip(*in, len);
		return;
	}
	*in = span_skip(*in, len + 1);
	end_line(armor);
}

/* --- data --- */

/* Whole quanta, as long as nothing else stands among them: nearly all. */
static size_t take_quanta(struct openpgp_armor *armor, struct span *in,
			  unsigned char *out, size_t size)
{
	const unsigned char *at = (const unsigned char *)in->at, *class_of = armor->class_of;
	size_t quanta = in->len / 4 < size / 3 ? in->len / 4 : size / 3;
	uint32_t crc = armor->crc.sum;
	size_t i;

	for (i = 0; i < quanta; i++, at += 4, out += 3) {
		unsigned a = class_of[at[0]], b = class_of[at[1]], c = class_of[at[2]],
			 d = class_of[at[3]];
		uint32_t three = a << 18 | b << 12 | c << 6 | d;

		if ((a | b | c | d) >= BLANK)
			break;
		out[0] = (unsigned char)(three >> 16);
		out[1] = (unsigned char)(three >> 8);
		out[2] = (unsigned char)three;
		crc = openpgp_crc_three(&armor->crc, crc, three);
	}
	armor->crc.sum = crc;
	if (i > 0)
		armor->line_begun = true;
	*in = span_skip(*in, i * 4);
	return i * 3;
}

/* A quantum cut by `=`: one octet or two are left in it. */
static size_t end_data(struct openpgp_armor *armor, unsigned char *out)
{
	size_t n = armor->quantum_n - 1;
	uint32_t bits = armor->quantum << (armor->quantum_n == 2 ? 12 : 6);

	for (size_t i = 0; i < n; i++) {
		out[i] = (unsigned char)(bits >> (16 - 8 * i));
		openpgp_crc_one(&armor->crc, out[i]);
	}
	/* how many more `=` there are to be */
	armor->quantum_n = armor->quantum_n == 2 ? 1 : 0;
	armor->place = OPENPGP_ARMOR_PADDED;
	return n;
}

static size_t data_character(struct openpgp_armor *armor, unsigned char bits,
			     unsigned char *out)
{
	if (armor->blank_seen) {
		bad(armor, "there is a blank among the armored data");
		return 0;
	}
	armor->line_begun = true;
	armor->quantum = armor->quantum << 6 | bits;
	if (++armor->quantum_n < 4)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		out[i] = (unsigned char)(armor->quantum >> (16 - 8 * i));
		openpgp_crc_one(&armor->crc, out[i]);
	}
	armor->quantum = armor->quantum_n = 0;
	return 3;
}

/* One character that is not the begin of a whole quantum. */
static size_t take_character(struct openpgp_armor *armor, struct span *in,
			     unsigned char *out)
{
	char c = *in->at;
	unsigned char class = armor->class_of[(unsigned char)c];

	if (!armor->line_begun && armor->quantum_n == 0 && (c == '=' || c == '-')) {
		armor->place = OPENPGP_ARMOR_CLOSING;
		return 0;	/* its line begins here: not taken */
	}
	*in = span_skip(*in, 1);
	if (class < BLANK)
		return data_character(armor, class, out);
	if (class == NEWLINE)
		armor->line_begun = armor->blank_seen = false;
	else if (class == BLANK)
		armor->blank_seen = armor->line_begun = true;
	else if (c == '=' && armor->quantum_n >= 2 && !armor->blank_seen)
		return end_data(armor, out);
	else
		bad(armor, "there is something else among the armored data");
	return 0;
}

/* Behind the first `=`: perhaps another, then the end of the line. */
static void take_padding(struct openpgp_armor *armor, struct span *in)
{
	char c = *in->at;
	unsigned char class = armor->class_of[(unsigned char)c];

	*in = span_skip(*in, 1);
	if (c == '=' && armor->quantum_n == 1)
		armor->quantum_n = 0;
	else if (class == NEWLINE && armor->quantum_n == 0)
		armor->place = OPENPGP_ARMOR_CLOSING;
	else if (class != BLANK || armor->quantum_n == 1)
		bad(armor, "the armored data do not end as base64 does");
}

size_t openpgp_armor_take(struct openpgp_armor *armor, struct span *in,
			  unsigned char *out, size_t size)
{
	size_t n = 0;

	while (in->len > 0 && size - n >= 4) {
		switch (armor->place) {
		case OPENPGP_ARMOR_DATA:
			if (armor->quantum_n == 0 && !armor->blank_seen)
				n += take_quanta(armor, in, out + n, size - n);
			if (in->len > 0 && size - n >= 4)
				n += take_character(armor, in, out + n);
			break;
		case OPENPGP_ARMOR_PADDED:
			take_padding(armor, in);
			break;
		case OPENPGP_ARMOR_BAD:
			*in = span_skip(*in, in->len);
			break;
		case OPENPGP_ARMOR_BEFORE:
		case OPENPGP_ARMOR_HEADERS:
		case OPENPGP_ARMOR_CLOSING:
		case OPENPGP_ARMOR_BEHIND:
			take_line(armor, in);
			break;
		}
	}
	return n;
}

bool openpgp_armor_end(struct openpgp_armor *armor)
{
	if (armor->line_len > 0)
		end_line(armor);	/* a last line without its end */
	if (armor->place == OPENPGP_ARMOR_BEFORE)
		bad(armor, "there is no armor");
	else if (armor->place != OPENPGP_ARMOR_BEHIND && armor->place != OPENPGP_ARMOR_BAD)
		bad(armor, "the armor is cut");
	return armor->place == OPENPGP_ARMOR_BEHIND;
}
