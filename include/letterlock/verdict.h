/*
 * verdict - what policy says of one recipient, and the reply when that is no.
 */
#ifndef LETTERLOCK_VERDICT_H
#define LETTERLOCK_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/* One SMTP reply of ours: "550 5.7.1 no usable key for x (rule y)". */
struct reply {
	unsigned code;
	char status[12];	/* RFC 3463, "5.7.1" */
	char text[480];		/* one line, printable, UTF-8 */
};

/* Fills `reply`; control characters in the text become `?`, too long is cut. */
void reply_set(struct reply *reply, unsigned code, const char *status,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

enum verdict_encrypt { ENCRYPT_PREFER, ENCRYPT_REQUIRE, ENCRYPT_NO };
enum verdict_sign { SIGN_NO, SIGN_YES, SIGN_PREFER };

/* The words of policy.conf for these ("prefer", "yes" ...). */
const char *verdict_encrypt_word(enum verdict_encrypt encrypt);
const char *verdict_sign_word(enum verdict_sign sign);

#endif
