#include "policy/job/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>
#include <letterlock/settings.h>

#include "policy/job/compose.h"
#include "policy/job/facts.h"
#include "policy/job/message.h"
#include "policy/job/output.h"
#include "policy/job/plan.h"
#include "policy/job/seal.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"

/* One message on its way into a mailbox. */
struct storing {
	const struct seal_parts *parts;
	struct ask ask;		/* as it came; of another size once lines are mended */
	int in;
	int lines;		/* the message with its lines mended, or -1 */
	struct message message;
	struct plan plan;	/* one row */
	struct plan_row row;
	struct strs own;
	struct answer *answer;
	struct err *err;
};

static void refuse(struct storing *s, unsigned code, const char *status, const char *text)
{
	s->answer->kind = ANSWER_REFUSED;
	reply_set(&s->answer->reply, code, status, "%s", text);
}

static void failed(struct storing *s)
{
	refuse(s, 451, "4.3.0", "the message could not be protected now: try again");
}

/* --- lines --- */

static bool needs_mending(struct span text)
{
	for (const char *at = text.at, *end = text.at + text.len; at < end; at++) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			return false;
		if (at == text.at || at[-1] != '\r')
			return true;
	}
	return false;
}

/* CRLF for each LF, into a file of its own. */
static int mend(struct storing *s)
{
	struct span rest = s->message.client;
	struct output out;

	s->lines = output_memory(s->err);
	if (s->lines < 0)
		return -1;
	output_init(&out, s->lines, UINT64_MAX);
	while (rest.len > 0) {
		size_t len = span_find(rest, '\n');
		bool bare = len < rest.len && (len == 0 || rest.at[len - 1] != '\r');

		output_put(&out, span_of(rest.at, len));
		if (len < rest.len)
			output_puts(&out, bare ? "\r\n" : "\n");
		rest = span_skip(rest, len < rest.len ? len + 1 : len);
	}
	if (output_flush(&out, s->err) < 0)
		return -1;
	message_close(&s->message);
	s->ask.message_size = out.written;
	return message_open(&s->ask, s->lines, &s->message, s->err);
}

/* --- the decision --- */

/* The newest usable key of the login's whose secret part is here: what is
 * stored for nobody who can read it is lost. */
static const struct key *own_key(const struct storing *s)
{
	const struct key *best = NULL;
	char why[64];

	for (size_t i = 0; i < key_index_count(s->parts->keys); i++) {
		const struct key *key = key_index_at(s->parts->keys, i);
		bool own = false;

		for (size_t k = 0; k < key->addresses.n; k++)
			own |= strs_has_nocase(&s->own, span_str(key->addresses.at[k]));
		if (own && key->secret && key_usable(key, KEY_ENCRYPT, s->parts->now, why) &&
		    (!best || key->created > best->created ||
		     (key->created == best->created &&
		      strcmp(key->fingerprint, best->fingerprint) < 0)))
			best = key;
	}
	return best;
}

static void decide(struct storing *s)
{
	struct message_facts about;
	struct rule_needs needs;
	struct facts facts = {
		.direction = DIRECTION_STORED,
		.listener = s->ask.envelope.listener,
		.login = s->ask.envelope.login,
		.client = s->ask.envelope.client,
		.from = s->own.at[0],
		.own = &s->own,
		.to = s->own.at[0],
		.key_found = s->row.key != NULL,
		.message = &about,
	};

	rule_match_needs(s->parts->conf->rules, DIRECTION_STORED, &needs);
	facts_read(&s->message, &needs, &about);
	(void)rule_match(s->parts->conf->rules, &facts, &s->row.decision);
	facts_free(&about);
}

static void refuse_by_rule(struct storing *s)
{
	const struct decision *d = &s->row.decision;

	s->answer->kind = ANSWER_REFUSED;
	reply_set(&s->answer->reply, 550, "5.7.1", "%s (rule %s)",
		  d->reply ? d->reply : "this may not be stored", d->rule);
}

static void refuse_no_key(struct storing *s)
{
	s->answer->kind = ANSWER_REFUSED;
	reply_set(&s->answer->reply, 550, "5.7.1", "no usable key for %s (rule %s)",
		  s->ask.envelope.login, s->row.decision.rule);
}

/* --- the copy --- */

static void one_copy(struct storing *s, const struct answer_copy *copy)
{
	s->answer->kind = ANSWER_SEALED;
	s->answer->copies = mem_new(sizeof(*copy));
	s->answer->copies[0] = *copy;
	s->answer->copies_n = 1;
}

static void as_it_is(struct storing *s, uint64_t size)
{
	const struct answer_copy copy = { .from_question = true, .size = size };

	one_copy(s, &copy);
}

/* As the row says; what that leaves unchanged is `size` octets. */
static void write_copy(struct storing *s, const struct key *const *keys, size_t n,
		       uint64_t size, int out)
{
	struct compose compose_for = {
		.ask = &s->ask, .message = &s->message, .plan = &s->plan,
		.hostname = s->parts->conf->settings.gateway.hostname,
		.pgp = s->parts->pgp, .out = out, .room = s->ask.output_max, .stored = true,
	};
	struct answer_copy copy;
	struct reply reply;

	if (compose(&compose_for, &s->row, keys, n, &copy, &reply, s->err) < 0) {
		s->answer->kind = ANSWER_REFUSED;
		s->answer->reply = reply;
	} else if (copy.from_question) {
		as_it_is(s, size);
	} else {
		one_copy(s, &copy);
	}
}

/* In the clear: byte for byte, unless the rule changes the header. */
static void pass(struct storing *s, uint64_t size, int out)
{
	const struct decision *d = &s->row.decision;

	if (d->add_header->n == 0 && !d->strip_tag) {
		as_it_is(s, size);
		return;
	}
	s->row.what = PLAN_PASS;
	write_copy(s, NULL, 0, size, out);
}

static void encrypt(struct storing *s, uint64_t size, int out)
{
	const struct key **keys = mem_new((s->row.also_n + 1) * sizeof(*keys));
	size_t n = 1;

	keys[0] = s->row.key;
	for (size_t i = 0; i < s->row.also_n; i++) {
		bool twice = false;

		for (size_t k = 0; k < n; k++)
			twice |= strcmp(keys[k]->fingerprint, s->row.also[i]->fingerprint) == 0;
		if (!twice)
			keys[n++] = s->row.also[i];
	}
	write_copy(s, keys, n, size, out);
	free(keys);
}

static void carry_out(struct storing *s, uint64_t size, int out)
{
	const struct decision *d = &s->row.decision;

	(void)snprintf(s->answer->rule, sizeof(s->answer->rule), "%s", d->rule);
	if (d->action == ACTION_REJECT) {
		refuse_by_rule(s);
	} else if (d->encrypt == ENCRYPT_NO || client_crypto_encrypted(&s->plan.client)) {
		pass(s, size, out);
	} else if (!s->row.key) {
		if (d->encrypt == ENCRYPT_REQUIRE)
			refuse_no_key(s);
		else
			pass(s, size, out);
	} else {
		plan_find_also(s->parts, &s->row);
		if (s->row.refused.code) {
			s->answer->kind = ANSWER_REFUSED;
			s->answer->reply = s->row.refused;
		} else {
			encrypt(s, size, out);
		}
	}
}

static void work(struct storing *s, int out)
{
	uint64_t size = s->ask.message_size;

	if (message_open(&s->ask, s->in, &s->message, s->err) < 0) {
		if (s->err->kind == ERR_REFUSED)
			refuse(s, 554, "5.6.0", s->err->text);
		else
			failed(s);
		return;
	}
	if (memchr(s->message.client.at, '\0', s->message.client.len)) {
		refuse(s, 554, "5.6.0", "a NUL in it cannot be stored");
	} else if (needs_mending(s->message.client) && mend(s) < 0) {
		failed(s);
	} else {
		client_crypto_look(&s->message, &s->plan.client);
		s->row.key = own_key(s);
		decide(s);
		carry_out(s, size, out);
	}
	message_close(&s->message);
}

void store(const struct seal_parts *parts, const struct ask *ask, int in, int out,
	   struct answer *answer, struct err *err)
{
	struct storing s = { .parts = parts, .ask = *ask, .in = in, .lines = -1,
			     .answer = answer, .err = err };

	*answer = (struct answer){ .id = ask->id };
	/* what is stored is asked of no SMTP server */
	s.ask.upstream_size = 0;
	s.ask.upstream_eight_bit = s.ask.upstream_smtputf8 = true;
	settings_addresses(&parts->conf->settings, ask->envelope.login, &s.own);
	s.row.to = s.own.at[0];
	s.row.what = PLAN_ENCRYPT;
	s.plan.rows = &s.row;
	s.plan.n = 1;
	work(&s, out);
	if (err->kind == ERR_REFUSED)
		*err = (struct err){ 0 };
	client_crypto_free(&s.plan.client);
	free(s.row.also);
	strs_free(&s.own);
	if (s.lines >= 0)
		(void)close(s.lines);
}
