/*
 * openpgp_armor_fields - the header lines that programs write into an armour
 * (RFC 9580 6.2.2). They travel in the clear, so that a line which nobody knows
 * could be a message of its own. Pure.
 */
#ifndef LETTERLOCK_OPENPGP_ARMOR_FIELDS_H
#define LETTERLOCK_OPENPGP_ARMOR_FIELDS_H

#include <stdbool.h>

#include <letterlock/span.h>

/* True for a line that a known program writes, in whatever version. */
bool openpgp_armor_fields_known(struct span line);

#endif
