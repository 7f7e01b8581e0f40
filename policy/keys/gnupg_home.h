/*
 * gnupg_home - the gateway's own GnuPG home: a directory that nobody else
 * looks into, with options of its own, so that gpg does here what Letterlock
 * expects of it and nothing more (THREATS 118).
 */
#ifndef LETTERLOCK_GNUPG_HOME_H
#define LETTERLOCK_GNUPG_HOME_H

#include <stdbool.h>

#include <letterlock/err.h>
#include <letterlock/strs.h>

struct problems;

enum {
	/* Bytes: gpg-agent's socket is in it, and a socket's path has 108. */
	GNUPG_HOME_PATH_MAX = 89,
};

/*
 * Gives the home our gpg.conf when it has none, and its trustdb. With `create` a home that is
 * missing is made (mode 0700). 0, or -1 with `err` (ERR_CONF) when it is no
 * directory, its path is too long, or it cannot be written to.
 */
int gnupg_home_prepare(const char *path, bool create, struct err *err);

/*
 * Reads every gpg.conf that gpg would read for this home and appends a problem
 * with file and line for each option that would change what Letterlock asks of
 * gpg: who can read, who signs, what is written. The names of options that
 * are missing for speed or for privacy go to `missing` (may be NULL), which
 * is worth a line in the log.
 */
void gnupg_home_check(const char *path, struct problems *problems,
		      struct strs *missing);

#endif
