/* pgp_works - whether there is a gpg that does what it is asked. */
#ifndef LETTERLOCK_PGP_WORKS_H
#define LETTERLOCK_PGP_WORKS_H

#include <letterlock/err.h>

struct pgp;

/*
 * Has gpg look at a signature that it has always something to say about: -1 with `err`
 * (ERR_TEMP) when it does not. GPGME says the same of a gpg that could not be
 * started, or died, as of one that found nothing: no keys, no signatures, no data
 * (THREATS 129). What the last operation of `pgp` found is gone afterwards.
 */
int pgp_works(struct pgp *pgp, struct err *err);

#endif
