/*
 * client_crypto - what the mail client did to a message itself, believed only
 * after a look inside: a label around plaintext is no protection.
 */
#ifndef LETTERLOCK_CLIENT_CRYPTO_H
#define LETTERLOCK_CLIENT_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_index;
struct message;

enum client_crypto_kind {
	CLIENT_CRYPTO_NONE,	/* plaintext, whatever it is labelled */
	CLIENT_CRYPTO_SIGNED,	/* PGP/MIME or S/MIME, readable */
	CLIENT_CRYPTO_OPENPGP,	/* encrypted to `ids` */
	CLIENT_CRYPTO_SMIME,	/* encrypted; to whom we cannot read */
};

struct client_crypto {
	enum client_crypto_kind kind;
	uint64_t *ids;		/* of public-key session packets; owned */
	size_t ids_n;
};

/*
 * Looks at the message. OpenPGP counts as encrypted only as RFC 3156 4 writes
 * it, or as the whole body of a text/plain message, when the packets are an
 * encrypted message to at least one key and nothing stands around them but
 * words that mail programs write there (client_words).
 */
void client_crypto_look(const struct message *message,
			struct client_crypto *found);
void client_crypto_free(struct client_crypto *found);

static inline bool client_crypto_encrypted(const struct client_crypto *found)
{
	return found->kind == CLIENT_CRYPTO_OPENPGP || found->kind == CLIENT_CRYPTO_SMIME;
}

/*
 * True when `found` is encrypted to a key that is known for `address`. A
 * hidden key id (0) proves nothing.
 */
bool client_crypto_reaches(const struct client_crypto *found,
			   const struct key_index *keys, const char *address);

#endif
