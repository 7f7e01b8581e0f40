/* imap_syntax - what a client's command must look like in places. Pure. */
#ifndef LETTERLOCK_IMAP_SYNTAX_H
#define LETTERLOCK_IMAP_SYNTAX_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum { IMAP_TAG_MAX = 128 };	/* octets */

/* A tag is a word without what has a meaning elsewhere (THREATS 10, 76). */
bool imap_syntax_tag(struct span tag);

/*
 * Quoted strings with 8-bit octets, which some clients send, become literals
 * (THREATS 78, RFC 9051 4.3): `*args`, which is well-formed and stands in `command`,
 * is all that is in it then. False when 8-bit octets stand outside of strings, or
 * it would be longer than `most`.
 */
bool imap_syntax_spell(struct buf *command, struct span *args, size_t most);

/* What stands before APPEND's last literal (and its blank) is a mailbox, and
 * perhaps flags and a date: that literal is the message. Nothing else is said
 * upstream, which might wait for a line that never comes. */
bool imap_syntax_append(struct span args);

#endif
