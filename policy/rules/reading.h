/*
 * reading - where a value stands and what reading it may use: handed to every
 * function that reads one.
 */
#ifndef LETTERLOCK_READING_H
#define LETTERLOCK_READING_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

#include "policy/rules/problem.h"
#include "policy/rules/source.h"

struct reading {
	const struct source *source;
	const char *shown;	/* the file, as problems name it */
	const char *directory;	/* of that file, absolute */
	unsigned line;
	struct problems *problems;
};

/* A problem at this line. Always returns false. */
bool reading_problem(const struct reading *at, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A path of the file made absolute (it is relative to the file it stands
 * in); the caller frees it. */
char *reading_path(const struct reading *at, struct span path);

/* The same for problems: relative where the file's own name is. */
char *reading_shown(const struct reading *at, struct span path);

/*
 * Reads the file `path` (absolute) that the value of `key` names into `text`
 * (initialised by the caller). False with a problem when it cannot be read;
 * true with an empty `text` when it is withheld from this process.
 */
bool reading_file(const struct reading *at, const char *key, const char *path,
		  struct buf *text);

#endif
