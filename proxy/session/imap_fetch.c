#include "proxy/session/imap_fetch.h"

#include "proxy/session/imap_relay.h"

/* Answers to a FETCH pass as they are; all else as usual. */
static bool heard(struct imap_session *s, const struct imap_client_event *event)
{
	size_t blank = span_find(event->text, ' ');

	if ((event->kind == IMAP_CLIENT_UNTAGGED ||
	     event->kind == IMAP_CLIENT_BIG) &&
	    !span_starts_nocase(span_skip(event->text, blank + 1), "FETCH "))
		return false;
	return imap_relay_raw(s, event);
}

void imap_fetch(struct imap_session *s)
{
	struct buf command;

	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, s->command.command->verb);
	(void)buf_put(&command, s->command.args);
	imap_upstream_say(s, buf_span(&command), heard, imap_state_relay_done);
	buf_free(&command);
}
