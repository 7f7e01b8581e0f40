/* problem - what is wrong in the configuration, in words for its author. */
#ifndef LETTERLOCK_PROBLEM_H
#define LETTERLOCK_PROBLEM_H

#include <letterlock/strs.h>

/* What was found, each "FILE:LINE: what is wrong, and what to write instead". */
struct problems {
	struct strs list;
	struct strs warnings;	/* what can be meant, but hardly is: ends nothing */
};

void problem_free(struct problems *problems);

/* Appends a problem; `line` 0 leaves it out. Control characters (the files
 * are not ours) become `?`; a text of more than 1000 bytes is cut. */
void problem_add(struct problems *problems, const char *file, unsigned line,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a warning. */
void problem_warn(struct problems *problems, const char *file, unsigned line,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
