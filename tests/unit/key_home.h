/*
 * key_home - a GnuPG home of tests/keys/make-home for a test group, and what
 * gpg itself says in it.
 */
#ifndef LETTERLOCK_TEST_KEY_HOME_H
#define LETTERLOCK_TEST_KEY_HOME_H

#include <letterlock/span.h>

struct key_home {
	char dir[64];		/* everything is in it */
	char home[72];		/* the GnuPG home */
};

/* For group setup and teardown: *state becomes a struct key_home. The agent
 * that the tests started is ended. */
int key_home_make(void **state);
int key_home_end(void **state);

/* The fingerprint of a name of make-home; borrowed until the next call. */
const char *key_home_fingerprint(const struct key_home *home, const char *name);

/* A descriptor with these bytes, at its begin. */
int key_home_file(struct span bytes);

/* All bytes of `fd`, NUL-ended, on the heap; `len` may be NULL. */
char *key_home_read(int fd, size_t *len);

/*
 * What `gpg --homedir HOME ARGUMENTS` writes to standard output for `input`
 * (-1: none), on the heap; `status` (may be NULL) is its exit status.
 */
char *key_home_gpg(const struct key_home *home, const char *arguments, int input, int *status);

#endif
