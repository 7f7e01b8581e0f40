#include "proxy/session/imap_command.h"

#include "proxy/engine/imap_notify.h"
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

/* What can be enabled of what is offered; what is not offered stays off (RFC
 * 5161 3.1). */
static const char *const enabling[] = { "CONDSTORE", "QRESYNC" };

static bool among(struct span words, const char *wanted)
{
	struct span word;

	while (span_split(&words, ' ', &word))
		if (span_is_nocase(word, wanted))
			return true;
	return false;
}

/* Both are listed by what upstream says: QRESYNC brings CONDSTORE with it. */
static bool hear_enabled(struct imap_session *s, const struct imap_client_event *event)
{
	struct buf *out = imap_state_out(s);
	struct span text = event->text;

	if (event->kind != IMAP_CLIENT_UNTAGGED ||
	    !span_is_nocase(span_of(text.at, span_find(text, ' ')), "ENABLED"))
		return false;
	(void)buf_puts(out, "* ENABLED");
	for (size_t i = 0; i < sizeof(enabling) / sizeof(*enabling); i++)
		if (among(text, enabling[i]))
			(void)buf_printf(out, " %s", enabling[i]);
	(void)buf_puts(out, "\r\n");
	s->qresync |= among(text, "QRESYNC");
	return true;
}

static void enable(struct imap_session *s)
{
	const struct imap_capabilities *theirs = imap_client_capabilities(s->engine);
	bool wanted = false;
	struct buf command;

	buf_init(&command, 128);
	(void)buf_puts(&command, "ENABLE");
	for (size_t i = 0; i < sizeof(enabling) / sizeof(*enabling); i++)
		if (among(s->command.args, enabling[i]) &&
		    imap_capabilities_has(theirs, enabling[i])) {
			(void)buf_printf(&command, " %s", enabling[i]);
			wanted = true;
		}
	if (wanted && imap_capabilities_has(theirs, "ENABLE")) {
		imap_upstream_say(s, buf_span(&command), hear_enabled, imap_state_relay_done);
	} else {
		(void)buf_puts(imap_state_out(s), "* ENABLED\r\n");
		imap_state_done(s, "OK done");
	}
	buf_free(&command);
}

static void notify(struct imap_session *s)
{
	struct buf command;

	if (!imap_capabilities_has(imap_client_capabilities(s->engine), "NOTIFY")) {
		imap_state_done(s, "BAD this is not offered");
		return;
	}
	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	switch (imap_notify_put(s->command.args, &command)) {
	case IMAP_NOTIFY_FINE:
		imap_upstream_say(s, buf_span(&command), NULL, imap_state_relay_done);
		break;
	case IMAP_NOTIFY_BAD:
		imap_state_done(s, "BAD that is no NOTIFY");
		break;
	case IMAP_NOTIFY_CONTENT:
		imap_state_done(s, "NO [CANNOT] only UID, FLAGS and MODSEQ are told "
				"unasked");
		break;
	}
	buf_free(&command);
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
	case IMAP_DO_NOTIFY:
		notify(s);
		return;
	case IMAP_DO_SELECT:
		imap_relay_select(s);
		return;
	case IMAP_DO_DELETE:
		imap_relay_delete(s);
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
