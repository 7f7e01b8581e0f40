#include "policy/job/shown_text.h"

#include <stdint.h>
#include <string.h>

#include <letterlock/utf8.h>

enum { NBSP = 0xa0, REFERENCE_MAX = 32 };

/* References that stand for ASCII, or for what is shown like it or not at all;
 * letters of ASCII have none (HTML 13.5). */
static const struct {
	const char *name;
	uint32_t c;
} references[] = {
	{ "amp", '&' },	    { "AMP", '&' },    { "lt", '<' },	   { "LT", '<' },
	{ "gt", '>' },	    { "GT", '>' },     { "quot", '"' },	   { "QUOT", '"' },
	{ "apos", '\'' },   { "excl", '!' },   { "num", '#' },	   { "dollar", '$' },
	{ "percnt", '%' },  { "lpar", '(' },   { "rpar", ')' },	   { "ast", '*' },
	{ "midast", '*' },  { "plus", '+' },   { "comma", ',' },   { "period", '.' },
	{ "sol", '/' },	    { "colon", ':' },  { "semi", ';' },	   { "equals", '=' },
	{ "quest", '?' },   { "commat", '@' }, { "lsqb", '[' },	   { "lbrack", '[' },
	{ "bsol", '\\' },   { "rsqb", ']' },   { "rbrack", ']' },  { "Hat", '^' },
	{ "lowbar", '_' },  { "UnderBar", '_' }, { "grave", '`' }, { "lcub", '{' },
	{ "lbrace", '{' },  { "verbar", '|' }, { "vert", '|' },	   { "rcub", '}' },
	{ "rbrace", '}' },  { "Tab", '\t' },   { "NewLine", '\n' }, { "nbsp", NBSP },
	{ "ensp", ' ' },    { "emsp", ' ' },   { "thinsp", ' ' },  { "shy", 0xad },
	{ "zwnj", 0x200c }, { "zwj", 0x200d }, { "hyphen", '-' },  { "dash", '-' },
};

/* Elements within a line: their tags part no word. */
static const char *const inline_elements[] = {
	"a",	"abbr", "b",	"bdi",	"bdo",	"big",	"cite", "code", "del", "dfn", "em",
	"font", "i",	"ins",	"kbd",	"mark", "nobr", "q",	"s",	"samp", "small",
	"span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
};

/* Soft hyphen, zero width space and joiners, direction marks, BOM. */
static bool shows_nothing(uint32_t c)
{
	return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x2064) || c == 0xfeff;
}

/* The character at the front, which is `len` octets; they are valid. */
static uint32_t character(struct span text, size_t len)
{
	unsigned char first = (unsigned char)text.at[0];
	uint32_t c = len == 1 ? first : first & (0x7fU >> len);

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)text.at[i] & 0x3f);
	return c;
}

static int put_octet(char c, struct buf *out)
{
	return buf_put(out, span_of(&c, 1));
}

static int put_character(uint32_t c, struct buf *out)
{
	static const unsigned char firsts[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	char octets[4];
	size_t len;

	if (shows_nothing(c))
		return 0;
	if (c == NBSP || c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = ' ';
	len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		octets[i] = (char)(0x80 | (c & 0x3f));
	octets[0] = (char)(firsts[len] | c);
	return buf_put(out, span_of(octets, len));
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* "#65", "#x41" behind the `&`: how much of `text` it is, 0 when it is none. */
static size_t numeric(struct span text, uint32_t *c)
{
	bool hex = text.len > 1 && (text.at[1] | 0x20) == 'x';
	unsigned base = hex ? 16 : 10;
	size_t from = hex ? 2 : 1, at = from;

	for (*c = 0; at < text.len && digit(text.at[at]) < base; at++)
		*c = *c > 0x10ffff ? *c : *c * base + digit(text.at[at]);
	return at > from ? at : 0;
}

static size_t named(struct span text, uint32_t *c)
{
	size_t len = 0;

	while (len < text.len && len < REFERENCE_MAX &&
	       ((text.at[len] | 0x20) >= 'a' && (text.at[len] | 0x20) <= 'z'))
		len++;
	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++)
		if (span_is(span_of(text.at, len), references[i].name)) {
			*c = references[i].c;
			return len;
		}
	return 0;
}

/* The reference at the front of `text`, whose `&` that is; 0: it is none. */
static size_t reference(struct span text, uint32_t *c)
{
	struct span rest = span_skip(text, 1);
	size_t len = rest.len > 0 && rest.at[0] == '#' ? numeric(rest, c) : named(rest, c);

	if (len == 0)
		return 0;
	return 1 + len + (len < rest.len && rest.at[len] == ';');
}

static bool within_line(struct span name)
{
	for (size_t i = 0; i < sizeof(inline_elements) / sizeof(*inline_elements); i++)
		if (span_is_nocase(name, inline_elements[i]))
			return true;
	return false;
}

/* Where the `>` is that ends the tag: none of those in a quoted value. */
static size_t attributes_len(struct span tag, size_t at)
{
	char quote = '\0', before = '\0';

	for (; at < tag.len && (quote || tag.at[at] != '>'); at++) {
		char c = tag.at[at];

		if (quote && c == quote)
			quote = '\0';
		else if (!quote && before == '=' && (c == '"' || c == '\''))
			quote = c;
		if (!strchr(" \t\r\n", c))
			before = c;
	}
	return at;
}

/* The tag or comment at the front, 0 when it is none. `parts`: words, too. */
static size_t tag(struct span text, bool *parts)
{
	struct span rest = span_skip(text, 1), name;
	size_t len = 0;

	*parts = false;
	if (rest.len >= 3 && memcmp(rest.at, "!--", 3) == 0) {
		const char *end = memmem(rest.at + 1, rest.len - 1, "-->", 3);

		return end ? (size_t)(end - text.at) + 3 : text.len;
	}
	if (rest.len > 0 && rest.at[0] == '/')
		rest = span_skip(rest, 1);
	if (rest.len == 0 || !strchr("abcdefghijklmnopqrstuvwxyz!?", rest.at[0] | 0x20))
		return 0;
	while (len < rest.len && !strchr(" \t\r\n/>", rest.at[len]))
		len++;
	name = span_of(rest.at, len);
	*parts = !within_line(name);
	len = attributes_len(rest, len);
	return (size_t)(rest.at - text.at) + len + (len < rest.len);
}

/* What begins with `<` or `&` in HTML: how much was taken; 0: it is text. */
static size_t markup(struct span text, struct buf *out, int *result)
{
	uint32_t c = 0;
	bool parts = false;
	size_t len = *text.at == '&' ? reference(text, &c) : tag(text, &parts);

	if (len > 0 && *text.at == '&')
		*result = put_character(c, out);
	else if (parts)
		*result = put_octet('\n', out);
	return len;
}

/* The soft line break at the front, which is a blank: 0 when it is none. */
static size_t soft_break(struct span text)
{
	if (text.len >= 2 && text.at[1] == '\n')
		return 2;
	return text.len >= 3 && text.at[1] == '\r' && text.at[2] == '\n' ? 3 : 0;
}

int shown_text_put(struct span text, enum shown_text_kind kind, struct buf *out)
{
	bool flowed = kind == SHOWN_FLOWED || kind == SHOWN_FLOWED_DELSP;
	int result = 0;

	while (text.len > 0 && result == 0) {
		char c = *text.at;
		size_t len = 0;

		if (kind == SHOWN_HTML && (c == '<' || c == '&'))
			len = markup(text, out, &result);
		else if (flowed && c == ' ' && (len = soft_break(text)) > 0)
			result = kind == SHOWN_FLOWED ? put_octet(' ', out) : 0;
		if (len == 0) {
			len = utf8_char(text);
			result = put_character(len ? character(text, len) : ' ', out);
			len += len == 0;
		}
		text = span_skip(text, len);
	}
	return result;
}
