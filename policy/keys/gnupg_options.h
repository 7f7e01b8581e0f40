/* gnupg_options - which options of a gpg.conf would change what Letterlock asks
 * of gpg. Pure. */
#ifndef LETTERLOCK_GNUPG_OPTIONS_H
#define LETTERLOCK_GNUPG_OPTIONS_H

#include <stddef.h>

#include <letterlock/span.h>

/* What a new gateway home gets. */
extern const char gnupg_options_ours[];

/*
 * Splits a line of a gpg.conf. `option` is empty for comments and empty lines.
 * gpg takes only the full name of an option, without dashes.
 */
void gnupg_options_split(struct span line, struct span *option, struct span *value);

/* What is wrong with it, for people ("lets others read along"), or NULL. */
const char *gnupg_options_wrong(struct span option, struct span value);

/* The options whose lack costs speed or privacy, one by one; NULL behind the
 * last. */
const char *gnupg_options_wanted(size_t i);

#endif
