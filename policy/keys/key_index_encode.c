/*
 * The wire form, which key_index_decode.c reads: "LLK1", the number of keys
 * (4 octets), and key by key what put_key() puts. Numbers are big-endian,
 * strings have 2 octets of length before them.
 */
#include "policy/keys/key_index.h"

#include <stdlib.h>
#include <string.h>

static int put_number(struct buf *out, uint64_t number, size_t octets)
{
	char bytes[8];

	for (size_t i = 0; i < octets; i++)
		bytes[i] = (char)(number >> 8 * (octets - 1 - i));
	return buf_put(out, span_of(bytes, octets));
}

static int put_string(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	if (len > KEY_TEXT_MAX || put_number(out, len, 2) < 0)
		return -1;
	return buf_put(out, span_of(text, len));
}

static int put_strings(struct buf *out, const struct strs *list)
{
	if (list->n > KEY_USER_IDS_MAX || put_number(out, list->n, 2) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (put_string(out, list->at[i]) < 0)
			return -1;
	return 0;
}

static int put_parts(struct buf *out, const struct key *key)
{
	if (key->encryption_n > KEY_SUBKEYS_MAX || put_number(out, key->encryption_n, 1) < 0)
		return -1;
	for (size_t i = 0; i < key->encryption_n; i++) {
		const struct key_part *part = &key->encryption[i];

		if (put_number(out, part->id, 8) < 0 ||
		    put_number(out, (uint64_t)part->created, 8) < 0 ||
		    put_number(out, (uint64_t)part->expires, 8) < 0)
			return -1;
	}
	return 0;
}

static int put_key(struct buf *out, const struct key *key)
{
	unsigned flags = key->revoked | key->disabled << 1 | key->invalid << 2 |
			 key->can_encrypt << 3 | key->can_sign << 4 | key->secret << 5;

	if (put_string(out, key->fingerprint) < 0 || put_number(out, flags, 1) < 0 ||
	    put_number(out, (uint64_t)key->created, 8) < 0 ||
	    put_number(out, (uint64_t)key->expires, 8) < 0 ||
	    put_number(out, (uint64_t)key->sign_expires, 8) < 0 ||
	    put_strings(out, &key->user_ids) < 0 || put_strings(out, &key->addresses) < 0)
		return -1;
	return put_parts(out, key);
}

int key_index_encode(const struct key_index *index, struct buf *out)
{
	size_t n = key_index_count(index);

	if (n > UINT32_MAX || buf_puts(out, "LLK1") < 0 || put_number(out, n, 4) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_key(out, key_index_at(index, i)) < 0)
			return -1;
	return 0;
}
