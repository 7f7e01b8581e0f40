/*
 * pop3_server - the client leg of a POP3 session as an engine: bytes in, one
 * command at a time out (RFC 1939, RFC 2449, RFC 2595, RFC 5034). No I/O, no
 * clock, no log.
 *
 * An event other than MORE parks the engine until it was answered. Commands
 * that are wrong by syntax or state are answered by the engine itself. The
 * same bytes, however they are split, give the same events and answers.
 */
#ifndef LETTERLOCK_POP3_SERVER_H
#define LETTERLOCK_POP3_SERVER_H

#include <stdbool.h>

#include <letterlock/buf.h>

#include "proxy/engine/leg_tls.h"

enum {
	/* octets of a line, with its CRLF */
	POP3_SERVER_LINE_MAX = 255,	/* RFC 2449 4 */
	POP3_SERVER_PASS_MAX = 512,	/* passwords may be long */
	POP3_SERVER_SASL_MAX = 12288,	/* so are tokens: AUTH, and its lines */
};

enum pop3_command {
	POP3_CAPA, POP3_STLS, POP3_USER, POP3_PASS, POP3_AUTH, POP3_STAT,
	POP3_LIST, POP3_UIDL, POP3_RETR, POP3_TOP, POP3_DELE, POP3_NOOP,
	POP3_RSET, POP3_QUIT,
};

enum pop3_server_event_kind {
	POP3_SERVER_MORE,	/* nothing to do before more bytes come */
	POP3_SERVER_COMMAND,	/* `command` (never STLS, USER): answer it with
				 * pop3_server_done() */
	POP3_SERVER_STLS,	/* +OK is in `out`: start TLS when it is sent,
				 * then pop3_server_secured() */
	POP3_SERVER_LINE,	/* SASL's next line ("*" too) */
	POP3_SERVER_FATAL,	/* the last words are in `out`: flush and close */
};

/* All spans are valid until the command is done (LINE: until its answer). */
struct pop3_server_event {
	enum pop3_server_event_kind kind;
	enum pop3_command command;
	struct span name, password;		/* PASS */
	struct span mechanism, response;	/* AUTH; `response` empty: none */
	unsigned number;	/* of a message; LIST, UIDL: 0 when not given */
	unsigned lines;		/* TOP */
	struct span text;	/* LINE */
	const char *why;	/* FATAL: for the log */
};

struct pop3_server_setup {
	enum leg_tls tls;
	bool plaintext_auth;		/* a password may come without TLS */
	unsigned bad_commands;		/* until the end */
};

struct pop3_server;

struct pop3_server *pop3_server_new(const struct pop3_server_setup *setup);
void pop3_server_free(struct pop3_server *server);	/* wipes what it held */

enum pop3_server_event_kind pop3_server_next(struct pop3_server *server,
					     struct buf *in, struct buf *out,
					     struct pop3_server_event *event);

/* "+OK hostname ...", without a timestamp: APOP is never offered. */
void pop3_server_greet(struct pop3_server *server, struct buf *out,
		       const char *hostname);
/* TLS is active: what was said before is forgotten. */
void pop3_server_secured(struct pop3_server *server);
/* Somebody is logged in: the TRANSACTION state begins. */
void pop3_server_logged_in(struct pop3_server *server);

/* What CAPA may say about TLS and passwords, now. */
bool pop3_server_stls(const struct pop3_server *server);
bool pop3_server_plaintext(const struct pop3_server *server);

/* The command under way was answered in `out` by the session. */
void pop3_server_done(struct pop3_server *server);
/* "+ text": LINE events follow, each parks. */
void pop3_server_continue(struct pop3_server *server, struct buf *out,
			  struct span text);
/* The session's last words are in its output; the next event is FATAL. */
void pop3_server_end(struct pop3_server *server);

#endif
