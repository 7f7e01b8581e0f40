/* Which messages there are, what they are, and how large: one after the other
 * UIDL, LIST, what policy knows, a look at the rest, and their views. */
#include <inttypes.h>
#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/shape.h>

#include "proxy/engine/mail_kind.h"
#include "proxy/session/pop3_upstream.h"

enum {
	LINES_MAX = 64 * 1024 * 1024,	/* octets of UIDL, or LIST */
	LINE_LONGEST = 1024 * 1024,	/* one, or a turn of many */
	LOOK_LINES = 60,		/* of a body that is looked at */
	HEADER_MAX = 64 * 1024,		/* a larger header needs a view */
	LOOK_MAX = HEADER_MAX + MAIL_KIND_TEXT,
	LOOKS_AT_ONCE = 50,
};

static void look_at_rest(struct pop3_session *s);
static void open_rest(struct pop3_session *s);

static void fail(struct pop3_session *s, const char *why)
{
	log_warning(&s->base.log, "maildrop not surveyed", "reason=\"%s\"", why);
	pop3_state_forget_maildrop(s);
	pop3_state_say(s, "-ERR [SYS/TEMP] %s", why);
}

/* --- lines of UIDL and LIST --- */

static void begin_lines(struct pop3_session *s)
{
	buf_wipe(&s->text);
	buf_init(&s->text, LINE_LONGEST);
	s->at = 0;
	s->came = 0;
	s->disorder = false;
}

/* Whether lines, or their end, have come. */
static bool gather(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->kind == POP3_CLIENT_REPLY) {
		if (!event->ok || !event->lines) {
			pop3_state_forget_maildrop(s);
			pop3_state_relay(s, event);
		}
		return false;
	}
	s->came += event->text.len;
	if (event->kind == POP3_CLIENT_END ||
	    (s->came <= LINES_MAX && buf_put(&s->text, event->text) == 0))
		return true;
	pop3_state_end(s, "-ERR [SYS/TEMP] upstream has too many messages");
	return false;
}

/* "7 text": the next of a list that counts from 1, without gaps. A line that is not
 * so is told when all have come: until then upstream has the word. */
static bool take_line(struct pop3_session *s, bool all, struct span *text)
{
	struct span rest = buf_span(&s->text), line;
	size_t len = span_find(rest, '\n');
	unsigned long long said;

	if (len == rest.len && (!all || !len))
		return false;
	line = span_of(rest.at, len);
	buf_drop(&s->text, len + 1);
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	s->disorder |= !span_number(span_of(line.at, span_find(line, ' ')), &said) ||
		       said != s->at + 1 || s->at == POP3_MESSAGES_MAX;
	*text = span_skip(line, span_find(line, ' ') + 1);
	return !s->disorder;
}

static struct pop3_message *add(struct pop3_session *s)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->messages = mem_grow(s->messages, s->room, sizeof(*s->messages));
	}
	s->messages[s->n] = (struct pop3_message){ .kind = POP3_UNKNOWN };
	return &s->messages[s->n++];
}

static bool good_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] < '!' || name.at[i] > '~')
			return false;
	return name.len > 0 && name.len <= ASK_NAME_MAX;
}

/* --- what policy knows --- */

static void ask_shapes(struct pop3_session *s);

static void ask_again(struct session *base)
{
	ask_shapes(pop3_state_of(base));
	session_turn(base);
}

/* What policy knows of the messages from s->at on; how far that goes. */
static size_t note_shapes(struct pop3_session *s, struct span rest)
{
	struct shape_entry entry;
	struct err err = { 0 };
	size_t to = s->at;

	while (rest.len > 0 && to < s->n && shape_entry_decode(&rest, &entry, &err) == 0) {
		struct pop3_message *message = &s->messages[to++];

		if (entry.kind == SHAPE_CLEAR)
			message->kind = POP3_CLEAR;
		if (entry.kind == SHAPE_VIEW) {
			message->kind = POP3_VIEW;
			message->size = entry.shape.size;
		}
		shape_entry_free(&entry);
	}
	return to;
}

static void on_shapes(void *owner, const struct answer *answer, int passed)
{
	struct pop3_session *s = owner;
	enum view_map_result result = VIEW_MAP_BAD;
	struct view_map shapes = { 0 };
	size_t to = s->at;

	s->base.question = NULL;
	if (answer && answer->kind == ANSWER_SHAPES)
		result = view_map_take(&shapes, s->base.share.listing, &s->base.log, answer,
				       passed);
	if (result == VIEW_MAP_TAKEN)
		to = note_shapes(s, shapes.entries);
	view_map_drop(&shapes, s->base.share.listing);
	if (to > s->at) {
		s->at = to;
		room_found(&s->waits);
		ask_shapes(s);
	} else if (result != VIEW_MAP_FULL) {
		fail(s, "stored mail cannot be opened now: try again");
	} else if (!room_wait(&s->waits, &s->base, s->base.share.listing,
			      answer->shapes_size + answer->view_size, ask_again)) {
		fail(s, "the gateway has no room to list messages now: try again");
	}
	session_turn(&s->base);
}

static void ask_shapes(struct pop3_session *s)
{
	size_t to = s->at + ASK_NAMES_MAX < s->n ? s->at + ASK_NAMES_MAX : s->n;

	if (s->at < s->n) {
		pop3_state_ask(s, ASK_SHAPES, s->at, to, on_shapes);
		return;
	}
	s->at = s->answered = 0;
	look_at_rest(s);
}

/* --- a look at what nobody has looked at --- */

static bool is_unknown(const struct pop3_session *s, size_t i)
{
	return s->messages[i].kind == POP3_UNKNOWN;
}

static size_t next_unknown(const struct pop3_session *s, size_t from)
{
	while (from < s->n && !is_unknown(s, from))
		from++;
	return from;
}

static struct span text_of(struct span all, size_t end)
{
	struct span text = span_skip(all, end);

	if (text.len > MAIL_KIND_TEXT)
		text.len = MAIL_KIND_TEXT;
	return text;
}

static bool is_too_large(const struct pop3_session *s, const struct pop3_message *message)
{
	return message->stored > spool_budget_whole(s->base.share.reading);
}

static void judge_large(struct pop3_session *s, struct pop3_message *message, bool passes)
{
	message->kind = passes ? POP3_LARGE : POP3_WITHHELD;
	log_warning(&s->base.log, "message not opened",
		    "reason=\"larger than spool-memory\" number=%zu octets=%" PRIu64,
		    (size_t)(message - s->messages) + 1, message->stored);
}

/* Clear mail is clear for good; all else is opened, what can be. */
static void judge(struct pop3_session *s, struct pop3_message *message)
{
	struct span all = buf_span(&s->text);
	const char *end = memmem(all.at, all.len, "\r\n\r\n", 4);
	size_t len = end ? (size_t)(end - all.at) + 4 : all.len;
	struct span header = span_of(all.at, end ? len - 2 : len);
	const char *name = s->base.setup.settings->gateway.hostname;
	bool seen = len <= HEADER_MAX && (end || !s->enough);

	if (seen && !mail_kind_needs_view(header, text_of(all, len), name))
		message->kind = POP3_CLEAR;
	else if (is_too_large(s, message))
		judge_large(s, message, seen && !mail_kind_bears_verdict(header, name));
}

static void say_looks(struct pop3_session *s);

static void hear_look(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->kind == POP3_CLIENT_REPLY) {
		buf_clear(&s->text);
		s->enough = false;
		if (event->lines)
			return;
	} else if (event->kind == POP3_CLIENT_RUN) {
		/* as much as fits; more says nothing more */
		size_t room = buf_room(&s->text);

		s->enough |= event->text.len > room;
		(void)buf_put(&s->text, span_of(event->text.at, event->text.len < room
								? event->text.len : room));
		return;
	} else {
		judge(s, &s->messages[s->answered]);
	}
	/* what upstream does not show stays unknown, and is asked for whole */
	s->answered = next_unknown(s, s->answered + 1);
	if (s->answered < s->n)
		say_looks(s);
	else
		open_rest(s);
}

static void say_looks(struct pop3_session *s)
{
	const struct pop3_client_capabilities *they = pop3_client_capabilities(s->engine);
	unsigned most = they->pipelining ? LOOKS_AT_ONCE : 1;

	while (s->at < s->n && !s->base.ending && pop3_client_waiting(s->engine) < most) {
		if (they->top)
			pop3_upstream_say(s, POP3_CLIENT_LINES, hear_look, "TOP %zu %d",
					  s->at + 1, LOOK_LINES);
		else
			pop3_upstream_say(s, POP3_CLIENT_LINES, hear_look, "RETR %zu", s->at + 1);
		s->at = next_unknown(s, s->at + 1);
	}
}

static void look_at_rest(struct pop3_session *s)
{
	s->at = s->answered = next_unknown(s, 0);
	buf_wipe(&s->text);
	buf_init(&s->text, LOOK_MAX);
	if (s->at == s->n)
		open_rest(s);
	else
		say_looks(s);
}

/* --- views --- */

static void on_opened(struct pop3_session *s)
{
	open_rest(s);
}

static void ask_clear(struct pop3_session *s);

static void on_clear(void *owner, const struct answer *answer, int passed)
{
	struct pop3_session *s = owner;

	(void)passed;
	s->base.question = NULL;
	/* what is not noted is looked at again next time, and no more */
	if (!answer || answer->kind != ANSWER_YES)
		log_warning(&s->base.log, "clear messages not noted", NULL);
	ask_clear(s);
	session_turn(&s->base);
}

/* Runs of clear messages: noting one twice harms nothing. */
static void ask_clear(struct pop3_session *s)
{
	size_t from = s->at, to;

	while (from < s->n && s->messages[from].kind != POP3_CLEAR)
		from++;
	for (to = from; to < s->n && to - from < ASK_NAMES_MAX &&
			s->messages[to].kind == POP3_CLEAR;)
		to++;
	s->at = to;
	if (from < to) {
		pop3_state_ask(s, ASK_CLEAR, from, to, on_clear);
		return;
	}
	s->surveyed = true;
	s->then(s);
}

static void open_rest(struct pop3_session *s)
{
	size_t i = next_unknown(s, 0);

	/* upstream did not show how it begins */
	for (; i < s->n && is_too_large(s, &s->messages[i]); i = next_unknown(s, i))
		judge_large(s, &s->messages[i], false);
	if (i < s->n) {
		pop3_open(s, i, on_opened);
		return;
	}
	pop3_state_drop_view(s);
	s->at = 0;
	ask_clear(s);
}

/* --- the beginning --- */

/* The one that the next size is of. NULL: no unique-id came for it, and its number is
 * none. Where upstream has no unique-ids at all, the number stands for one. */
static struct pop3_message *next_sized(struct pop3_session *s)
{
	size_t i = s->at++;

	if (i < s->n)
		return &s->messages[i];
	if (pop3_client_capabilities(s->engine)->uidl)
		return NULL;
	add(s)->name = mem_printf("%zu", s->at);
	return &s->messages[i];
}

static void hear_sizes(struct pop3_session *s, const struct pop3_client_event *event)
{
	bool all = event->kind == POP3_CLIENT_END;
	unsigned long long size;
	struct span text;

	if (!gather(s, event))
		return;
	while (!s->disorder && take_line(s, all, &text)) {
		struct pop3_message *message = next_sized(s);

		s->disorder = !span_number(span_of(text.at, span_find(text, ' ')), &size);
		if (message)
			message->size = message->stored = s->disorder ? 0 : size;
	}
	if (s->disorder)
		buf_clear(&s->text);
	if (!all)
		return;
	if (s->disorder) {
		fail(s, "upstream's list of messages is not in order");
	} else if (s->at != s->n) {
		fail(s, "upstream's lists of messages differ");
	} else {
		s->at = 0;
		ask_shapes(s);
	}
}

static void say_list(struct pop3_session *s)
{
	begin_lines(s);
	pop3_upstream_say(s, POP3_CLIENT_LINES, hear_sizes, "LIST");
}

static void hear_names(struct pop3_session *s, const struct pop3_client_event *event)
{
	bool all = event->kind == POP3_CLIENT_END;
	struct span text;

	if (!gather(s, event))
		return;
	while (!s->disorder && take_line(s, all, &text)) {
		s->disorder = !good_name(text);
		s->at++;
		if (!s->disorder)
			add(s)->name = span_dup(text);
	}
	if (s->disorder)
		buf_clear(&s->text);
	if (!all)
		return;
	if (s->disorder)
		fail(s, "upstream's unique-ids are not in order");
	else
		say_list(s);
}

void pop3_survey(struct pop3_session *s, void (*then)(struct pop3_session *s))
{
	if (s->surveyed) {
		then(s);
		return;
	}
	s->then = then;
	pop3_state_forget_maildrop(s);
	if (!pop3_client_capabilities(s->engine)->uidl) {
		say_list(s);
		return;
	}
	begin_lines(s);
	pop3_upstream_say(s, POP3_CLIENT_LINES, hear_names, "UIDL");
}
