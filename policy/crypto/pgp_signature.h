/* pgp_signature - what GPGME found of the signatures of one message. */
#ifndef LETTERLOCK_PGP_SIGNATURE_H
#define LETTERLOCK_PGP_SIGNATURE_H

struct pgp;
struct pgp_signature;

/* Judges the signatures of the last verification (or decryption) of `pgp`. */
void pgp_signature_read(struct pgp *pgp, struct pgp_signature *signature);

#endif
