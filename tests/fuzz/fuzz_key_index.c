/* What decodes has one form: encoding it again gives the same bytes. What is
 * found is usable, and has the address. */
#include <stdlib.h>
#include <string.h>

#include "policy/keys/key_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct key_index *index, const struct key *key)
{
	for (size_t i = 0; i < key->addresses.n; i++) {
		struct span address = span_str(key->addresses.at[i]);
		struct key_index *slice = key_index_new();
		const struct key *found;
		char why[64];

		found = key_index_find(index, address, KEY_ENCRYPT, 1800000000, why);
		if (found ? !key_usable(found, KEY_ENCRYPT, 1800000000, why) : !why[0])
			abort();
		key_index_slice(index, address, slice);
		if (found && !key_index_get(slice, span_str(found->fingerprint)))
			abort();
		key_index_free(slice);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span wire = span_of((const char *)data, size);
	struct err err = { 0 };
	struct key_index *index = key_index_decode(wire, &err);
	struct buf out;

	if (!index && !err.text[0])
		abort();
	if (!index)
		return 0;
	buf_init(&out, size);
	if (key_index_encode(index, &out) < 0 || !span_eq(buf_span(&out), wire))
		abort();
	for (size_t i = 0; i < key_index_count(index); i++)
		look_up(index, key_index_at(index, i));
	buf_free(&out);
	key_index_free(index);
	return 0;
}
