/*
 * imap_fetch_work - what one FETCH of a client's keeps while it is under way;
 * the `work` of its session. Private to proxy/session/imap_fetch*.
 *
 * First the messages that need no view pass as upstream says them, then those
 * that need one are answered, in batches: policy is asked for their shapes; one
 * whose view was never made is fetched whole and opened, and while policy is at
 * it the next one is fetched; one whose bytes are asked for is held while its
 * answer is written, and no other. What is no content (FLAGS, INTERNALDATE)
 * upstream is asked for once a batch; where the FETCH sets \Seen a batch is one
 * message, marked by upstream itself when its view is there.
 */
#ifndef LETTERLOCK_IMAP_FETCH_WORK_H
#define LETTERLOCK_IMAP_FETCH_WORK_H

#include <letterlock/shape.h>

#include "proxy/engine/imap_answer.h"
#include "proxy/engine/imap_binary.h"
#include "proxy/engine/imap_fetch_items.h"
#include "proxy/net/loop.h"
#include "proxy/session/imap_pass.h"
#include "proxy/session/imap_state.h"
#include "proxy/session/imap_stored.h"
#include "proxy/session/imap_view.h"
#include "proxy/session/room.h"

enum { IMAP_FETCH_FACTS_MAX = 16 * 1024 };	/* octets, of one message */

/* A message of the batch. */
struct imap_fetch_one {
	uint32_t uid;
	enum shape_kind kind;	/* by its shape */
	bool told;		/* upstream told of it: */
	/* as it wrote them, owned; NULL: not told */
	char *flags, *date, *modseq;
};

struct imap_fetch {
	struct imap_fetch_items items;
	struct imap_pass pass;	/* of what is relayed */
	char *refusal;		/* upstream's words, owned; NULL: none */
	bool unavailable;	/* some message was not answered */
	bool silent;		/* policy does not answer: it is not asked again */

	uint32_t last;		/* messages up to that UID are done */
	struct imap_fetch_one *batch;	/* room for ASK_NAMES_MAX once one begins */
	size_t n, at;
	bool facts_asked;
	struct view_map shapes;	/* of the batch, taken one by one */
	struct imap_set late;	/* UIDs of it that pass after all */

	struct imap_stored ahead;	/* being fetched, of batch[at] or behind */
	bool fetching;			/* upstream is at it */
	bool early;			/* another one was asked about then */
	bool waiting;			/* nothing goes on before it is there */

	struct room room;		/* holding none but the shapes of the batch */

	/* of batch[at] */
	uint64_t wants;		/* bytes of the spool that it waits for; 0: it does not */
	bool kept;		/* policy keeps its view by now */
	bool known;		/* `entry` is set */
	struct shape_entry entry;
	struct view_map view;
	struct imap_stored stored;	/* asked about */
	bool answering;		/* some of it is on its way: */
	size_t item;		/* ... up to that one */
	bool first;		/* nothing is between its parentheses */
	struct buf head;	/* what comes next, */
	struct span body;	/* ... and what behind that */
	enum imap_fetch_decoding {
		IMAP_FETCH_NOT_DECODING,
		IMAP_FETCH_COUNTING,
		IMAP_FETCH_GIVING,
	} decoding;			/* of an item of BINARY, */
	struct imap_binary binary;	/* ... how far */
	size_t looked;			/* octets of headers, in this turn, for their fields */
	struct loop_turn turn;		/* goes on with it: others have their turns */
};

/* imap_fetch: */

/* Relays the client's items for the UIDs of `set`; `answered` hears the end. */
void imap_fetch_relay(struct imap_session *s, const struct imap_set *set,
		      imap_answered *answered);
/* Keeps upstream's words when it refused. */
void imap_fetch_note(struct imap_fetch *f, const struct imap_client_event *event);
/* An answer of that relay was withheld, and upstream's words do not say so. */
bool imap_fetch_withheld(const struct imap_fetch *f,
			 const struct imap_client_event *event);
/* All is answered: ends the client's command. `work` is gone. */
void imap_fetch_end(struct imap_session *s);

/* imap_fetch_view: answers all that need a view, and ends the command. */
void imap_fetch_view(struct imap_session *s);
/* Forgets the batch. */
void imap_fetch_view_drop(struct imap_session *s, struct imap_fetch *f);

/* imap_fetch_facts: */

/* Upstream is to be asked for some. */
bool imap_fetch_facts_needed(const struct imap_fetch *f);
/* Asks for those of the batch from batch[at] on; imap_fetch_view_go() then. */
void imap_fetch_facts_ask(struct imap_session *s);
void imap_fetch_facts_drop(struct imap_fetch_one *one);

/* imap_fetch_put: */

/* Writes the answer about batch[at], as far as the client takes it and one turn
 * of the loop allows; true: all of it. Else imap_fetch_view_go() comes when it
 * can go on. */
bool imap_fetch_put(struct imap_session *s, const struct imap_message *message);
void imap_fetch_put_drop(struct imap_fetch *f);

/* Goes on with the batch. */
void imap_fetch_view_go(struct imap_session *s);

#endif
