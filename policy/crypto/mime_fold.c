#include "policy/crypto/mime_fold.h"

#include <glib.h>

#include <letterlock/utf8.h>

enum {
	PIECE = 64 * 1024, /* the most that is folded at a time: a line, or so much of it */
	MARKS = 256,	   /* octets of marks that stay with their character */
};

/* Cherokee is folded to capitals; what the library does not know to fold it turns
 * into small letters, its capitals too. So all of it becomes small at the end. */
static int put_folded(struct span text, struct buf *out)
{
	char *valid = g_utf8_make_valid(text.at, (gssize)text.len);
	char *normal = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL);
	char *folded = normal ? g_utf8_casefold(normal, -1) : NULL;
	char *small = folded ? g_utf8_strdown(folded, -1) : NULL;
	int result = small ? buf_puts(out, small) : -1;

	g_free(valid);
	g_free(normal);
	g_free(folded);
	g_free(small);
	return result;
}

static bool plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80 || !text.at[i])
			return false;
	return true;
}

/* ASCII needs no library. */
static int put_plain(struct span text, struct buf *out)
{
	char *room = buf_reserve(out, text.len);

	if (!room)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		room[i] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] | 32)
								 : text.at[i];
	buf_commit(out, text.len);
	return 0;
}

static bool within_character(struct span text, size_t at)
{
	return ((unsigned char)text.at[at] & 0xc0) == 0x80;
}

/* A mark is put in order with those before it. */
static bool is_mark(struct span text, size_t at)
{
	gunichar c = g_utf8_get_char_validated(text.at + at, (gssize)(text.len - at));

	return g_unichar_combining_class(c) != 0;
}

/* Up to a line's end where there is one, never within a character. */
static size_t piece_of(struct span text)
{
	size_t len = span_find(text, '\n') + 1;

	if (len > text.len)
		len = text.len;
	if (len <= PIECE)
		return len;
	len = PIECE;
	for (int i = 0; i < MARKS && (within_character(text, len) || is_mark(text, len)); i++)
		len--;
	for (int i = 0; i < 3 && within_character(text, len); i++)
		len--;
	return len;
}

int mime_fold(struct span text, struct buf *out)
{
	while (text.len > 0) {
		struct span piece = span_of(text.at, piece_of(text));

		if ((plain(piece) ? put_plain(piece, out) : put_folded(piece, out)) < 0)
			return -1;
		text = span_skip(text, piece.len);
	}
	return 0;
}
