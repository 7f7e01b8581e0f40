/*
 * idn - the two ways to write an internationalised domain: xn--bcher-kva and
 * the letters it stands for (RFC 5890 2.3.2.1, RFC 3492). A rule for one has
 * to match the other. Pure.
 */
#ifndef LETTERLOCK_IDN_H
#define LETTERLOCK_IDN_H

#include <letterlock/span.h>

/*
 * `address` (or a glob for some) with every A-label of its domain written in
 * letters; a label that is not one, or holds a wildcard, stays as it is. NULL
 * when that changes nothing. The caller frees it.
 */
char *idn_letters(struct span address);

#endif
