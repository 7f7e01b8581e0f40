/*
 * keybox - where each key stands in the bytes of a GnuPG keybox (pubring.kbx,
 * GnuPG's kbx/keybox-blob.c). Pure; trusts nothing, and understands no more
 * than is needed to copy a key from one keybox to another.
 */
#ifndef LETTERLOCK_KEYBOX_H
#define LETTERLOCK_KEYBOX_H

#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

enum { KEYBOX_FINGERPRINT = 20 };	/* octets: of version 4 keys */

struct keybox_place {
	unsigned char fingerprint[KEYBOX_FINGERPRINT];	/* of the primary key */
	uint32_t offset;
	uint32_t size;
};

struct keybox {
	struct span head;		/* what a keybox begins with; borrowed */
	struct keybox_place *places;	/* in the order of fingerprints; owned */
	size_t n;
};

/* Finds all keys. -1 when `bytes` are no keybox, or are cut or broken. */
int keybox_read(struct span bytes, struct keybox *keybox);
void keybox_free(struct keybox *keybox);

/* The key with this fingerprint (40 hex digits), or NULL. */
const struct keybox_place *keybox_find(const struct keybox *keybox, const char *fingerprint);

#endif
