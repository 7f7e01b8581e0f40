/* shape_structure - BODY and BODYSTRUCTURE of a MIME tree (RFC 9051 7.5.2). Pure. */
#ifndef LETTERLOCK_SHAPE_STRUCTURE_H
#define LETTERLOCK_SHAPE_STRUCTURE_H

#include <stdbool.h>

#include <letterlock/buf.h>

struct entity;
struct entity_tree;

/* Appends what an IMAP server says of the tree; `extended`: BODYSTRUCTURE. */
void shape_structure_put(const struct entity_tree *tree, bool extended, struct buf *out);

#endif
