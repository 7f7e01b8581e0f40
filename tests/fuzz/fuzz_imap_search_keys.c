/* A program that is read and said anew is one again, and asks for the same. */
#include <stdlib.h>

#include "proxy/engine/imap_search_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(struct span args, enum imap_search_kind kind,
		  const struct imap_search_keys *keys)
{
	struct span all[IMAP_SEARCH_KEYS_MAX], found[IMAP_SEARCH_KEYS_MAX];
	struct imap_search_keys second;
	struct buf out;

	for (size_t i = 0; i < keys->n; i++) {
		all[i] = span_str("1:3,7");
		found[i] = span_str(i % 2 ? "" : "2");
		if (keys->at[i].raw.at < args.at ||
		    keys->at[i].raw.at + keys->at[i].raw.len > args.at + args.len)
			abort();
	}
	buf_init(&out, args.len + 64 * IMAP_SEARCH_KEYS_MAX);
	if (imap_search_keys_put(args, keys, all, found, &out) < 0)
		abort();
	/* it may be too deep, or long, now */
	if (imap_search_keys_read(buf_span(&out), kind, &second) == 0) {
		if (second.n != keys->n || second.foreign != keys->foreign)
			abort();
		imap_search_keys_free(&second);
	}
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span args = span_of((const char *)data, size);

	for (enum imap_search_kind kind = IMAP_SEARCH; kind <= IMAP_THREAD; kind++) {
		struct imap_search_keys keys;

		if (imap_search_keys_read(args, kind, &keys) < 0)
			continue;
		again(args, kind, &keys);
		imap_search_keys_free(&keys);
	}
	return 0;
}
