#include "policy/crypto/openpgp_enarmor.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void openpgp_enarmor_init(struct openpgp_enarmor *armor, const char *label)
{
	armor->label = label;
	armor->line_len = 0;
	openpgp_crc_init(&armor->crc);
	for (size_t i = 0; i < 4096; i++) {
		armor->pairs[i][0] = alphabet[i >> 6];
		armor->pairs[i][1] = alphabet[i & 63];
	}
}

size_t openpgp_enarmor_begin(const struct openpgp_enarmor *armor, char *out)
{
	return (size_t)snprintf(out, OPENPGP_ENARMOR_EDGE, "-----BEGIN %s-----\r\n\r\n",
				armor->label);
}

static void put_three(const struct openpgp_enarmor *armor, uint32_t three, char *out)
{
	memcpy(out, armor->pairs[three >> 12], 2);
	memcpy(out + 2, armor->pairs[three & 0xfff], 2);
}

/* A full line. */
static void put_line(struct openpgp_enarmor *armor, const unsigned char *at, char *out)
{
	uint32_t sum = armor->crc.sum;

	for (size_t i = 0; i < OPENPGP_ENARMOR_LINE; i += 3, at += 3, out += 4) {
		uint32_t three = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];

		put_three(armor, three, out);
		sum = openpgp_crc_three(&armor->crc, sum, three);
	}
	armor->crc.sum = sum;
	out[0] = '\r';
	out[1] = '\n';
}

size_t openpgp_enarmor_put(struct openpgp_enarmor *armor, struct span octets, char *out)
{
	const unsigned char *at = (const unsigned char *)octets.at;
	size_t left = octets.len, written = 0;

	while (left > 0) {
		size_t room = OPENPGP_ENARMOR_LINE - armor->line_len;
		size_t n = left < room ? left : room;

		if (n == OPENPGP_ENARMOR_LINE) {
			put_line(armor, at, out + written);
			written += 66;
		} else {
			memcpy(armor->line + armor->line_len, at, n);
			armor->line_len += n;
		}
		if (armor->line_len == OPENPGP_ENARMOR_LINE) {
			put_line(armor, armor->line, out + written);
			written += 66;
			armor->line_len = 0;
		}
		at += n;
		left -= n;
	}
	return written;
}

/* The octets of a line that is not full, with its padding. */
static size_t put_rest(struct openpgp_enarmor *armor, char *out)
{
	size_t n = armor->line_len, written = 0;

	for (size_t i = 0; i < n; i++)
		openpgp_crc_one(&armor->crc, armor->line[i]);
	memset(armor->line + n, 0, OPENPGP_ENARMOR_LINE - n);
	for (size_t i = 0; i < n; i += 3, written += 4) {
		const unsigned char *at = armor->line + i;

		put_three(armor, (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2],
			  out + written);
	}
	if (n % 3 > 0)
		out[written - 1] = '=';
	if (n % 3 == 1)
		out[written - 2] = '=';
	if (n > 0) {
		out[written++] = '\r';
		out[written++] = '\n';
	}
	armor->line_len = 0;
	return written;
}

size_t openpgp_enarmor_end(struct openpgp_enarmor *armor, char *out)
{
	size_t n = put_rest(armor, out);
	char sum[4];

	put_three(armor, armor->crc.sum, sum);
	return n + (size_t)snprintf(out + n, OPENPGP_ENARMOR_EDGE, "=%.4s\r\n-----END %s-----\r\n",
				    sum, armor->label);
}
