#include "proxy/session/smtp_hello.h"

#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/net/dial.h"
#include "proxy/session/smtp_upstream.h"

enum {
	HEADER_SHARE = 16 * 1024,	/* octets for what is put around */
	/* so many octets become so many: 11 for 8, and a length now and then */
	PLAIN = 4096,
	ARMOURED = 5633,
};

/* `n` times `to` by `by`, rounded down. */
static uint64_t scaled(uint64_t n, uint64_t to, uint64_t by)
{
	return n / by * to + n % by * to / by;
}

uint64_t smtp_hello_fits(uint64_t limit)
{
	if (limit <= HEADER_SHARE)
		return limit;
	return scaled(limit - HEADER_SHARE, PLAIN, ARMOURED);
}

uint64_t smtp_hello_grown(uint64_t size)
{
	return scaled(size, ARMOURED, PLAIN) + 1 + HEADER_SHARE;
}

static uint64_t offered_size(const struct smtp_session *s)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	uint64_t ours = s->base.setup.settings->gateway.max_message_size;
	uint64_t theirs = they->size_known ? smtp_hello_fits(they->size) : 0;

	return theirs && theirs < ours ? theirs : ours;
}

static void answer(struct smtp_session *s)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	struct smtp_server_offer offer = {
		.size = offered_size(s),
		.eight_bit = they->eight_bit,
		.smtputf8 = they->smtputf8 && they->eight_bit,
		.dsn = they->dsn,
	};
	struct strs mechanisms = { 0 };
	struct buf list;

	buf_init(&list, 1024);
	sasl_offer(&they->auth, &mechanisms);
	for (size_t i = 0; i < mechanisms.n; i++)
		(void)buf_printf(&list, i ? " %s" : "%s", mechanisms.at[i]);
	if (mechanisms.n)
		offer.auth = buf_take_string(&list);
	s->base.busy = false;
	s->offered = true;
	smtp_server_hello(s->server, conn_out(s->base.client), &offer);
	free((char *)offer.auth);
	buf_free(&list);
	strs_free(&mechanisms);
}

void smtp_hello(struct smtp_session *s, const struct smtp_server_event *event)
{
	free(s->hello);
	s->hello = span_dup(event->text);
	s->extended = event->extended;
	s->base.busy = true;
	if (s->base.ready)
		answer(s);
	else if (!s->base.upstream)
		smtp_upstream_dial(s);
}

void smtp_hello_ready(struct smtp_session *s)
{
	if (s->base.busy)
		answer(s);
}

void smtp_hello_turn_away(struct smtp_session *s, const struct reply *reply)
{
	s->turned_away = *reply;
	smtp_state_end(s, reply);
	conn_deadline(s->base.client, SMTP_TURNED_AWAY_WAIT);
}

void smtp_hello_turned_away(struct smtp_session *s)
{
	char text[sizeof(s->turned_away.status) + sizeof(s->turned_away.text)];
	char *line = text;
	struct smtp_reply again = { s->turned_away.code, { &line, 1 } };
	struct buf *in = conn_in(s->base.client);

	if (span_find(buf_span(in), '\n') == buf_span(in).len &&
	    buf_span(in).len < SMTP_TURNED_AWAY_LINE)
		return;
	buf_drop(in, buf_span(in).len);
	(void)snprintf(text, sizeof(text), "%s %s", s->turned_away.status,
		       s->turned_away.text);
	(void)smtp_reply_put(conn_out(s->base.client), &again);
	s->base.over = true;
}

void smtp_hello_starttls(struct smtp_session *s)
{
	/* A login from before TLS must not live on in it (RFC 3207 4.2). */
	if (s->base.login) {
		session_upstream_close(&s->base);
		smtp_state_login(s, NULL);
	}
	smtp_state_reset(s);
	conn_deadline(s->base.client, SMTP_COMMAND_WAIT);
	session_client_tls(&s->base);
}

void smtp_hello_secured(struct smtp_session *s)
{
	free(s->hello);
	s->hello = NULL;
	s->offered = false;
	smtp_server_secured(s->server);
}
