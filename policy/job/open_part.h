/*
 * open_part - the parts of OpenPGP mail without their transfer encoding, which
 * relays and libraries put around an armour though it needs none. Pure.
 */
#ifndef LETTERLOCK_OPEN_PART_H
#define LETTERLOCK_OPEN_PART_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

#include "policy/job/entity.h"

/* Whether its octets stand there as they are. */
bool open_part_unencoded(const struct entity *part);

/*
 * The octets of a leaf: its body, or what base64 or quoted-printable make of it.
 * False where programs would read different octets: an unknown encoding, and text
 * that is not as RFC 2045 asks. `octets` is borrowed from the part or from `room`,
 * which holds one part at a time and needs the size of its body.
 */
bool open_part_octets(const struct entity *part, struct buf *room, struct span *octets);

/* Whether an encrypted or signed text of OpenPGP begins in a line of the root, or
 * of a part of the multipart that it is, where these are text. */
bool open_part_inline(const struct entity_tree *tree);

/*
 * Whether just `n` lines of the multipart could be its delimiters, whoever reads it:
 * some look at the beginning of a line alone (RFC 2046 5.1.1 lets them), some take
 * a CR or an LF for a line end. Otherwise one of them may show a part more.
 */
bool open_part_delimited(const struct entity *multipart, size_t n);

#endif
