/* domain - one spelling for each internationalised domain (UTS 46). Pure. */
#ifndef LETTERLOCK_DOMAIN_H
#define LETTERLOCK_DOMAIN_H

#include <stdbool.h>

#include <letterlock/span.h>

/*
 * True when no program would read `domain` as another one: it is ASCII, or it
 * is what UTS 46 (non-transitional, with NFC) makes of it, but for the case of
 * ASCII letters. Fullwidth letters, other full stops than `.`, soft hyphens
 * and what has no mapping at all are not: a mail server maps them to a domain
 * that no rule and no key look-up has seen. A `*` or `?` is a letter here.
 */
bool domain_settled(struct span domain);

#endif
