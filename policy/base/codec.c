#include <letterlock/codec.h>

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int codec_base64_put(struct buf *out, struct span bytes)
{
	const unsigned char *in = (const unsigned char *)bytes.at;
	char *to;
	size_t n = 0;

	if (bytes.len == 0)
		return 0;
	if (bytes.len > SIZE_MAX / 4)
		return -1;
	to = buf_reserve(out, (bytes.len + 2) / 3 * 4);
	if (!to)
		return -1;
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		unsigned b1 = left > 1 ? in[i + 1] : 0, b2 = left > 2 ? in[i + 2] : 0;
		unsigned group = (unsigned)in[i] << 16 | b1 << 8 | b2;

		to[n++] = base64_digits[group >> 18];
		to[n++] = base64_digits[group >> 12 & 63];
		to[n++] = left > 1 ? base64_digits[group >> 6 & 63] : '=';
		to[n++] = left > 2 ? base64_digits[group & 63] : '=';
	}
	buf_commit(out, n);
	return 0;
}

int codec_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes four digits, the last `pad` of them `=`. False when not canonical. */
static bool group_get(const char *in, size_t pad, char *to)
{
	unsigned group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i >= 4 - pad ? 0 : codec_base64_digit(in[i]);

		if (value < 0)
			return false;
		group = group << 6 | (unsigned)value;
	}
	/* Bits that no byte takes must be 0, or one value had two spellings. */
	if (group & ((1U << 8 * pad) - 1))
		return false;
	for (size_t i = 0; i < 3 - pad; i++)
		to[i] = (char)(group >> (16 - 8 * i) & 255);
	return true;
}

int codec_base64_get(struct buf *out, struct span text)
{
	size_t pad = 0, len = text.len;
	char *to;

	if (len == 0)
		return 0;
	if (len % 4)
		return -1;
	while (pad < 2 && text.at[len - 1 - pad] == '=')
		pad++;
	to = buf_reserve(out, len / 4 * 3 - pad);
	if (!to)
		return -1;
	for (size_t i = 0; i < len; i += 4)
		if (!group_get(text.at + i, i + 4 == len ? pad : 0, to + i / 4 * 3))
			return -1;
	buf_commit(out, len / 4 * 3 - pad);
	return 0;
}

void codec_hex(const unsigned char *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

int codec_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool codec_unhex(struct span text, unsigned char *bytes, size_t len)
{
	if (text.len % 2 || text.len / 2 != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = codec_hex_digit(text.at[2 * i]);
		int low = codec_hex_digit(text.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
