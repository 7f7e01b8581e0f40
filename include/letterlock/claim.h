/*
 * claim - header fields that pretend to be our verdict. One reading for all who
 * look for them: what one room takes for forged, another does not let pass.
 */
#ifndef LETTERLOCK_CLAIM_H
#define LETTERLOCK_CLAIM_H

#include <letterlock/span.h>

/* X-Letterlock, and Authentication-Results whose authserv-id holds `hostname`
 * as a word, comments, quotes and backslashes aside; NULs and other control characters
 * too, which many readers drop. */
bool claim_forged(struct span name, struct span body, const char *hostname);

/* Whether a line that begins like this, and was cut off then, may be such a field. */
bool claim_may_begin(struct span line);

/* Whether such a field stands in the header at the front of `message`, to those
 * who end a line at CR or LF alone, too. */
bool claim_borne(struct span message, const char *hostname);

/* Whether such a field may begin anywhere in `text`, of which nobody knows where in it
 * lines and values begin: true rather too often. */
bool claim_within(struct span text, const char *hostname);

/*
 * Takes the first field off the header at the front of `rest`, with its folding and
 * its line's end, as who ends lines at CR or LF alone reads it. False: the header
 * ends there. `forged`: it is such a field.
 */
bool claim_next(struct span *rest, const char *hostname, struct span *field, bool *forged);

#endif
