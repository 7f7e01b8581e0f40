/*
 * pop3_state - what the rooms of one POP3 session share. Private to
 * proxy/session/pop3_*.
 *
 * One command of the client is under way at a time (`busy`); the room that
 * treats it says commands upstream with pop3_upstream_say() and ends it with
 * pop3_state_done(), pop3_state_say() or pop3_state_relay().
 */
#ifndef LETTERLOCK_POP3_STATE_H
#define LETTERLOCK_POP3_STATE_H

#include <letterlock/ask.h>

#include "proxy/engine/pop3_client.h"
#include "proxy/engine/pop3_server.h"
#include "proxy/engine/sasl.h"
#include "proxy/session/room.h"
#include "proxy/session/session.h"
#include "proxy/session/spool.h"
#include "proxy/session/view_map.h"

enum {
	/* in milliseconds */
	POP3_LOGIN_WAIT = 3 * 60 * 1000,	/* until somebody is logged in */
	POP3_IDLE_WAIT = 10 * 60 * 1000,	/* RFC 1939 3: at least 10 minutes */
	POP3_UPSTREAM_WAIT = 10 * 60 * 1000,	/* for the next bytes of a reply */
	POP3_GREETING_WAIT = 60 * 1000,		/* until upstream is READY */
	POP3_POLICY_WAIT = 5 * 60 * 1000,
	POP3_MESSAGES_MAX = 1000 * 1000,
};

struct pop3_session;

enum pop3_kind {
	POP3_UNKNOWN,
	POP3_CLEAR,
	POP3_VIEW,
	POP3_LARGE,	/* larger than any spool: it passes, as what is clear does */
	POP3_WITHHELD,	/* ... and bears a verdict that nobody gave: it does not */
};

/* One message of the maildrop; its number is its place, from 1. */
struct pop3_message {
	char *name;		/* its unique-id, or what stands for it */
	uint64_t size;		/* octets of RETR */
	uint64_t stored;	/* ... and upstream's */
	enum pop3_kind kind;
	bool deleted;
};

/* What upstream answers to a command of ours: REPLY, RUN, END. */
typedef void pop3_heard(struct pop3_session *s, const struct pop3_client_event *event);

struct pop3_session {
	struct session base;		/* first */

	/* client leg */
	struct pop3_server *server;
	bool midst;			/* lines are begun, not ended */
	struct pop3_server_event command;	/* under way */

	/* upstream leg */
	struct pop3_client *engine;
	pop3_heard *heard;		/* of the commands under way there */

	/* identity */
	struct sasl *sasl;
	char *candidate, *first_response;
	bool cancelled;

	/* the maildrop, known once it was surveyed */
	struct pop3_message *messages;
	size_t n, room;
	bool surveyed;
	void (*then)(struct pop3_session *s);	/* when it is */
	size_t at, answered;		/* how far the survey has come */
	struct buf text;		/* what is looked at: lines, a header */
	bool enough;			/* more came than it holds */
	bool disorder;			/* some line is not what it should be */
	size_t opening;			/* which message is opened, and ... */
	void (*opened)(struct pop3_session *s);	/* ... when it is */

	struct room waits;		/* of the command, holding no message */

	/* the message that is shown */
	struct spool *spool;		/* stored bytes on their way to a view */
	uint64_t came;			/* octets of them, also where they had no room; or
					 * of what is gathered in `text` */
	bool anew;			/* what is shown was made from them just now */
	struct view_map shown;		/* entries, and a view behind them */
	uint64_t sent;			/* octets of what is shown */
	uint64_t lines;			/* TOP: of the body, to be sent */
	bool line_begins;		/* a dot that comes now is doubled */
	bool body;			/* the header has been sent */
	size_t marks;			/* octets of `text` that stand for others */
};

/* The session that `base` is the begin of. */
static inline struct pop3_session *pop3_state_of(struct session *base)
{
	return (struct pop3_session *)base;
}

/* The client's command was answered. */
void pop3_state_done(struct pop3_session *s);
/* ... with one line of ours, or "-ERR". Control characters become `?`. */
void pop3_state_say(struct pop3_session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* ... with upstream's: "+OK text" or "-ERR text". */
void pop3_state_relay(struct pop3_session *s, const struct pop3_client_event *event);
/* "-ERR text" and the end; in the midst of lines just the end. */
void pop3_state_end(struct pop3_session *s, const char *text);

/* Appends octets of a message for the client, with dots doubled. */
void pop3_state_put(struct pop3_session *s, struct span bytes);
/* Ends the lines: a last line end where there is none, and the dot. */
void pop3_state_put_end(struct pop3_session *s);

void pop3_state_forget_maildrop(struct pop3_session *s);
void pop3_state_drop_view(struct pop3_session *s);

/* Tells policy which messages were deleted: their views may go. */
void pop3_state_tell_deleted(struct pop3_session *s);

/*
 * Asks about messages [from, to) of the maildrop; one question at a time.
 * `answered` begins with s->base.question = NULL and ends in session_turn().
 */
void pop3_state_ask(struct pop3_session *s, enum ask_kind kind, size_t from, size_t to,
		    policy_answered *answered);
/* Takes over the descriptor of a VIEW answer as s->shown. */
enum view_map_result pop3_state_take(struct pop3_session *s, const struct answer *answer,
				     int passed);

/* pop3_login */
void pop3_login_password(struct pop3_session *s);
void pop3_login_sasl(struct pop3_session *s);
void pop3_login_line(struct pop3_session *s, struct span line);
void pop3_login_challenge(struct pop3_session *s, struct span text);

/* pop3_survey: knows all messages and their sizes, then calls `then`; else the
 * client's command is refused. */
void pop3_survey(struct pop3_session *s, void (*then)(struct pop3_session *s));
/* pop3_open: has message `i` opened from its stored bytes, for which it waits for room:
 * s->shown is set when `then` is called; else the client's command is refused. */
void pop3_open(struct pop3_session *s, size_t i, void (*then)(struct pop3_session *s));
/* The same, where policy may keep its view. */
void pop3_open_view(struct pop3_session *s, size_t i, void (*then)(struct pop3_session *s));

/* pop3_mail: the commands of the TRANSACTION state. */
void pop3_mail(struct pop3_session *s);

#endif
