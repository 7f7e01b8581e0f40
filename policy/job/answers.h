/*
 * answers - the ids by which one message names another (RFC 5322 3.6.4). Pure.
 * An id is what stands between blanks, commas and angle brackets, whatever is
 * around it: nothing that a comment or a lost bracket could hide.
 */
#ifndef LETTERLOCK_ANSWERS_H
#define LETTERLOCK_ANSWERS_H

#include <stdbool.h>

#include <letterlock/span.h>
#include <letterlock/strs.h>

enum {
	ANSWERS_IDS_MAX = 256,	/* of one message */
	ANSWERS_ID_MAX = 998,	/* octets of one */
};

/* Adds the ids in In-Reply-To, References and X-Forwarded-Message-Id. False:
 * there may be more, over a limit or in encoded words. */
bool answers_named(struct span fields, struct strs *ids);

/* Likewise those in Message-ID, which answers will name. */
bool answers_called(struct span fields, struct strs *ids);

#endif
