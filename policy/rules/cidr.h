/* cidr - blocks of IP addresses, 192.0.2.0/24 or 2001:db8::/32. Pure. */
#ifndef LETTERLOCK_CIDR_H
#define LETTERLOCK_CIDR_H

#include <stdbool.h>

#include <letterlock/span.h>

struct cidr {
	unsigned char bytes[16];	/* IPv4 mapped into IPv6 */
	unsigned bits;			/* of those 128 that count */
};

/*
 * Reads an address, or one with `/BITS`. False when it is neither, or when
 * bits are set behind BITS; `why` then says which in a few words.
 */
bool cidr_parse(struct span text, struct cidr *cidr, const char **why);

/* Whether the numeric address `client` is in the block. */
bool cidr_has(const struct cidr *cidr, const char *client);

#endif
