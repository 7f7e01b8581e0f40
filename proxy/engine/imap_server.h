/*
 * imap_server - the client leg of an IMAP session as an engine: bytes in, one
 * command at a time out (RFC 9051, RFC 3501, RFC 7888). No I/O, no clock, no log.
 *
 * An event other than MORE and BODY parks the engine until it was answered.
 * Commands that are wrong by syntax or state are answered by the engine itself.
 * The same bytes, however they are split, give the same events and answers.
 */
#ifndef LETTERLOCK_IMAP_SERVER_H
#define LETTERLOCK_IMAP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>

#include "proxy/engine/imap_commands.h"
#include "proxy/engine/leg_tls.h"

enum {
	IMAP_SERVER_COMMAND_MAX = 256 * 1024,	/* octets, literals counted */
	IMAP_SERVER_EARLY_MAX = 16 * 1024,	/* likewise, before login */
};

enum imap_server_event_kind {
	IMAP_SERVER_MORE,	/* nothing to do before more bytes come */
	IMAP_SERVER_COMMAND,	/* `command`: imap_server_done() */
	IMAP_SERVER_STARTTLS,	/* OK is in `out`: start TLS when it is sent,
				 * then imap_server_secured() */
	IMAP_SERVER_LINE,	/* SASL's next line ("*" too), or DONE */
	IMAP_SERVER_APPEND,	/* `command` whose args end before the message;
				 * `size` octets of it: imap_server_go_ahead(), or
				 * imap_server_done() to refuse */
	IMAP_SERVER_BODY,	/* a run of it: needs no answer */
	IMAP_SERVER_BODY_END,	/* all of it, and the command's end, are here:
				 * imap_server_done() */
	IMAP_SERVER_BODY_BAD,	/* it does not end there: the engine has
				 * answered; drop it */
	IMAP_SERVER_FATAL,	/* the last words are in `out`: flush and close */
};

struct imap_server_event {
	enum imap_server_event_kind kind;
	const struct imap_command *command;	/* row of the table */
	struct span tag;	/* of the command under way; until it is done */
	struct span args;	/* behind the verb, literals as they came; well-
				 * formed; likewise */
	struct span text;	/* LINE, BODY: valid until the next call */
	uint64_t size;		/* APPEND */
	bool binary;		/* APPEND: its literal is ~{n} (RFC 3516 4.4) */
	const char *why;	/* FATAL: for the log */
};

struct imap_server_setup {
	enum leg_tls tls;
	bool plaintext_auth;		/* a password may come without TLS */
	uint64_t message_size;		/* of an APPEND */
	unsigned bad_commands;		/* until BYE */
};

struct imap_server;

struct imap_server *imap_server_new(const struct imap_server_setup *setup);
void imap_server_free(struct imap_server *server);	/* wipes what it held */

enum imap_server_event_kind imap_server_next(struct imap_server *server,
					     struct buf *in, struct buf *out,
					     struct imap_server_event *event);

/* "* OK [CAPABILITY words] hostname ready"; before it nothing is taken. */
void imap_server_greet(struct imap_server *server, struct buf *out,
		       const char *hostname, struct span capabilities);

/* TLS is active: what was said before is forgotten. */
void imap_server_secured(struct imap_server *server);

/* From now on these states hold. */
void imap_server_state(struct imap_server *server, enum imap_commands_state state);
enum imap_commands_state imap_server_state_now(const struct imap_server *server);

/* What the capabilities may say about TLS and passwords, now. */
bool imap_server_starttls(const struct imap_server *server);
bool imap_server_plaintext(const struct imap_server *server);

/* Ends the command under way: "TAG status" (as "OK [X] done"). */
void imap_server_done(struct imap_server *server, struct buf *out,
		      struct span status);
/* "+ text" (a SASL challenge, IDLE): LINE events follow, each parks. */
void imap_server_continue(struct imap_server *server, struct buf *out,
			  struct span text);
/* APPEND: its BODY may come. */
void imap_server_go_ahead(struct imap_server *server, struct buf *out);
/* "* BYE text"; the next event is FATAL. */
void imap_server_end(struct imap_server *server, struct buf *out,
		     const char *text);

#endif
