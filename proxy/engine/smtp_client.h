/*
 * smtp_client - the upstream leg of an SMTP session as an engine (RFC 5321,
 * RFC 3207, RFC 4954, RFC 2920). No I/O, no clock, no log.
 *
 * It greets, goes through STARTTLS when told to, learns the capabilities and
 * is then READY. Commands are queued and their replies counted: each REPLY
 * event belongs to the oldest command. What does not fit (a reply too many,
 * bytes behind the reply to STARTTLS, behind a 354 or a 334, HELO-only
 * servers) is FAILED, for good.
 */
#ifndef LETTERLOCK_SMTP_CLIENT_H
#define LETTERLOCK_SMTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/engine/smtp_reply.h"

enum smtp_client_event_kind {
	SMTP_CLIENT_MORE,
	SMTP_CLIENT_STARTTLS,	/* start TLS now, then smtp_client_secured() */
	SMTP_CLIENT_READY,	/* capabilities are known */
	SMTP_CLIENT_REPLY,	/* `reply`, to the oldest command */
	SMTP_CLIENT_FAILED,	/* `err`: ERR_TLS when TLS was not offered or
				 * refused, ERR_TEMP for a 4xx/5xx greeting or
				 * EHLO, ERR_PEER for a broken protocol */
};

struct smtp_client_event {
	enum smtp_client_event_kind kind;
	const struct smtp_reply *reply;	/* valid until the next call */
};

struct smtp_client_capabilities {
	bool size_known;	/* SIZE was offered */
	uint64_t size;		/* 0: no fixed limit */
	bool pipelining, eight_bit, smtputf8, dsn, enhanced_status, starttls;
	bool requiretls;
	struct strs auth;	/* mechanisms, upper case, as offered */
};

struct smtp_client;

/* `name` for EHLO; `starttls`: go through it before READY. */
struct smtp_client *smtp_client_new(const char *name, bool starttls);
void smtp_client_free(struct smtp_client *client);	/* wipes what it held */

enum smtp_client_event_kind smtp_client_next(struct smtp_client *client,
					     struct buf *in, struct buf *out,
					     struct smtp_client_event *event,
					     struct err *err);

/* TLS is active: says EHLO again into `out`. */
void smtp_client_secured(struct smtp_client *client, struct buf *out);

/* Valid from READY on. */
const struct smtp_client_capabilities *
smtp_client_capabilities(const struct smtp_client *client);

/*
 * Queues one command line (without CRLF). -1 when it holds a CR, LF or NUL or
 * `out` is full; nothing was then sent. Each is answered by one REPLY.
 */
int smtp_client_command(struct smtp_client *client, struct buf *out,
			struct span line);

/* A SASL line after a 334, base64 as it came; likewise. */
int smtp_client_auth_line(struct smtp_client *client, struct buf *out,
			  struct span line);

/*
 * After the 354 to DATA: message bytes (CRLF lines), dots doubled; then the
 * final dot, with a CRLF before it only when the message did not end in one.
 * The REPLY to the final dot follows. -1 when `out` is full (nothing was
 * taken): send less at a time than `out` has room for. -1, and FAILED from then
 * on, when the message holds a NUL, a bare CR or a bare LF.
 */
int smtp_client_body(struct smtp_client *client, struct buf *out,
		     struct span bytes);
int smtp_client_body_end(struct smtp_client *client, struct buf *out);

/* How many commands wait for their replies. */
unsigned smtp_client_waiting(const struct smtp_client *client);

#endif
