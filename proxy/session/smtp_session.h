/*
 * smtp_session - one submission session, start to end: a client leg, an
 * upstream leg, a spool and the policy link. It moves events between the two
 * engines and parses nothing. The final dot is answered 250 in one place
 * (smtp_deliver), once upstream has accepted every copy.
 */
#ifndef LETTERLOCK_SMTP_SESSION_H
#define LETTERLOCK_SMTP_SESSION_H

#include <stdint.h>

#include <letterlock/log.h>
#include <letterlock/settings.h>

struct conn;
struct policy_link;
struct smtp_session;
struct spool_budget;
struct tls_creds;
struct upstream;
struct loop;

/* The sessions of one worker. Zeroed is empty. */
struct smtp_session_list {
	struct smtp_session *first;
	unsigned count;
	bool draining;
};

/* What a session needs; all of it is borrowed and outlives the session. */
struct smtp_session_setup {
	struct loop *loop;
	const struct settings *settings;
	const struct listener_settings *listener;
	struct upstream *upstream;
	const struct tls_creds *creds;	/* of the listener; NULL: no TLS */
	struct policy_link *policy;
	struct spool_budget *budget;
	const struct log *log;
	struct smtp_session_list *list;
	uint64_t id;			/* for logs and Received; unique enough */
	void (*ended)(void *owner);	/* last call; may be NULL */
	void *owner;
};

/*
 * Takes `conn` over (accepted; for an implicit-TLS listener the handshake has
 * not begun) and serves it until either side ends it. The setup is copied.
 */
void smtp_session_start(struct conn *conn,
			const struct smtp_session_setup *setup);

/*
 * Lets the sessions end: those between transactions get 421 4.3.2 at once,
 * the others when their transaction is over.
 */
void smtp_session_list_drain(struct smtp_session_list *list);

#endif
