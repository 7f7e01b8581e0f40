/*
 * rule_match - which rule decides about one recipient. Pure and total: every
 * set of facts has one decision.
 */
#ifndef LETTERLOCK_RULE_MATCH_H
#define LETTERLOCK_RULE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/strs.h>
#include <letterlock/verdict.h>

struct rules;	/* made by rule_parse */

enum direction { DIRECTION_OUTBOUND, DIRECTION_INBOUND, DIRECTION_STORED };

/* What conditions on the message look at; made once a message. */
struct message_facts {
	uint64_t size;			/* octets, as the client sent them */
	struct strs subjects;		/* each Subject field, decoded to UTF-8 */
	bool subject_exact;		/* false: one could not be decoded */
	struct strs authors;		/* addresses of From and Sender */
	bool authors_unsure;		/* one of them could not be read */
	struct strs header_names;	/* every field, in order ... */
	struct strs header_values;	/* ... unfolded and decoded */
	struct strs header_unsure;	/* names of fields that could not be */
	struct strs attachments;	/* file names of parts, decoded */
	bool attachments_unsure;	/* there may be names that were not read */
	bool parts_exact;		/* false: parts could not all be read */
	struct strs texts;		/* decoded text parts, UTF-8, bounded */
	bool texts_unsure;		/* there may be more in other parts */
	bool answers;			/* one that was encrypted and opened */
	bool answers_unsure;		/* not all that it answers could be read */
};

struct facts {
	enum direction direction;
	const char *listener;
	bool any_listener;		/* which one has yet to be said */
	const char *login;		/* NULL: none */
	const char *client;		/* numeric address, NULL: none */
	bool any_client;		/* which one has yet to be said */
	const char *from;		/* envelope sender, "" null sender */
	/* Whom the message may come to name in From: these ... */
	const struct strs *own;		/* NULL: nobody but `from` */
	bool any_author;		/* ... or whomever it likes */
	const char *to;			/* this recipient */
	bool key_found;			/* a usable key for `to` is known */
	const struct message_facts *message;	/* NULL: not here yet */
	/* rule_match_count() octets, zero for a new message: what of its texts
	 * was found for one recipient holds for the next. NULL: look anew. */
	unsigned char *content_seen;
};

enum rule_action { ACTION_ACCEPT, ACTION_REJECT };

/* What the deciding rule wants. Borrowed from the rules. */
struct decision {
	const char *rule;		/* name, "default" without a match */
	const char *file;		/* NULL for the default */
	unsigned line;
	enum rule_action action;
	const char *reply;		/* text for a reject, or NULL */
	enum verdict_encrypt encrypt;
	enum verdict_sign sign;
	bool protect_subject;
	bool strip_tag;
	const char *subject_glob;	/* that matched, for strip_tag; or NULL */
	bool asks_listener;		/* for RULE_NEEDS_ENVELOPE: that it was */
	bool asks_client;		/* not said, and a condition asks for it */
	const struct strs *also_encrypt_to;	/* fingerprints or addresses */
	const struct strs *add_header;	/* "Name: value" */
};

enum rule_result {
	RULE_DECIDED,
	RULE_NEEDS_MESSAGE,	/* a rule that could still match looks at it */
	RULE_NEEDS_ENVELOPE,	/* ... looks at the listener or the client */
};

/*
 * The first rule all of whose conditions match decides. With facts->message
 * NULL, a rule that fails on its envelope conditions is passed over, and one
 * whose envelope conditions hold but that looks at the message gives
 * RULE_NEEDS_MESSAGE. One that looks at a listener or client that has yet to be
 * said, and holds but for that, gives RULE_NEEDS_ENVELOPE with its decision.
 * `from` holds for the envelope sender and for every address of From and
 * Sender, so it looks at the message as long as one of these could match. With
 * all of this said, the result is always RULE_DECIDED. A condition on something
 * that could not be read exactly counts as matching when its rule protects
 * (encrypt require, or action reject) and as not matching otherwise: it fails
 * closed.
 */
enum rule_result rule_match(const struct rules *rules,
			    const struct facts *facts,
			    struct decision *decision);

/* Every fingerprint or address that an also-encrypt-to of `rules` names. */
void rules_extra_keys(const struct rules *rules, struct strs *list);

/* The rules in order, for checks: what rule `i` (below the count) says when
 * it decides. */
size_t rule_match_count(const struct rules *rules);
void rule_match_nth(const struct rules *rules, size_t i,
		    struct decision *decision);

/* What of a message some rule for `direction` looks at, so that parts are not
 * decoded for nothing. The size is always known. */
struct rule_needs {
	bool authors;		/* authors */
	bool subject;		/* message_facts.subjects */
	bool header;		/* header_names, header_values */
	bool attachment;	/* attachments */
	bool content;		/* texts */
	bool answers;		/* answers, which facts_read() leaves alone */
};

void rule_match_needs(const struct rules *rules, enum direction direction,
		      struct rule_needs *needs);

#endif
