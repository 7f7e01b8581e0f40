/*
 * pace - how slowly a client may send a message: some of it in each block of
 * time, and all of it at a rate that lets nobody hold a session for days. Pure.
 */
#ifndef LETTERLOCK_PACE_H
#define LETTERLOCK_PACE_H

#include <stddef.h>
#include <stdint.h>

enum {
	PACE_BLOCK = 3 * 60 * 1000,	/* ms; RFC 5321 4.5.3.2.5 */
	PACE_BLOCK_LEAST = 1024,	/* octets in it */
	PACE_TOTAL = 10 * 60 * 1000,	/* ms that any message may take, and one
					 * more for each octet: some 1 KiB/s */
};

struct pace {
	uint64_t began;		/* ms */
	uint64_t octets;	/* so far */
	uint64_t since;		/* since the deadline was last set */
};

/* A message begins at `now`. */
void pace_begin(struct pace *pace, uint64_t now);

/* More of it came. The ms from `now` at which the client is to be cut off, or 0:
 * the deadline that was set stays. */
uint64_t pace_more(struct pace *pace, uint64_t now, size_t octets);

#endif
