#include "policy/job/shape_envelope.h"

#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/shape_text.h"

/* One address in the making. */
struct mailbox {
	struct buf words;	/* phrase or addr-spec: words with a blank between */
	struct buf bare;	/* the same without blanks */
	struct buf comment;	/* the last one: an old way to write the name */
	struct buf route;	/* "@a,@b" */
	size_t at;		/* where the last @ outside quotes is in `bare`; or -1 */
};

struct reader {
	struct span rest;
	struct mailbox box;
	struct buf *out;
	size_t n;
	bool group;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void clear(struct mailbox *box)
{
	buf_clear(&box->words);
	buf_clear(&box->bare);
	buf_clear(&box->comment);
	buf_clear(&box->route);
	box->at = SIZE_MAX;
}

static char take(struct reader *r)
{
	char c = r->rest.at[0];

	r->rest = span_skip(r->rest, 1);
	return c;
}

/* "(text (nested))", behind its parenthesis; -> the comment. */
static void read_comment(struct reader *r)
{
	size_t depth = 1;

	buf_clear(&r->box.comment);
	while (r->rest.len > 0) {
		char c = take(r);

		if (c == '\\' && r->rest.len > 0)
			c = take(r);
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return;
		(void)buf_put(&r->box.comment, span_of(&c, 1));
	}
}

/* Behind its quote. */
static void read_quoted(struct reader *r)
{
	while (r->rest.len > 0) {
		char c = take(r);

		if (c == '"')
			return;
		if (c == '\\' && r->rest.len > 0)
			c = take(r);
		(void)buf_put(&r->box.words, span_of(&c, 1));
		(void)buf_put(&r->box.bare, span_of(&c, 1));
	}
}

/* Words up to one of `ends` (which is left there), or the end: -> NUL. */
static char read_words(struct reader *r, const char *ends)
{
	struct mailbox *box = &r->box;
	bool gap = false;

	while (r->rest.len > 0) {
		char c = r->rest.at[0];

		if (c && strchr(ends, c))
			return c;
		c = take(r);
		if (c == '(') {
			read_comment(r);
			if (!box->bare.len)	/* a name stands behind its address */
				buf_clear(&box->comment);
			continue;
		}
		if (blank(c)) {
			gap = box->words.len > 0;
			continue;
		}
		if (gap)
			(void)buf_puts(&box->words, " ");
		gap = false;
		if (c == '"') {
			read_quoted(r);
			continue;
		}
		if (c == '@')
			box->at = box->bare.len;
		(void)buf_put(&box->words, span_of(&c, 1));
		(void)buf_put(&box->bare, span_of(&c, 1));
	}
	return '\0';
}

static void put_or_nil(struct span text, struct buf *out)
{
	if (text.len)
		shape_text_put(text, out);
	else
		(void)buf_puts(out, "NIL");
}

/* What an addr-spec lacks is said so: NIL would make it a group's name. */
static void put(struct reader *r, struct span name)
{
	struct span bare = buf_span(&r->box.bare), local = bare;
	struct span domain = span_str("MISSING_DOMAIN");

	if (r->n++ >= SHAPE_ENVELOPE_ADDRESSES)
		return;
	if (r->box.at < bare.len) {
		local.len = r->box.at;
		domain = span_skip(bare, r->box.at + 1);
	}
	(void)buf_puts(r->out, "(");
	put_or_nil(span_trim(name), r->out);
	(void)buf_puts(r->out, " ");
	put_or_nil(buf_span(&r->box.route), r->out);
	(void)buf_puts(r->out, " ");
	shape_text_put(local.len ? local : span_str("MISSING_MAILBOX"), r->out);
	(void)buf_puts(r->out, " ");
	shape_text_put(domain.len ? domain : span_str("MISSING_DOMAIN"), r->out);
	(void)buf_puts(r->out, ")");
}

/* "<@a,@b:local@domain>", behind its bracket; the phrase is the name. */
static void read_angle(struct reader *r)
{
	struct span phrase = span_trim(buf_span(&r->box.words));
	char *name = span_dup(phrase);
	char end;

	buf_clear(&r->box.words);
	buf_clear(&r->box.bare);
	r->box.at = SIZE_MAX;
	end = read_words(r, ">:");
	if (end == ':' && r->box.bare.len && r->box.bare.data[r->box.bare.head] == '@') {
		(void)buf_put(&r->box.route, buf_span(&r->box.bare));
		buf_clear(&r->box.words);
		buf_clear(&r->box.bare);
		r->box.at = SIZE_MAX;
		(void)take(r);
		end = read_words(r, ">");
	} else if (end == ':') {
		end = read_words(r, ">");
	}
	if (end)
		(void)take(r);
	put(r, span_str(name));
	free(name);
}

static void begin_group(struct reader *r)
{
	(void)buf_puts(r->out, "(NIL NIL ");
	shape_text_put(span_trim(buf_span(&r->box.words)), r->out);
	(void)buf_puts(r->out, " NIL)");
	r->group = true;
}

static void end_group(struct reader *r)
{
	if (r->group)
		(void)buf_puts(r->out, "(NIL NIL NIL NIL)");
	r->group = false;
}

static void read_one(struct reader *r)
{
	char end;

	clear(&r->box);
	end = read_words(r, r->group ? "<,;" : "<,;:");
	if (end)
		(void)take(r);
	if (end == '<') {
		read_angle(r);
		/* what follows it is nothing, but a comma or a group's end */
		clear(&r->box);
		end = read_words(r, ",;");
		if (end)
			(void)take(r);
	} else if (end == ':') {
		begin_group(r);
		return;
	} else if (r->box.bare.len) {
		put(r, buf_span(&r->box.comment));
	}
	if (end == ';')
		end_group(r);
}

/* The addresses of one field: "(...)" or NIL. */
static void put_addresses(struct span body, struct buf *out)
{
	struct reader r = { .rest = body, .out = out };
	size_t before = out->len;

	buf_init(&r.box.words, body.len * 2 + 2);
	buf_init(&r.box.bare, body.len + 2);
	buf_init(&r.box.comment, body.len + 2);
	buf_init(&r.box.route, body.len + 2);
	(void)buf_puts(out, "(");
	while (r.rest.len > 0 && r.n < SHAPE_ENVELOPE_ADDRESSES)
		read_one(&r);
	end_group(&r);
	if (out->len == before + 1) {
		out->len = before;
		(void)buf_puts(out, "NIL");
	} else {
		(void)buf_puts(out, ")");
	}
	buf_free(&r.box.words);
	buf_free(&r.box.bare);
	buf_free(&r.box.comment);
	buf_free(&r.box.route);
}

/* `name`, or what stands for it where it is missing or empty (RFC 9051 7.5.2). */
static void put_list(struct span fields, const char *name, const char *instead, struct buf *out)
{
	struct header_field field;

	(void)buf_puts(out, " ");
	if (header_find(fields, name, &field) && span_trim(field.body).len)
		put_addresses(field.body, out);
	else if (instead && header_find(fields, instead, &field))
		put_addresses(field.body, out);
	else
		(void)buf_puts(out, "NIL");
}

static void put_text(struct span fields, const char *name, struct buf *out)
{
	struct header_field field;

	shape_text_field(header_find(fields, name, &field) ? &field : NULL, out);
}

void shape_envelope_put(struct span fields, struct buf *out)
{
	(void)buf_puts(out, "(");
	put_text(fields, "Date", out);
	(void)buf_puts(out, " ");
	put_text(fields, "Subject", out);
	put_list(fields, "From", NULL, out);
	put_list(fields, "Sender", "From", out);
	put_list(fields, "Reply-To", "From", out);
	put_list(fields, "To", NULL, out);
	put_list(fields, "Cc", NULL, out);
	put_list(fields, "Bcc", NULL, out);
	(void)buf_puts(out, " ");
	put_text(fields, "In-Reply-To", out);
	(void)buf_puts(out, " ");
	put_text(fields, "Message-ID", out);
	(void)buf_puts(out, ")");
}
