#include <stdint.h>
#include <stdio.h>

#include <letterlock/buf.h>
#include <letterlock/encoded_word.h>
#include <letterlock/utf8.h>

enum {
	WORD_MAX = 75,		/* RFC 2047 2 */
	LINE_LENGTH_MAX = 76,
	FIRST_COLUMN = 30,	/* about, behind the field's name */
	/* A lone 8-bit octet between blanks: word, blank, fold, and its digits. */
	GROWTH_MAX = 40,
};

/* What the piece before was, since blanks between two words are not shown. */
enum before { BEFORE_TEXT, BEFORE_OURS, BEFORE_WORD };

struct encoder {
	struct buf out;
	size_t column;
	enum before before;
};

/* No result is used: the limit of `out` fits the longest form. */
static void put(struct encoder *e, struct span text)
{
	(void)buf_put(&e->out, text);
	for (size_t i = 0; i < text.len; i++)
		e->column = text.at[i] == '\n' ? 0 : e->column + 1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t blanks_len(struct span text)
{
	size_t n = 0;

	while (n < text.len && blank(text.at[n]))
		n++;
	return n;
}

/* The length of the quoted string at the front, 0 when it has no end. */
static size_t quoted_len(struct span text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			return i + 1;
	}
	return 0;
}

/*
 * The length of the piece at the front: a separator of structured fields, or
 * all up to the next one or a blank. A quoted string is never cut, or the
 * rest of it would stand without its quote.
 */
static size_t piece_len(struct span text)
{
	size_t n = text.at[0] == '"' ? quoted_len(text) : 0;

	if (strchr("<>(),;", text.at[0]) && text.at[0])
		return 1;
	while (n < text.len && !blank(text.at[n]) &&
	       !(text.at[n] && strchr("<>(),;", text.at[n])))
		n++;
	return n;
}

static bool eight_bit(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] & 0x80)
			return true;
	return false;
}

/* Writes `c` as a phrase may hold it (RFC 2047 5 (3)); returns the length. */
static size_t put_q(char c, char *to)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char byte = (unsigned char)c;

	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c && strchr("!*+-/", c))) {
		to[0] = c;
		return 1;
	}
	if (c == ' ') {
		to[0] = '_';
		return 1;
	}
	to[0] = '=';
	to[1] = digits[byte >> 4];
	to[2] = digits[byte & 15];
	return 3;
}

/* One word with as many whole characters of `text` as fit, which it takes. */
static void put_word(struct encoder *e, const char *charset, struct span *text)
{
	char word[WORD_MAX + 1];
	size_t n = (size_t)snprintf(word, sizeof(word), "=?%s?q?", charset);

	while (text->len) {
		size_t len = utf8_char(*text), room = WORD_MAX - 2 - n;

		len = len ? len : 1;
		if (3 * len > room)
			break;
		/* A fold inside a quoted string is not a part of its text. */
		for (size_t i = 0; i < len; i++)
			if (text->at[i] != '\r' && text->at[i] != '\n')
				n += put_q(text->at[i], word + n);
		*text = span_skip(*text, len);
	}
	put(e, span_of(word, n));
	put(e, span_str("?="));
}

static void put_words(struct encoder *e, const char *charset, struct span text)
{
	while (text.len) {
		put_word(e, charset, &text);
		if (text.len)
			put(e, span_str("\r\n "));
	}
}

/* True when a reader's program may take the end of `piece` for a word. */
static bool ends_as_word(struct span piece)
{
	return piece.len > 4 && memmem(piece.at, piece.len, "=?", 2) &&
	       memcmp(piece.at + piece.len - 2, "?=", 2) == 0;
}

/* Takes the blanks and the piece at the front of `rest`. */
static void take(struct encoder *e, struct span *rest)
{
	struct span gap = span_of(rest->at, blanks_len(*rest)), piece, both;
	const char *charset;

	both = span_of(rest->at, gap.len);
	*rest = span_skip(*rest, gap.len);
	piece = span_of(rest->at, rest->len ? piece_len(*rest) : 0);
	both.len += piece.len;
	*rest = span_skip(*rest, piece.len);
	if (gap.len && eight_bit(piece) && e->column + WORD_MAX > LINE_LENGTH_MAX &&
	    span_find(gap, '\n') == gap.len)
		put(e, span_str("\r\n"));
	put(e, gap);
	if (eight_bit(piece)) {
		charset = utf8_valid(piece) ? "utf-8" : "unknown-8bit";
		put_words(e, charset, e->before != BEFORE_TEXT && gap.len ? both : piece);
		e->before = BEFORE_OURS;
		return;
	}
	if (e->before == BEFORE_OURS && gap.len && span_starts_nocase(piece, "=?"))
		put(e, span_str("=?utf-8?q?_?= "));
	put(e, piece);
	e->before = ends_as_word(piece) ? BEFORE_WORD : BEFORE_TEXT;
}

char *encoded_word_encode(struct span body)
{
	struct encoder e = { .column = FIRST_COLUMN };

	buf_init(&e.out, GROWTH_MAX * body.len + 1);
	while (body.len)
		take(&e, &body);
	return buf_take_string(&e.out);
}
