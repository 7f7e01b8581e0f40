/*
 * secret - bytes that are wiped when they go and that nothing can print.
 * For passwords and SASL lines on their way through.
 */
#ifndef LETTERLOCK_SECRET_H
#define LETTERLOCK_SECRET_H

#include <stddef.h>

#include <letterlock/span.h>

struct secret {
	char *bytes;	/* use secret_span() */
	size_t len;
};

/* Takes a copy of `bytes`, locked into memory where the system allows it.
 * What was held before is wiped. */
void secret_set(struct secret *secret, struct span bytes);

/* Borrowed until the secret next changes. */
struct span secret_span(const struct secret *secret);

/* Wipes and frees. A zeroed struct is an empty secret. */
void secret_wipe(struct secret *secret);

/* Overwrites memory in a way that no compiler leaves out. */
void secret_erase(void *at, size_t len);

#endif
