#include "policy/keys/keybox.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

enum {
	TYPE_HEAD = 1,
	TYPE_OPENPGP = 2,
	HEAD_SIZE = 32,
	FIXED_SIZE = 20,	/* before the entries about keys */
	ENTRY_MIN = 28,
	FLAG_EPHEMERAL = 2,
};

static uint32_t number(const unsigned char *at, size_t octets)
{
	uint32_t value = 0;

	for (size_t i = 0; i < octets; i++)
		value = value << 8 | at[i];
	return value;
}

static int by_fingerprint(const void *a, const void *b)
{
	return memcmp(((const struct keybox_place *)a)->fingerprint,
		      ((const struct keybox_place *)b)->fingerprint, KEYBOX_FINGERPRINT);
}

/* Length, type, version, flags, then where the key is and the entries about it
 * and its subkeys. Others than good keys are passed over. */
static int read_blob(struct keybox *keybox, const unsigned char *at, uint32_t offset,
		     uint32_t size)
{
	struct keybox_place place = { .offset = offset, .size = size };

	if (size < FIXED_SIZE + ENTRY_MIN || at[4] != TYPE_OPENPGP ||
	    (number(at + 6, 2) & FLAG_EPHEMERAL))
		return 0;
	if (at[5] != 1 || number(at + 16, 2) == 0 || number(at + 18, 2) < ENTRY_MIN ||
	    number(at + 8, 4) > size || number(at + 12, 4) > size - number(at + 8, 4))
		return -1;
	memcpy(place.fingerprint, at + FIXED_SIZE, KEYBOX_FINGERPRINT);
	if ((keybox->n & (keybox->n - 1)) == 0)		/* full: 0, 1, 2, 4 ... */
		keybox->places = mem_grow(keybox->places, keybox->n ? keybox->n * 2 : 1,
					  sizeof(*keybox->places));
	keybox->places[keybox->n++] = place;
	return 0;
}

int keybox_read(struct span bytes, struct keybox *keybox)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	size_t offset = HEAD_SIZE;

	*keybox = (struct keybox){ 0 };
	if (bytes.len < HEAD_SIZE || bytes.len > UINT32_MAX || number(at, 4) != HEAD_SIZE ||
	    at[4] != TYPE_HEAD || memcmp(at + 8, "KBXf", 4) != 0)
		return -1;
	keybox->head = span_of(bytes.at, HEAD_SIZE);
	while (offset < bytes.len) {
		uint32_t size = bytes.len - offset < 5 ? 0 : number(at + offset, 4);

		if (size < 5 || size > bytes.len - offset ||
		    read_blob(keybox, at + offset, (uint32_t)offset, size) < 0) {
			keybox_free(keybox);
			return -1;
		}
		offset += size;
	}
	if (keybox->n > 0)
		qsort(keybox->places, keybox->n, sizeof(*keybox->places), by_fingerprint);
	return 0;
}

void keybox_free(struct keybox *keybox)
{
	free(keybox->places);
	*keybox = (struct keybox){ 0 };
}

const struct keybox_place *keybox_find(const struct keybox *keybox, const char *fingerprint)
{
	struct keybox_place wanted;

	if (keybox->n == 0 ||
	    !codec_unhex(span_str(fingerprint), wanted.fingerprint, KEYBOX_FINGERPRINT))
		return NULL;
	return bsearch(&wanted, keybox->places, keybox->n, sizeof(wanted), by_fingerprint);
}
