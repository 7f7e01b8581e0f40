/*
 * ask - the questions that the network workers put to the policy engine, the
 * answers, and both on the wire: what `proxy/` knows of `policy/`. Encoding
 * is pure; decoding trusts nothing (a worker may have been taken over).
 */
#ifndef LETTERLOCK_ASK_H
#define LETTERLOCK_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/envelope.h>
#include <letterlock/err.h>
#include <letterlock/verdict.h>

enum ask_kind {
	/* May this login use this envelope sender? `envelope` without `to`. */
	ASK_SENDER = 1,
	/* May this recipient (`to` holds just that one) be written to? */
	ASK_RCPT,
	/* The message itself, in the descriptor beside it: make the copies. */
	ASK_SEAL,
	/* Upstream accepted a copy: note `recipients` under `journal`. The
	 * answer comes once that is on the disk. */
	ASK_ACCEPTED,
	/* The client was told 250: forget `journal`. */
	ASK_COMPLETE,

	/* Questions about stored mail. All bear the login (envelope) whose
	 * mail it is; nobody is shown what another login's keys open. */

	/* The message in the descriptor is to be stored (APPEND): seal it to
	 * the login's own key, as the rules for `direction = stored` say. Also
	 * uses message_size, output_max. */
	ASK_STORE,
	/* Of `place`: what is known of each of `names` (ASK_NAMES_MAX). */
	ASK_SHAPES,
	/* Of `place`: the view of the one in `names`, when it was made before. */
	ASK_VIEW,
	/* Of `place`: the same, and here are its stored bytes (message_size in
	 * the descriptor) to make it from if it was not. */
	ASK_OPEN,
	/* Of `place`: `names` were looked at and need no view. */
	ASK_CLEAR,
	/* Of `place`: `names` are no longer there; what is kept may go. */
	ASK_GONE,
	/* The mailbox of `place` was deleted, whatever UIDVALIDITY it had. */
	ASK_DELETED,
	/* Of `place`: which opened messages hold `find`. */
	ASK_FIND,
};

enum {
	ASK_NAMES_MAX = 500,
	ASK_NAME_MAX = 70,	/* octets; RFC 1939's unique-id */
};

/* Where stored messages are. */
struct ask_place {
	char *upstream;		/* its name in the configuration */
	char *mailbox;		/* as upstream names it; "" in POP3 */
	uint32_t uidvalidity;	/* 0 in POP3 */
	struct strs names;	/* UIDs in decimal; unique-ids in POP3 */
};

/* What a SEARCH key looks for in the views, not in what is stored. */
enum ask_find {
	FIND_NOTHING,
	FIND_HEADER,		/* `find_field` holds `find_text`; "" : is there */
	FIND_BODY,
	FIND_TEXT,		/* header or body */
	FIND_LARGER,		/* octets than `find_number` */
	FIND_SMALLER,
};

/* Indexes into envelope.to. */
struct ask_recipients {
	uint16_t *at;
	size_t n;
};

enum { JOURNAL_ID_SIZE = 65 };	/* 64 hex digits and a NUL */

struct ask {
	uint64_t id;		/* chosen by who asks, comes back in the answer */
	enum ask_kind kind;
	struct envelope envelope;	/* owned */
	/* ASK_SEAL: the descriptor holds `trace_size` bytes of header field
	 * that the gateway put first (Received), then the client's bytes. */
	uint64_t trace_size;
	uint64_t message_size;		/* of the client's bytes */
	uint64_t output_max;		/* bytes that the copies may take */
	uint64_t upstream_size;		/* SIZE of upstream, 0: no limit known */
	bool upstream_eight_bit;	/* upstream offers 8BITMIME */
	bool upstream_smtputf8;
	bool want_utf8;			/* MAIL came with SMTPUTF8 */
	/* ASK_ACCEPTED, ASK_COMPLETE */
	char journal[JOURNAL_ID_SIZE];
	struct ask_recipients recipients;	/* owned; of envelope.to */
	/* questions about stored mail */
	struct ask_place place;		/* owned */
	enum ask_find find;
	char *find_field;		/* owned; a header field's name */
	char *find_text;		/* owned; UTF-8 */
	uint64_t find_number;
};

void ask_free(struct ask *ask);

/* One message to send upstream: a range of a descriptor, and its readers. */
struct answer_copy {
	bool from_question;	/* the range is of the question's descriptor,
				 * otherwise of the answer's */
	uint64_t offset;
	uint64_t size;
	bool encrypted;
	bool signed_by_us;
	bool eight_bit;		/* needs BODY=8BITMIME */
	bool utf8;		/* needs SMTPUTF8 */
	struct ask_recipients recipients;	/* owned; none for STORE */
};

enum answer_kind {
	ANSWER_YES = 1,	/* SENDER, RCPT: allowed; others: done */
	ANSWER_WAIT,	/* RCPT: allowed so far, the message decides */
	ANSWER_REFUSED,	/* `reply` says why */
	ANSWER_SEALED,	/* SEAL: `copies`, perhaps none (all sent before);
			 * STORE: one */
	/* SHAPES: the descriptor holds a shape_entry (shape.h) for each name,
	 * in their order, `shapes_size` octets in all. */
	ANSWER_SHAPES,
	/* VIEW, OPEN: likewise one entry; behind it `view_size` octets, the view.
	 * An entry that is SHAPE_CLEAR has no view: it passes as it is stored. */
	ANSWER_VIEW,
	ANSWER_UNKNOWN,	/* VIEW: none was made yet */
	/* FIND: the descriptor holds two sets of UIDs ("1:3,7", either may be
	 * ""), each ended by LF: all that have a view, and those that hold it;
	 * `shapes_size` octets in all. In no place of POP3. */
	ANSWER_FOUND,
};

struct answer {
	uint64_t id;
	enum answer_kind kind;
	struct reply reply;
	char rule[64];		/* which decided, for the log; may be empty */
	struct answer_copy *copies;	/* owned */
	size_t copies_n;
	char journal[JOURNAL_ID_SIZE];	/* SEAL: for ASK_ACCEPTED */
	bool journalled;	/* SEAL: a part was accepted earlier */
	uint64_t shapes_size, view_size;	/* of the descriptor */
	/* OPEN, from a sealer to the engine: a secret key was used in vain. */
	bool tried;
};

void answer_free(struct answer *answer);

/* Appends the wire form; -1 when it would pass CHANNEL_MAX. */
int ask_encode(const struct ask *ask, struct buf *out);
int answer_encode(const struct answer *answer, struct buf *out);

/*
 * Reads a wire form whole; what is left over, missing, out of range (unknown
 * kind, index beyond `to`, text with control characters, ranges that
 * overflow) is -1 with `err`. On 0 the caller owns the result.
 */
int ask_decode(struct span wire, struct ask *ask, struct err *err);
int answer_decode(struct span wire, struct answer *answer, struct err *err);

#endif
