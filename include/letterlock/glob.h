/*
 * glob - patterns that know `*` and `?` and nothing else (`[` is a letter),
 * ignore ASCII case and match the whole value. Time is at most
 * pattern length x value length.
 */
#ifndef LETTERLOCK_GLOB_H
#define LETTERLOCK_GLOB_H

#include <stdbool.h>

#include <letterlock/span.h>

/* `?` matches one UTF-8 character (one byte where the value is not UTF-8). */
bool glob_match(struct span pattern, struct span value);

/*
 * `value` without the part that `pattern` spelt out, for strip-tag: of
 * "[secure]*" and "[secure] Hi" that is "Hi" (blanks around what is removed
 * are trimmed). Each literal stretch of the pattern is removed once, where
 * glob_match would find it. The result is a new string, owned by the caller;
 * a copy of `value` when the pattern does not match or is all wildcards.
 */
char *glob_strip(struct span pattern, struct span value);

#endif
