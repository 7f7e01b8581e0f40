/*
 * key_index - address -> keys, in memory: what the policy engine asks instead
 * of gpg. Holds facts about keys, no key material. Pure.
 *
 * Only an exact addr-spec of a valid user id finds a key, never a part of
 * one; keys that are expired, revoked, disabled, invalid or without the
 * capability that is asked for are never found. Of several the newest
 * (creation time) is taken, of equally new ones the smallest fingerprint.
 */
#ifndef LETTERLOCK_KEY_INDEX_H
#define LETTERLOCK_KEY_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/strs.h>

enum {
	KEY_FINGERPRINT_SIZE = 65,	/* hex, upper case, and a NUL */
	KEY_SUBKEYS_MAX = 32,		/* that are counted */
	KEY_USER_IDS_MAX = 1000,	/* the same */
	KEY_TEXT_MAX = 4096,		/* bytes of a user id or an address */
};

/* A key or subkey that can encrypt. Times in seconds, 0: never expires. */
struct key_part {
	uint64_t id;		/* 64-bit OpenPGP key id */
	int64_t created;
	int64_t expires;
};

struct key {
	char fingerprint[KEY_FINGERPRINT_SIZE];
	int64_t created;
	int64_t expires;
	bool revoked, disabled, invalid;
	bool can_encrypt, can_sign;	/* some valid part can */
	bool secret;			/* its secret part is in the home */
	struct strs user_ids;		/* of valid user ids, as written */
	struct strs addresses;		/* normal form (address_normal) */
	struct key_part *encryption;	/* valid encryption parts */
	size_t encryption_n;
	int64_t sign_expires;		/* when the last signing part does */
};

enum key_use { KEY_ENCRYPT, KEY_SIGN /* needs the secret part */ };

/* What is with a key: the nearer to the top, the nearer to being of use. */
enum key_state {
	KEY_STATE_USABLE,
	KEY_STATE_LATER,	/* made in the future */
	KEY_STATE_EXPIRED,
	KEY_STATE_UNABLE,	/* has no part for this use */
	KEY_STATE_DISABLED,
	KEY_STATE_REVOKED,
	KEY_STATE_INVALID,
	KEY_STATE_MISSING,	/* there is none */
};

struct key_index;

struct key_index *key_index_new(void);
void key_index_free(struct key_index *index);

/* Adds `key` and takes over what it owns (it is zeroed). A key with the same
 * fingerprint is replaced. */
void key_index_add(struct key_index *index, struct key *key);
size_t key_index_count(const struct key_index *index);
const struct key *key_index_at(const struct key_index *index, size_t i);

/*
 * The key to use for `address` at `now` (seconds), or NULL. When NULL,
 * `why` says why not, for people: "no key", "expired 2026-01-02",
 * "revoked", "cannot encrypt", "disabled" (the best of several reasons).
 */
const struct key *key_index_find(const struct key_index *index,
				 struct span address, enum key_use use,
				 int64_t now, char why[64]);

/* The key with this fingerprint (full, case ignored), usable or not. */
const struct key *key_index_get(const struct key_index *index,
				struct span fingerprint);

/* What is with `key` at `now` for this use; `why` as above, "" when usable. */
enum key_state key_state(const struct key *key, enum key_use use, int64_t now,
			 char why[64]);
bool key_usable(const struct key *key, enum key_use use, int64_t now,
		char why[64]);

/* Appends copies to `to` of all keys, usable or not, that have `address` (or
 * this fingerprint): the part of the index that one message needs. */
void key_index_slice(const struct key_index *index, struct span address,
		     struct key_index *to);

/* The wire form, and back (bounded, trusts nothing). */
int key_index_encode(const struct key_index *index, struct buf *out);
struct key_index *key_index_decode(struct span wire, struct err *err);

/* `copy` owns all it holds. */
void key_copy(const struct key *key, struct key *copy);
void key_free(struct key *key);

#endif
