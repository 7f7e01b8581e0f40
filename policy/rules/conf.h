/*
 * conf - reads letterlock.conf, policy.conf and the files they name into
 * settings and rules, and finds every problem in them in one run. Files come
 * through a `source`, so that children read the master's snapshot and tests
 * read strings.
 */
#ifndef LETTERLOCK_CONF_H
#define LETTERLOCK_CONF_H

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/settings.h>
#include <letterlock/strs.h>

struct rules;

/* Where files come from. */
struct source {
	/* Appends the file's bytes to `out` (whose limit holds). */
	int (*read)(void *data, const char *path, struct buf *out,
		    struct err *err);
	void *data;
};

struct conf {
	struct settings settings;
	struct rules *rules;		/* never NULL after conf_load */
};

/* What was found, each "FILE:LINE: what is wrong, and what to write instead". */
struct problems {
	struct strs list;
};

/* Appends a problem; `line` 0 leaves it out. */
void problem_add(struct problems *problems, const char *file, unsigned line,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Reads everything. 0 and `conf` filled when there is no problem; -1 when
 * there is at least one (`conf` is then empty). All are found in one run.
 * Checks that need a library or the system (certificate matches its key,
 * GnuPG home, user exists, ports) are conf_check's, in policy/run.
 */
int conf_load(const struct source *source, const char *path,
	      struct conf *conf, struct problems *problems);
void conf_free(struct conf *conf);

#endif
