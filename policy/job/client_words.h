/*
 * client_words - the words that may stand readable around mail that the client
 * encrypted: what RFC 3156 4 asks for, and the constants that mail programs
 * write. Any other text there would travel in the clear. Pure.
 */
#ifndef LETTERLOCK_CLIENT_WORDS_H
#define LETTERLOCK_CLIENT_WORDS_H

#include <stdbool.h>

#include <letterlock/span.h>

enum client_words_where {
	CLIENT_WORDS_PGP_MIME = 1 << 0,	/* the root, multipart/encrypted */
	CLIENT_WORDS_CONTROL = 1 << 1,	/* its first part */
	CLIENT_WORDS_DATA = 1 << 2,	/* its second */
	CLIENT_WORDS_INLINE = 1 << 3,	/* the root, an armour as its text */
	CLIENT_WORDS_SMIME = 1 << 4,	/* the root, application/pkcs7-mime */
};

/*
 * True when these header fields say nothing that is not among those words. Of
 * a root only MIME's own fields are looked at: the rest is the header of the
 * message, which is readable whoever encrypts it.
 */
bool client_words_known(struct span fields, enum client_words_where where);

/* True for nothing but blanks, or a known sentence in front of the parts. */
bool client_words_preamble(struct span text);

/* `text` without blanks and line ends at both ends. */
struct span client_words_trim(struct span text);

#endif
