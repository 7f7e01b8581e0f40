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
 * false when something could not be decoded (unknown charset, bad bytes):
 * it then stands as it was.
 */
char *encoded_word_decode(struct span body, bool *exact);

/*
 * A field body with each run of 8-bit bytes as encoded words (UTF-8 where it
 * is valid, unknown-8bit otherwise), folding kept. All else is copied. A new
 * string owned by the caller.
 */
char *encoded_word_encode(struct span body);

#endif
