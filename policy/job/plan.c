#include "policy/job/plan.h"

#include <stdlib.h>

#include <letterlock/address.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/settings.h>

#include "policy/job/answers.h"
#include "policy/job/canonical.h"
#include "policy/job/facts.h"
#include "policy/job/identity.h"
#include "policy/job/message.h"
#include "policy/job/seal.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"

enum {
	RECEIVED_MAX = 100,	/* RFC 5321 6.3 */
	PASSED_MAX = 2,		/* times through here; somebody may send it on */
};

/* What all rows of one plan look at. */
struct planner {
	const struct seal_parts *parts;
	const struct ask *ask;
	const struct message *message;
	struct message_facts facts;
	unsigned char *content_seen;	/* by the rules, in `facts` */
	struct strs own;	/* the login's addresses */
	struct strs from;		/* addresses of header From */
	struct strs shown;		/* of To and Cc */
	struct plan *plan;
	enum { SIGNABLE_UNKNOWN, SIGNABLE, NOT_SIGNABLE } signable;
	struct err why_not_signable;
};

static void collect(struct span fields, const char *name, struct strs *all)
{
	struct header_field field;

	/* A field that cannot be read shows nobody: blind, to be safe. */
	while (header_next(&fields, &field) == 1)
		if (span_is_nocase(field.name, name))
			(void)address_list(field.body, all, NULL);
}

static bool has_address(const struct strs *list, const char *address)
{
	for (size_t i = 0; i < list->n; i++)
		if (address_same(span_str(list->at[i]), span_str(address)))
			return true;
	return false;
}

/* The key of the login that signs: of the address in From if it has one. */
static void choose_signer(struct planner *p)
{
	const struct seal_parts *parts = p->parts;
	const char *login = p->ask->envelope.login;
	struct plan *plan = p->plan;
	struct strs own = { 0 };
	char why[64];

	if (!login)
		return;
	strs_add_all(&own, &p->from);
	settings_addresses(&parts->conf->settings, login, &own);
	for (size_t i = 0; i < own.n && !plan->signer; i++) {
		plan->signer = key_index_find(parts->keys, span_str(own.at[i]), KEY_SIGN,
					      parts->now, why);
		if (!plan->signer && i == 0)
			memcpy(plan->why_no_signer, why, sizeof(why));
	}
	strs_free(&own);
}

static void refuse_no_key(struct plan_row *row, const char *address)
{
	reply_set(&row->refused, 550, "5.7.1", "no usable key for %s (rule %s)", address,
		  row->decision.rule);
}

void plan_find_also(const struct seal_parts *parts, struct plan_row *row)
{
	const struct strs *wanted = row->decision.also_encrypt_to;
	const struct key_index *keys = parts->keys;
	char why[64];

	for (size_t i = 0; i < wanted->n; i++) {
		struct span name = span_str(wanted->at[i]);
		const struct key *key = NULL;

		if (span_find(name, '@') < name.len)
			key = key_index_find(keys, name, KEY_ENCRYPT, parts->now, why);
		else
			key = key_index_get(keys, name);
		if (!key || !key_usable(key, KEY_ENCRYPT, parts->now, why)) {
			/* without it the copy would not be what the rule asks */
			refuse_no_key(row, wanted->at[i]);
			return;
		}
		row->also = mem_one_more(row->also, row->also_n, sizeof(struct key *));
		row->also[row->also_n++] = key;
	}
}

static void refuse_by_rule(struct plan_row *row)
{
	const struct decision *d = &row->decision;

	reply_set(&row->refused, 550, "5.7.1", "%s <%s> (rule %s)",
		  d->reply ? d->reply : "refused by policy:", row->to, d->rule);
}

/* `explain` and `seal` are not always told all that the gateway knows. */
static void refuse_unknown(struct plan_row *row)
{
	const struct decision *d = &row->decision;

	row->what = PLAN_UNKNOWN;
	reply_set(&row->refused, 550, "5.7.1", "rule %s depends on %s; say it with %s", d->rule,
		  d->asks_listener && d->asks_client ? "the listener and the client" :
		  d->asks_client ? "the client" : "the listener",
		  d->asks_listener && d->asks_client ? "--listener and --client" :
		  d->asks_client ? "--client" : "--listener");
}

static void refuse_unsigned(struct planner *p, struct plan_row *row)
{
	const char *login = p->ask->envelope.login, *rule = row->decision.rule;
	const char *why = p->plan->why_no_signer;

	if (login)
		reply_set(&row->refused, 550, "5.7.1", "no signing key for %s: %s (rule %s)",
			  login, *why ? why : "no key", rule);
	else
		reply_set(&row->refused, 550, "5.7.1",
			  "no signing key for a client without a login (rule %s)", rule);
}

/* What the client encrypted is not encrypted again; it has to reach the key. */
static void check_client(struct planner *p, struct plan_row *row)
{
	const struct client_crypto *client = &p->plan->client;

	if (row->decision.encrypt != ENCRYPT_REQUIRE)
		return;
	if (client->kind == CLIENT_CRYPTO_SMIME)
		reply_set(&row->refused, 550, "5.7.1",
			  "S/MIME cannot be checked for a certificate of %s (rule %s)",
			  row->to, row->decision.rule);
	else if (!client_crypto_reaches(client, p->parts->keys, row->to))
		reply_set(&row->refused, 550, "5.7.1",
			  "the message is not encrypted to a known key of %s (rule %s)",
			  row->to, row->decision.rule);
}

/* Whether the message can be written in the form that is signed. Read once. */
static bool signable(struct planner *p)
{
	struct canonical body;

	if (!p->message)
		return true;
	if (p->signable == SIGNABLE_UNKNOWN) {
		p->signable = NOT_SIGNABLE;
		if (canonical_read(p->message, &body, &p->why_not_signable) == 0) {
			p->signable = SIGNABLE;
			canonical_free(&body);
		}
	}
	return p->signable == SIGNABLE;
}

/* A signature in the clear is over 7-bit text (RFC 3156 3): not every message
 * can be one. What is encrypted, too, is signed as it is. */
static void check_signable(struct planner *p, struct plan_row *row)
{
	if (row->what != PLAN_SIGN || signable(p))
		return;
	row->what = PLAN_PASS;
	if (row->decision.sign != SIGN_YES)
		return;
	reply_set(&row->refused, 554, "5.6.0", "%s (rule %s)", p->why_not_signable.text,
		  row->decision.rule);
	row->what = PLAN_REFUSE;
}

/* What rule_match decided becomes what is done; refusals are set on the way. */
static void settle(struct planner *p, struct plan_row *row)
{
	const struct decision *d = &row->decision;
	const struct client_crypto *client = &p->plan->client;
	bool encrypts = d->encrypt != ENCRYPT_NO && row->key;
	bool signs = d->sign != SIGN_NO && p->plan->signer;

	if (d->action == ACTION_REJECT)
		refuse_by_rule(row);
	else if (d->encrypt == ENCRYPT_REQUIRE && !row->key)
		refuse_no_key(row, row->to);
	else if (d->sign == SIGN_YES && !p->plan->signer)
		refuse_unsigned(p, row);
	else if (client_crypto_encrypted(client))
		check_client(p, row);
	else if (encrypts)
		plan_find_also(p->parts, row);
	if (row->refused.code) {
		row->what = PLAN_REFUSE;
		return;
	}
	encrypts &= !client_crypto_encrypted(client);
	signs &= client->kind == CLIENT_CRYPTO_NONE;
	row->what = encrypts ? (signs ? PLAN_SIGN_ENCRYPT : PLAN_ENCRYPT)
			     : (signs ? PLAN_SIGN : PLAN_PASS);
	check_signable(p, row);
}

static void decide(struct planner *p, struct plan_row *row)
{
	const struct seal_parts *parts = p->parts;
	const struct envelope *envelope = &p->ask->envelope;
	struct facts facts = {
		.direction = DIRECTION_OUTBOUND,
		.own = &p->own,
		.any_author = !envelope->login,
		.listener = envelope->listener,
		.any_listener = !envelope->listener,
		.login = envelope->login,
		.client = envelope->client,
		.any_client = !envelope->client,
		.from = envelope->sender ? envelope->sender : "",
		.to = row->to,
		.message = p->message ? &p->facts : NULL,
		.content_seen = p->content_seen,
	};

	row->key = key_index_find(parts->keys, span_str(row->to), KEY_ENCRYPT, parts->now,
				  row->why_no_key);
	row->blind = !has_address(&p->shown, row->to);
	facts.key_found = row->key;
	switch (rule_match(parts->conf->rules, &facts, &row->decision)) {
	case RULE_DECIDED:
		settle(p, row);
		break;
	case RULE_NEEDS_MESSAGE:
		row->what = PLAN_WAIT;
		break;
	case RULE_NEEDS_ENVELOPE:
		refuse_unknown(row);
		break;
	}
}

/* Whether the message has come through too many servers, or through this one
 * again and again: what smtp_trace writes tells. */
static bool loops(struct span fields, const char *hostname)
{
	char *mark = mem_printf(" by %s (Letterlock) ", hostname);
	size_t all = 0, ours = 0;
	struct header_field field;

	while (header_next(&fields, &field) == 1) {
		if (!span_is_nocase(field.name, "Received"))
			continue;
		all++;
		ours += span_starts_nocase(field.body, mark);
	}
	free(mark);
	return all >= RECEIVED_MAX || ours >= PASSED_MAX;
}

/* What speaks against the message whoever it goes to. */
static void check_message(struct planner *p)
{
	const struct message *message = p->message;
	struct plan *plan = p->plan;

	if (identity_message(&p->parts->conf->settings, p->ask, message->fields, &p->from,
			     &plan->refused) < 0)
		return;
	if (loops(message->fields, p->parts->conf->settings.gateway.hostname))
		reply_set(&plan->refused, 554, "5.4.6",
			  "the message is in a loop, as its Received fields tell");
}

/* Whether it answers what was opened; who has no login had nothing opened. */
static void look_for_answer(struct planner *p)
{
	const struct seal_parts *parts = p->parts;
	const char *login = p->ask->envelope.login;
	struct strs ids = { 0 };
	struct err err = { 0 };
	int found = 0;

	if (!login)
		return;
	p->facts.answers_unsure = !answers_named(p->message->fields, &ids);
	if (ids.n > 0)
		found = parts->opened ? parts->opened(parts->owner, login, &ids, &err) : -1;
	p->facts.answers = found > 0;
	if (found < 0)
		reply_set(&p->plan->refused, 451, "4.3.0", "whether it answers an encrypted "
			  "message cannot be told now: try again");
	strs_free(&ids);
}

static void look_at_message(struct planner *p)
{
	struct rule_needs needs;

	rule_match_needs(p->parts->conf->rules, DIRECTION_OUTBOUND, &needs);
	facts_read(p->message, &needs, &p->facts);
	p->content_seen = mem_new(rule_match_count(p->parts->conf->rules) + 1);
	client_crypto_look(p->message, &p->plan->client);
	collect(p->message->fields, "To", &p->shown);
	collect(p->message->fields, "Cc", &p->shown);
	if (needs.answers)
		look_for_answer(p);
	check_message(p);
}

void plan_spread(struct plan *plan)
{
	for (size_t i = 0; plan->refused.code && i < plan->n; i++) {
		if (plan->rows[i].what == PLAN_REFUSE)
			continue;
		plan->rows[i].refused = plan->refused;
		plan->rows[i].what = PLAN_REFUSE;
	}
}

void plan_make(const struct seal_parts *parts, const struct ask *ask,
	       const struct message *message, struct plan *plan)
{
	const struct envelope *envelope = &ask->envelope;
	struct planner p = { .parts = parts, .ask = ask, .message = message, .plan = plan };

	*plan = (struct plan){ .n = envelope->to.n };
	plan->rows = mem_new(plan->n * sizeof(*plan->rows));
	if (envelope->login)
		settings_addresses(&parts->conf->settings, envelope->login, &p.own);
	if (message)
		look_at_message(&p);
	else
		(void)identity_sender(&parts->conf->settings, ask, &plan->refused);
	choose_signer(&p);
	for (size_t i = 0; i < plan->n; i++) {
		plan->rows[i].to = envelope->to.at[i];
		decide(&p, &plan->rows[i]);
	}
	plan_spread(plan);
	facts_free(&p.facts);
	free(p.content_seen);
	strs_free(&p.from);
	strs_free(&p.own);
	strs_free(&p.shown);
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		free(plan->rows[i].also);
	free(plan->rows);
	client_crypto_free(&plan->client);
	*plan = (struct plan){ 0 };
}

const struct reply *plan_refusal(const struct plan *plan)
{
	if (plan->refused.code)
		return &plan->refused;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->rows[i].refused.code)
			return &plan->rows[i].refused;
	return NULL;
}

bool plan_encrypts(const struct plan_row *row)
{
	return row->what == PLAN_ENCRYPT || row->what == PLAN_SIGN_ENCRYPT;
}

bool plan_signs(const struct plan_row *row)
{
	return row->what == PLAN_SIGN || row->what == PLAN_SIGN_ENCRYPT;
}
