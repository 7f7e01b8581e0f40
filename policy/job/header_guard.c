#include "policy/job/header_guard.h"

#include <stdlib.h>

#include <letterlock/address.h>
#include <letterlock/claim.h>
#include <letterlock/encoded_word.h>
#include <letterlock/glob.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/strs.h>
#include <letterlock/utf8.h>

#include "policy/job/content_type.h"
#include "policy/job/message.h"
#include "policy/rules/rule_match.h"

enum {
	LINE_MAX_OCTETS = 998,			/* RFC 5322 2.1.1 */
	GUARD_MAX = 8 * HEADER_BLOCK_MAX,	/* encoded words grow */
};

/* What becomes of a client's field. */
enum fate {
	BLIND,		/* nobody may see it */
	DROP_ANEW,	/* only from a message that is written anew */
	STRUCTURAL,
	SUBJECT,
	HIDE,
	KEEP,
};

static enum fate fate_of(struct span name)
{
	static const struct {
		const char *name;
		enum fate fate;
	} fates[] = {
		{ "Bcc", BLIND },
		{ "Resent-Bcc", BLIND },
		{ "HP-Outer", DROP_ANEW },	/* ours to say then */
		{ "DKIM-Signature", DROP_ANEW },	/* it would be broken */
		{ "Subject", SUBJECT },
		{ "Comments", HIDE },
		{ "Keywords", HIDE },
		{ "Thread-Topic", HIDE },
	};

	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++)
		if (span_is_nocase(name, fates[i].name))
			return fates[i].fate;
	return header_structural(name) ? STRUCTURAL : KEEP;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* No bare CR leaves, whatever came in (THREATS 39). */
static int put_octets(struct span text, struct buf *out)
{
	struct span piece;

	while (span_split(&text, '\r', &piece)) {
		if (buf_put(out, piece) < 0 || (text.at && buf_puts(out, " ") < 0))
			return -1;
	}
	return 0;
}

/* Puts `line` without blanks at its end, folded where it is too long for what
 * is left of a line. A line of blanks alone would end the header. */
static int put_line(struct span line, size_t first, struct buf *out)
{
	size_t room = LINE_MAX_OCTETS - first;

	while (line.len > 0 && blank(line.at[line.len - 1]))
		line.len--;
	while (line.len > room) {
		size_t cut = room;

		while (cut > 1 && !blank(line.at[cut]))
			cut--;
		if (cut <= 1)
			break;	/* no place to fold: as long as the client wrote it */
		if (put_octets(span_of(line.at, cut), out) < 0 || buf_puts(out, "\r\n") < 0)
			return -1;
		line = span_skip(line, cut);
		room = LINE_MAX_OCTETS;
	}
	return put_octets(line, out);
}

static bool only_blanks(struct span line)
{
	return span_trim(line).len == 0;
}

int header_guard_put(struct span name, struct span body, struct buf *out)
{
	size_t first = name.len + 1;
	struct span line;

	if (buf_put(out, name) < 0 || buf_puts(out, ":") < 0)
		return -1;
	while (span_split(&body, '\n', &line)) {
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (first == 0 && only_blanks(line))
			continue;
		/* behind a bare LF no blank need be: it folds all the same */
		if (first == 0 && buf_puts(out, blank(*line.at) ? "\r\n" : "\r\n ") < 0)
			return -1;
		if (put_line(line, first, out) < 0)
			return -1;
		first = 0;
	}
	return buf_puts(out, "\r\n");
}

static bool is_address_field(struct span name)
{
	static const char *const names[] = {
		"From", "To", "Cc", "Sender", "Reply-To", "Resent-From", "Resent-To",
		"Resent-Cc", "Resent-Sender", "Mail-Followup-To", "Disposition-Notification-To",
		"Return-Path", "Message-ID", "In-Reply-To", "References",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

/* Whether 8-bit octets of the field can be written as encoded words: not where
 * an address or an identifier holds them (RFC 6532 3.2). */
static bool encodable(const struct header_field *field)
{
	struct strs list = { 0 };
	bool ascii;

	if (!is_address_field(field->name))
		return true;
	ascii = address_list(field->body, &list, NULL) == 0;
	for (size_t i = 0; i < list.n; i++)
		ascii &= !message_eight_bit(span_str(list.at[i]));
	strs_free(&list);
	return ascii;
}

/* Whether the subject loses a tag. */
static bool strips(const struct header_guard_wish *wish)
{
	return wish->decision->strip_tag && wish->decision->subject_glob && !wish->keep_subject;
}

/* The body of a field as the copy has it; the caller frees it. */
static char *body_of(const struct header_field *field, const struct header_guard_wish *wish)
{
	const struct decision *d = wish->decision;
	struct span body = field->body;
	char *decoded, *stripped, *encoded, *text = NULL;

	if (fate_of(field->name) == SUBJECT && strips(wish)) {
		decoded = encoded_word_decode(body, NULL);
		stripped = glob_strip(span_str(d->subject_glob), span_str(decoded));
		encoded = encoded_word_encode(span_str(stripped));
		if (strcmp(stripped, decoded) != 0)
			text = mem_printf(" %s", encoded);
		free(decoded);
		free(stripped);
		free(encoded);
		if (text)
			return text;
	}
	if (wish->seven_bit && message_eight_bit(body) && encodable(field))
		return encoded_word_encode(body);
	return span_dup(body);
}

/* A field that `outer` gets, and HP-Outer tells of. */
static int put_outer(struct span name, struct span body, const struct header_guard_wish *wish,
		     struct header_guard *guard)
{
	if (message_eight_bit(body)) {
		guard->eight_bit = true;
		guard->utf8 |= utf8_valid(body);
	}
	if (header_guard_put(name, body, &guard->outer) < 0)
		return -1;
	if (wish->kind != HEADER_GUARD_ENCRYPTED)
		return 0;
	return buf_puts(&guard->hp_outer, "HP-Outer: ") < 0 ||
	       header_guard_put(name, body, &guard->hp_outer) < 0 ? -1 : 0;
}

/* A field of a message that is signed or encrypted. */
static int put_guarded(const struct header_field *field, struct span body, enum fate fate,
		       const struct header_guard_wish *wish, struct header_guard *guard)
{
	bool hides = wish->kind != HEADER_GUARD_SIGNED;
	bool hidden = hides && (fate == HIDE ||
				(fate == SUBJECT && wish->decision->protect_subject));

	if ((hidden || wish->kind != HEADER_GUARD_AROUND) &&
	    header_guard_put(field->name, body, &guard->inner) < 0)
		return -1;
	if (!hidden)
		return put_outer(field->name, body, wish, guard);
	if (fate != SUBJECT || header_find(buf_span(&guard->outer), "Subject", NULL) > 0)
		return 0;
	return put_outer(field->name, span_str(" [...]"), wish, guard);
}

/* A field of a message that stays readable, as it was unless it must not. */
static int put_clear(const struct header_field *field, struct span body,
		     struct header_guard *guard)
{
	bool same = span_eq(field->body, body);

	if (message_eight_bit(body)) {
		guard->eight_bit = true;
		guard->utf8 |= utf8_valid(body);
	}
	guard->changed |= !same;
	if (!same)
		return header_guard_put(field->name, body, &guard->outer);
	return buf_put(&guard->outer, field->raw);
}

static int take_field(const struct header_field *field, const struct header_guard_wish *wish,
		      struct header_guard *guard)
{
	bool clear = wish->kind == HEADER_GUARD_CLEAR;
	enum fate fate = fate_of(field->name);
	char *body;
	int result;

	/* ours to say to who reads: a client hands them back with a draft it reopens */
	if (claim_forged(field->name, field->body, wish->hostname)) {
		guard->changed = true;
		return 0;
	}
	if (fate == BLIND && wish->stored)
		return clear ? put_clear(field, field->body, guard)
			     : header_guard_put(field->name, field->body, &guard->inner);
	if (fate == BLIND ||
	    (fate == DROP_ANEW && (!clear || wish->rewritten || strips(wish)))) {
		guard->changed = true;
		return 0;
	}
	if (fate == STRUCTURAL && (!clear || wish->rewritten))
		return 0;
	body = body_of(field, wish);
	result = clear ? put_clear(field, span_str(body), guard)
		       : put_guarded(field, span_str(body), fate, wish, guard);
	free(body);
	return result;
}

/* add-header: "Name: value". */
static int put_added(const struct header_guard_wish *wish, struct header_guard *guard)
{
	const struct strs *added = wish->decision->add_header;

	for (size_t i = 0; i < added->n; i++) {
		struct span rest = span_str(added->at[i]), name;

		if (!span_split(&rest, ':', &name) || !rest.at)
			continue;	/* the configuration allows none such */
		guard->changed = true;
		if (put_outer(name, rest, wish, guard) < 0)
			return -1;
		if (wish->kind != HEADER_GUARD_CLEAR && wish->kind != HEADER_GUARD_AROUND &&
		    header_guard_put(name, rest, &guard->inner) < 0)
			return -1;
	}
	return 0;
}

int header_guard_make(struct span fields, const struct header_guard_wish *wish,
		      struct header_guard *guard)
{
	struct header_field field;

	*guard = (struct header_guard){ 0 };
	buf_init(&guard->outer, GUARD_MAX);
	buf_init(&guard->inner, GUARD_MAX);
	buf_init(&guard->hp_outer, GUARD_MAX);
	if (put_added(wish, guard) < 0)
		goto fail;
	while (header_next(&fields, &field) == 1)
		if (take_field(&field, wish, guard) < 0)
			goto fail;
	return 0;
fail:
	header_guard_free(guard);
	return -1;
}

void header_guard_free(struct header_guard *guard)
{
	buf_free(&guard->outer);
	buf_free(&guard->inner);
	buf_free(&guard->hp_outer);
}

static const char *charset_of(struct span body)
{
	if (!message_eight_bit(body))
		return "us-ascii";
	return utf8_valid(body) ? "utf-8" : "unknown-8bit";
}

/* Content-Type as it was, with `hp`; 1 when it is broken and nothing was put. */
static int put_type(const struct header_field *field, const char *hp, bool seven_bit,
		    struct buf *out)
{
	struct content_type type;
	struct buf plain, with;
	struct span body = field->body;
	int result = -1;

	if (content_type_parse(body, true, &type) < 0) {
		if (!content_type_begins(body))
			return 1;
		hp = NULL;	/* no place for a parameter that would be read */
	}
	buf_init(&plain, GUARD_MAX);
	buf_init(&with, GUARD_MAX);
	if (seven_bit && message_eight_bit(body)) {
		if (content_type_put_ascii(&type, body, &plain) < 0)
			goto out;
		content_type_free(&type);
		body = buf_span(&plain);
		if (content_type_parse(body, true, &type) < 0)
			hp = NULL;
	}
	if (hp && content_type_put_with(&type, body, "hp", hp, &with) < 0)
		goto out;
	result = header_guard_put(span_str("Content-Type"), hp ? buf_span(&with) : body, out);
out:
	content_type_free(&type);
	buf_free(&plain);
	buf_free(&with);
	return result;
}

static int put_default_type(struct span body, const char *hp, struct buf *out)
{
	if (buf_printf(out, "Content-Type: text/plain; charset=%s", charset_of(body)) < 0 ||
	    (hp && buf_printf(out, "; hp=\"%s\"", hp) < 0))
		return -1;
	return buf_puts(out, "\r\n");
}

/* Other Content- fields; parameters of Content-Disposition as RFC 2231. */
static int put_other(const struct header_field *field, bool seven_bit, struct buf *out)
{
	struct content_type how;
	struct buf plain;
	char *encoded;
	int result;

	if (!seven_bit || !message_eight_bit(field->body))
		return header_guard_put(field->name, field->body, out);
	if (!span_is_nocase(field->name, "Content-Disposition") ||
	    content_type_parse(field->body, false, &how) < 0) {
		encoded = encoded_word_encode(field->body);
		result = header_guard_put(field->name, span_str(encoded), out);
		free(encoded);
		return result;
	}
	buf_init(&plain, GUARD_MAX);
	result = content_type_put_ascii(&how, field->body, &plain);
	if (result == 0)
		result = header_guard_put(field->name, buf_span(&plain), out);
	buf_free(&plain);
	content_type_free(&how);
	return result;
}

/* What says something of the bytes, which are others once they are encoded. */
static bool about_bytes(struct span name)
{
	return span_is_nocase(name, "Content-Length") || span_is_nocase(name, "Content-MD5") ||
	       span_is_nocase(name, "Content-Transfer-Encoding");
}

int header_guard_part_field(const struct header_field *field, const char *encoding,
			    struct buf *out)
{
	int result = 1;

	if (encoding && about_bytes(field->name))
		return 0;
	if (span_is_nocase(field->name, "Content-Type"))
		result = put_type(field, NULL, true, out);
	return result == 1 ? put_other(field, true, out) : result;
}

int header_guard_structure(struct span fields, struct span body, const char *hp,
			   const char *encoding, bool seven_bit, struct buf *out)
{
	bool typed = false, encoded = encoding;
	struct header_field field;

	while (header_next(&fields, &field) == 1) {
		int result = 0;

		if (!span_starts_nocase(field.name, "Content-"))
			continue;
		if (span_is_nocase(field.name, "Content-Type")) {
			if (!typed)
				result = put_type(&field, hp, seven_bit, out);
			typed |= result == 0;
		} else if (!encoding || !about_bytes(field.name)) {
			encoded |= span_is_nocase(field.name, "Content-Transfer-Encoding");
			result = put_other(&field, seven_bit, out);
		}
		if (result < 0)
			return -1;
	}
	if (!typed && put_default_type(body, hp, out) < 0)
		return -1;
	if (encoding)
		return buf_printf(out, "Content-Transfer-Encoding: %s\r\n", encoding);
	if (!encoded && !typed && message_eight_bit(body))
		return buf_puts(out, "Content-Transfer-Encoding: 8bit\r\n");
	return 0;
}
