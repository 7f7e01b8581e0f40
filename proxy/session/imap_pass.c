#include "proxy/session/imap_pass.h"

#include <string.h>

#include <letterlock/claim.h>

#include "proxy/engine/header_piece.h"
#include "proxy/engine/imap_fetched.h"
#include "proxy/engine/mail_kind.h"
#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_relay.h"

enum { TEXT_TAIL = 1024 };	/* octets that are kept of long text */

static bool plain_name(struct span name)
{
	static const char *const names[] = { "FLAGS", "UID", "INTERNALDATE",
					     "MODSEQ" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

/* What is told in atoms and quotes: who expects no literal there would read its
 * octets as responses. */
static bool without_literal(struct span name)
{
	return plain_name(name) || span_is_nocase(name, "RFC822.SIZE") ||
	       span_starts_nocase(name, "BINARY.SIZE[");
}

bool imap_pass_plain(struct span text)
{
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	int ret;

	if (span_find(text, '\r') < text.len || !imap_fetched_begin(text, &fetched))
		return false;
	while ((ret = imap_fetched_next(&fetched, &item)) == 1)
		if (!plain_name(item.name))
			return false;
	return ret == 0 && span_is(fetched.rest, ")");
}

/* "BODY[1.2]", "BINARY[1]": begins with `item`, and is of a part. */
static bool of_part(struct span name, const char *item)
{
	size_t len = strlen(item);

	return span_starts_nocase(name, item) && name.len > len && name.at[len] >= '1' &&
	       name.at[len] <= '9';
}

/* What no header begins in: text, and the parts of a message. */
static bool bears_none(struct span name)
{
	return span_is_nocase(name, "BODY[TEXT]") || span_is_nocase(name, "RFC822.TEXT") ||
	       span_is_nocase(name, "INTERNALDATE") ||
	       of_part(name, "BODY[") || of_part(name, "BINARY[");
}

/* "BODY[]<5>" of `name`: that, without its origin, and whether it begins there. */
static struct span without_origin(struct span name, bool *partial, bool *elsewhere)
{
	size_t end = name.len;	/* names of fields may hold "<", too */
	struct span from;

	while (end && name.at[end - 1] != ']')
		end--;
	from = span_skip(name, end ? end : name.len);
	*partial = from.len > 0;
	*elsewhere = from.len > 1 && from.at[1] >= '1' && from.at[1] <= '9';
	return span_of(name.at, end ? end : name.len);
}

/* Whether a header may begin in this item's value: it does in all that is not
 * known, and in partials but those that say plainly that they begin elsewhere, where
 * such are due. To a client that asked for no partial any may be the whole. */
static bool bears_header(const struct imap_pass *pass, struct span name, bool *partial)
{
	bool elsewhere;
	struct span plain = without_origin(name, partial, &elsewhere);

	return !(pass->midst && elsewhere) && !bears_none(plain);
}

/* ... and all of it, when it is long enough. */
static bool bears_all(struct span name)
{
	bool partial, elsewhere;
	struct span plain = without_origin(name, &partial, &elsewhere);

	return !elsewhere &&
	       (span_is_nocase(plain, "BODY[]") || span_is_nocase(plain, "BODY[HEADER]") ||
		span_starts_nocase(plain, "RFC822"));
}

/* An item that every message has: RFC822.TEXT, BODY[HEADER]; no part of it. */
static bool of_whole(struct span name)
{
	return span_starts_nocase(name, "BINARY[]") ||
	       span_starts_nocase(name, "RFC822") ||
	       (span_starts_nocase(name, "BODY[") && name.len > 5 &&
		!(name.at[5] >= '0' && name.at[5] <= '9'));
}

static bool header_ends(struct span header)
{
	return memmem(header.at, header.len, "\r\n\r\n", 4) ||
	       (header.len >= 2 && memcmp(header.at, "\r\n", 2) == 0);
}

/* Takes the line that was cut off from the end of `header`. */
static struct span take_last(struct span *header)
{
	struct span all = *header;

	while (header->len && header->at[header->len - 1] != '\n' &&
	       header->at[header->len - 1] != '\r')
		header->len--;
	return span_skip(all, header->len);
}

static const char *hostname_of(const struct imap_session *s)
{
	return s->base.setup.settings->gateway.hostname;
}

static bool contradicts(const struct imap_session *s, const struct imap_pass *pass,
			struct span header, bool partial)
{
	const char *hostname = hostname_of(s);
	struct span last = span_str("");

	if (partial)
		last = take_last(&header);
	if (pass->judged)
		return mail_kind_bears_verdict(header, hostname);
	return mail_kind_needs_view(header, span_str(""), hostname) ||
	       (!header_ends(header) && claim_may_begin(last));
}

/* Its message is opened after all, or the answer is missing. */
static void withhold(struct imap_session *s, struct imap_pass *pass,
		     uint32_t number, uint32_t uid)
{
	if (!pass->judged && (uid ? imap_classify_protect(s, number, uid)
				  : imap_set_add(&pass->again, number)) == 0) {
		log_info(&s->base.log, "header not as told before", "number=%u uid=%u",
			 number, uid);
		imap_set_remove(&s->clear_at, number);
		return;
	}
	log_warning(&s->base.log, "upstream contradicted itself", "uid=%u", uid);
	pass->contradicted = true;
}

/* What stands in the text of an answer, up to a literal that is to come. */
struct seen {
	uint32_t number, uid;
	bool wrong;		/* it contradicts, or is about another message */
	bool gone;		/* what every message has is NIL: it was expunged */
	bool header_next;	/* the literal that comes begins with a header */
	bool all_next;		/* ... of which nothing is left out */
	bool all;		/* such a one is here, to its end */
	bool partial;
};

/* Looks at item after item; false when they are not in order. */
static bool look_at(const struct imap_session *s, const struct imap_pass *pass,
		    struct imap_fetched *fetched, struct seen *seen)
{
	struct imap_fetched_item item;
	int ret;

	while ((ret = imap_fetched_next(fetched, &item)) == 1) {
		bool partial, header = bears_header(pass, item.name, &partial);
		struct span all = span_of(item.name.at, (size_t)(fetched->rest.at - item.name.at));

		seen->wrong |= without_literal(item.name) && span_find(all, '\r') < all.len;
		if (span_is_nocase(item.name, "UID"))
			seen->uid = imap_fetched_number(&item);
		if (header && item.kind == IMAP_FETCHED_STRING) {
			seen->wrong |= contradicts(s, pass, item.value, partial);
			seen->all |= bears_all(item.name) && header_ends(item.value);
		}
		seen->gone |= item.kind == IMAP_FETCHED_NIL && of_whole(item.name);
		if (item.kind == IMAP_FETCHED_COMING) {
			seen->header_next = header;
			seen->all_next = header && bears_all(item.name);
			seen->partial = partial;
		}
	}
	return ret == 0;
}

static bool look(const struct imap_session *s, const struct imap_pass *pass,
		 const struct imap_client_event *event, struct seen *seen)
{
	const struct imap_message *message;
	struct imap_fetched fetched;
	bool in_order;

	*seen = (struct seen){ 0 };
	if (!imap_fetched_begin(event->text, &fetched))
		return false;
	seen->number = fetched.number;
	in_order = look_at(s, pass, &fetched, seen) &&
		   (event->kind != IMAP_CLIENT_UNTAGGED || span_is(fetched.rest, ")"));
	/* a large answer may be cut anywhere but before a literal */
	if (!in_order && !pass->judged)
		seen->wrong |= event->kind == IMAP_CLIENT_UNTAGGED || event->literal_next;
	/* what a server says in its own way, of what the sealer has seen, passes */
	if (!in_order) {
		seen->wrong |= claim_within(event->text, hostname_of(s));
		seen->header_next |= event->literal_next;
	}
	message = imap_classify_at(s, seen->number);
	if (!seen->uid && message)
		seen->uid = message->uid;
	return true;
}

/* Of a message that has a view, or that nobody has looked at, nothing passes. */
static bool foreign(const struct imap_session *s, const struct imap_pass *pass,
		    const struct seen *seen)
{
	const struct imap_message *message = imap_classify_at(s, seen->number);

	if (message)
		return message->view;
	if (!pass->unasked)
		return true;
	return seen->uid ? !imap_set_has(&s->clear, seen->uid)
			 : !imap_set_has(&s->clear_at, seen->number);
}

/* What does not fit in is looked at by the sealer. */
static void note_header(struct imap_session *s, uint32_t uid, bool all)
{
	if (uid && all)
		(void)imap_set_add(&s->headers, uid);
}

static bool hear_whole(struct imap_session *s, struct imap_pass *pass,
		       const struct imap_client_event *event)
{
	bool plain = imap_pass_plain(event->text);
	struct seen seen;

	if (!look(s, pass, event, &seen))
		return false;
	pass->gone |= seen.gone;
	if (seen.gone || (!plain && foreign(s, pass, &seen)))
		return true;
	if (!plain && seen.wrong) {
		withhold(s, pass, seen.number, seen.uid);
		return true;
	}
	note_header(s, seen.uid, seen.all);
	imap_relay_raw(s, event->text);
	return true;
}

/* --- large answers --- */

static void let_pass(struct imap_session *s, struct imap_pass *pass)
{
	(void)buf_put(imap_state_out(s), buf_span(&pass->held));
	buf_free(&pass->held);
	pass->holding = false;
	pass->passed = s->midst = true;
}

/* What stands in `field` is looked at, and bears no verdict: what follows it may.
 * False: that cannot be told. */
static bool keep_field(struct imap_pass *pass)
{
	struct header_piece piece;
	size_t marks;	/* of no matter: all of it has passed */

	if (pass->field.len < HEADER_PIECE_LEAST)
		return true;
	piece = header_piece_of(buf_span(&pass->field));
	if (piece.inside && pass->field.len <= IMAP_PASS_HEADER_MAX)
		return true;	/* all of it is kept */
	header_piece_drop(&pass->field, &piece, &marks);
	return !piece.claims;
}

/* More of a header that passes. False: it bears a verdict after all. */
static bool look_on(const struct imap_session *s, struct imap_pass *pass, struct span text)
{
	if (buf_put(&pass->field, text) < 0 ||
	    mail_kind_bears_verdict(buf_span(&pass->field), hostname_of(s)))
		return false;
	pass->due -= text.len < pass->due ? text.len : pass->due;
	pass->looking = pass->due && !header_ends(buf_span(&pass->field));
	return !pass->looking || keep_field(pass);
}

/* The header passes, but its end did not come yet. */
static bool begin_looking(struct imap_pass *pass, struct span header)
{
	buf_free(&pass->field);
	buf_init(&pass->field, 4 * IMAP_PASS_HEADER_MAX);
	pass->looking = true;
	return buf_put(&pass->field, header) == 0 && keep_field(pass);
}

/* The header in `held` is whole, or long enough: then the sealer sees all of it
 * first. */
static void judge(struct imap_session *s, struct imap_pass *pass)
{
	struct span header = span_skip(buf_span(&pass->held), pass->header_at);
	bool ends = header_ends(header);
	bool more = pass->due && !ends && !pass->judged && !pass->passed;

	if (!more && !contradicts(s, pass, header, pass->partial || pass->due) &&
	    (ends || !pass->due || begin_looking(pass, header))) {
		note_header(s, pass->uid, pass->all && ends);
		let_pass(s, pass);
		return;
	}
	if (pass->passed) {
		imap_state_end(s, "upstream contradicts itself");
		return;
	}
	buf_free(&pass->held);
	pass->holding = false;
	pass->dropping = true;
	withhold(s, pass, pass->number, pass->uid);
}

/* A literal begins behind `text`, which passes with its header or not at all. */
static void hold(struct imap_pass *pass, struct span text, uint64_t size,
		 const struct seen *seen)
{
	buf_init(&pass->held, IMAP_CLIENT_HELD_MAX + 2 * IMAP_PASS_HEADER_MAX);
	(void)buf_puts(&pass->held, pass->passed ? "" : "* ");
	(void)buf_put(&pass->held, text);
	pass->header_at = pass->held.len;
	pass->due = size;
	pass->partial = seen->partial;
	pass->all = seen->all_next;
	pass->holding = true;
}

/* Where a verdict may begin whose rest is still to come. */
static struct span tail_of(struct span text)
{
	return span_skip(text, text.len > TEXT_TAIL ? text.len - TEXT_TAIL : 0);
}

static void hear_big(struct imap_session *s, struct imap_pass *pass,
		     const struct imap_client_event *event, const struct seen *seen)
{
	pass->number = seen->number;
	pass->uid = seen->uid;
	pass->passed = false;
	buf_init(&pass->between, 2 * IMAP_PASS_HEADER_MAX);
	pass->lost = !event->literal_next;
	if (pass->lost)
		(void)buf_put(&pass->between, tail_of(event->text));
	pass->dropping = foreign(s, pass, seen);
	if (pass->dropping)
		return;
	if (seen->wrong) {
		pass->dropping = true;
		withhold(s, pass, seen->number, seen->uid);
		return;
	}
	hold(pass, event->text, event->size, seen);
	if (!event->literal_next || !seen->header_next)
		let_pass(s, pass);
}

/* Keeps text between two literals. Of what is too long its end is kept: false when a
 * verdict may stand in what is not. */
static bool keep_text(const struct imap_session *s, struct imap_pass *pass, struct span text)
{
	bool fine = true;

	if (buf_room(&pass->between) < text.len) {
		pass->lost = true;
		fine = !claim_within(buf_span(&pass->between), hostname_of(s));
		buf_drop(&pass->between, pass->between.len - TEXT_TAIL);
	}
	/* a run is smaller than the room that is left then */
	(void)buf_put(&pass->between, text);
	return fine;
}

/* Text between two literals, or behind the last, has come. What cannot be read may
 * announce a header. False: a verdict may stand in it. */
static bool end_text(const struct imap_session *s, struct imap_pass *pass, bool literal_next,
		     struct seen *seen)
{
	/* behind all that shows the message only a verdict is of harm */
	const struct imap_pass how = { .judged = pass->judged || !literal_next,
				       .midst = pass->midst };
	struct imap_fetched rest = { .rest = buf_span(&pass->between) };
	bool known = !pass->lost && look_at(s, &how, &rest, seen) &&
		     (literal_next || span_is(rest.rest, ")"));

	if (!known)
		seen->wrong |= claim_within(buf_span(&pass->between), hostname_of(s));
	seen->header_next |= !known && literal_next;
	buf_free(&pass->between);
	pass->lost = false;
	return !seen->wrong;
}

static void hear_text(struct imap_session *s, struct imap_pass *pass,
		      const struct imap_client_event *event)
{
	struct seen seen = { 0 };

	if (!keep_text(s, pass, event->text) ||
	    (event->literal_next && !end_text(s, pass, true, &seen)))
		imap_state_end(s, "upstream contradicts itself");
	else if (seen.header_next)
		hold(pass, event->text, event->size, &seen);
	else
		imap_relay_run(s, event);
}

static void hear_run(struct imap_session *s, struct imap_pass *pass,
		     const struct imap_client_event *event)
{
	if (pass->holding && !event->literal)
		judge(s, pass);	/* {0} */
	if (s->base.ending || pass->dropping)
		return;
	if (!event->literal) {
		hear_text(s, pass, event);
		return;
	}
	if (pass->looking && !look_on(s, pass, event->text)) {
		imap_state_end(s, "upstream contradicts itself");
		return;
	}
	if (!pass->holding) {
		imap_relay_run(s, event);
		return;
	}
	/* a run is smaller than the room that is left below that limit */
	(void)buf_put(&pass->held, event->text);
	pass->due -= event->text.len < pass->due ? event->text.len : pass->due;
	if (!pass->due || pass->held.len - pass->header_at >= IMAP_PASS_HEADER_MAX ||
	    header_ends(span_skip(buf_span(&pass->held), pass->header_at)))
		judge(s, pass);
}

bool imap_pass_hear(struct imap_session *s, struct imap_pass *pass,
		    const struct imap_client_event *event)
{
	struct seen seen = { 0 };

	if (event->kind == IMAP_CLIENT_UNTAGGED)
		return hear_whole(s, pass, event);
	if (event->kind == IMAP_CLIENT_BIG) {
		if (!look(s, pass, event, &seen))
			return false;
		hear_big(s, pass, event, &seen);
		return true;
	}
	if (event->kind == IMAP_CLIENT_RUN) {
		hear_run(s, pass, event);
		return true;
	}
	if (pass->holding)
		judge(s, pass);
	if (!s->base.ending && !pass->dropping && !end_text(s, pass, false, &seen))
		imap_state_end(s, "upstream contradicts itself");
	if (s->base.ending)
		return true;	/* `pass` is gone */
	buf_free(&pass->between);
	if (!pass->dropping)
		imap_relay_run(s, event);
	s->midst = false;
	return true;
}

void imap_pass_drop(struct imap_pass *pass)
{
	buf_free(&pass->held);
	buf_free(&pass->between);
	buf_free(&pass->field);
	imap_set_free(&pass->again);
}
