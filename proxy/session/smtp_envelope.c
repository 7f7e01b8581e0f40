#include "proxy/session/smtp_envelope.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/mem.h>

#include "proxy/engine/smtp_syntax.h"
#include "proxy/session/smtp_hello.h"
#include "proxy/session/smtp_upstream.h"

/* What is passed on as it came, where upstream knows it; AUTH for a login only,
 * and when it names the login; the rest is said anew by us. */
enum pass { PASS_DSN, PASS_AUTH, PASS_REQUIRETLS, PASS_OWN };

struct parameter_rule {
	const char *keyword;
	enum pass pass;
};

static const struct parameter_rule parameter_rules[] = {
	{ "RET", PASS_DSN },		/* RFC 3461 4.3 */
	{ "ENVID", PASS_DSN },
	{ "NOTIFY", PASS_DSN },
	{ "ORCPT", PASS_DSN },
	{ "AUTH", PASS_AUTH },	/* RFC 4954 5 */
	{ "REQUIRETLS", PASS_REQUIRETLS },	/* RFC 8689 2 */
	{ "SIZE", PASS_OWN },		/* said anew by us */
	{ "BODY", PASS_OWN },
	{ "SMTPUTF8", PASS_OWN },
};

static const struct parameter_rule *rule_for(struct span keyword)
{
	for (size_t i = 0;
	     i < sizeof(parameter_rules) / sizeof(*parameter_rules); i++)
		if (span_is_nocase(keyword, parameter_rules[i].keyword))
			return &parameter_rules[i];
	return NULL;
}

/* RFC 4954 5: who is said to have submitted the message is an address of the
 * login, or nobody in particular. */
static bool names_login(const struct smtp_session *s, struct span value)
{
	char *address = smtp_syntax_xtext_get(value);
	struct strs own = { 0 };
	bool names = false;

	settings_addresses(s->base.setup.settings, s->base.login, &own);
	for (size_t i = 0; i < own.n; i++)
		names |= address_same(span_str(own.at[i]), span_str(address));
	strs_free(&own);
	free(address);
	return names;
}

/* False when the parameter was refused (and the client told so). */
static bool parameter_put(struct smtp_session *s, struct buf *out,
			  const struct smtp_parameter *parameter)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	const struct parameter_rule *rule = rule_for(parameter->keyword);
	bool pass = false;

	if (!rule || (rule->pass == PASS_DSN && !they->dsn)) {
		smtp_state_reply(s, 555, "5.5.4", "upstream does not know this "
				 "parameter");
		return false;
	}
	switch (rule->pass) {
	case PASS_REQUIRETLS:
		if (!they->requiretls || !conn_secure(s->base.upstream)) {
			smtp_state_reply(s, 550, "5.7.30",
					 "REQUIRETLS is not offered upstream");
			return false;
		}
		pass = true;
		break;
	case PASS_AUTH:
		pass = s->base.login && names_login(s, parameter->value);
		if (s->base.login && !pass)
			(void)buf_printf(out, " AUTH=<>");
		break;
	case PASS_DSN:
		pass = true;
		break;
	case PASS_OWN:
		break;
	}
	if (pass)
		(void)buf_printf(out, " %.*s", (int)parameter->raw.len,
				 parameter->raw.at);
	return true;
}

/* All parameters that go upstream, as one string; NULL when refused. */
static char *parameters(struct smtp_session *s,
			const struct smtp_server_event *event)
{
	struct buf out;

	buf_init(&out, 8192);
	for (size_t i = 0; i < event->parameters_n; i++)
		if (!parameter_put(s, &out, &event->parameters[i])) {
			buf_free(&out);
			return NULL;
		}
	return buf_take_string(&out);
}

static void mail_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	s->dirty = reply->code / 100 == 2;
	if (!s->dirty) {
		log_info(&s->base.log, "upstream refused a sender", "from=%s code=%u reason=\"%s\"",
			 s->envelope.sender, reply->code, reply->lines.at[0]);
		smtp_state_reset(s);
	} else {
		s->transaction = true;
	}
	smtp_state_relay(s, reply);
}

static void say_mail(struct smtp_session *s)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	const struct envelope *e = &s->envelope;
	char size[40] = "";

	if (they->size_known && e->size) {
		uint64_t grown = smtp_hello_grown(e->size);

		/* said too large it would be refused though it may fit */
		if (they->size && grown > they->size)
			grown = they->size;
		(void)snprintf(size, sizeof(size), " SIZE=%" PRIu64, grown);
	}
	s->eight_bit_said = e->eight_bit && they->eight_bit;
	smtp_upstream_say(s, SMTP_COMMAND_WAIT, mail_replied,
			  "MAIL FROM:<%s>%s%s%s%s", e->sender, size,
			  s->eight_bit_said ? " BODY=8BITMIME" : "",
			  e->smtputf8 ? " SMTPUTF8" : "", s->parameters);
}

static void sender_answered(void *owner, const struct answer *answer, int passed)
{
	struct smtp_session *s = owner;

	(void)passed;
	s->base.question = NULL;
	if (!answer) {
		smtp_state_reset(s);
		smtp_state_reply(s, 451, "4.3.0", "policy did not answer in time");
	} else if (answer->kind == ANSWER_REFUSED) {
		log_info(&s->base.log, "sender refused", "from=%s code=%u status=%s",
			 s->envelope.sender, answer->reply.code,
			 answer->reply.status);
		smtp_state_reset(s);
		smtp_state_answer(s, &answer->reply);
	} else {
		free(s->sender_allowed);
		s->sender_allowed = mem_strdup(s->envelope.sender);
		say_mail(s);
	}
	session_turn(&s->base);
}

static void envelope_begin(struct smtp_session *s,
			   const struct smtp_server_event *event)
{
	smtp_state_reset(s);
	s->envelope.listener = mem_strdup(s->base.setup.listener->name);
	s->envelope.login = mem_strdup(session_login(&s->base));
	s->envelope.client = mem_strdup(conn_peer(s->base.client));
	s->envelope.sender = span_dup(event->text);
	s->envelope.smtputf8 = event->smtputf8;
	s->envelope.eight_bit = event->eight_bit;
	s->envelope.size = event->size;
}

/* Whose addresses are whose is settled by the configuration, which stays the
 * same for as long as a session lasts. */
static bool allowed_before(const struct smtp_session *s)
{
	return s->sender_allowed &&
	       strcmp(s->sender_allowed, s->envelope.sender) == 0;
}

void smtp_envelope_mail(struct smtp_session *s,
			const struct smtp_server_event *event)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	struct ask ask = { .kind = ASK_SENDER };
	char *passed;

	s->base.busy = true;
	if (event->smtputf8 && !they->smtputf8) {
		smtp_state_reply(s, 550, "5.6.7", "upstream does not take "
				 "addresses in UTF-8");
		return;
	}
	if (event->size > spool_budget_free_bytes(s->base.share.sending)) {
		smtp_state_reply(s, 452, "4.3.1", "spool full: try again");
		return;
	}
	passed = parameters(s, event);
	if (!passed)
		return;
	envelope_begin(s, event);
	s->parameters = passed;
	ask.envelope = s->envelope;
	if (session_login(&s->base) && !allowed_before(s))
		smtp_state_ask(s, &ask, -1, SMTP_POLICY_WAIT, sender_answered);
	else
		say_mail(s);
}

static void rcpt_forget(struct smtp_session *s)
{
	free(s->rcpt);
	free(s->rcpt_parameter);
	s->rcpt = s->rcpt_parameter = NULL;
}

static void rcpt_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	if (reply->code / 100 == 2) {
		strs_add(&s->envelope.to, span_str(s->rcpt));
		strs_add(&s->rcpt_parameters, span_str(s->rcpt_parameter));
	} else {
		log_info(&s->base.log, "upstream refused a recipient",
			 "to=%s code=%u reason=\"%s\"", s->rcpt, reply->code,
			 reply->lines.at[0]);
	}
	rcpt_forget(s);
	smtp_state_relay(s, reply);
}

static void rcpt_answered(void *owner, const struct answer *answer, int passed)
{
	struct smtp_session *s = owner;

	(void)passed;
	s->base.question = NULL;
	if (!answer) {
		smtp_state_reply(s, 451, "4.3.0", "policy did not answer in time");
		rcpt_forget(s);
	} else if (answer->kind == ANSWER_REFUSED) {
		log_info(&s->base.log, "recipient refused",
			 "to=%s rule=%s code=%u status=%s", s->rcpt,
			 answer->rule, answer->reply.code, answer->reply.status);
		smtp_state_answer(s, &answer->reply);
		rcpt_forget(s);
	} else {
		smtp_upstream_say(s, SMTP_COMMAND_WAIT, rcpt_replied,
				  "RCPT TO:<%s>%s", s->rcpt, s->rcpt_parameter);
	}
	session_turn(&s->base);
}

static size_t envelope_bytes(const struct envelope *envelope)
{
	size_t sum = 0;

	for (size_t i = 0; i < envelope->to.n; i++)
		sum += strlen(envelope->to.at[i]) + 8;
	return sum;
}

void smtp_envelope_rcpt(struct smtp_session *s,
			const struct smtp_server_event *event)
{
	struct ask ask = { .kind = ASK_RCPT };
	struct envelope *e = &ask.envelope;

	s->base.busy = true;
	if (envelope_bytes(&s->envelope) + event->text.len + 8 >
	    ENVELOPE_BYTES_MAX) {
		smtp_state_reply(s, 452, "4.5.3", "too many recipients");
		return;
	}
	rcpt_forget(s);
	s->rcpt_parameter = parameters(s, event);
	if (!s->rcpt_parameter)
		return;
	s->rcpt = span_dup(event->text);
	*e = s->envelope;
	e->to = (struct strs){ &s->rcpt, 1 };
	ask.want_utf8 = e->smtputf8;
	smtp_state_ask(s, &ask, -1, SMTP_POLICY_WAIT, rcpt_answered);
}
