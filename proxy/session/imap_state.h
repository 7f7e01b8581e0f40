/*
 * imap_state - what the rooms of one IMAP session share. Private to
 * proxy/session/imap_*.
 *
 * One command of the client is under way at a time (`busy`). The room that
 * treats it says any number of commands upstream, one after the other, with
 * imap_upstream_say(), writes untagged responses into imap_state_out() and
 * ends it with imap_state_done() or imap_state_relay_done().
 *
 * For a client's FETCH (by sequence number) only FETCH, STORE and SEARCH by
 * sequence number may be said upstream: then no EXPUNGE, and no VANISHED, may
 * come between (RFC 9051 7.5.1, RFC 7162 3.2.10.2), which would shift numbers
 * that the client does not know to have shifted. During UID FETCH they come,
 * and are relayed as they do.
 */
#ifndef LETTERLOCK_IMAP_STATE_H
#define LETTERLOCK_IMAP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/ask.h>

#include "proxy/engine/imap_client.h"
#include "proxy/engine/imap_server.h"
#include "proxy/engine/imap_set.h"
#include "proxy/engine/sasl.h"
#include "proxy/net/loop.h"
#include "proxy/session/pace.h"
#include "proxy/session/session.h"
#include "proxy/session/spool.h"

enum {
	/* in milliseconds */
	IMAP_LOGIN_WAIT = 3 * 60 * 1000,	/* until somebody is logged in */
	IMAP_IDLE_WAIT = 35 * 60 * 1000,	/* RFC 9051 5.4: at least 30 min */
	IMAP_UPSTREAM_WAIT = 10 * 60 * 1000,	/* for the next bytes of an answer */
	IMAP_GREETING_WAIT = 60 * 1000,		/* until upstream is READY */
	IMAP_POLICY_WAIT = 5 * 60 * 1000,
	/* messages and ranges that one turn moves or looks through: a few ms. Upstream
	 * decides how many an answer costs (FETCH in no order, EXPUNGE after EXPUNGE) */
	IMAP_TOIL_MAX = 1000 * 1000,
};

enum imap_big { IMAP_BIG_NONE, IMAP_BIG_TAKEN, IMAP_BIG_RELAYED,
		IMAP_BIG_DROPPED };

struct imap_known;
struct imap_session;

/* One message of a FETCH; see imap_classify. */
struct imap_message {
	uint32_t number, uid;
	bool view;		/* needs one; else it passes as it is */
	bool known;		/* upstream was asked about it */
};

/*
 * What upstream says while a command of ours is under way: UNTAGGED, BIG, RUN,
 * BIG_END (all of a BIG one go where its first went). True: taken. False: it
 * is relayed to the client as usual.
 */
typedef bool imap_heard(struct imap_session *s,
			const struct imap_client_event *event);
/* It is done: TAGGED. */
typedef void imap_answered(struct imap_session *s,
			   const struct imap_client_event *event);

struct imap_session {
	struct session base;		/* first */

	/* client leg */
	struct imap_server *server;
	struct imap_server_event command;	/* under way: command, tag, args */

	/* upstream leg */
	struct imap_client *engine;
	imap_heard *heard;		/* of the command under way there; may be NULL */
	imap_answered *answered;
	enum imap_big big;		/* where the runs of a large response go */
	size_t toil;			/* since it was last let go; see IMAP_TOIL_MAX */
	struct loop_turn rest;		/* after that */
	bool midst;			/* a response to the client is begun, not ended */
	bool qresync;			/* enabled: VANISHED comes for EXPUNGE */
	bool said_bye;			/* it was relayed: no second one */
	bool idling;			/* the client idles: DONE ends it */

	/* identity */
	struct sasl *sasl;
	char *candidate;		/* who asks to be logged in */
	char *first_response;		/* waits for upstream's first `+` */
	bool cancelled;			/* the exchange was broken off */

	/* the selected mailbox; `mailbox` NULL: none */
	char *mailbox;			/* as upstream names it, INBOX in capitals */
	char *asked_mailbox;		/* of the SELECT under way */
	uint32_t uidvalidity;		/* 0: upstream gave none: nothing is kept */
	uint32_t exists;		/* messages in it */
	bool read_only;			/* EXAMINE */
	unsigned selections;		/* how many there were before */

	/* APPEND */
	struct spool *spool;
	struct err spool_failed;	/* the message is swallowed, then refused */
	bool nul;			/* likewise: ~{n} that holds a NUL */
	struct pace pace;
	struct answer_copy stored;	/* the copy to store, without recipients */
	int sealed_fd;			/* of the answer, or -1 */
	uint64_t reserved;		/* bytes of the budget for it */
	uint64_t sent;			/* of it */
	bool sending;			/* upstream waits for more of it */

	/* What the room that treats the client's command keeps for it; freed
	 * when the command is done and when the session ends. */
	void *work;
	void (*work_free)(struct imap_session *s, void *work);
	/* Of the selected mailbox, by UID: what passes, and what needs a view. */
	struct imap_set clear, opened;
	/* By UID, of what passes: the whole header was seen, or all by the sealer. */
	struct imap_set headers;
	/* By number: what passes, too; numbers move with each EXPUNGE. */
	struct imap_set clear_at;
	/* Those of the FETCH under way, in the order of their UIDs. */
	struct imap_message *messages;
	size_t messages_n, messages_room;
	imap_answered *classified;
	struct imap_known *known;	/* what policy says of them; NULL: not asked */

	/* Where messages that have a view stand in it; see imap_gone. */
	struct imap_message *opened_at;
	size_t opened_at_n;
	struct imap_set gone;		/* UIDs that policy is to be told of */
	struct imap_set closing;	/* ... once the mailbox is closed */
	bool copied;			/* some of it stand elsewhere, too */
};

/* The session that `base` is the begin of. */
static inline struct imap_session *imap_state_of(struct session *base)
{
	return (struct imap_session *)base;
}

/* Where to write to the client (untagged responses, whole ones). */
struct buf *imap_state_out(struct imap_session *s);
/* The client takes no more now: return, and go on in `more`. */
bool imap_state_full(struct imap_session *s);

/* Ends the client's command with words of ours: "OK done". */
void imap_state_done(struct imap_session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Ends it with upstream's answer (codes filtered). */
void imap_state_relay_done(struct imap_session *s,
			   const struct imap_client_event *event);
/* "* BYE text" and the end; in the midst of a response just the end. */
void imap_state_end(struct imap_session *s, const char *text);

/* What the capabilities say now, of ours. */
void imap_state_offer(const struct imap_session *s, struct imap_offer *offer);
/* BINARY is offered: upstream has it. */
bool imap_state_binary(const struct imap_session *s);

/* No mailbox is selected from now on. */
void imap_state_unselect(struct imap_session *s);
/* Frees `work`; forgets the question. */
void imap_state_drop_work(struct imap_session *s);

/* Asks policy; one question at a time. `answered` gets the session as owner:
 * it must begin with s->base.question = NULL and end in session_turn(). */
void imap_state_ask(struct imap_session *s, struct ask *ask, int passed,
		    policy_answered *answered);

#endif
