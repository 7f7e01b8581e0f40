/* units - durations (ms s m h d), sizes (K M G, 1024), booleans (yes no). */
#ifndef LETTERLOCK_UNITS_H
#define LETTERLOCK_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/span.h>

/* Each reads all of `text`; false (and nothing set) when it is not one.
 * A duration needs its unit, except 0. No sign, no spaces, no overflow. */
bool units_duration(struct span text, uint64_t *milliseconds);
bool units_size(struct span text, uint64_t *bytes);
bool units_bool(struct span text, bool *value);

#endif
