/*
 * smtp_upstream - the upstream leg of an SMTP session: dials, greets, and
 * takes each reply to who waits for it. Nothing goes out before upstream's
 * identity is verified.
 */
#ifndef LETTERLOCK_SMTP_UPSTREAM_H
#define LETTERLOCK_SMTP_UPSTREAM_H

#include "proxy/session/smtp_state.h"

/* Connects; smtp_hello_ready() or the end of the session follows. */
void smtp_upstream_dial(struct smtp_session *s);

/*
 * Says one command and names who takes its reply, within `wait` ms. Only one
 * at a time. The line must hold no CR, LF or NUL: that ends the session.
 */
void smtp_upstream_say(struct smtp_session *s, uint64_t wait,
		       smtp_replied *replied, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Marks that a reply is awaited (for AUTH lines and the final dot). */
void smtp_upstream_await(struct smtp_session *s, uint64_t wait,
			 smtp_replied *replied);

/*
 * Where the client's transaction has ended and upstream's has not (refused by
 * policy, RSET, EHLO), says RSET: upstream may hold files and locks for it.
 * What the client says next waits for the answer.
 */
void smtp_upstream_tidy(struct smtp_session *s);

/*
 * While the client's message comes, which may take long: says NOOP where upstream
 * has heard nothing for a while, for it ends sessions that are silent (Postfix
 * after five minutes). What comes next waits for the answer.
 */
void smtp_upstream_keep(struct smtp_session *s);

/*
 * True when the client was offered an upstream that has gone since, without a
 * word to the client (who was sending a message, say). What needs upstream then
 * ends the session, by smtp_upstream_end().
 */
bool smtp_upstream_gone(const struct smtp_session *s);
void smtp_upstream_end(struct smtp_session *s);

/* For the table of smtp_session; see session.h. */
bool smtp_upstream_next(struct session *base);
void smtp_upstream_secured(struct session *base);
void smtp_upstream_drained(struct session *base);
bool smtp_upstream_bye(struct session *base);
void smtp_upstream_forget(struct session *base);
void smtp_upstream_lost(struct session *base, const struct err *why);

#endif
