/*
 * smtp_state - what the rooms of one SMTP session share. Private to
 * proxy/session/smtp_*.
 */
#ifndef LETTERLOCK_SMTP_STATE_H
#define LETTERLOCK_SMTP_STATE_H

#include <stdbool.h>

#include <letterlock/ask.h>
#include <letterlock/envelope.h>
#include <letterlock/verdict.h>

#include "proxy/engine/sasl.h"
#include "proxy/engine/smtp_client.h"
#include "proxy/engine/smtp_server.h"
#include "proxy/session/pace.h"
#include "proxy/session/session.h"
#include "proxy/session/spool.h"

enum {
	/* RFC 5321 4.5.3.2, in milliseconds */
	SMTP_COMMAND_WAIT = 5 * 60 * 1000,
	SMTP_DATA_WAIT = 2 * 60 * 1000,
	SMTP_BLOCK_WAIT = 3 * 60 * 1000,
	SMTP_DOT_WAIT = 10 * 60 * 1000,
	/* until the client hears what became of its message */
	SMTP_SEAL_WAIT = 5 * 60 * 1000,
	SMTP_POLICY_WAIT = 30 * 1000,
	/* silence after which upstream is told that we are still there */
	SMTP_KEEP_EVERY = 60 * 1000,
	/* how long a client whose EHLO was answered 421 may still say HELO */
	SMTP_TURNED_AWAY_WAIT = 2 * 1000,
	SMTP_TURNED_AWAY_LINE = 1024,	/* octets without an end */
};

struct smtp_session;

typedef void smtp_replied(struct smtp_session *s,
			  const struct smtp_reply *reply);

struct smtp_session {
	struct session base;		/* first */

	/* client leg */
	struct smtp_server *server;
	char *hello;			/* the client's name; NULL before EHLO */
	struct reply turned_away;	/* what EHLO was answered: a 421, or none */
	bool extended;			/* EHLO, not HELO */
	bool offered;			/* it was answered */
	struct pace pace;		/* of the message that comes */

	/* upstream leg */
	struct smtp_client *engine;
	struct err upstream_gone;	/* it ended while the client spoke */
	smtp_replied *replied;		/* who takes its next reply */
	bool dirty;			/* it has a transaction open */
	bool tidying;			/* RSET or NOOP is said: the client waits */
	uint64_t spoken;		/* when it was last told something, loop_now */
	bool dot_sent;			/* its answer decides about a copy */

	/* identity */
	char *sender_allowed;		/* the last one that policy allowed it */
	struct sasl *sasl;

	/* transaction */
	bool transaction;		/* from MAIL to its end */
	struct envelope envelope;
	char *parameters;		/* of MAIL, for upstream; never NULL in one */
	bool eight_bit_said;		/* the open upstream MAIL had BODY=8BITMIME */
	struct strs rcpt_parameters;	/* beside envelope.to */
	char *rcpt;			/* the one upstream is asked about ... */
	char *rcpt_parameter;		/* ... and what goes with it */

	/* message */
	struct spool *spool;
	uint64_t trace_size;
	uint64_t message_size;		/* of the client's bytes, once whole */
	struct reply spool_failed;	/* code 0: it did not */
	uint64_t began;			/* when DATA came, loop_now */

	/* delivery */
	struct answer sealed;		/* copies to send */
	int sealed_fd;			/* of the answer, or -1 */
	uint64_t reserved;		/* bytes of the budget for it */
	size_t copy;			/* the one that is being sent */
	size_t copy_rcpt;		/* its recipient that upstream is asked about */
	uint64_t sent;			/* bytes of it that went out */
	bool sending;			/* after 354, before the final dot */
	struct smtp_reply last_reply;	/* to the last dot, while it is journalled */
	/* The journal entry to forget once the client has its 250, or "". */
	char told[JOURNAL_ID_SIZE];
};

/* The session that `base` is the begin of. */
static inline struct smtp_session *smtp_state_of(struct session *base)
{
	return (struct smtp_session *)base;
}

/* Answers the command that the engine is busy with. */
void smtp_state_reply(struct smtp_session *s, unsigned code, const char *status,
		      const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void smtp_state_answer(struct smtp_session *s, const struct reply *reply);
void smtp_state_relay(struct smtp_session *s, const struct smtp_reply *reply);

/* Says 421 (or what `reply` is) to the client and ends the session. */
void smtp_state_end(struct smtp_session *s, const struct reply *reply);

/* Gives back what the message and its copies hold: nothing more is sent of them. */
void smtp_state_give_room(struct smtp_session *s);

/* Forgets the transaction: envelope, spool, copies. Upstream's open one, if
 * any, stays marked dirty until smtp_upstream_tidy(). */
void smtp_state_reset(struct smtp_session *s);

/* `login` (taken over; NULL: nobody) is who the session is from now on. */
void smtp_state_login(struct smtp_session *s, char *login);

/* Asks policy about this session's transaction. */
void smtp_state_ask(struct smtp_session *s, struct ask *ask, int passed,
		    uint64_t wait, policy_answered *answered);

#endif
