/*
 * conf_schema - every section and key of letterlock.conf and policy.conf: its
 * type, range, default and a line of documentation. The reader, `check` and
 * the man pages are held to this table.
 */
#ifndef LETTERLOCK_CONF_SCHEMA_H
#define LETTERLOCK_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

#include "policy/rules/reading.h"

struct conf_key;

/*
 * Reads `value` into `field` (NULL for a key that is only checked). What
 * `field` held is replaced, or added to where the key is a list. False when
 * there was a problem, which was added.
 */
typedef bool conf_reader(const struct reading *at, const struct conf_key *key,
			 struct span value, void *field);

enum conf_section {
	SECTION_GATEWAY,
	SECTION_KEYS,
	SECTION_METRICS,
	SECTION_LISTEN,
	SECTION_UPSTREAM,
	SECTION_USER,
	SECTION_RULE,		/* the only one of policy.conf */
	SECTION_NONE,
};

enum {
	CONF_SCHEMA_KEYS_MAX = 100,	/* keys of all sections together */
};

enum conf_key_flags {
	KEY_NEEDED = 1,		/* the section is not complete without it */
	KEY_LIST = 2,		/* may be given again, which adds to it */
	KEY_CHECKED = 4,	/* has no field: is checked only */
	KEY_SYSTEM = 8,		/* its default is the system's or another key's */
	KEY_CONDITION = 16,	/* of a rule; the others are its actions */
};

struct conf_key {
	enum conf_section section;
	const char *name;
	conf_reader *read;
	size_t field;		/* offset in the section's struct */
	unsigned flags;		/* enum conf_key_flags */
	/* words: the values, in the order of the enum, separated by blanks */
	const char *words;
	const char *later;	/* words that this version does not support */
	uint64_t least, most;	/* of numbers, sizes, durations */
	const char *preset;	/* the default, read like a value; or NULL */
	const char *doc;	/* one line for people */
};

/* All keys, in the order of the man pages. */
const struct conf_key *conf_schema_keys(size_t *n);

/* The key of this name in `section`, or NULL. */
const struct conf_key *conf_schema_key(enum conf_section section,
				       const char *name);

/* "gateway", "listen" ... */
const char *conf_schema_section_word(enum conf_section section);
/* Whether its heading has a name of its own behind the word. */
bool conf_schema_section_named(enum conf_section section);

/*
 * Which section `heading` ("listen submission") begins, of policy.conf when
 * `policy`; `name` (borrowed from it) is what stands behind the word.
 * SECTION_NONE with a problem when there is none, or the name is not one.
 */
enum conf_section conf_schema_heading(const struct reading *at, bool policy,
				      const char *heading, const char **name);

/* Adds "unknown key ..., did you mean ...". Always false. */
bool conf_schema_unknown_key(const struct reading *at,
			     enum conf_section section, const char *name);

#endif
