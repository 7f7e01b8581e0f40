/*
 * conf - reads letterlock.conf, policy.conf and the files they name into
 * settings and rules, and finds every problem in them in one run. Files come
 * through a `source`, so that children read the master's snapshot and tests
 * read strings.
 */
#ifndef LETTERLOCK_CONF_H
#define LETTERLOCK_CONF_H

#include <letterlock/settings.h>

#include "policy/rules/problem.h"
#include "policy/rules/source.h"

struct rules;
struct ini_file;

struct conf {
	struct settings settings;
	struct rules *rules;		/* never NULL after conf_load */
	char *shown;			/* the file, as problems name it */
	struct ini_file *written;	/* what it said, for conf_line() */
};

/*
 * Reads everything; `path` may be relative to source->host.directory. 0 and
 * `conf` filled when there is no problem; -1 when there is at least one
 * (`conf` is then empty). All are found in one run. Checks that need a
 * library or the system (certificate matches its key, GnuPG home, user
 * exists, ports) are conf_check's, in policy/run.
 */
int conf_load(const struct source *source, const char *path,
	      struct conf *conf, struct problems *problems);

/*
 * As conf_load, but what could be read stays in `conf` when there are
 * problems, for `check` to look on: what is missing or wrong is NULL, empty
 * or 0, and rules may be NULL. Nothing may run on it then.
 */
int conf_read(const struct source *source, const char *path,
	      struct conf *conf, struct problems *problems);
void conf_free(struct conf *conf);

/*
 * The line of `key` in [section] ("listen submission"), of the section's
 * heading when the key is not given (or NULL), 0 when there is neither.
 */
unsigned conf_line(const struct conf *conf, const char *section,
		   const char *key);

#endif
