#include <iconv.h>
#include <string.h>

#include <letterlock/charset.h>

enum { FIRST = ' ', LAST = '~', PRINTABLE = LAST - FIRST + 1 };

/* Clients read these charsets as the supersets that senders mean. */
static const char *const supersets[][2] = {
	{ "us-ascii", "UTF-8" },	{ "ascii", "UTF-8" },
	{ "utf8", "UTF-8" },		{ "iso-8859-1", "WINDOWS-1252" },
	{ "latin1", "WINDOWS-1252" },	{ "gb2312", "GB18030" },
	{ "gbk", "GB18030" },		{ "ks_c_5601-1987", "CP949" },
	{ "euc-kr", "CP949" },		{ "shift_jis", "CP932" },
	{ "shift-jis", "CP932" },	{ "x-sjis", "CP932" },
	{ "big5", "BIG5-HKSCS" },	{ "iso-8859-8-i", "ISO-8859-8" },
};

static bool name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("-_:.+()", c));
}

const char *charset_find(struct span name, char known[CHARSET_NAME_SIZE])
{
	if (name.len == 0 || name.len >= CHARSET_NAME_SIZE)
		return NULL;
	for (size_t i = 0; i < name.len; i++) {
		if (!name_char(name.at[i]))
			return NULL;
		known[i] = name.at[i];
	}
	known[name.len] = '\0';
	for (size_t i = 0; i < sizeof(supersets) / sizeof(*supersets); i++)
		if (span_is_nocase(name, supersets[i][0]))
			return supersets[i][1];
	return known;
}

bool charset_keeps_ascii(const char *charset)
{
	char text[PRINTABLE], got[4 * PRINTABLE], *in = text, *out = got;
	size_t left = sizeof(text), room = sizeof(got), n;
	iconv_t cd = iconv_open("UTF-8", charset);

	if (cd == (iconv_t)-1)
		return false;
	for (size_t i = 0; i < PRINTABLE; i++)
		text[i] = (char)(FIRST + i);
	n = iconv(cd, &in, &left, &out, &room);
	if (n != (size_t)-1)
		n = iconv(cd, NULL, NULL, &out, &room);
	(void)iconv_close(cd);
	return n != (size_t)-1 && left == 0 && sizeof(got) - room == sizeof(text) &&
	       memcmp(got, text, sizeof(text)) == 0;
}
