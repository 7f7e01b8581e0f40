/*
 * openpgp_packets - reads the headers of OpenPGP packets (RFC 9580 4.2, 10.3)
 * as they stream by: what a message is, and to which key ids it is encrypted.
 * Reads armour (RFC 9580 6) and binary. Pure, opens nothing, decides nothing;
 * the same bytes, however they are split, give the same result.
 */
#ifndef LETTERLOCK_OPENPGP_PACKETS_H
#define LETTERLOCK_OPENPGP_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

enum {
	OPENPGP_PACKETS_IDS_MAX = 4096,	/* session keys of one message */
};

enum openpgp_packets_kind {
	/* Not one whole OpenPGP thing: broken, cut, several messages, packets
	 * where none may be, more than one armour. `why` says what. */
	OPENPGP_PACKETS_BAD,
	/* Session keys, then one packet with integrity (SEIPD of version 1 or
	 * 2, AEAD), then nothing. */
	OPENPGP_PACKETS_ENCRYPTED,
	/* As that, but SED, which anybody can change: RFC 9580 13.7. */
	OPENPGP_PACKETS_ENCRYPTED_WEAKLY,
	/* These three everybody can read. */
	OPENPGP_PACKETS_LITERAL,
	OPENPGP_PACKETS_COMPRESSED,
	OPENPGP_PACKETS_SIGNED,
	/* Signatures and nothing else: detached. */
	OPENPGP_PACKETS_SIGNATURE,
	/* Keys, public or (THREATS 119) secret. */
	OPENPGP_PACKETS_KEYS,
};

struct openpgp_packets_found {
	enum openpgp_packets_kind kind;
	const char *why;	/* when BAD: fixed text for people */
	bool armored;
	/* Something else than blanks before the armour or behind it, which
	 * would travel in the clear. */
	bool text_around;
	/* Its header fields say something else than known programs write. */
	bool header_words;
	/* What public-key session packets name, in their order; 0 where one
	 * does not tell (hidden recipient, unknown version). */
	const uint64_t *ids;
	size_t ids_n;
	size_t passwords;	/* session keys under a passphrase (SKESK) */
};

struct openpgp_packets;

struct openpgp_packets *openpgp_packets_new(void);
void openpgp_packets_free(struct openpgp_packets *packets);

/* The next bytes, as many as there are. */
void openpgp_packets_feed(struct openpgp_packets *packets, struct span bytes);

/* There are no more bytes: what it was. Valid until `packets` is freed. */
const struct openpgp_packets_found *
openpgp_packets_end(struct openpgp_packets *packets);

#endif
