/*
 * open_replay - names that tell a replay: the same signature on another message.
 */
#ifndef LETTERLOCK_OPEN_REPLAY_H
#define LETTERLOCK_OPEN_REPLAY_H

#include <letterlock/span.h>

#include "policy/crypto/digest.h"
#include "policy/crypto/pgp.h"

/* Of a message with the header `fields`, for people: not how it came. */
void open_replay_message(struct span fields, char id[DIGEST_HEX_SIZE]);

/* Of a signature over `text`. */
void open_replay_signature(const struct pgp_signature *signature, struct span text,
			   char id[DIGEST_HEX_SIZE]);

#endif
