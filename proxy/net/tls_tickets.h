/*
 * tls_tickets - what an upstream gave to resume TLS sessions with: a small
 * stack, newest first. The bytes are opaque here.
 */
#ifndef LETTERLOCK_TLS_TICKETS_H
#define LETTERLOCK_TLS_TICKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

enum {
	TLS_TICKETS_MAX = 16,
};

/* Zeroed is empty. */
struct tls_tickets {
	struct tls_ticket {
		char *at;
		size_t len;
		int64_t until;	/* seconds since the epoch */
	} held[TLS_TICKETS_MAX];	/* oldest first */
	size_t n;
	unsigned long full, resumed;	/* handshakes, counted by tls_creds */
};

/* Keeps a copy up to `until`: then the certificate must be seen anew. The
 * oldest goes for it. */
void tls_tickets_put(struct tls_tickets *tickets, struct span ticket, int64_t now,
		     int64_t until);

/*
 * The newest. True: `ticket->at` is the caller's (free() it). The last one is
 * given as a copy and stays, so that many connections at once can use it.
 */
bool tls_tickets_take(struct tls_tickets *tickets, int64_t now, struct tls_ticket *ticket);

/* Wipes and forgets them all: they did not work. */
void tls_tickets_clear(struct tls_tickets *tickets);

#endif
