/*
 * pop3_session - one POP3 conversation: a client that reads, and its provider.
 * What is encrypted or signed is shown as a view, with sizes that agree
 * (RFC 1939 11); all else is relayed.
 */
#ifndef LETTERLOCK_POP3_SESSION_H
#define LETTERLOCK_POP3_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/log.h>
#include <letterlock/settings.h>

struct conn;
struct loop;
struct policy_link;
struct pop3_session;
struct spool_budget;
struct tls_creds;
struct upstream;

/* The sessions of one worker. Zeroed is empty. */
struct pop3_session_list {
	struct pop3_session *first;
	unsigned count;
	bool draining;
};

/* What a session needs; all of it is borrowed and outlives the session. */
struct pop3_session_setup {
	struct loop *loop;
	const struct settings *settings;
	const struct listener_settings *listener;
	struct upstream *upstream;
	const struct tls_creds *creds;	/* of the listener; NULL: no TLS */
	struct policy_link *policy;
	struct spool_budget *budget;
	const struct log *log;
	struct pop3_session_list *list;
	uint64_t id;			/* for logs; unique enough */
	void (*ended)(void *owner);	/* last call; may be NULL */
	void *owner;
};

/*
 * Takes `conn` over (accepted; for an implicit-TLS listener the handshake has
 * not begun) and serves it until either side ends it. The setup is copied.
 */
void pop3_session_start(struct conn *conn, const struct pop3_session_setup *setup);

/* Lets the sessions end: nothing was deleted in those that have not said QUIT
 * (RFC 1939 6). */
void pop3_session_list_drain(struct pop3_session_list *list);

#endif
