#include "proxy/session/imap_command.h"

#include "proxy/engine/imap_token.h"
#include "proxy/session/imap_fetch.h"
#include "proxy/session/imap_login.h"
#include "proxy/session/imap_relay.h"
#include "proxy/session/imap_search.h"
#include "proxy/session/imap_upstream.h"

static void capability(struct imap_session *s)
{
	imap_relay_capability(s);
	imap_state_done(s, "OK done");
}

/* Before login nothing but that goes upstream (THREATS 5). */
static void noop(struct imap_session *s)
{
	if (s->base.login)
		imap_relay_command(s);
	else
		imap_state_done(s, "OK done");
}

static void id(struct imap_session *s)
{
	if (s->base.login &&
	    imap_capabilities_has(imap_client_capabilities(s->engine), "ID")) {
		imap_relay_command(s);
		return;
	}
	(void)buf_puts(imap_state_out(s), "* ID (\"name\" \"Letterlock\")\r\n");
	imap_state_done(s, "OK done");
}

static void logout(struct imap_session *s)
{
	(void)buf_puts(imap_state_out(s), "* BYE logging out\r\n");
	imap_state_done(s, "OK done");
	s->base.over = true;
}

static bool hear_enabled(struct imap_session *s, const struct imap_client_event *event)
{
	struct span text = event->text;

	(void)s;
	return event->kind == IMAP_CLIENT_UNTAGGED &&
	       span_is_nocase(span_of(text.at, span_find(text, ' ')), "ENABLED");
}

static void on_enabled(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status == IMAP_OK)
		(void)buf_puts(imap_state_out(s), "* ENABLED CONDSTORE\r\n");
	imap_state_relay_done(s, event);
}

/* Only CONDSTORE of what is offered can be enabled; what is not offered stays
 * off (RFC 5161 3.1). */
static void enable(struct imap_session *s)
{
	const struct imap_capabilities *theirs = imap_client_capabilities(s->engine);
	struct span rest = s->command.args, word;
	bool wanted = false;

	while (span_split(&rest, ' ', &word))
		wanted |= span_is_nocase(word, "CONDSTORE");
	if (wanted && imap_capabilities_has(theirs, "ENABLE") &&
	    imap_capabilities_has(theirs, "CONDSTORE")) {
		imap_upstream_say(s, span_str("ENABLE CONDSTORE"), hear_enabled, on_enabled);
		return;
	}
	(void)buf_puts(imap_state_out(s), "* ENABLED\r\n");
	imap_state_done(s, "OK done");
}

/* STATUS=SIZE is not offered: what lies there is of another size than what is
 * shown (RFC 8438). "STATUS x (SIZE)", "LIST "" * RETURN (STATUS (SIZE))" */
static bool asks_size(const struct imap_session *s)
{
	struct span rest = s->command.args;
	struct imap_token token;
	unsigned depth = 0, least = 1;

	if (strcmp(s->command.command->verb, "LIST") == 0)
		least = 2;
	else if (strcmp(s->command.command->verb, "STATUS") != 0)
		return false;
	while (imap_token_next(&rest, &token) != IMAP_TOKEN_END && token.kind != IMAP_TOKEN_BAD) {
		depth += token.kind == IMAP_TOKEN_OPEN;
		depth -= token.kind == IMAP_TOKEN_CLOSE;	/* they pair */
		if (depth >= least && span_is_nocase(token.text, "SIZE"))
			return true;
	}
	return false;
}

static void relay(struct imap_session *s)
{
	if (asks_size(s))
		imap_state_done(s, "BAD SIZE is not offered");
	else
		imap_relay_command(s);
}

void imap_command(struct imap_session *s)
{
	switch (s->command.command->treatment) {
	case IMAP_DO_RELAY:
		relay(s);
		return;
	case IMAP_DO_CAPABILITY:
		capability(s);
		return;
	case IMAP_DO_NOOP:
		noop(s);
		return;
	case IMAP_DO_LOGOUT:
		logout(s);
		return;
	case IMAP_DO_ID:
		id(s);
		return;
	case IMAP_DO_LOGIN:
		imap_login(s);
		return;
	case IMAP_DO_AUTHENTICATE:
		imap_login_authenticate(s);
		return;
	case IMAP_DO_ENABLE:
		enable(s);
		return;
	case IMAP_DO_SELECT:
		imap_relay_select(s);
		return;
	case IMAP_DO_CLOSE:
		imap_relay_close(s);
		return;
	case IMAP_DO_IDLE:
		imap_relay_idle(s);
		return;
	case IMAP_DO_FETCH:
		imap_fetch(s);
		return;
	case IMAP_DO_SEARCH:
		imap_search(s);
		return;
	case IMAP_DO_STARTTLS:
	case IMAP_DO_APPEND:
		break;		/* events of their own */
	}
	imap_state_done(s, "BAD not here");
}
