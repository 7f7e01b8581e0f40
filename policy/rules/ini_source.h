/*
 * ini_source - an INI file as sections and entries with their lines. inih
 * does the parsing; what it would cut, skip or join without a word (long
 * lines, long names, text behind `]`, empty sections, indented lines) is
 * read whole here or is a problem. Pure.
 */
#ifndef LETTERLOCK_INI_SOURCE_H
#define LETTERLOCK_INI_SOURCE_H

#include <letterlock/name_index.h>
#include <letterlock/span.h>

#include "policy/rules/problem.h"

enum {
	INI_LINE_MAX = 16384,	/* bytes of one line */
	INI_NAME_MAX = 49,	/* of a section or key: inih's own limit */
};

struct ini_entry {
	unsigned line;
	char *name;
	char *value;
};

struct ini_section {
	unsigned line;
	char *name;		/* as written between the brackets, trimmed */
	struct ini_entry *entries;
	size_t n;
};

struct ini_file {
	struct ini_section *sections;	/* in the order of their lines */
	size_t n;
	struct name_index names;	/* the first of each */
};

/*
 * Reads `text`, the contents of the file that problems name `shown`. What
 * could be read is in `file` (which must be zeroed) also when there were
 * problems; the caller frees it. Comments are lines that begin with `;` or
 * `#`, and what stands behind a blank and `;`.
 */
void ini_source_read(struct span text, const char *shown,
		     struct ini_file *file, struct problems *problems);
void ini_source_free(struct ini_file *file);

/* The first section of this name, or NULL. */
const struct ini_section *ini_source_section(const struct ini_file *file,
					     const char *name);
/* The section whose heading stands on `line`, or NULL. */
const struct ini_section *ini_source_at(const struct ini_file *file, unsigned line);
/* The first entry of this name in `section` (may be NULL), or NULL. */
const struct ini_entry *ini_source_entry(const struct ini_section *section,
					 const char *name);

#endif
