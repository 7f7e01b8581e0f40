/* imap_talk - how IMAP sessions on the fake connection begin, for their tests. */
#ifndef LETTERLOCK_TEST_IMAP_TALK_H
#define LETTERLOCK_TEST_IMAP_TALK_H

#include "tests/session/fake.h"

/* What the tests say of a text. */
void has(const char *text, const char *part);
void is(const char *text, const char *want);

/* A session whose upstream offers `words` besides IMAP4rev1. */
struct fake *greeted(const struct fake_options *options, const char *words);
/* ... in which alice is logged in (upstream's next tag is L3), */
struct fake *logged_in(const char *words);
/* ... and INBOX selected: three messages, UIDVALIDITY 77 (the next is L4). */
struct fake *selected(const char *words);

#endif
