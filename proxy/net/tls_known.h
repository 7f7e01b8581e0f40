/*
 * tls_known - certificates that were verified a while ago, as they were shown: a
 * provider shows the same ones to each connection, and to look at them is a seventh
 * of what the gateway's part in a login costs.
 */
#ifndef LETTERLOCK_TLS_KNOWN_H
#define LETTERLOCK_TLS_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>

struct gnutls_session_int;

/* Zeroed knows none. */
struct tls_known {
	struct buf shown;
	int64_t until;		/* seconds since the epoch */
};

/* Whether the peer of `session` has shown the very same, and they are to be taken
 * for good still. With an OCSP answer beside them they never are. */
bool tls_known_has(const struct tls_known *known, struct gnutls_session_int *session,
		   int64_t now);
/* They were verified, and hold `until` then. What was known before is forgotten. */
void tls_known_note(struct tls_known *known, struct gnutls_session_int *session,
		    int64_t until);
void tls_known_drop(struct tls_known *known);

#endif
