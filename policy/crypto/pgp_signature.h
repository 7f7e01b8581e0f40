/* pgp_signature - what GPGME found of the signatures of one message. */
#ifndef LETTERLOCK_PGP_SIGNATURE_H
#define LETTERLOCK_PGP_SIGNATURE_H

#include <letterlock/err.h>

struct pgp;
struct pgp_signature;

/* Judges the signatures of the last verification (or decryption) of `pgp`. -1 with
 * `err` (ERR_TEMP): gpg does not say whose key a good one was made with. */
int pgp_signature_read(struct pgp *pgp, struct pgp_signature *signature, struct err *err);

#endif
