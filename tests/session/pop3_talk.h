/* pop3_talk - how POP3 sessions on the fake connection begin, for their tests. */
#ifndef LETTERLOCK_TEST_POP3_TALK_H
#define LETTERLOCK_TEST_POP3_TALK_H

#include <letterlock/shape.h>

#include "tests/session/fake.h"

/* How a message that is to be opened begins, as far as TOP shows it. */
#define SEALED \
	"Content-Type: multipart/encrypted; boundary=b;\r\n" \
	" protocol=\"application/pgp-encrypted\"\r\n\r\n--b--\r\n"

/* What CAPA of an upstream with all that is needed says. */
#define USUAL "TOP\r\nUIDL\r\nUSER\r\nPIPELINING\r\n"

extern const struct fake_options plain;		/* POP3, no TLS on either leg */

/* A session whose upstream says `capabilities`; the client was greeted. */
struct fake *greeted(const struct fake_options *options, const char *capabilities);
/* ... in which alice is logged in. */
struct fake *logged_in(const struct fake_options *options, const char *capabilities);

/* Policy is asked what it knows of `n` messages, and says `kinds`; `view` is that of
 * each that has one. */
void policy_knows(struct fake *fake, const enum shape_kind *kinds, size_t n, const char *view);
/* The same, and says `kind` of each, which is no view. */
void policy_knows_each(struct fake *fake, enum shape_kind kind, size_t n);

#endif
