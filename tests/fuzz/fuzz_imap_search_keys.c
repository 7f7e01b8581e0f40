/* Keys stand in their program one behind the other; said anew, without and
 * with what was found, it is the same search. */
#include <stdlib.h>

#include "proxy/engine/imap_search_keys.h"
#include "proxy/engine/imap_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span args, enum imap_search_kind kind,
		  const struct imap_search_keys *keys, const char *set)
{
	struct span all[IMAP_SEARCH_KEYS_MAX], found[IMAP_SEARCH_KEYS_MAX];
	struct imap_search_keys again;
	struct buf out;

	for (size_t i = 0; i < IMAP_SEARCH_KEYS_MAX; i++)
		all[i] = found[i] = span_str(set);
	buf_init(&out, 4 << 20);
	if (imap_search_keys_put(args, keys, all, found, &out) < 0)
		abort();
	if (!*set && !span_eq(buf_span(&out), args))
		abort();
	/* what is said anew lies deeper, and is longer */
	if (imap_search_keys_read(buf_span(&out), kind, &again) == 0) {
		if (again.n != keys->n || again.foreign != keys->foreign)
			abort();
		for (size_t i = 0; i < keys->n; i++)
			if (!span_eq(again.at[i].raw, keys->at[i].raw))
				abort();
		imap_search_keys_free(&again);
	} else if (!*set) {
		abort();
	}
	if (imap_token_well_formed(args) != imap_token_well_formed(buf_span(&out)))
		abort();
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum imap_search_kind kind;
	struct imap_search_keys keys;
	struct span args;
	const char *at;

	if (!size)
		return 0;
	kind = data[0] % 3;
	args = span_of((const char *)data + 1, size - 1);
	if (imap_search_keys_read(args, kind, &keys) < 0) {
		if (keys.n)
			abort();
		return 0;
	}
	at = args.at;
	for (size_t i = 0; i < keys.n; i++) {
		const struct imap_search_key *key = &keys.at[i];

		if (key->raw.at < at || key->raw.at + key->raw.len > args.at + args.len)
			abort();
		at = key->raw.at + key->raw.len;
	}
	check(args, kind, &keys, "");
	check(args, kind, &keys, "2:5,9");
	imap_search_keys_free(&keys);
	return 0;
}
