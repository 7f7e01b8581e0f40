#include "proxy/session/pop3_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

enum { WORDS_MAX = 1024 };

/* --- answers --- */

void pop3_state_done(struct pop3_session *s)
{
	s->base.busy = false;
	s->base.moved = true;
	s->midst = false;
	s->base.more = NULL;
	room_drop(&s->waits);
	pop3_state_drop_view(s);
	sasl_free(s->sasl);
	s->sasl = NULL;
	free(s->candidate);
	s->candidate = NULL;
	if (s->first_response)
		secret_erase(s->first_response, strlen(s->first_response));
	free(s->first_response);
	s->first_response = NULL;
	s->cancelled = false;
	if (s->base.client && !s->base.ending)
		pop3_server_done(s->server);
}

static void put_line(struct pop3_session *s, const char *text)
{
	struct buf *out = conn_out(s->base.client);

	for (; *text; text++)
		(void)buf_put(out, span_of((unsigned char)*text < ' ' || *text == 0x7f ? "?" : text,
					   1));
	(void)buf_puts(out, "\r\n");
}

void pop3_state_say(struct pop3_session *s, const char *format, ...)
{
	char text[WORDS_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (s->base.client && !s->base.ending)
		put_line(s, text);
	pop3_state_done(s);
}

void pop3_state_relay(struct pop3_session *s, const struct pop3_client_event *event)
{
	pop3_state_say(s, "%s %.*s", event->ok ? "+OK" : "-ERR",
		       (int)(event->text.len < 500 ? event->text.len : 500), event->text.at);
}

void pop3_state_end(struct pop3_session *s, const char *text)
{
	bool words = !s->midst && !s->base.handshaking;

	if (s->base.ending || !s->base.client)
		return;
	s->base.ending = true;
	s->base.busy = false;
	policy_forget(s->base.question);
	s->base.question = NULL;
	room_drop(&s->waits);
	log_info(&s->base.log, "session ended", "reason=\"%s\"", text);
	if (!words) {
		s->base.over = true;	/* none in the midst of a message */
		return;
	}
	put_line(s, text);
	pop3_server_end(s->server);
}

/* --- lines --- */

void pop3_state_put(struct pop3_session *s, struct span bytes)
{
	struct buf *out = conn_out(s->base.client);

	while (bytes.len > 0) {
		size_t len = span_find(bytes, '\n');

		len = len < bytes.len ? len + 1 : bytes.len;
		if (s->line_begins && bytes.at[0] == '.')
			(void)buf_puts(out, ".");
		(void)buf_put(out, span_of(bytes.at, len));
		s->line_begins = bytes.at[len - 1] == '\n';
		bytes = span_skip(bytes, len);
	}
}

void pop3_state_put_end(struct pop3_session *s)
{
	(void)buf_puts(conn_out(s->base.client), s->line_begins ? ".\r\n" : "\r\n.\r\n");
}

/* --- what is kept --- */

void pop3_state_forget_maildrop(struct pop3_session *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->messages[i].name);
	free(s->messages);
	s->messages = NULL;
	s->n = s->room = 0;
	s->surveyed = false;
}

void pop3_state_drop_view(struct pop3_session *s)
{
	view_map_drop(&s->shown, s->base.share.reading);
	spool_free(s->spool);
	s->spool = NULL;
}

/* --- questions --- */

/* Without unique-ids a number means nothing to another session. */
static char *mailbox_of(const struct pop3_session *s)
{
	if (pop3_client_capabilities(s->engine)->uidl)
		return mem_strdup("");
	return mem_printf("session %016llx", (unsigned long long)s->base.setup.id);
}

/* A question about none of them yet. */
static void begin_question(const struct pop3_session *s, enum ask_kind kind, struct ask *ask)
{
	*ask = (struct ask){ .kind = kind };
	ask->envelope.listener = mem_strdup(s->base.setup.listener->name);
	ask->envelope.login = mem_strdup(session_login(&s->base));
	ask->envelope.client = mem_strdup(conn_peer(s->base.client));
	ask->place.upstream = mem_strdup(s->base.setup.listener->upstream->name);
	ask->place.mailbox = mailbox_of(s);
}

void pop3_state_ask(struct pop3_session *s, enum ask_kind kind, size_t from, size_t to,
		    policy_answered *answered)
{
	bool stored = kind == ASK_OPEN;
	struct ask ask;

	begin_question(s, kind, &ask);
	for (size_t i = from; i < to; i++)
		strs_add(&ask.place.names, span_str(s->messages[i].name));
	ask.message_size = stored ? spool_size(s->spool) : 0;
	s->base.question = policy_ask(s->base.setup.policy, &ask,
				      stored ? spool_descriptor(s->spool) : -1,
				      POP3_POLICY_WAIT, answered, s);
	ask_free(&ask);
}

/* Nobody waits for it: what is not forgotten is of no harm. */
static void forgotten(void *owner, const struct answer *answer, int passed)
{
	(void)owner;
	(void)answer;
	(void)passed;
}

void pop3_state_tell_deleted(struct pop3_session *s)
{
	size_t i = 0;

	while (i < s->n) {
		struct ask ask;

		begin_question(s, ASK_GONE, &ask);
		for (; i < s->n && ask.place.names.n < ASK_NAMES_MAX; i++)
			if (s->messages[i].deleted)
				strs_add(&ask.place.names, span_str(s->messages[i].name));
		if (ask.place.names.n)	/* it outlives the session */
			(void)policy_ask(s->base.setup.policy, &ask, -1, POP3_POLICY_WAIT,
					 forgotten, NULL);
		ask_free(&ask);
	}
}

enum view_map_result pop3_state_take(struct pop3_session *s, const struct answer *answer,
				     int passed)
{
	spool_free(s->spool);	/* there is no need of what it was made from */
	s->spool = NULL;
	return view_map_take(&s->shown, s->base.share.reading, &s->base.log, answer, passed);
}
