/*
 * entity - the MIME tree of a message, cut from its bytes (RFC 2046 5.1) and
 * never changed. Pure, bounded in depth and number. What is not quite as the
 * grammar asks, so that readers could see another tree, makes it inexact.
 */
#ifndef LETTERLOCK_ENTITY_H
#define LETTERLOCK_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/span.h>

#include "policy/job/content_type.h"

enum {
	ENTITY_PARTS_MAX = 2000,
	ENTITY_DEPTH_MAX = 40,
	ENTITY_BOUNDARY_MAX = 70,	/* RFC 2046 5.1.1 */
};

enum entity_kind { ENTITY_LEAF, ENTITY_MULTIPART, ENTITY_MESSAGE };

enum entity_encoding {
	ENTITY_SEVEN_BIT,	/* said, or by default */
	ENTITY_EIGHT_BIT,
	ENTITY_BINARY,
	ENTITY_BASE64,
	ENTITY_QUOTED,
	ENTITY_OTHER,		/* nothing that we know */
};

struct entity {
	enum entity_kind kind;
	enum entity_encoding encoding;
	struct content_type type;	/* empty value: not given, or broken */
	struct span fields;
	struct span body;
	struct span preamble;		/* ENTITY_MULTIPART: with its CRLF */
	struct span epilogue;		/* behind the last delimiter's line */
	bool ragged;			/* no empty line behind the fields */
	bool headless;			/* its fields end where it ends */
	size_t depth;			/* 0: the root */
	size_t next;			/* index behind all that is inside it */
};

/* In the order of the bytes; at[0] is the root. */
struct entity_tree {
	struct entity *at;
	size_t n;
	bool exact;
};

/* Reads the message with these header fields and this body; never fails. The
 * tree borrows from both. */
void entity_read(struct span fields, struct span body, struct entity_tree *tree);

/* Only the root and, of a multipart, its direct children. */
void entity_read_root(struct span fields, struct span body,
		      struct entity_tree *tree);
void entity_free(struct entity_tree *tree);

/* The media type to treat it as: "text/plain" when none is given. */
const char *entity_type(const struct entity *entity);

#endif
