/*
 * imap_client - the upstream leg of an IMAP session as an engine (RFC 9051,
 * RFC 3501, RFC 7888). No I/O, no clock, no log.
 *
 * It takes the greeting, goes through STARTTLS when told to, learns the
 * capabilities and is then READY. Commands get tags of its own and are said
 * one after the other; literals in them wait for upstream's `+`. What does not
 * fit is FAILED, for good.
 */
#ifndef LETTERLOCK_IMAP_CLIENT_H
#define LETTERLOCK_IMAP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

#include "proxy/engine/imap_capabilities.h"

enum {
	IMAP_CLIENT_HELD_MAX = 128 * 1024,	/* octets of a response that is
						 * handed out in one piece */
	IMAP_CLIENT_COMMAND_MAX = 512 * 1024,
};

enum imap_client_event_kind {
	IMAP_CLIENT_MORE,
	IMAP_CLIENT_STARTTLS,	/* start TLS now, then imap_client_secured() */
	IMAP_CLIENT_READY,	/* capabilities are known; nobody is logged in */
	/* A whole untagged response: `text`, without "* " and the last CRLF,
	 * literals in it as they came ("{3}CRLFabc"). */
	IMAP_CLIENT_UNTAGGED,
	/* One that is too large to hold: `text` is its beginning. Where that
	 * ends in a literal's announcement and its CRLF, `literal` is set and
	 * `size` its octets. RUNs follow. */
	IMAP_CLIENT_BIG,
	/* More of it. `literal`: octets of a literal (of those announced by
	 * the last run of text), else text; `literal_next` and `size`: this
	 * text ends in an announcement. */
	IMAP_CLIENT_RUN,
	IMAP_CLIENT_BIG_END,	/* it is whole (its CRLF was no RUN) */
	IMAP_CLIENT_CONTINUE,	/* `text` behind "+ ": a challenge, or IDLE has
				 * begun: imap_client_line() */
	IMAP_CLIENT_GO,		/* the message's literal is due: imap_client_body() */
	IMAP_CLIENT_TAGGED,	/* the oldest command is done: `status`, and
				 * `text` from the status word on */
	IMAP_CLIENT_FAILED,	/* `err`: ERR_TLS when TLS was not offered or
				 * refused, ERR_TEMP for BYE, ERR_PEER */
};

enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD };

struct imap_client_event {
	enum imap_client_event_kind kind;
	enum imap_status status;
	struct span text;	/* valid until the next call */
	bool literal;		/* RUN: octets of a literal */
	bool literal_next;	/* BIG, RUN: a literal begins behind this text */
	uint64_t size;		/* ... of so many octets */
};

struct imap_client;

struct imap_client *imap_client_new(bool starttls);
void imap_client_free(struct imap_client *client);	/* wipes what it held */

enum imap_client_event_kind imap_client_next(struct imap_client *client,
					     struct buf *in, struct buf *out,
					     struct imap_client_event *event,
					     struct err *err);

/* TLS is active: asks for the capabilities again. */
void imap_client_secured(struct imap_client *client, struct buf *out);

/* Valid from READY on; what CAPABILITY says later is read into it. */
const struct imap_capabilities *
imap_client_capabilities(const struct imap_client *client);

/*
 * Says a command (without tag and CRLF; literals as "{n}CRLF..." or {n+},
 * which are made what upstream takes). Only when none is under way: -1 then,
 * when it is too long, or is not well-formed at a line's end.
 */
int imap_client_command(struct imap_client *client, struct buf *out,
			struct span command);

/* As that, with a last literal of `size` octets behind it, which GO asks for
 * ("APPEND x" becomes "APPEND x {size}"). */
int imap_client_command_body(struct imap_client *client, struct buf *out,
			     struct span command, uint64_t size);
/* A part of it, when GO came; the command ends by itself with the last octet.
 * -1 when `out` has no room (nothing was taken) or it is too much. */
int imap_client_body(struct imap_client *client, struct buf *out,
		     struct span bytes);

/* A line after CONTINUE: SASL's, or DONE. -1 when none is due. */
int imap_client_line(struct imap_client *client, struct buf *out,
		     struct span line);

/* CAPABILITY was said by upstream since the last command began. */
bool imap_client_told(const struct imap_client *client);

/* A command is under way, and its tag is `text`. */
bool imap_client_busy(const struct imap_client *client);
bool imap_client_tag_is(const struct imap_client *client, struct span text);

#endif
