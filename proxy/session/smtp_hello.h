/*
 * smtp_hello - EHLO, HELO and STARTTLS of the client leg: what the gateway
 * offers is what upstream offers and both can do (RFC 5321 4.1.1.1).
 */
#ifndef LETTERLOCK_SMTP_HELLO_H
#define LETTERLOCK_SMTP_HELLO_H

#include "proxy/session/smtp_state.h"

/* The client said EHLO or HELO: answered at once, or when upstream is ready. */
void smtp_hello(struct smtp_session *s, const struct smtp_server_event *event);

/* Upstream is ready: answers the EHLO that waits for it. */
void smtp_hello_ready(struct smtp_session *s);

/*
 * There is no upstream for the session: its EHLO is answered with `reply`, a
 * 421. Clients that take any refusal of EHLO for an old server say HELO next
 * and would only see that the connection is gone: they hear the reason again.
 */
void smtp_hello_turn_away(struct smtp_session *s, const struct reply *reply);
/* The client has said more after that. */
void smtp_hello_turned_away(struct smtp_session *s);

/* The client said STARTTLS and the 220 is queued. */
void smtp_hello_starttls(struct smtp_session *s);
/* Its handshake is over: all that it said before is forgotten. */
void smtp_hello_secured(struct smtp_session *s);

/*
 * The largest message that still fits `limit` octets (0: no limit) once it is
 * encrypted: armour is base64 in lines of 64 (11 octets for 8), a chunk of 8 KiB has an
 * octet of length, and the new header and MIME parts take their share. 0 stays 0.
 */
uint64_t smtp_hello_fits(uint64_t limit);

/* How large `size` octets may become by encryption; the inverse of it. */
uint64_t smtp_hello_grown(uint64_t size);

#endif
