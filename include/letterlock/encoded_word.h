/*
 * encoded_word - RFC 2047, both ways. Decodes as leniently as mail clients
 * do, so that a rule sees what a reader would see. Pure.
 */
#ifndef LETTERLOCK_ENCODED_WORD_H
#define LETTERLOCK_ENCODED_WORD_H

#include <stdbool.h>

#include <letterlock/span.h>

/*
 * The UTF-8 text of an unstructured field body: unfolded, encoded words
 * decoded (blanks between adjacent words dropped, words joined before their
 * charset is converted, missing `=` forgiven), control characters made
 * blanks. A new string owned by the caller. `exact` (may be NULL) becomes
 * false when something could not be decoded: a word of an unknown charset
 * then stands as it was, bytes that are no character become U+FFFD, and bad
 * base64 or quoting is read as clients read it. So it is for a charset in which
 * ASCII is not itself, which not all clients know.
 */
char *encoded_word_decode(struct span body, bool *exact);

/*
 * A field body with each piece that holds 8-bit bytes as encoded words (UTF-8
 * where it is valid, unknown-8bit otherwise), folded where lines would become
 * too long. All else is copied. Addresses that are not ASCII cannot be written
 * so: the caller looks for them first. A new string owned by the caller.
 */
char *encoded_word_encode(struct span body);

#endif
