/* rule_parse - policy.conf to rules. Pure: files come through a source. */
#ifndef LETTERLOCK_RULE_PARSE_H
#define LETTERLOCK_RULE_PARSE_H

#include <letterlock/span.h>

#include "policy/rules/reading.h"

struct rules;

/*
 * Reads `text`, the contents of the file that `at` tells of (at->line does
 * not matter). Problems are added; the result is never NULL and is the
 * caller's, but may be used only when there was none.
 */
struct rules *rule_parse(const struct reading *at, struct span text);
void rule_parse_free(struct rules *rules);

/*
 * Where rule `i` (as rule_match_nth counts) gives `key`: of several lines the
 * first that holds `part` (case ignored), otherwise the first; the line of
 * its heading when the key is not given.
 */
unsigned rule_parse_line(const struct rules *rules, size_t i, const char *key,
			 const char *part);

#endif
