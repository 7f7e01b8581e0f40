/* pgp_output - where GPGME's output goes: armoured, to a descriptor. */
#ifndef LETTERLOCK_PGP_OUTPUT_H
#define LETTERLOCK_PGP_OUTPUT_H

#include <letterlock/err.h>

struct gpgme_data;
struct pgp_output;

/* For `fd`, at its offset, under `label` ("PGP MESSAGE"). NULL with `err`. */
struct pgp_output *pgp_output_new(int fd, const char *label, struct err *err);
void pgp_output_free(struct pgp_output *output);

/* To give to GPGME. */
struct gpgme_data *pgp_output_data(struct pgp_output *output);

/* Writes what is left and the end of the armour. */
int pgp_output_end(struct pgp_output *output, struct err *err);

#endif
