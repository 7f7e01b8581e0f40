#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_fetch_work.h"

enum {
	CHUNK = 32 * 1024,
	PIECES = 16,	/* decoded in one turn: a few milliseconds at the most */
	LOOKED = 128 * 1024,	/* octets of headers in one turn: likewise */
	NAME = 64,		/* ... that a name costs which is looked for */
};

/* Moves what waits to the client, as far as it takes it. */
static bool flush(struct imap_session *s, struct imap_fetch *f)
{
	struct span head = buf_span(&f->head);

	while ((head.len || f->body.len) && !imap_state_full(s)) {
		struct span *from = head.len ? &head : &f->body;
		struct span bytes = *from;

		if (bytes.len > CHUNK)
			bytes.len = CHUNK;
		(void)buf_put(imap_state_out(s), bytes);
		*from = span_skip(*from, bytes.len);
	}
	buf_drop(&f->head, f->head.len - head.len);
	return !head.len && !f->body.len;
}

static void put_fact(struct imap_fetch *f, const char *name, const char *value,
		     const char *quote)
{
	/* each is far smaller than the head may be */
	(void)buf_printf(&f->head, "%s%s %s%s%s", f->first ? "" : " ", name, quote,
			 value, quote);
	f->first = false;
}

static void put_uid(struct imap_fetch *f, uint32_t uid)
{
	(void)buf_printf(&f->head, "%sUID %u", f->first ? "" : " ", uid);
	f->first = false;
}

static bool asks(const struct imap_fetch *f, enum imap_fetch_kind kind)
{
	for (size_t i = 0; i < f->items.n; i++)
		if (f->items.at[i].kind == kind)
			return true;
	return false;
}

/* What no item asked for: the UID of a UID FETCH, flags that have changed. */
static void put_unasked(struct imap_session *s, struct imap_fetch *f, bool last)
{
	const struct imap_fetch_one *one = &f->batch[f->at];

	if (!last && imap_commands_uid(s->command.command) &&
	    !asks(f, IMAP_FETCH_UID))
		put_uid(f, one->uid);
	if (last && one->flags && !asks(f, IMAP_FETCH_FLAGS))
		put_fact(f, "FLAGS", one->flags, "");
	if (last && one->modseq && !asks(f, IMAP_FETCH_MODSEQ))
		put_fact(f, "MODSEQ", one->modseq, "");
	if (last)
		(void)buf_puts(&f->head, ")\r\n");
}

/* What it costs to look for fields is counted: of many messages, or in a header of
 * thousands of them, it is more than one turn's. */
static void count_fields(struct imap_fetch *f, const struct imap_fetch_item *item)
{
	if (item->text == IMAP_FETCH_FIELDS || item->text == IMAP_FETCH_FIELDS_NOT)
		f->looked += NAME * f->items.names +
			     (item->path_n ? f->view.bytes.len : f->entry.shape.header.size);
}

/* What upstream did not tell of a message is left out, as it would be there. */
static int put_item(struct imap_fetch *f, const struct imap_fetch_item *item)
{
	const struct imap_fetch_one *one = &f->batch[f->at];

	switch (item->kind) {
	case IMAP_FETCH_FLAGS:
		if (one->flags)
			put_fact(f, "FLAGS", one->flags, "");
		return 0;
	case IMAP_FETCH_UID:
		put_uid(f, one->uid);
		return 0;
	case IMAP_FETCH_INTERNALDATE:
		if (one->date)
			put_fact(f, "INTERNALDATE", one->date, "\"");
		return 0;
	case IMAP_FETCH_MODSEQ:
		if (one->modseq)
			put_fact(f, "MODSEQ", one->modseq, "");
		return 0;
	case IMAP_FETCH_SIZE:
	case IMAP_FETCH_ENVELOPE:
	case IMAP_FETCH_BODY:
	case IMAP_FETCH_BODYSTRUCTURE:
	case IMAP_FETCH_SECTION:
	case IMAP_FETCH_BINARY:
	case IMAP_FETCH_BINARY_SIZE:
		break;
	}
	(void)buf_puts(&f->head, f->first ? "" : " ");
	f->first = false;
	if (item->kind >= IMAP_FETCH_BINARY) {
		imap_binary_begin(&f->binary, item, &f->entry.shape, f->view.bytes);
		f->decoding = IMAP_FETCH_COUNTING;
		return 0;
	}
	count_fields(f, item);
	return imap_answer_item(item, &f->entry.shape, f->view.bytes, &f->head, &f->body);
}

/* Goes on with an item of BINARY, whose name and size are next, or its octets.
 * `pieces` are left for this turn. False: not now, for the client is to take
 * some, or there are none. */
static bool decode(struct imap_session *s, struct imap_fetch *f, unsigned *pieces)
{
	while (*pieces && !imap_state_full(s)) {
		(*pieces)--;
		if (f->decoding == IMAP_FETCH_COUNTING && imap_binary_count(&f->binary)) {
			/* the head has room for the name of any item */
			(void)imap_binary_put(&f->binary, &f->head);
			f->decoding = IMAP_FETCH_GIVING;
			return true;
		}
		if (f->decoding == IMAP_FETCH_GIVING &&
		    imap_binary_next(&f->binary, imap_state_out(s))) {
			f->decoding = IMAP_FETCH_NOT_DECODING;
			return true;
		}
	}
	return false;
}

static void begin(struct imap_session *s, struct imap_fetch *f, uint32_t number)
{
	f->answering = f->first = true;
	f->item = 0;
	s->midst = s->base.giving = true;
	buf_init(&f->head, SHAPE_MAX);
	(void)buf_printf(&f->head, "* %u FETCH (", number);
	put_unasked(s, f, false);
}

static void resume(struct session *base)
{
	imap_fetch_view_go(imap_state_of(base));
}

static void on_turn(void *owner)
{
	struct imap_session *s = owner;

	imap_fetch_view_go(s);
	session_turn(&s->base);
}

/* Comes back when the client has taken some; when it waits, with the next turn. */
static void pause_here(struct imap_session *s, struct imap_fetch *f)
{
	f->looked = 0;
	if (imap_state_full(s)) {
		s->base.more = resume;
		conn_deadline(s->base.client, IMAP_UPSTREAM_WAIT);
		return;
	}
	f->turn.run = on_turn;
	f->turn.owner = s;
	loop_turn_ask(s->base.setup.loop, &f->turn);
}

void imap_fetch_put_drop(struct imap_fetch *f)
{
	loop_turn_drop(&f->turn);
	f->decoding = IMAP_FETCH_NOT_DECODING;
	buf_free(&f->head);
	f->body = span_of("", 0);
	f->answering = false;
}

bool imap_fetch_put(struct imap_session *s, const struct imap_message *message)
{
	struct imap_fetch *f = s->work;
	unsigned pieces = PIECES;

	if (!f->answering)
		begin(s, f, message->number);
	while (flush(s, f)) {
		if (f->decoding != IMAP_FETCH_NOT_DECODING) {
			if (!decode(s, f, &pieces))
				break;
			continue;
		}
		if (f->looked > LOOKED)
			break;
		if (f->item > f->items.n) {
			imap_fetch_put_drop(f);
			s->midst = s->base.giving = false;
			return true;
		}
		if (f->item == f->items.n)
			put_unasked(s, f, true);
		else if (put_item(f, &f->items.at[f->item]) < 0) {
			imap_state_end(s, "an answer is too large");
			return false;
		}
		f->item++;
	}
	pause_here(s, f);
	return false;
}
