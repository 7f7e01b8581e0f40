/* smtp_talk - how submission sessions on the fake connection begin, for their tests. */
#ifndef LETTERLOCK_TEST_SMTP_TALK_H
#define LETTERLOCK_TEST_SMTP_TALK_H

#include "tests/session/fake.h"

extern const struct fake_options plain;		/* no TLS on either leg */

/* Greets both sides; upstream offers `extensions` ("250-X\r\n" lines). */
struct fake *greeted(const struct fake_options *options, const char *extensions);
/* MAIL FROM:<a@x> is said, and upstream takes it. */
void mail(struct fake *fake);
/* The client says `line`, policy waits, upstream answers `code`. */
void rcpt(struct fake *fake, const char *line, const char *code);

#endif
