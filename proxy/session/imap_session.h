/*
 * imap_session - one reading session, start to end: a client leg and an
 * upstream leg. It moves events between the two engines and parses nothing.
 */
#ifndef LETTERLOCK_IMAP_SESSION_H
#define LETTERLOCK_IMAP_SESSION_H

#include <stdint.h>

#include <letterlock/log.h>
#include <letterlock/settings.h>

struct conn;
struct imap_session;
struct loop;
struct policy_link;
struct spool_budget;
struct tls_creds;
struct upstream;
struct views;

/* The sessions of one worker. Zeroed is empty. */
struct imap_session_list {
	struct imap_session *first;
	unsigned count;
	bool draining;
};

/* What a session needs; all of it is borrowed and outlives the session. */
struct imap_session_setup {
	struct loop *loop;
	const struct settings *settings;
	const struct listener_settings *listener;
	struct upstream *upstream;
	const struct tls_creds *creds;	/* of the listener; NULL: no TLS */
	struct policy_link *policy;
	struct spool_budget *budget;
	struct views *views;		/* opened messages of this worker */
	const struct log *log;
	struct imap_session_list *list;
	uint64_t id;			/* for logs; unique enough */
	void (*ended)(void *owner);	/* last call; may be NULL */
	void *owner;
};

/*
 * Takes `conn` over (accepted; for an implicit-TLS listener the handshake has
 * not begun) and serves it until either side ends it. The setup is copied.
 */
void imap_session_start(struct conn *conn,
			const struct imap_session_setup *setup);

/* Lets the sessions end: those without a command under way hear BYE at once,
 * the others when theirs is done. */
void imap_session_list_drain(struct imap_session_list *list);

#endif
