/* Every place that is told lies within the bytes, and is found again. */
#include <stdlib.h>
#include <string.h>

#include <letterlock/codec.h>

#include "policy/keys/keybox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keybox keybox;

	if (keybox_read(span_of((const char *)data, size), &keybox) < 0)
		return 0;
	for (size_t i = 0; i < keybox.n; i++) {
		const struct keybox_place *place = &keybox.places[i], *found;
		char hex[2 * KEYBOX_FINGERPRINT + 1];

		if (place->offset > size || place->size > size - place->offset)
			abort();
		codec_hex(place->fingerprint, KEYBOX_FINGERPRINT, hex);
		found = keybox_find(&keybox, hex);
		if (!found ||
		    memcmp(found->fingerprint, place->fingerprint, KEYBOX_FINGERPRINT) != 0)
			abort();
	}
	keybox_free(&keybox);
	return 0;
}
