/*
 * conf_relations - what no single key of letterlock.conf shows to be wrong:
 * keys that need or exclude each other, sections that name or clash with each
 * other. Pure.
 */
#ifndef LETTERLOCK_CONF_RELATIONS_H
#define LETTERLOCK_CONF_RELATIONS_H

#include <letterlock/settings.h>

#include "policy/rules/ini_source.h"
#include "policy/rules/reading.h"

struct rules;

/* Adds every problem, at the lines that `file` has for the keys. */
void conf_relations_check(const struct reading *at, const struct ini_file *file,
			  const struct settings *settings);

/* Adds a problem for each rule that names a listener which is not there. */
void conf_relations_check_rules(const struct reading *at,
				const struct settings *settings,
				const struct rules *rules);

#endif
