/*
 * session - what the sessions of all protocols have in common: a client leg,
 * an upstream leg, a login, and the life of all that. A protocol's session
 * holds a struct session first and gives a table of its own functions.
 *
 * Every entry from the loop (event of a connection, answer of policy) ends in
 * session_turn() or session_settle(), where alone a session is freed.
 */
#ifndef LETTERLOCK_SESSION_H
#define LETTERLOCK_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/log.h>
#include <letterlock/settings.h>

#include "proxy/engine/leg_tls.h"
#include "proxy/net/conn.h"
#include "proxy/session/policy_link.h"
#include "proxy/session/shares.h"

struct loop;
struct session;
struct spool_budget;
struct tls_creds;
struct upstream;

/* The sessions of one worker. Zeroed is empty. */
struct session_list {
	struct session *first;
	unsigned count;
	bool draining;
};

/* What a session needs; all of it is borrowed and outlives the session. */
struct session_setup {
	struct loop *loop;
	const struct settings *settings;
	const struct listener_settings *listener;
	struct upstream *upstream;
	const struct tls_creds *creds;	/* of the listener; NULL: no TLS */
	struct policy_link *policy;
	struct spool_budget *budget;
	struct shares *shares;		/* of it; NULL: logins have none */
	const struct log *log;
	struct session_list *list;
	uint64_t id;			/* for logs and Received; unique enough */
	void (*ended)(void *owner);	/* last call; may be NULL */
	void *owner;
};

/* How the client's leg begins. */
struct session_client {
	enum leg_tls tls;
	bool plaintext_auth;		/* a password may come without TLS */
};

enum { SESSION_TIME_STANDS = -1 };

/*
 * One protocol. What may be NULL says so; times are in milliseconds. A time
 * that is asked for counts from then: 0 is none, SESSION_TIME_STANDS leaves
 * the one that runs.
 */
struct session_protocol {
	const char *too_many;		/* the line for who is turned away */
	uint64_t client_wait;		/* for a client that nobody knows yet */
	uint64_t greeting_wait;		/* until upstream has greeted us */
	uint64_t upstream_wait;		/* for the client to take what upstream said */

	/* A zeroed session with its engine for the client; nothing is said. */
	struct session *(*make)(const struct session_setup *setup,
				const struct session_client *client);
	/* Frees what it has beside struct session; both legs are gone. */
	void (*done)(struct session *s);
	/* The client's leg is there; it is `handshaking` where TLS comes first. */
	void (*started)(struct session *s);
	/* Upstream is ready, nobody shakes hands: greets. NULL: it did before. */
	void (*greet)(struct session *s);

	/* Takes one event of the client's engine, and acts on it. False: there is
	 * none for now. Sets `moved` when it was more than a piece of a message. */
	bool (*client_next)(struct session *s);
	/* The same for upstream's. */
	bool (*upstream_next)(struct session *s);
	/* Between two commands (or in one: `busy`): lets go of the client if the
	 * worker drains. */
	void (*between)(struct session *s);
	/* How long the client has now; asked when a command came or was done. */
	int64_t (*client_time)(const struct session *s);
	/* How long upstream has, whose bytes were taken. NULL: stands. */
	int64_t (*upstream_time)(const struct session *s);

	/* The client's handshake is done. */
	void (*secured)(struct session *s);
	/* What was said to the client is on its way. NULL: nothing waits. */
	void (*told)(struct session *s);
	/* The client has gone: true if the session goes on. NULL: it never does. */
	bool (*client_left)(struct session *s);

	/* STARTTLS has verified upstream: greets it anew. */
	void (*upstream_secured)(struct session *s);
	/* It takes more. NULL: nothing waits. */
	void (*upstream_drained)(struct session *s);
	/* True when a goodbye was said: what is written goes out before the end. */
	bool (*upstream_bye)(struct session *s);
	/* The leg is gone: forgets what was under way there. */
	void (*upstream_forget)(struct session *s);
	/* It was lost: tells the client, who is there and not ending. */
	void (*upstream_lost)(struct session *s, const struct err *why);
};

struct session {
	const struct session_protocol *protocol;
	struct session_setup setup;
	struct session *next, *previous;	/* in setup.list */
	struct login_shares share;	/* of setup.budget; before a login each is all of it */
	struct log log;
	char fields[512];		/* of the log */
	bool over;			/* session_settle() frees it */

	struct conn *client;		/* NULL once it has gone */
	bool handshaking;		/* with the client */
	bool greeted;
	bool busy;			/* the client waits for an answer of ours */
	bool moved;			/* its time begins anew when it does not wait */
	bool blamed;			/* its deadline is for what it did not take */
	bool ending;			/* the last words are said */
	/* Called once when the client can take more (conn_full() was true);
	 * NULL: nobody waits for that. */
	void (*more)(struct session *s);
	/* An answer of ours is given in several turns: what upstream says meanwhile would
	 * stand in the midst of it, and waits. */
	bool giving;

	struct conn *upstream;		/* NULL: not dialled, or gone */
	bool ready;			/* it has greeted, capabilities are known */
	struct err failed;		/* why it is gone, until that can be told */

	char *login;			/* whom upstream accepted; NULL: nobody yet */
	struct policy_question *question;	/* one at a time; NULL: none */
};

/*
 * Takes `conn` over (accepted; for an implicit-TLS listener the handshake has
 * not begun) and serves it until either side ends it. The setup is copied.
 */
void session_start(struct conn *conn, const struct session_setup *setup,
		   const struct session_protocol *protocol);

/* Lets the sessions end: those between two commands at once, the others when
 * theirs is done. */
void session_list_drain(struct session_list *list);

/* Goes on with what upstream and the client have sent; frees the session when
 * it is over. Last in every entry from the loop. */
void session_turn(struct session *s);
/* Only the latter. */
void session_settle(struct session *s);

/* Greets the client once both legs are ready for it. */
void session_greet(struct session *s);

/* The client has asked for TLS, and was told to begin. */
void session_client_tls(struct session *s);

/* The client's engine has ended the talk; `why` may be NULL. */
void session_client_fatal(struct session *s, const char *why);

/* Whom the session acts for: the login, or the listener's; NULL: nobody. */
const char *session_login(const struct session *s);

/* `login` (taken over; NULL: nobody) is who the session is from now on. */
void session_set_login(struct session *s, char *login);

/* Connects; session_upstream_ready() is the protocol's to call, or
 * upstream_lost() follows. Nothing is said before upstream is verified. */
void session_dial(struct session *s);

/* Upstream said that TLS may begin. */
void session_upstream_tls(struct session *s);

/* Upstream is ready: greets the client, if that waited for it. */
void session_upstream_ready(struct session *s);

/* Upstream broke the protocol: the leg is cut, upstream_lost() follows. */
void session_upstream_failed(struct session *s, const struct err *why);

/* Lets go of upstream: with a goodbye where that is fit. */
void session_upstream_close(struct session *s);

/* "upstream NAME: REASON", for the client; in `text` of `size` octets. */
void session_upstream_words(const struct session *s, const struct err *why,
			    char *text, size_t size);

#endif
