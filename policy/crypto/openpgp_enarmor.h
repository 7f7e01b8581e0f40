/*
 * openpgp_enarmor - puts armour (RFC 9580 6) around octets as they stream by,
 * in lines that end in CRLF. Pure. gpg does this too, but in three times the
 * time that it takes to encrypt.
 */
#ifndef LETTERLOCK_OPENPGP_ENARMOR_H
#define LETTERLOCK_OPENPGP_ENARMOR_H

#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

#include "policy/crypto/openpgp_crc.h"

enum {
	OPENPGP_ENARMOR_LINE = 48,	/* octets in a line of 64 characters */
	OPENPGP_ENARMOR_EDGE = 128,	/* characters of a begin or an end, at most */
};

struct openpgp_enarmor {
	const char *label;		/* borrowed */
	struct openpgp_crc crc;
	char pairs[4096][2];		/* the two characters for 12 bits */
	unsigned char line[OPENPGP_ENARMOR_LINE];	/* that is not full yet */
	size_t line_len;
};

/* How many characters `octets` more may become. */
static inline size_t openpgp_enarmor_size(size_t octets)
{
	return (octets / OPENPGP_ENARMOR_LINE + 1) * 66;
}

/* For "PGP MESSAGE" and the like. */
void openpgp_enarmor_init(struct openpgp_enarmor *armor, const char *label);

/*
 * These write to `out` and return how many characters: the begin (at most
 * OPENPGP_ENARMOR_EDGE), what `octets` make (openpgp_enarmor_size()), and the
 * rest and the end (OPENPGP_ENARMOR_EDGE more than openpgp_enarmor_size(0)).
 */
size_t openpgp_enarmor_begin(const struct openpgp_enarmor *armor, char *out);
size_t openpgp_enarmor_put(struct openpgp_enarmor *armor, struct span octets, char *out);
size_t openpgp_enarmor_end(struct openpgp_enarmor *armor, char *out);

#endif
