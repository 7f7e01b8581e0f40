/*
 * pop3_client - the upstream leg of a POP3 session as an engine (RFC 1939,
 * RFC 2449, RFC 2595, RFC 5034). No I/O, no clock, no log.
 *
 * It takes the greeting, goes through STLS when told to, learns the
 * capabilities and is then READY. Commands are queued and their replies
 * counted: each REPLY belongs to the oldest one; the lines behind a
 * multi-line reply follow it as RUNs without their dots, then END. What does
 * not fit (a reply too many, bytes behind the reply to STLS or behind a
 * challenge, a line without end) is FAILED, for good.
 */
#ifndef LETTERLOCK_POP3_CLIENT_H
#define LETTERLOCK_POP3_CLIENT_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/strs.h>

enum {
	POP3_CLIENT_LINE_MAX = 12288,	/* octets of a reply, with its CRLF */
	POP3_CLIENT_WAITING_MAX = 100,	/* commands without a reply */
};

enum pop3_client_event_kind {
	POP3_CLIENT_MORE,
	POP3_CLIENT_STLS,	/* start TLS now, then pop3_client_secured() */
	POP3_CLIENT_READY,	/* capabilities are known */
	POP3_CLIENT_REPLY,	/* `ok`, `text`, to the oldest command; `lines`:
				 * RUNs and END follow */
	POP3_CLIENT_CONTINUE,	/* "+ text": pop3_client_line() */
	POP3_CLIENT_RUN,	/* `text`: some octets of the lines */
	POP3_CLIENT_END,	/* of the lines */
	POP3_CLIENT_FAILED,	/* `err`: ERR_TLS when TLS was not offered or
				 * refused, ERR_TEMP for -ERR as the greeting or by
				 * itself, ERR_PEER for a broken protocol */
};

struct pop3_client_event {
	enum pop3_client_event_kind kind;
	bool ok, lines;
	struct span text;	/* behind "+OK " or "-ERR "; until the next call */
};

struct pop3_client_capabilities {
	bool stls, top, uidl, user, pipelining, resp_codes, auth_resp_code;
	struct strs sasl;	/* mechanisms, as offered */
	struct strs others;	/* EXPIRE and LOGIN-DELAY: whole lines */
};

/* How a command is answered. */
enum pop3_client_kind { POP3_CLIENT_SINGLE, POP3_CLIENT_LINES, POP3_CLIENT_SASL };

struct pop3_client;

/* `stls`: go through it before READY. */
struct pop3_client *pop3_client_new(bool stls);
void pop3_client_free(struct pop3_client *client);	/* wipes what it held */

enum pop3_client_event_kind pop3_client_next(struct pop3_client *client,
					     struct buf *in, struct buf *out,
					     struct pop3_client_event *event,
					     struct err *err);

/* TLS is active: asks for the capabilities again. */
void pop3_client_secured(struct pop3_client *client, struct buf *out);

/* Valid from READY on. */
const struct pop3_client_capabilities *
pop3_client_capabilities(const struct pop3_client *client);

/*
 * Queues one command line (without CRLF). -1 when it holds a CR, LF or NUL,
 * too much is queued or `out` is full; nothing was then sent.
 */
int pop3_client_command(struct pop3_client *client, struct buf *out,
			enum pop3_client_kind kind, struct span line);
/* A SASL line after CONTINUE; likewise. */
int pop3_client_line(struct pop3_client *client, struct buf *out, struct span line);

/* How many commands wait for their replies, or for the end of them. */
unsigned pop3_client_waiting(const struct pop3_client *client);

#endif
