/*
 * smtp_server - the client leg of an SMTP session as an engine: bytes in,
 * events out (RFC 5321 4.1). No I/O, no clock, no log.
 *
 * smtp_server_next() returns one event; an event other than MORE and BODY
 * parks the engine until it was answered with one of the smtp_server_*
 * answers named beside it. Commands that are wrong by syntax or state are
 * answered by the engine itself. The same bytes, however they are split, give
 * the same events and answers.
 */
#ifndef LETTERLOCK_SMTP_SERVER_H
#define LETTERLOCK_SMTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/secret.h>
#include <letterlock/verdict.h>

#include "proxy/engine/leg_tls.h"

struct smtp_reply;

enum smtp_server_event_kind {
	SMTP_SERVER_MORE,	/* nothing to do before more bytes come */
	SMTP_SERVER_HELLO,	/* EHLO/HELO: answer smtp_server_hello or _reply */
	SMTP_SERVER_STARTTLS,	/* 220 is in `out`: start TLS when it is sent,
				 * then smtp_server_secured() */
	SMTP_SERVER_AUTH,	/* mechanism and initial response:
				 * _auth_continue or _auth_done */
	SMTP_SERVER_AUTH_LINE,	/* the client's next SASL line: likewise */
	SMTP_SERVER_AUTH_CANCEL,	/* "*": _auth_done with the 501 */
	SMTP_SERVER_MAIL,	/* path and parameters: _reply or _relay */
	SMTP_SERVER_RCPT,	/* path and parameters: _reply or _relay */
	SMTP_SERVER_DATA,	/* smtp_server_go_ahead, or _reply to refuse */
	SMTP_SERVER_BODY,	/* a run of the message, dots undone: needs no
				 * answer; valid until the next call */
	SMTP_SERVER_BODY_END,	/* all of it is here: _reply or _relay */
	SMTP_SERVER_BODY_BAD,	/* its end, but it must not be sent (bare CR or
				 * LF, NUL, line or message too long): the
				 * engine has answered; drop it; no answer due */
	SMTP_SERVER_RESET,	/* RSET, or EHLO in a transaction (before its
				 * HELLO): 250 was answered; no answer due */
	SMTP_SERVER_QUIT,	/* 221 is in `out`: flush and close */
	SMTP_SERVER_FATAL,	/* the last words are in `out`: flush and close */
};

/* One ESMTP parameter of MAIL or RCPT, value may be empty. */
struct smtp_parameter {
	struct span keyword;
	struct span value;
	struct span raw;	/* "KEYWORD=value" as it came */
};

enum { SMTP_PARAMETERS_MAX = 16 };

struct smtp_server_event {
	enum smtp_server_event_kind kind;
	/* HELLO: the client's name. MAIL, RCPT: the address without brackets
	 * (source route cut), "" for <>. AUTH: the mechanism, upper case. */
	struct span text;
	bool extended;			/* HELLO: it was EHLO */
	struct smtp_parameter parameters[SMTP_PARAMETERS_MAX];
	size_t parameters_n;
	/* MAIL, read from the parameters */
	bool smtputf8, eight_bit;
	uint64_t size;
	/* AUTH: has_response tells "=" or data from nothing; the line is the
	 * base64 text as it came. AUTH_LINE: the line. */
	bool has_response;
	struct span line;
	struct span body;		/* BODY */
	const char *why;		/* BODY_BAD, FATAL: for the log */
};

struct smtp_server_limits {
	uint64_t message_size;
	size_t text_line;		/* octets in one line of a message */
	unsigned recipients;		/* accepted ones in a transaction */
	unsigned bad_commands;		/* until 421 */
};

struct smtp_server_setup {
	const char *hostname;		/* borrowed for the engine's life */
	enum leg_tls tls;
	bool plaintext_auth;		/* AUTH allowed without TLS */
	struct smtp_server_limits limits;
};

/* What EHLO offers, from upstream's capabilities; ENHANCEDSTATUSCODES,
 * PIPELINING and STARTTLS are the engine's own. */
struct smtp_server_offer {
	uint64_t size;			/* 0: SIZE without a number */
	bool eight_bit, smtputf8, dsn;
	const char *auth;		/* "PLAIN LOGIN", or NULL: none */
};

struct smtp_server;

struct smtp_server *smtp_server_new(const struct smtp_server_setup *setup);
void smtp_server_free(struct smtp_server *server);	/* wipes what it held */

/* "220 hostname ESMTP ..." */
void smtp_server_greet(struct smtp_server *server, struct buf *out);

/*
 * Takes bytes off `in`, may append replies to `out`, returns one event.
 * `out` must have room for a reply (64 KiB is always enough).
 */
enum smtp_server_event_kind smtp_server_next(struct smtp_server *server,
					     struct buf *in, struct buf *out,
					     struct smtp_server_event *event);

/* TLS is active: all that was said before is forgotten (RFC 3207 4.2). */
void smtp_server_secured(struct smtp_server *server);

/* Answers HELLO with 250 and the extensions. */
void smtp_server_hello(struct smtp_server *server, struct buf *out,
		       const struct smtp_server_offer *offer);
/* Answers with a reply of ours. 421 makes the next event FATAL. */
void smtp_server_reply(struct smtp_server *server, struct buf *out,
		       const struct reply *reply);
/* Answers with upstream's reply, in upstream's words. */
void smtp_server_relay(struct smtp_server *server, struct buf *out,
		       const struct smtp_reply *reply);
/* 354: BODY events follow. */
void smtp_server_go_ahead(struct smtp_server *server, struct buf *out);
/* 334 with upstream's challenge (its base64 text as it came). */
void smtp_server_auth_continue(struct smtp_server *server, struct buf *out,
			       struct span challenge);
/* The end of AUTH; `reply->code` 235 means logged in. */
void smtp_server_auth_done(struct smtp_server *server, struct buf *out,
			   const struct smtp_reply *reply);
/* Ends the session from our side, between commands or instead of an answer:
 * the reply (a 421) goes out and the next event is FATAL. */
void smtp_server_end(struct smtp_server *server, struct buf *out,
		     const struct reply *reply);

#endif
