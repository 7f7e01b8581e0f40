/*
 * pattern - a regular expression (PCRE2) with limits: no text can make it
 * run for long, since all steps of one look are counted. Pure.
 */
#ifndef LETTERLOCK_PATTERN_H
#define LETTERLOCK_PATTERN_H

#include <letterlock/err.h>
#include <letterlock/span.h>

struct pattern;

enum pattern_result {
	PATTERN_UNSURE = -1,	/* a limit was reached: nobody knows */
	PATTERN_NO = 0,
	PATTERN_FOUND = 1,
};

/* NULL with `err` when `text` is no pattern. */
struct pattern *pattern_new(struct span text, struct err *err);
void pattern_free(struct pattern *pattern);

/* Whether the pattern is found anywhere in `text` (UTF-8, or what should be:
 * bytes that are not match nothing). */
enum pattern_result pattern_look(const struct pattern *pattern,
				 struct span text);

#endif
