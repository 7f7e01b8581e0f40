/*
 * packet_check - looks at what gpg wrote before it is sent: it must be an
 * encrypted message for exactly the keys that policy chose (THREATS 143).
 */
#ifndef LETTERLOCK_PACKET_CHECK_H
#define LETTERLOCK_PACKET_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include <letterlock/err.h>

struct key;

/*
 * The armoured message in [begin, end) of `fd` is encrypted to one encryption
 * part of each of `keys`, and to nothing else. -1 with `err` (ERR_BUG).
 */
int packet_check(int fd, uint64_t begin, uint64_t end, const struct key *const *keys,
		 size_t n, struct err *err);

#endif
