/*
 * address - addr-specs and mailboxes (RFC 5321 4.1.2, RFC 5322 3.4,
 * RFC 6531 for UTF-8). Pure.
 */
#ifndef LETTERLOCK_ADDRESS_H
#define LETTERLOCK_ADDRESS_H

#include <stdbool.h>

#include <letterlock/err.h>
#include <letterlock/span.h>
#include <letterlock/strs.h>

enum {
	ADDRESS_LOCAL_MAX = 64,		/* RFC 5321 4.5.3.1.1 */
	ADDRESS_DOMAIN_MAX = 255,	/* RFC 5321 4.5.3.1.2 */
	ADDRESS_LIST_MAX = 10000,	/* mailboxes in one field */
};

/*
 * True when `text` is one addr-spec and nothing else: dot-atom or quoted
 * local part, `@`, domain or address literal, within the length limits, no
 * control characters. `utf8` allows RFC 6531 characters, in a domain those of
 * domain_settled().
 */
bool address_valid(struct span text, bool utf8);

/*
 * The form addresses are compared and indexed in: ASCII lower case; a quoted
 * local part that needs no quotes loses them. The caller frees it. Two
 * addresses name the same mailbox for us exactly when these are equal; there
 * is no plus-, dot- or sub-domain mapping (RFC 9788 4.4.5, RFC 7929 4).
 */
char *address_normal(struct span text);
bool address_same(struct span a, struct span b);

/*
 * Appends to `list` where a mail server may send what is for `text`, which is
 * normal: routes that a local part spells ("bob%x.example@y.example",
 * "x.example!bob@y.example", "\"bob@x.example\"@y.example"), each of
 * bob@x.example here. RFC 5321 has none of them, but servers still follow them.
 */
void address_routes(struct span text, struct strs *list);

/* The domain of an addr-spec (behind the last `@`); empty when there is none. */
struct span address_domain(struct span text);

/*
 * Reads a header field body (From, To, Cc, Sender ...; RFC 5322 address-list
 * with groups, comments, folding, obsolete routes) and appends the addr-spec
 * of every mailbox to `list`, unquoted display names left out. -1 with `err`
 * (and nothing appended) when it is not such a list: who asks fails closed.
 * Encoded words are never decoded: what they hold is no address.
 *
 * Refused, though RFC 5322 allows them, since programs read them differently:
 * blanks or comments inside an addr-spec, `@` in a display name, an encoded
 * word as local part. An empty body is no list; a list of empty groups is one,
 * of no mailbox.
 */
int address_list(struct span body, struct strs *list, struct err *err);

#endif
