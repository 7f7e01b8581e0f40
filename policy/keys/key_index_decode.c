#include "policy/keys/key_index.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

/* Takes off `rest`; the first thing that is not there makes all else fail. */
struct reader {
	struct span rest;
	bool bad;
};

static uint64_t take_number(struct reader *in, size_t octets)
{
	uint64_t number = 0;

	if (in->bad || in->rest.len < octets) {
		in->bad = true;
		return 0;
	}
	for (size_t i = 0; i < octets; i++)
		number = number << 8 | (unsigned char)in->rest.at[i];
	in->rest = span_skip(in->rest, octets);
	return number;
}

/* A time before 1970 is no time of a key. */
static int64_t take_time(struct reader *in)
{
	uint64_t seconds = take_number(in, 8);

	if (seconds > INT64_MAX)
		in->bad = true;
	return in->bad ? 0 : (int64_t)seconds;
}

/* No control characters: it is shown to people, and ends at its NUL. */
static struct span take_string(struct reader *in)
{
	size_t len = (size_t)take_number(in, 2);
	struct span text;

	if (in->bad || len > KEY_TEXT_MAX || in->rest.len < len) {
		in->bad = true;
		return span_of("", 0);
	}
	text = span_of(in->rest.at, len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			in->bad = true;
	in->rest = span_skip(in->rest, len);
	return text;
}

static void take_strings(struct reader *in, struct strs *list)
{
	size_t n = (size_t)take_number(in, 2);

	if (n > KEY_USER_IDS_MAX)
		in->bad = true;
	for (size_t i = 0; i < n && !in->bad; i++) {
		struct span text = take_string(in);

		if (!in->bad)
			strs_add(list, text);
	}
}

static void take_parts(struct reader *in, struct key *key)
{
	size_t n = (size_t)take_number(in, 1);

	if (in->bad || n > KEY_SUBKEYS_MAX) {
		in->bad = true;
		return;
	}
	key->encryption = n ? mem_new(n * sizeof(*key->encryption)) : NULL;
	key->encryption_n = n;
	for (size_t i = 0; i < n; i++) {
		key->encryption[i].id = take_number(in, 8);
		key->encryption[i].created = take_time(in);
		key->encryption[i].expires = take_time(in);
	}
}

static void take_fingerprint(struct reader *in, struct key *key)
{
	struct span text = take_string(in);

	if (text.len != 40 && text.len != 64)
		in->bad = true;
	for (size_t i = 0; i < text.len; i++)
		if (!memchr("0123456789ABCDEF", text.at[i], 16))
			in->bad = true;
	if (!in->bad)
		memcpy(key->fingerprint, text.at, text.len);
}

static void take_key(struct reader *in, struct key *key)
{
	unsigned flags;

	take_fingerprint(in, key);
	flags = (unsigned)take_number(in, 1);
	if (flags > 0x3f)
		in->bad = true;
	key->revoked = flags & 1;
	key->disabled = flags & 2;
	key->invalid = flags & 4;
	key->can_encrypt = flags & 8;
	key->can_sign = flags & 16;
	key->secret = flags & 32;
	key->created = take_time(in);
	key->expires = take_time(in);
	key->sign_expires = take_time(in);
	take_strings(in, &key->user_ids);
	take_strings(in, &key->addresses);
	take_parts(in, key);
}

struct key_index *key_index_decode(struct span wire, struct err *err)
{
	struct key_index *index = key_index_new();
	struct reader in = { .rest = wire };
	uint64_t magic = take_number(&in, 4), n = take_number(&in, 4);

	if (magic != 0x4c4c4b31)	/* "LLK1" */
		in.bad = true;
	for (uint64_t i = 0; i < n && !in.bad; i++) {
		struct key key = { 0 };

		take_key(&in, &key);
		if (key_index_get(index, span_str(key.fingerprint)))
			in.bad = true;
		if (in.bad)
			key_free(&key);
		else
			key_index_add(index, &key);
	}
	if (!in.bad && in.rest.len == 0)
		return index;
	key_index_free(index);
	err_set(err, ERR_BUG, "a list of keys is not what it should be");
	return NULL;
}
