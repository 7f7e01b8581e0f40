/* tally - how many connections each address has. */
#ifndef LETTERLOCK_TALLY_H
#define LETTERLOCK_TALLY_H

#include <stdbool.h>

struct tally;

/* With one share. */
struct tally *tally_new(void);
/* Counts one more for `address`, with a share for it, unless there are `most`
 * already (0: no limit): then false. */
bool tally_enter(struct tally *tally, const char *address, unsigned most);
/* One less, and its share is given back. */
void tally_leave(struct tally *tally, const char *address);
/* Gives one share back; the last one frees it. NULL is fine. */
void tally_free(struct tally *tally);

#endif
