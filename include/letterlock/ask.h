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
	struct ask_recipients recipients;	/* owned */
};

enum answer_kind {
	ANSWER_YES = 1,	/* SENDER, RCPT: allowed; ACCEPTED, COMPLETE: done */
	ANSWER_WAIT,	/* RCPT: allowed so far, the message decides */
	ANSWER_REFUSED,	/* `reply` says why */
	ANSWER_SEALED,	/* SEAL: `copies`, perhaps none (all sent before) */
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
