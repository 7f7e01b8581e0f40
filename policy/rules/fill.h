/* fill - reads the keys of one section into its struct, by the schema. */
#ifndef LETTERLOCK_FILL_H
#define LETTERLOCK_FILL_H

#include "policy/rules/conf_schema.h"
#include "policy/rules/ini_source.h"

/*
 * Reads all entries of `section` (NULL: it is not in the file) into `target`,
 * the struct that the schema's offsets of `kind` are for, and the defaults of
 * the keys that are not given. Unknown, repeated, empty and missing keys are
 * problems. False when there was any.
 */
bool fill_section(const struct reading *at, enum conf_section kind,
		  const struct ini_section *section, void *target);

#endif
