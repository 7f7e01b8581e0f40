/*
 * smtp_server_state - what the rooms of the client leg's engine share:
 * smtp_server (life, bytes, answers) and smtp_commands (the table).
 */
#ifndef LETTERLOCK_SMTP_SERVER_STATE_H
#define LETTERLOCK_SMTP_SERVER_STATE_H

#include "proxy/engine/smtp_dot.h"
#include "proxy/engine/smtp_server.h"
#include "proxy/engine/smtp_syntax.h"

enum {
	SMTP_COMMAND_LINE_MAX = 2048,	/* octets; RFC 5321 asks for 512, its
					 * extensions for some 1,400 more */
	SMTP_AUTH_LINE_MAX = 12288,	/* RFC 4954 4 */
	SMTP_LINE_DROP_MAX = 64 * 1024,	/* of a line too long: then the end */
};

/* What the next bytes are. */
enum smtp_server_mode {
	SMTP_MODE_COMMAND,
	SMTP_MODE_AUTH,		/* the answer to a 334 */
	SMTP_MODE_BODY,
	SMTP_MODE_DROP,		/* the rest of a line that was refused */
};

struct smtp_server {
	struct smtp_server_setup setup;
	enum leg_tls tls;
	enum smtp_server_mode mode;
	/* The event that waits for its answer; MORE when none does. */
	enum smtp_server_event_kind parked;
	const char *fatal;	/* why it is over, or NULL */

	/* The command line at work; the spans of an event point into it. */
	struct buf line;
	bool hello_due;		/* HELLO follows the RESET that EHLO made */

	bool greeted, extended;	/* HELO or EHLO was answered 250; EHLO */
	bool auth_offered;
	bool logged_in;
	bool transaction;	/* MAIL was answered 2xx */
	bool utf8;		/* the last MAIL had SMTPUTF8 */
	bool following;		/* only RCPT and DATA came since MAIL */
	bool early;		/* bytes stood behind DATA or BDAT */
	bool wary;		/* DATA or BDAT was refused just now: what comes
				 * may be a message */
	unsigned tried, accepted;	/* RCPTs */
	unsigned bad;		/* commands */

	struct smtp_dot_reader dot;
	uint64_t body_size;
	size_t run;		/* bytes of `in` that were lent as `body` */

	size_t dropped;		/* MODE_DROP: octets so far */
	bool dropped_long;	/* ... of a line too long (or one with a NUL,
				 * bare CR or bare LF) */
	bool dropped_auth;	/* ... that answered a 334 */
};

/* Appends a reply of the engine's own. */
void smtp_server_say(struct buf *out, unsigned code, const char *status,
		     const char *text);

/* As _say, for a command that was wrong: too many of them are the end. */
void smtp_server_refuse(struct smtp_server *server, struct buf *out,
			unsigned code, const char *status, const char *text);

/* Says 421 and ends the session. `why` is for the log. */
void smtp_server_fail(struct smtp_server *server, struct buf *out,
		      const char *why);

/* The transaction is over; the session before it stays. */
void smtp_server_forget(struct smtp_server *server);

#endif
