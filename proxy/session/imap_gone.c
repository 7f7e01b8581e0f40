#include "proxy/session/imap_gone.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_view.h"

static int by_number(const void *a, const void *b)
{
	const struct imap_message *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static bool minded(const struct imap_session *s, size_t n, uint32_t number)
{
	struct imap_message wanted = { .number = number };

	return n && bsearch(&wanted, s->opened_at, n, sizeof(wanted), by_number);
}

void imap_gone_note(struct imap_session *s)
{
	size_t before = s->opened_at_n, n = before;

	for (size_t i = 0; i < s->messages_n && n < IMAP_GONE_MAX; i++) {
		if (!s->messages[i].view ||
		    minded(s, before, s->messages[i].number))
			continue;
		s->opened_at = mem_one_more(s->opened_at, n, sizeof(*s->opened_at));
		s->opened_at[n++] = s->messages[i];
	}
	s->opened_at_n = n;
	if (n > before)
		qsort(s->opened_at, n, sizeof(*s->opened_at), by_number);
}

/* "UID MOVE" ends in "MOVE". */
static bool command_is(const struct imap_session *s, const char *verb)
{
	struct span said = span_str(s->command.command->verb);
	size_t len = strlen(verb);

	return said.len >= len && span_is(span_skip(said, said.len - len), verb);
}

void imap_gone_command(struct imap_session *s)
{
	s->copied |= command_is(s, "COPY") || command_is(s, "MOVE");
}

/* What comes is the client's own doing, and nowhere else. */
static bool ours(const struct imap_session *s)
{
	return s->base.busy && !s->copied && command_is(s, "EXPUNGE");
}

void imap_gone_vanished(struct imap_session *s, const struct imap_set *uids)
{
	struct imap_set_walk walk = { 0 };
	bool mine = ours(s);
	size_t left = 0;

	s->toil += s->opened_at_n;
	for (size_t i = 0; i < s->opened_at_n; i++) {
		struct imap_message message = s->opened_at[i];

		if (imap_set_has(uids, message.uid)) {
			if (mine)
				(void)imap_set_add(&s->gone, message.uid);
			continue;
		}
		message.number -= (uint32_t)imap_set_below(uids, &walk, message.uid);
		s->opened_at[left++] = message;
	}
	s->opened_at_n = left;
}

void imap_gone_expunged(struct imap_session *s, uint32_t number)
{
	bool mine = ours(s);
	size_t left = 0;

	s->toil += s->opened_at_n;
	for (size_t i = 0; i < s->opened_at_n; i++) {
		struct imap_message message = s->opened_at[i];

		if (message.number == number) {
			if (mine)	/* what does not fit in is kept */
				(void)imap_set_add(&s->gone, message.uid);
			continue;
		}
		message.number -= message.number > number;
		s->opened_at[left++] = message;
	}
	s->opened_at_n = left;
}

void imap_gone_tell(struct imap_session *s)
{
	imap_view_tell(s, ASK_GONE, &s->gone);
	imap_set_free(&s->gone);
}

bool imap_gone_by_close(struct imap_session *s)
{
	imap_set_free(&s->closing);
	return command_is(s, "CLOSE") && !s->read_only && !s->copied && s->opened.n;
}

bool imap_gone_hear_deleted(struct imap_session *s, const struct imap_client_event *event)
{
	struct span text = event->text, word;
	unsigned long long uid;

	if (event->kind == IMAP_CLIENT_RUN || event->kind == IMAP_CLIENT_BIG_END)
		return true;
	if (!span_split(&text, ' ', &word) || !span_is_nocase(word, "SEARCH"))
		return false;
	while (event->kind == IMAP_CLIENT_UNTAGGED && span_split(&text, ' ', &word) &&
	       span_number(word, &uid) && uid <= UINT32_MAX) {
		s->toil += s->closing.n;
		if (s->closing.n < IMAP_GONE_MAX && imap_set_has(&s->opened, (uint32_t)uid))
			(void)imap_set_add(&s->closing, (uint32_t)uid);
	}
	return true;
}

void imap_gone_closed(struct imap_session *s)
{
	imap_gone_tell(s);
	s->gone = s->closing;
	s->closing = (struct imap_set){ 0 };
}
