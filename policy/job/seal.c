#include "policy/job/seal.h"

#include <stdlib.h>

#include <letterlock/address.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>

#include "policy/crypto/digest.h"
#include "policy/job/compose.h"
#include "policy/job/identity.h"
#include "policy/job/message.h"
#include "policy/job/plan.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"

/* Keys of one copy, each once. */
struct keys {
	const struct key **at;
	size_t n;
};

static void add_key(struct keys *keys, const struct key *key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->at[i]->fingerprint, key->fingerprint) == 0)
			return;
	keys->at = mem_one_more(keys->at, keys->n, sizeof(struct key *));
	keys->at[keys->n++] = key;
}

/* What could not be done is told in a way that fits: 5xx, or try again. */
static void reply_to(const struct err *err, struct reply *reply)
{
	if (err->kind == ERR_REFUSED)
		reply_set(reply, 554, "5.6.0", "%s", err->text);
	else
		compose_reply_sorry(err, reply);
}

/* What the message is to blame for is told to the client, and no fault of ours. */
static void forget_refusal(struct err *err)
{
	if (err->kind == ERR_REFUSED)
		*err = (struct err){ 0 };
}

static void refuse(struct answer *answer, const struct reply *reply)
{
	answer->kind = ANSWER_REFUSED;
	answer->reply = *reply;
}

static void note_rule(struct answer *answer, const char *rule)
{
	size_t len = strlen(answer->rule), more = strlen(rule);
	size_t comma = len > 0;

	if (len + comma + more >= sizeof(answer->rule))
		return;
	memcpy(answer->rule + len, ",", comma);
	memcpy(answer->rule + len + comma, rule, more + 1);
}

/* --- which recipients share a copy --- */

static bool same_list(const struct strs *a, const struct strs *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return a->n == b->n;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_also(const struct plan_row *a, const struct plan_row *b)
{
	for (size_t i = 0; i < a->also_n && i < b->also_n; i++)
		if (a->also[i] != b->also[i])
			return false;
	return a->also_n == b->also_n;
}

static bool ascii(const char *text)
{
	return !message_eight_bit(span_str(text));
}

/*
 * Whether one copy serves both. A blind recipient shares an encrypted copy
 * with nobody: its key ids would tell the others (THREATS 65).
 */
static bool same_copy(const struct plan_row *a, const struct plan_row *b)
{
	const struct decision *x = &a->decision, *y = &b->decision;

	if (a->what != b->what || ascii(a->to) != ascii(b->to) ||
	    !same_list(x->add_header, y->add_header) || x->strip_tag != y->strip_tag ||
	    (x->strip_tag && !same_text(x->subject_glob, y->subject_glob)))
		return false;
	if (!plan_encrypts(a))
		return true;
	if (x->protect_subject != y->protect_subject || !same_also(a, b))
		return false;
	return (!a->blind && !b->blind) || address_same(span_str(a->to), span_str(b->to));
}

static void add_recipient(struct ask_recipients *recipients, size_t i)
{
	recipients->at = mem_one_more(recipients->at, recipients->n, sizeof(*recipients->at));
	recipients->at[recipients->n++] = (uint16_t)i;
}

/* Takes row `first` and those behind it that share its copy off `left`. */
static void gather(const struct plan *plan, size_t first, bool *left,
		   struct ask_recipients *recipients, struct keys *keys)
{
	const struct plan_row *row = &plan->rows[first];

	for (size_t i = first; i < plan->n; i++) {
		if (!left[i] || (i != first && !same_copy(row, &plan->rows[i])))
			continue;
		left[i] = false;
		add_recipient(recipients, i);
		if (plan_encrypts(row))
			add_key(keys, plan->rows[i].key);
	}
	for (size_t i = 0; plan_encrypts(row) && i < row->also_n; i++)
		add_key(keys, row->also[i]);
}

/* --- the copies --- */

static int make_copy(struct compose *compose_for, size_t first, bool *left,
		     struct answer *answer, struct err *err)
{
	const struct plan *plan = compose_for->plan;
	struct ask_recipients recipients = { 0 };
	struct keys keys = { 0 };
	struct answer_copy copy;
	struct reply reply;
	int result;

	gather(plan, first, left, &recipients, &keys);
	result = compose(compose_for, &plan->rows[first], keys.at, keys.n, &copy, &reply, err);
	free(keys.at);
	if (result < 0) {
		free(recipients.at);
		refuse(answer, &reply);
		return -1;
	}
	copy.recipients = recipients;
	answer->copies = mem_one_more(answer->copies, answer->copies_n, sizeof(copy));
	answer->copies[answer->copies_n++] = copy;
	return 0;
}

static void drop_copies(struct answer *answer)
{
	for (size_t i = 0; i < answer->copies_n; i++)
		free(answer->copies[i].recipients.at);
	free(answer->copies);
	answer->copies = NULL;
	answer->copies_n = 0;
}

/* Whether a row before `i` was decided by the same rule. */
static bool rule_noted(const struct plan *plan, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(plan->rows[k].decision.rule, plan->rows[i].decision.rule) == 0)
			return true;
	return false;
}

static void make_copies(struct compose *compose_for, struct answer *answer, struct err *err)
{
	const struct plan *plan = compose_for->plan;
	bool *left = mem_new(plan->n * sizeof(*left));

	answer->kind = ANSWER_SEALED;
	for (size_t i = 0; i < plan->n; i++) {
		left[i] = true;
		if (!rule_noted(plan, i))
			note_rule(answer, plan->rows[i].decision.rule);
	}
	for (size_t i = 0; i < plan->n; i++)
		if (left[i] && make_copy(compose_for, i, left, answer, err) < 0) {
			drop_copies(answer);
			break;
		}
	free(left);
}

/* --- which message it is --- */

/* What stands between two pieces occurs in none of them. */
static void put_text(struct digest *digest, const char *text)
{
	digest_put(digest, span_str(text));
	digest_put(digest, span_of("", 1));
}

static void journal_id(const struct ask *ask, const struct message *m,
		       char id[JOURNAL_ID_SIZE])
{
	struct digest *digest = digest_new();
	struct span rest = m->fields;
	struct header_field field;

	put_text(digest, ask->envelope.login);
	put_text(digest, ask->envelope.sender);
	while (header_next(&rest, &field) == 1)
		if (!span_is_nocase(field.name, "Message-ID"))
			digest_put(digest, field.raw);
	digest_put(digest, span_skip(m->client, m->fields.len));
	digest_end_hex(digest, id);
	digest_free(digest);
}

int seal_journal_id(const struct ask *ask, int in, char id[JOURNAL_ID_SIZE], struct err *err)
{
	struct message message;

	if (message_open(ask, in, &message, err) < 0)
		return -1;
	journal_id(ask, &message, id);
	message_close(&message);
	return 0;
}

static void refuse_by_plan(const struct plan *plan, struct answer *answer)
{
	refuse(answer, plan_refusal(plan));
	for (size_t i = 0; !plan->refused.code && i < plan->n; i++)
		if (plan->rows[i].refused.code) {
			note_rule(answer, plan->rows[i].decision.rule);
			return;
		}
}

void seal(const struct seal_parts *parts, const struct ask *ask, int in, int out,
	  struct answer *answer, struct err *err)
{
	struct message message;
	struct plan plan;
	struct compose compose_for = {
		.ask = ask,
		.message = &message,
		.plan = &plan,
		.hostname = parts->conf->settings.gateway.hostname,
		.pgp = parts->pgp,
		.out = out,
		.room = ask->output_max,
	};

	*answer = (struct answer){ .id = ask->id };
	if (message_open(ask, in, &message, err) < 0) {
		reply_to(err, &answer->reply);
		answer->kind = ANSWER_REFUSED;
		forget_refusal(err);
		return;
	}
	journal_id(ask, &message, answer->journal);
	plan_make(parts, ask, &message, &plan);
	if (plan_refusal(&plan))
		refuse_by_plan(&plan, answer);
	else
		make_copies(&compose_for, answer, err);
	forget_refusal(err);
	plan_free(&plan);
	message_close(&message);
}

void seal_plan(const struct seal_parts *parts, const struct ask *ask, int in,
	       struct plan *plan)
{
	struct message message;
	struct err err = { 0 };

	if (in < 0) {
		plan_make(parts, ask, NULL, plan);
	} else if (message_open(ask, in, &message, &err) == 0) {
		plan_make(parts, ask, &message, plan);
		message_close(&message);
	} else {
		plan_make(parts, ask, NULL, plan);
		reply_to(&err, &plan->refused);
		plan_spread(plan);
	}
}

void seal_sender(const struct seal_parts *parts, const struct ask *ask,
		 struct answer *answer)
{
	*answer = (struct answer){ .id = ask->id, .kind = ANSWER_YES };
	if (identity_sender(&parts->conf->settings, ask, &answer->reply) < 0)
		answer->kind = ANSWER_REFUSED;
}

void seal_recipient(const struct seal_parts *parts, const struct ask *ask,
		    struct answer *answer)
{
	struct plan plan;

	*answer = (struct answer){ .id = ask->id, .kind = ANSWER_YES };
	plan_make(parts, ask, NULL, &plan);
	if (plan_refusal(&plan))
		refuse_by_plan(&plan, answer);
	else if (plan.n > 0 && plan.rows[0].what == PLAN_WAIT)
		answer->kind = ANSWER_WAIT;
	else if (plan.n > 0)
		note_rule(answer, plan.rows[0].decision.rule);
	plan_free(&plan);
}
