/* pgp_facts - what the key index wants to know, out of a GPGME key object. */
#ifndef LETTERLOCK_PGP_FACTS_H
#define LETTERLOCK_PGP_FACTS_H

#include <stdbool.h>

#include <letterlock/span.h>

struct _gpgme_key;
struct key;

/* Fills `key` (key_free() it). False when it has no fingerprint to be known by. */
bool pgp_facts(const struct _gpgme_key *from, struct key *key);

/*
 * The addr-spec of a user id, borrowed from it: all of it, or what stands in
 * the only `<` `>`, at its end. Empty when it has none: in "victim@x.example
 * <mallory@y.example>" that is mallory's, and two in brackets are none.
 */
struct span pgp_facts_address(struct span user_id);

#endif
