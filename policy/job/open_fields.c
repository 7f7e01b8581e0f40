#include "policy/job/open_fields.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/claim.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>

#include "policy/job/content_type.h"

enum { OUTER_NAME_MAX = 64 };	/* octets of a longer one are in no header of today */

/* What a reader acts on: with a protected header, what is not inside was not
 * written by the sender (RFC 9788 4.2.1); a Reply-To least of all. */
static const char *const user_facing[] = {
	"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID",
	"In-Reply-To", "References", "Comments", "Keywords", "Followup-To",
	"Mail-Followup-To", "Mail-Reply-To", "Disposition-Notification-To",
};

static bool is_user_facing(struct span name)
{
	for (size_t i = 0; i < sizeof(user_facing) / sizeof(*user_facing); i++)
		if (span_is_nocase(name, user_facing[i]))
			return true;
	return false;
}

/* What servers say of a message on its way, and mail clients believe: inside, where
 * they see nothing, its author would say it (RFC 8601 5). */
static bool is_trace(struct span name)
{
	static const char *const names[] = {
		"Received", "Return-Path", "Delivered-To", "Authentication-Results",
		"Received-SPF", "DKIM-Signature",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return span_starts_nocase(name, "ARC-") || span_starts_nocase(name, "X-Spam");
}

enum open_protection open_fields_protection(struct span inner)
{
	enum open_protection found = OPEN_UNPROTECTED;
	struct header_field field;
	struct content_type type = { 0 };
	const char *hp, *old;

	if (header_find(inner, "Content-Type", &field) != 1 ||
	    content_type_parse(field.body, true, &type) < 0)
		return OPEN_UNPROTECTED;
	hp = content_type_param(&type, "hp");
	old = content_type_param(&type, "protected-headers");
	if (!type.twice && hp &&
	    (span_is_nocase(span_str(hp), "clear") || span_is_nocase(span_str(hp), "cipher")))
		found = OPEN_PROTECTED;
	else if (!type.twice && old && span_is_nocase(span_str(old), "v1"))
		found = OPEN_SUBJECT_ONLY;
	content_type_free(&type);
	return found;
}

bool open_fields_forged(struct span name, struct span body, const char *hostname)
{
	return claim_forged(name, body, hostname);
}

/* What is no line end to us may be one to a mail client, and begin a field of
 * its own: a verdict, say. */
static bool stray(struct span raw, size_t at)
{
	char c = raw.at[at];

	if (c == '\r')
		return at + 1 == raw.len || raw.at[at + 1] != '\n';
	return c == '\0' || (c == '\n' && (at == 0 || raw.at[at - 1] != '\r'));
}

/* Appends a field, with a blank for each stray CR, LF and NUL. */
static int put_field(const struct header_field *field, struct buf *out)
{
	struct span raw = field->raw;
	size_t from = 0;
	bool ended = raw.len >= 2 && memcmp(raw.at + raw.len - 2, "\r\n", 2) == 0;

	for (size_t at = 0; at < raw.len; at++) {
		if (!stray(raw, at))
			continue;
		if (buf_put(out, span_of(raw.at + from, at - from)) < 0 || buf_puts(out, " ") < 0)
			return -1;
		from = at + 1;
	}
	if (buf_put(out, span_skip(raw, from)) < 0)
		return -1;
	return ended ? 0 : buf_puts(out, "\r\n");
}

int open_fields_clean(struct span fields, const char *hostname, struct buf *out)
{
	struct header_field field;

	while (header_next(&fields, &field) == 1)
		if (!open_fields_forged(field.name, field.body, hostname) &&
		    put_field(&field, out) < 0)
			return -1;
	return 0;
}

/* --- joining --- */

struct joining {
	const struct open_fields *f;
	struct span *names;	/* of the fields inside, in order; many are looked for */
	size_t n;
	bool subject;		/* one Subject is inside */
};

static char folded(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int by_name(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	for (size_t i = 0; i < x->len && i < y->len; i++)
		if (folded(x->at[i]) != folded(y->at[i]))
			return folded(x->at[i]) < folded(y->at[i]) ? -1 : 1;
	return x->len < y->len ? -1 : x->len > y->len;
}

static void begin(struct joining *j, const struct open_fields *f)
{
	struct span rest = f->inner;
	struct header_field field;

	*j = (struct joining){ .f = f, .subject = header_find(rest, "Subject", NULL) == 1 };
	while (f->protection == OPEN_PROTECTED && header_next(&rest, &field) == 1) {
		j->names = mem_one_more(j->names, j->n, sizeof(*j->names));
		j->names[j->n++] = field.name;
	}
	if (j->n)
		qsort(j->names, j->n, sizeof(*j->names), by_name);
}

static bool is_inside(const struct joining *j, struct span name)
{
	return j->n && bsearch(&name, j->names, j->n, sizeof(*j->names), by_name);
}

static bool outer_stays(const struct joining *j, const struct header_field *field)
{
	const struct open_fields *f = j->f;

	if (open_fields_forged(field->name, field->body, f->hostname))
		return false;
	if (header_structural(field->name))
		return !f->structure.at;	/* what is signed is shown in what is around it */
	if (span_is_nocase(field->name, "From") && !f->inner_from)
		return true;
	if (f->protection == OPEN_UNPROTECTED || is_trace(field->name))
		return true;
	if (f->protection == OPEN_SUBJECT_ONLY)
		return !span_is_nocase(field->name, "Subject") || !j->subject;
	return !is_user_facing(field->name) && field->name.len < OUTER_NAME_MAX &&
	       !is_inside(j, field->name);
}

static bool inner_comes(const struct joining *j, const struct header_field *field)
{
	const struct open_fields *f = j->f;

	if (open_fields_forged(field->name, field->body, f->hostname) ||
	    header_structural(field->name) || is_trace(field->name) ||
	    span_is_nocase(field->name, "HP-Outer"))
		return false;
	if (span_is_nocase(field->name, "From"))
		return f->inner_from && f->protection == OPEN_PROTECTED;
	if (f->protection == OPEN_SUBJECT_ONLY)
		return span_is_nocase(field->name, "Subject") && j->subject;
	return f->protection == OPEN_PROTECTED;
}

static int join(const struct joining *j, struct buf *out)
{
	const struct open_fields *f = j->f;
	struct span rest = f->outer;
	struct header_field field;

	while (header_next(&rest, &field) == 1)
		if (outer_stays(j, &field) && put_field(&field, out) < 0)
			return -1;
	rest = f->structure;
	while (header_next(&rest, &field) == 1)
		if (header_structural(field.name) && put_field(&field, out) < 0)
			return -1;
	rest = f->inner;
	while (header_next(&rest, &field) == 1)
		if (inner_comes(j, &field) && put_field(&field, out) < 0)
			return -1;
	if (f->structure.at && header_find(f->structure, "MIME-Version", NULL) == 0)
		return buf_puts(out, "MIME-Version: 1.0\r\n");
	return 0;
}

int open_fields_join(const struct open_fields *f, struct buf *out)
{
	struct joining j;
	int result;

	begin(&j, f);
	result = join(&j, out);
	free(j.names);
	return result;
}

/* --- what they say --- */

char *open_fields_from(struct span fields)
{
	struct header_field field;
	struct strs list = { 0 };
	struct err err = { 0 };
	char *from = NULL;

	if (header_find(fields, "From", &field) == 1 &&
	    address_list(field.body, &list, &err) == 0 && list.n == 1)
		from = address_normal(span_str(list.at[0]));
	strs_free(&list);
	return from;
}

/* What HP-Outer says of `name`: 1 and its value, 0 that there are none at all,
 * -1 that this one was not outside (RFC 9788 2.2). */
static int hp_outer(struct span inner, const char *name, char **value)
{
	struct header_field field;
	bool any = false;

	while (header_next(&inner, &field) == 1) {
		char *text;
		size_t colon;

		if (!span_is_nocase(field.name, "HP-Outer"))
			continue;
		any = true;
		text = header_unfold(field.body);
		colon = span_find(span_str(text), ':');
		if (text[colon] == ':' &&
		    span_is_nocase(span_trim(span_of(text, colon)), name)) {
			*value = span_dup(span_trim(span_str(text + colon + 1)));
			free(text);
			return 1;
		}
		free(text);
	}
	return any ? -1 : 0;
}

/* Blanks aside, which relays fold and unfold. */
static bool same_text(const char *a, const char *b)
{
	while (*a || *b) {
		while (isspace((unsigned char)*a))
			a++;
		while (isspace((unsigned char)*b))
			b++;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
	return true;
}

static bool differs(struct span outer, struct span inner, const char *name)
{
	struct header_field out, in;
	char *want = NULL, *got;
	bool different;
	int said;

	if (header_find(outer, name, &out) == 0)
		return false;	/* nothing that would mislead */
	said = hp_outer(inner, name, &want);
	if (said < 0 || (said == 0 && header_find(inner, name, &in) == 0))
		return false;	/* added on the way, as a Message-ID may be */
	if (said == 0)
		want = header_unfold(in.body);
	got = header_unfold(out.body);
	different = !same_text(got, want) || header_find(outer, name, NULL) > 1;
	free(got);
	free(want);
	return different;
}

bool open_fields_contradict(struct span outer, struct span inner)
{
	static const char *const bound[] = { "From", "To", "Date", "Message-ID" };

	for (size_t i = 0; i < sizeof(bound) / sizeof(*bound); i++)
		if (differs(outer, inner, bound[i]))
			return true;
	return false;
}
