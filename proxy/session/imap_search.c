#include "proxy/session/imap_search.h"

#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_search_keys.h"
#include "proxy/session/imap_relay.h"
#include "proxy/session/imap_upstream.h"
#include "proxy/session/imap_view.h"

enum {
	TEXT_MOST = 4000,	/* octets; of what is looked for */
	COMMAND_SURE = 8000,	/* that every server takes (RFC 2683 3.2.1.5) */
};

/* The keys of one search, and what policy has found of each so far. */
struct search {
	struct imap_search_keys keys;
	char *answers[IMAP_SEARCH_KEYS_MAX];	/* "all LF found LF" */
	struct span all[IMAP_SEARCH_KEYS_MAX], found[IMAP_SEARCH_KEYS_MAX];
	size_t asked;
};

static void free_search(struct imap_session *s, void *work)
{
	struct search *search = work;

	(void)s;
	imap_search_keys_free(&search->keys);
	for (size_t i = 0; i < IMAP_SEARCH_KEYS_MAX; i++)
		free(search->answers[i]);
	free(search);
}

static enum imap_search_kind kind_of(const struct imap_session *s)
{
	const char *verb = s->command.command->verb;

	if (span_starts_nocase(span_str(verb), "UID "))
		verb += 4;
	return *verb == 'T' ? IMAP_THREAD : verb[1] == 'O' ? IMAP_SORT : IMAP_SEARCH;
}

/* The names of messages made it that long, not the client. */
static void on_long(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status == IMAP_BAD)
		imap_state_done(s, "NO [LIMIT] too many messages to search in");
	else
		imap_state_relay_done(s, event);
}

/* All is known: the program with what was found in views. */
static void say(struct imap_session *s)
{
	struct search *search = s->work;
	struct buf command;

	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	if (buf_puts(&command, s->command.command->verb) < 0 ||
	    imap_search_keys_put(s->command.args, &search->keys, search->all, search->found,
				 &command) < 0)
		imap_state_done(s, "NO [LIMIT] too many messages to search in");
	else
		imap_upstream_say(s, buf_span(&command), NULL,
				  search->keys.n && command.len > COMMAND_SURE
					  ? on_long : imap_state_relay_done);
	buf_free(&command);
}

/* Digits, `:` and `,` alone: it is said upstream as it is. */
static bool is_set(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || !strchr("0123456789:,", text.at[i]))
			return false;
	return true;
}

/* Two sets, each with LF behind it. */
static int take_sets(struct search *search, const struct answer *answer, int fd)
{
	size_t size = (size_t)answer->shapes_size, i = search->asked, end;
	struct span text;

	if (answer->kind != ANSWER_FOUND || fd < 0 ||
	    answer->shapes_size > IMAP_CLIENT_COMMAND_MAX)
		return -1;
	search->answers[i] = mem_new(size + 1);
	if (pread(fd, search->answers[i], size, 0) != (ssize_t)size)
		return -1;
	text = span_of(search->answers[i], size);
	end = span_find(text, '\n');
	search->all[i] = span_of(text.at, end);
	text = span_skip(text, end + 1);
	end = span_find(text, '\n');
	search->found[i] = span_of(text.at, end);
	return end + 1 == text.len && is_set(search->all[i]) && is_set(search->found[i]) ? 0 : -1;
}

static void ask_next(struct imap_session *s);

static void on_found(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;
	struct search *search = s->work;

	s->base.question = NULL;
	if (!answer || take_sets(search, answer, passed) < 0) {
		log_warning(&s->base.log, "search failed", "reason=\"%s\"",
			    !answer ? "no answer" : answer->kind == ANSWER_REFUSED
				    ? answer->reply.text : "the answer did not fit");
		imap_state_done(s, "NO [UNAVAILABLE] opened messages cannot be searched now");
	} else {
		search->asked++;
		ask_next(s);
	}
	if (passed >= 0)
		(void)close(passed);
	session_turn(&s->base);
}

static void ask_next(struct imap_session *s)
{
	struct search *search = s->work;
	const struct imap_search_key *key = &search->keys.at[search->asked];
	struct ask ask = { .kind = ASK_FIND };

	if (search->asked == search->keys.n) {
		say(s);
		return;
	}
	ask.envelope.login = mem_strdup(session_login(&s->base));
	imap_view_place(s, &ask.place);
	ask.find = key->find;
	ask.find_field = mem_strdup(key->field);
	ask.find_text = mem_strdup(key->text);
	ask.find_number = key->number;
	imap_state_ask(s, &ask, -1, on_found);
	ask_free(&ask);
}

/* What a question can hold. */
static bool fits(const char *text)
{
	size_t len = 0;

	for (; text && text[len]; len++)
		if ((unsigned char)text[len] < ' ' || text[len] == 0x7f)
			return false;
	return len <= TEXT_MOST;
}

/* What no question can hold: nothing that a person looks for. */
static bool can_be_asked(const struct imap_search_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!fits(keys->at[i].field) || !fits(keys->at[i].text))
			return false;
	return true;
}

void imap_search(struct imap_session *s)
{
	struct search *search = mem_new(sizeof(*search));

	s->work = search;
	s->work_free = free_search;
	if (imap_search_keys_read(s->command.args, kind_of(s), &search->keys) < 0)
		imap_state_done(s, "BAD this cannot be searched for here");
	else if (search->keys.n && search->keys.foreign)
		imap_state_done(s, "NO [BADCHARSET (US-ASCII UTF-8)] search in UTF-8");
	else if (!can_be_asked(&search->keys))
		imap_state_done(s, "NO [CANNOT] this cannot be searched for here");
	else
		ask_next(s);
}
