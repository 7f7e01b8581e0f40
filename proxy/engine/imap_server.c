#include "proxy/engine/imap_server.h"

#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/engine/imap_syntax.h"
#include "proxy/engine/imap_token.h"
#include "proxy/engine/line.h"

enum {
	LINE_MAX_OCTETS = 64 * 1024,
	OUT_ROOM = 16 * 1024,	/* octets: the longest words of the engine */
	BAD_EARLY_MAX = 5,	/* bad commands of somebody unknown */
};

/* What the next bytes are. */
enum mode {
	MODE_LINE,		/* a command's line */
	MODE_LITERAL,		/* a literal of it */
	MODE_ANSWER,		/* a line after "+" */
	MODE_BODY,		/* the message of an APPEND */
	MODE_TAIL,		/* what stands behind it */
	MODE_SKIP,		/* a literal of a command that was refused */
	MODE_SKIP_LINE,		/* ... and what stands behind that */
};

struct imap_server {
	struct imap_server_setup setup;
	enum leg_tls tls;
	enum imap_commands_state state;
	enum mode mode;
	/* The event that waits for its answer; MORE when none does. */
	enum imap_server_event_kind parked;
	const char *fatal;	/* why it is over, or NULL */

	char tag[IMAP_TAG_MAX + 1];
	const struct imap_command *row;
	struct buf command;	/* its text so far, literals as they came */
	struct buf answer;	/* the LINE that was handed out */
	uint64_t literal;	/* octets of it that are to come */
	bool waits;		/* APPEND's is synchronising */
	size_t run;		/* bytes of `in` that were lent as BODY */
	unsigned bad;		/* commands */
};

struct imap_server *imap_server_new(const struct imap_server_setup *setup)
{
	struct imap_server *s = mem_new(sizeof(*s));

	s->setup = *setup;
	s->tls = setup->tls;
	s->state = IMAP_STATE_NEW;
	buf_init(&s->command, IMAP_SERVER_COMMAND_MAX);
	buf_init(&s->answer, LINE_MAX_OCTETS);
	return s;
}

void imap_server_free(struct imap_server *s)
{
	if (!s)
		return;
	buf_wipe(&s->command);
	buf_wipe(&s->answer);
	free(s);
}

void imap_server_greet(struct imap_server *s, struct buf *out,
		       const char *hostname, struct span capabilities)
{
	(void)s;
	(void)buf_puts(out, "* OK [CAPABILITY ");
	(void)buf_put(out, capabilities);
	(void)buf_printf(out, "] %s Letterlock ready\r\n", hostname);
}

/* The command is over, whatever it was. */
static void forget(struct imap_server *s)
{
	s->parked = IMAP_SERVER_MORE;
	s->mode = MODE_LINE;
	s->row = NULL;
	s->tag[0] = '\0';
	buf_wipe(&s->command);
	buf_wipe(&s->answer);
}

void imap_server_secured(struct imap_server *s)
{
	forget(s);
	s->tls = LEG_TLS_ACTIVE;
}

void imap_server_state(struct imap_server *s, enum imap_commands_state state)
{
	s->state = state;
}

enum imap_commands_state imap_server_state_now(const struct imap_server *s)
{
	return s->state;
}

bool imap_server_starttls(const struct imap_server *s)
{
	return s->state == IMAP_STATE_NEW &&
	       (s->tls == LEG_TLS_OFFERED || s->tls == LEG_TLS_REQUIRED);
}

bool imap_server_plaintext(const struct imap_server *s)
{
	return s->tls == LEG_TLS_ACTIVE ||
	       (s->tls != LEG_TLS_REQUIRED && s->setup.plaintext_auth);
}

static void fail(struct imap_server *s, struct buf *out, const char *why)
{
	(void)buf_printf(out, "* BYE %s\r\n", why);
	s->fatal = why;
}

void imap_server_end(struct imap_server *s, struct buf *out, const char *text)
{
	(void)buf_printf(out, "* BYE %s\r\n", text);
	s->fatal = "ended by the gateway";
	s->parked = IMAP_SERVER_MORE;
}

static void say(struct imap_server *s, struct buf *out, struct span status)
{
	(void)buf_puts(out, s->tag[0] ? s->tag : "*");
	(void)buf_puts(out, " ");
	(void)buf_put(out, status);
	(void)buf_puts(out, "\r\n");
}

/* Answers a command that was wrong: too many of them are the end. */
static void refuse(struct imap_server *s, struct buf *out, const char *status)
{
	unsigned most = s->state == IMAP_STATE_NEW ? BAD_EARLY_MAX
						   : s->setup.bad_commands;

	say(s, out, span_str(status));
	if (++s->bad >= most)
		fail(s, out, "too many bad commands");
	forget(s);
}

/* The message literal of an APPEND that is refused may be on its way. */
static void after_append(struct imap_server *s)
{
	bool coming = !s->waits;

	forget(s);
	if (coming)
		s->mode = MODE_SKIP;
}

void imap_server_done(struct imap_server *s, struct buf *out, struct span status)
{
	bool append = s->parked == IMAP_SERVER_APPEND;

	say(s, out, status);
	if (append)
		after_append(s);
	else
		forget(s);
}

void imap_server_continue(struct imap_server *s, struct buf *out,
			  struct span text)
{
	(void)buf_puts(out, "+ ");
	(void)buf_put(out, text);
	(void)buf_puts(out, "\r\n");
	s->parked = IMAP_SERVER_MORE;
	s->mode = MODE_ANSWER;
}

void imap_server_go_ahead(struct imap_server *s, struct buf *out)
{
	if (s->waits)
		(void)buf_puts(out, "+ OK\r\n");
	s->parked = IMAP_SERVER_MORE;
	s->mode = MODE_BODY;
}

/* Looks at tag and verb of what has come so far; NULL: all is in order. */
static const char *judge(struct imap_server *s, struct span *args)
{
	struct span text = buf_span(&s->command);
	size_t blank = span_find(text, ' ');
	struct span tag = span_of(text.at, blank);

	s->tag[0] = '\0';
	s->row = NULL;
	if (!imap_syntax_tag(tag))
		return "BAD that is no tag";
	memcpy(s->tag, tag.at, tag.len);
	s->tag[tag.len] = '\0';
	*args = span_skip(text, blank + 1);
	s->row = imap_commands_take(args);
	if (!s->row)
		return "BAD this command is not known here";
	if (!(s->row->states & s->state))
		return "BAD not in this state";
	if ((s->row->treatment == IMAP_DO_LOGIN ||
	     s->row->treatment == IMAP_DO_AUTHENTICATE) &&
	    !imap_server_plaintext(s))
		return "NO [PRIVACYREQUIRED] TLS is needed first";
	return NULL;
}

static bool hand_out(struct imap_server *s, struct imap_server_event *event,
		     enum imap_server_event_kind kind)
{
	event->kind = kind;
	s->parked = kind;
	return true;
}

/* A whole command is here. True when there is an event. */
static bool whole(struct imap_server *s, struct buf *out,
		  struct imap_server_event *event)
{
	struct span args = { 0 };
	const char *wrong = judge(s, &args);

	if (!wrong && !imap_token_well_formed(args))
		wrong = "BAD this is not well-formed";
	if (!wrong && s->row->treatment != IMAP_DO_LOGIN &&
	    !imap_syntax_spell(&s->command, &args, IMAP_SERVER_COMMAND_MAX))
		wrong = "BAD 8-bit text must come in a string";
	if (!wrong && s->row->arguments != (args.len > 0))
		wrong = args.len ? "BAD no argument is due" : "BAD an argument is due";
	if (!wrong && s->row->treatment == IMAP_DO_APPEND)
		wrong = "BAD a message is due";
	if (!wrong && s->row->treatment == IMAP_DO_STARTTLS &&
	    !imap_server_starttls(s))
		wrong = "BAD TLS is active or not offered";
	if (wrong) {
		refuse(s, out, wrong);
		return false;
	}
	event->args = args;
	if (s->row->treatment != IMAP_DO_STARTTLS)
		return hand_out(s, event, IMAP_SERVER_COMMAND);
	say(s, out, span_str("OK begin TLS now"));
	return hand_out(s, event, IMAP_SERVER_STARTTLS);
}

/*
 * A refused command whose literal is announced: one that waits for `+` will
 * not come; the other is skipped by its count (RFC 7888 4).
 */
static void refuse_literal(struct imap_server *s, struct buf *out,
			   const char *status, uint64_t size, bool waits)
{
	refuse(s, out, status);
	if (waits)
		return;
	s->literal = size;
	s->mode = MODE_SKIP;
}

static bool append_announced(struct imap_server *s, struct buf *out,
			     struct imap_server_event *event, struct span args,
			     uint64_t size, bool waits, bool binary)
{
	size_t text = args.len;

	/* what stands before "{n}" or "~{n}": a blank ends it */
	while (args.at[text - 1] != '{')
		text--;
	args.len = text - (binary ? 2 : 1);
	if (!args.len || args.at[args.len - 1] != ' ')
		return false;
	args.len--;
	if (!imap_syntax_append(args) ||
	    !imap_syntax_spell(&s->command, &args, IMAP_SERVER_COMMAND_MAX))
		return false;
	s->literal = size;
	s->waits = waits;
	if (size > s->setup.message_size) {
		say(s, out, span_str("NO [TOOBIG] larger than this gateway takes"));
		after_append(s);
		return true;
	}
	event->args = args;
	event->size = size;
	event->binary = binary;
	return hand_out(s, event, IMAP_SERVER_APPEND);
}

/* A literal follows the line. True when there is an event or an answer. */
static bool announced(struct imap_server *s, struct buf *out,
		      struct imap_server_event *event, uint64_t size, bool waits,
		      bool binary)
{
	size_t most = s->state == IMAP_STATE_NEW ? IMAP_SERVER_EARLY_MAX
						 : IMAP_SERVER_COMMAND_MAX;
	struct span args = { 0 };
	const char *wrong = judge(s, &args);

	if (wrong) {
		refuse_literal(s, out, wrong, size, waits);
		return true;
	}
	if (s->row->treatment == IMAP_DO_APPEND &&
	    append_announced(s, out, event, args, size, waits, binary))
		return true;
	if (binary) {
		refuse_literal(s, out, "BAD no binary literal is due", size, waits);
		return true;
	}
	if (size > most || s->command.len + size + 2 > most) {
		refuse_literal(s, out, "BAD [TOOBIG] too long", size, waits);
		return true;
	}
	(void)buf_puts(&s->command, "\r\n");
	if (waits)
		(void)buf_puts(out, "+ OK\r\n");
	s->literal = size;
	s->mode = MODE_LITERAL;
	return false;
}

/* Takes bytes over; secrets do not stay behind where they came in. */
static void swallow(struct imap_server *s, struct buf *to, struct span bytes)
{
	(void)buf_put(to, bytes);
	if (s->state == IMAP_STATE_NEW)
		secret_erase((char *)bytes.at, bytes.len);
}

static bool on_line(struct imap_server *s, struct span line, struct buf *out,
		    struct imap_server_event *event)
{
	size_t most = s->state == IMAP_STATE_NEW ? IMAP_SERVER_EARLY_MAX
						 : IMAP_SERVER_COMMAND_MAX;
	bool waits, binary;
	struct span text;
	uint64_t size;

	if (s->command.len + line.len > most) {
		fail(s, out, "too long a command");
		return true;
	}
	swallow(s, &s->command, line);
	/* the line alone: a literal before it may end in what looks like one */
	text = buf_span(&s->command);
	if (imap_token_announced(span_skip(text, text.len - line.len), &size,
				 &waits, &binary))
		return announced(s, out, event, size, waits, binary);
	return whole(s, out, event);
}

static bool on_tail(struct imap_server *s, struct span line, struct buf *out,
		    struct imap_server_event *event)
{
	bool waits, binary;
	uint64_t size;

	if (!line.len)
		return hand_out(s, event, IMAP_SERVER_BODY_END);
	event->kind = IMAP_SERVER_BODY_BAD;
	if (imap_token_announced(line, &size, &waits, &binary))
		refuse_literal(s, out, "BAD one message at a time", size, waits);
	else
		refuse(s, out, "BAD the command does not end with its message");
	return true;
}

static bool on_skipped_line(struct imap_server *s, struct span line)
{
	bool waits, binary;
	uint64_t size;

	s->mode = MODE_LINE;
	if (imap_token_announced(line, &size, &waits, &binary) && !waits) {
		s->literal = size;
		s->mode = MODE_SKIP;
	}
	return false;
}

/* Takes a line in the modes that have them. False: more bytes are needed. */
static bool take_line(struct imap_server *s, struct buf *in, struct buf *out,
		      struct imap_server_event *event, bool *told)
{
	struct span line;

	switch (line_take(in, LINE_MAX_OCTETS, &line, NULL)) {
	case LINE_MORE:
		return false;
	case LINE_LONG:
		fail(s, out, "too long a line");
		return true;
	case LINE_BAD:
		fail(s, out, "a NUL, bare CR or bare LF in a command");
		return true;
	case LINE_TAKEN:
		break;
	}
	if (s->mode == MODE_TAIL) {
		*told = on_tail(s, line, out, event);
	} else if (s->mode == MODE_SKIP_LINE) {
		*told = on_skipped_line(s, line);
	} else if (s->mode == MODE_ANSWER) {
		buf_wipe(&s->answer);
		swallow(s, &s->answer, line);
		event->text = buf_span(&s->answer);
		*told = hand_out(s, event, IMAP_SERVER_LINE);
	} else {
		*told = on_line(s, line, out, event);
	}
	return true;
}

static bool take_octets(struct imap_server *s, struct buf *in,
			struct imap_server_event *event, bool *told)
{
	struct span seen = buf_span(in);

	if (seen.len > s->literal)
		seen.len = (size_t)s->literal;
	if (!seen.len && s->literal)
		return false;
	s->literal -= seen.len;
	if (s->mode == MODE_BODY) {
		if (!s->literal)
			s->mode = MODE_TAIL;
		if (!seen.len)
			return true;
		event->kind = IMAP_SERVER_BODY;
		event->text = seen;
		s->run = seen.len;
		*told = true;
		return true;
	}
	if (s->mode == MODE_LITERAL)
		swallow(s, &s->command, seen);
	if (!s->literal)
		s->mode = s->mode == MODE_LITERAL ? MODE_LINE : MODE_SKIP_LINE;
	buf_drop(in, seen.len);
	return true;
}

static void take(struct imap_server *s, struct buf *in, struct buf *out,
		 struct imap_server_event *event)
{
	bool told = false, moved = true;

	while (moved && !told && !s->fatal && s->parked == IMAP_SERVER_MORE &&
	       buf_room(out) >= OUT_ROOM) {
		switch (s->mode) {
		case MODE_LINE:
		case MODE_ANSWER:
		case MODE_TAIL:
		case MODE_SKIP_LINE:
			moved = take_line(s, in, out, event, &told);
			break;
		case MODE_LITERAL:
		case MODE_BODY:
		case MODE_SKIP:
			moved = take_octets(s, in, event, &told);
			break;
		}
		told = told && event->kind != IMAP_SERVER_MORE;
	}
}

enum imap_server_event_kind imap_server_next(struct imap_server *s,
					     struct buf *in, struct buf *out,
					     struct imap_server_event *event)
{
	*event = (struct imap_server_event){ .kind = IMAP_SERVER_MORE };
	buf_drop(in, s->run);
	s->run = 0;
	if (!s->fatal)
		take(s, in, out, event);
	event->tag = span_str(s->tag);
	event->command = s->row;
	if (s->fatal && event->kind == IMAP_SERVER_MORE) {
		event->kind = IMAP_SERVER_FATAL;
		event->why = s->fatal;
	}
	return event->kind;
}
