#include <letterlock/utf8.h>

/* How many bytes a character takes that starts with `c`; 0: none does. */
static size_t announced(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* The second byte rules out overlong forms, surrogates, what is past U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

size_t utf8_char(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	size_t len = text.len ? announced(at[0]) : 0;

	if (len == 0 || len > text.len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len == 1 || second_fits(at[0], at[1]) ? len : 0;
}

/* U+0080-U+009F, and the line and paragraph separators U+2028, U+2029. */
static bool line_breaking(const unsigned char *at, size_t len)
{
	if (len == 2)
		return at[0] == 0xc2 && at[1] < 0xa0;
	return len == 3 && at[0] == 0xe2 && at[1] == 0x80 &&
	       (at[2] == 0xa8 || at[2] == 0xa9);
}

size_t utf8_printable(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	size_t len = utf8_char(text);

	if (len == 1)
		return at[0] >= ' ' && at[0] != 0x7f;
	return line_breaking(at, len) ? 0 : len;
}

bool utf8_valid(struct span text)
{
	while (text.len) {
		size_t len = utf8_char(text);

		if (len == 0)
			return false;
		text = span_skip(text, len);
	}
	return true;
}
