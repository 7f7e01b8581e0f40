/*
 * store - a message for the sender's own mailbox (IMAP APPEND: sent mail,
 * drafts): sealed to the login's own key, as the rules for `direction =
 * stored` say, so that the provider keeps ciphertext. Never signed. Blocking.
 */
#ifndef LETTERLOCK_STORE_H
#define LETTERLOCK_STORE_H

#include <letterlock/ask.h>
#include <letterlock/err.h>

struct seal_parts;

/*
 * Answers `ask` (ASK_STORE), whose message is in `in`: ANSWER_SEALED with one
 * copy, in `out` (an empty memfd) or as it came; ANSWER_REFUSED with a reply when
 * a rule says so, when its key is missing, when there is a NUL in it, or when
 * something of ours failed (a 451). What is sealed has CRLF for each LF, and its
 * Bcc inside; what the client encrypted itself is stored as it is. `err` is what to
 * log when something of ours failed.
 */
void store(const struct seal_parts *parts, const struct ask *ask, int in, int out,
	   struct answer *answer, struct err *err);

#endif
