/*
 * fake - stands in for proxy/net and the policy link under a whole session:
 * two connections whose bytes the test writes and reads, a policy that
 * answers what the test says, and a clock that the test moves. Linked in
 * place of conn, dial, loop and policy_link.
 */
#ifndef LETTERLOCK_TEST_FAKE_H
#define LETTERLOCK_TEST_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/settings.h>
#include <letterlock/shape.h>

#include "proxy/session/imap_session.h"
#include "proxy/session/pop3_session.h"
#include "proxy/session/smtp_session.h"

struct fake;
struct shares;
struct spool_budget;

struct fake_options {
	enum protocol protocol;
	enum listener_tls listen_tls;
	enum upstream_tls upstream_tls;
	const char *listener_login;
	uint64_t spool_memory;		/* 0: 1 MiB */
	uint64_t shared;		/* what logins have shares of; 0: none */
	uint64_t max_message_size;	/* 0: 1 MiB */
	bool not_loopback;		/* the client is from outside */
};

/* What the tests say of a text. */
void has(const char *text, const char *part);
void is(const char *text, const char *want);

/* A session that has been accepted. */
struct fake *fake_new(const struct fake_options *options);
/* Ends what is left; fails the test when the budget is not whole again. */
void fake_free(struct fake *fake);

/* Bytes from a peer, then a turn of the loop. Nothing when it is closed. */
void fake_client_says(struct fake *fake, const char *text);
void fake_upstream_says(struct fake *fake, const char *text);
/* The same, with NULs perhaps. */
void fake_client_sends(struct fake *fake, struct span bytes);
void fake_upstream_sends(struct fake *fake, struct span bytes);
/* Runs what was asked for the end of a turn; false: nothing was. */
bool fake_turn(struct fake *fake);

/* Takes what was sent to a peer since; NUL-ended, valid until the next call. */
const char *fake_to_client(struct fake *fake);
const char *fake_to_upstream(struct fake *fake);

/* Peers that leave (why ERR_NONE: cleanly), and handshakes that end well. */
void fake_client_leaves(struct fake *fake);
void fake_upstream_leaves(struct fake *fake, enum err_kind kind,
			  const char *why);
/* From now on the client takes nothing, and no `drained` comes. */
void fake_client_stalls(struct fake *fake);
/* How many octets it has not taken yet. */
size_t fake_client_waiting(const struct fake *fake);
/* ... and takes all again. */
void fake_client_takes(struct fake *fake);
/* The same for upstream, until it takes all again. */
void fake_upstream_stalls(struct fake *fake, bool stalls);
void fake_client_secured(struct fake *fake);
/* Connected, or secured after STARTTLS. */
void fake_upstream_ready(struct fake *fake);

bool fake_client_open(const struct fake *fake);
bool fake_upstream_open(const struct fake *fake);
bool fake_upstream_aborted(const struct fake *fake);
bool fake_session_over(const struct fake *fake);

/* The client's deadline in ms, 0: none; and letting one pass. */
uint64_t fake_client_deadline(const struct fake *fake);
uint64_t fake_upstream_deadline(const struct fake *fake);
void fake_client_times_out(struct fake *fake);
void fake_upstream_times_out(struct fake *fake);
/* Moves the clock; who is late by then is cut off. */
void fake_time_passes(struct fake *fake, uint64_t ms);
/* How often one was set to begin anew. */
unsigned fake_client_deadlines(const struct fake *fake);
unsigned fake_upstream_deadlines(const struct fake *fake);

/* The question that policy was asked and has not answered, or NULL. */
const struct ask *fake_question(const struct fake *fake);
/* The descriptor's bytes that came with it, NUL-ended; owned by the fake. */
const char *fake_question_bytes(struct fake *fake);
void fake_policy_says(struct fake *fake, enum answer_kind kind,
		      unsigned code, const char *status, const char *text);
/* SEALED: `copies` ranges of `bytes`, as answer_copy says. */
void fake_policy_seals(struct fake *fake, const struct answer_copy *copies,
		       size_t n, bool journalled, const char *bytes);
/* SHAPES, VIEW: `entries` (wire form, shape.h) and a view behind them. */
void fake_policy_shows(struct fake *fake, enum answer_kind kind,
		       struct span entries, struct span view);
/* The same for one message that has a view: of one part, text/plain, its
 * header up to the first empty line. */
void fake_policy_shows_text(struct fake *fake, enum answer_kind kind,
			    const char *view);
/* Appends the entry of such a view. */
void fake_text_entry(const char *view, struct buf *entries);
void fake_policy_is_silent(struct fake *fake);

/* Questions that were asked in all, and of one kind. */
unsigned fake_asked(const struct fake *fake, enum ask_kind kind);

/* The spool's, of which the test may take some as others do; it gives it back. */
struct spool_budget *fake_budget(const struct fake *fake);
/* Others take all of it but `left` bytes: how many that is. */
uint64_t fake_others_take_all_but(const struct fake *fake, uint64_t left);
/* The logins' parts of it; NULL: they have none. */
const struct shares *fake_shares(const struct fake *fake);

void fake_drain(struct fake *fake);

#endif
