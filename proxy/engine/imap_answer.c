#include "proxy/engine/imap_answer.h"

#include <stdlib.h>
#include <strings.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

#include "proxy/engine/imap_token.h"

/* It is cut from the header of the whole message. */
static bool of_header(const struct imap_fetch_item *item)
{
	return !item->path_n && (item->text == IMAP_FETCH_HEADER ||
				 item->text == IMAP_FETCH_FIELDS ||
				 item->text == IMAP_FETCH_FIELDS_NOT);
}

static bool keeps_header(const struct shape *shape)
{
	return shape->header_bytes.len == shape->header.size;
}

bool imap_answer_needs_view(const struct imap_fetch_items *items,
			    const struct shape *shape)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind >= IMAP_FETCH_SECTION &&
		    !(of_header(&items->at[i]) && keeps_header(shape)))
			return true;
	return false;
}

/* What is not there is empty: clients meet no NIL with other servers. */
static struct span nothing(void)
{
	return span_of("", 0);
}

static struct span cut(struct span view, struct shape_range range)
{
	if (range.offset > view.len || range.size > view.len - range.offset)
		return nothing();
	return span_of(view.at + range.offset, (size_t)range.size);
}

static struct span of_message(const struct imap_fetch_item *item,
			      const struct shape *shape, struct span view)
{
	switch (item->text) {
	case IMAP_FETCH_ALL:
		return view;
	case IMAP_FETCH_TEXT:
		return cut(view, shape->text);
	case IMAP_FETCH_HEADER:
	case IMAP_FETCH_FIELDS:
	case IMAP_FETCH_FIELDS_NOT:
		return keeps_header(shape) ? shape->header_bytes
					   : cut(view, shape->header);
	case IMAP_FETCH_MIME:
		break;
	}
	return nothing();
}

static struct span of_part(const struct imap_fetch_item *item,
			   const struct shape *shape, struct span view)
{
	const struct shape_part *part = shape_find(shape, item->path, item->path_n);

	if (!part)
		return nothing();
	if (item->text == IMAP_FETCH_ALL)
		return cut(view, part->body);
	if (item->text == IMAP_FETCH_MIME)
		return cut(view, part->mime);
	if (!part->message)
		return nothing();
	return cut(view, item->text == IMAP_FETCH_TEXT ? part->text : part->header);
}

/* --- HEADER.FIELDS --- */

/* The names of an item, in an order in which they are found fast. */
struct names {
	struct buf text;	/* all of them */
	struct span *at;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = strncasecmp(x->at, y->at, x->len < y->len ? x->len : y->len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* No value is longer than how it was said. */
static void names_read(struct span said, struct names *names)
{
	struct imap_token token;

	*names = (struct names){ .at = mem_new(IMAP_FETCH_NAMES_MAX * sizeof(*names->at)) };
	buf_init(&names->text, said.len + 1);
	(void)buf_reserve(&names->text, said.len + 1);	/* it moves no more */
	while (names->n < IMAP_FETCH_NAMES_MAX &&
	       imap_token_next(&said, &token) != IMAP_TOKEN_END &&
	       token.kind != IMAP_TOKEN_BAD) {
		size_t from = names->text.len;

		if (imap_token_value(&token, &names->text) == 0)
			names->at[names->n++] = span_skip(buf_span(&names->text), from);
	}
	qsort(names->at, names->n, sizeof(*names->at), compare);
}

static void names_free(struct names *names)
{
	buf_free(&names->text);
	free(names->at);
}

static bool named(const struct names *names, struct span name)
{
	return bsearch(&name, names->at, names->n, sizeof(*names->at), compare) != NULL;
}

/* Takes a line that is no field. */
static struct span take_line(struct span *header)
{
	size_t len = span_find(*header, '\n');
	struct span line = span_of(header->at, len < header->len ? len + 1 : len);

	*header = span_skip(*header, line.len);
	return line;
}

/* Those fields and the empty line; a line that is no field is named by none. */
static int filter(const struct imap_fetch_item *item, struct span header,
		  struct buf *out)
{
	bool others = item->text == IMAP_FETCH_FIELDS_NOT;
	struct header_field field;
	struct names names;
	int got, ret = 0;

	names_read(item->fields, &names);
	while (ret == 0 && (got = header_next(&header, &field)) != 0) {
		if (got < 0)
			field.raw = take_line(&header);
		if ((got < 0 ? false : named(&names, field.name)) != others)
			ret = buf_put(out, field.raw);
	}
	names_free(&names);
	return ret == 0 && header.len ? buf_puts(out, "\r\n") : ret;
}

/* --- */

static struct span part_of(const struct imap_fetch_item *item, struct span all)
{
	if (!item->partial)
		return all;
	all = item->offset < all.len ? span_skip(all, (size_t)item->offset)
				     : span_of("", 0);
	if (all.len > item->count)
		all.len = (size_t)item->count;
	return all;
}

static int put_section(const struct imap_fetch_item *item,
		       const struct shape *shape, struct span view,
		       struct buf *head, struct span *body)
{
	struct span all = item->path_n ? of_part(item, shape, view)
				       : of_message(item, shape, view);
	struct buf fields;
	int ret = -1;

	if (item->text != IMAP_FETCH_FIELDS && item->text != IMAP_FETCH_FIELDS_NOT) {
		*body = part_of(item, all);
		return buf_printf(head, "{%zu}\r\n", body->len);
	}
	buf_init(&fields, all.len + 2);
	if (filter(item, all, &fields) == 0) {
		all = part_of(item, buf_span(&fields));
		ret = buf_printf(head, "{%zu}\r\n", all.len) < 0 ? -1
								 : buf_put(head, all);
	}
	buf_free(&fields);
	return ret;
}

int imap_answer_item(const struct imap_fetch_item *item, const struct shape *shape,
		     struct span view, struct buf *head, struct span *body)
{
	*body = span_of("", 0);
	if (imap_fetch_items_put_name(item, head) < 0 || buf_puts(head, " ") < 0)
		return -1;
	switch (item->kind) {
	case IMAP_FETCH_FLAGS:
	case IMAP_FETCH_UID:
	case IMAP_FETCH_INTERNALDATE:
	case IMAP_FETCH_MODSEQ:
		break;
	case IMAP_FETCH_SIZE:
		return buf_printf(head, "%llu", (unsigned long long)shape->size);
	case IMAP_FETCH_ENVELOPE:
		*body = shape->envelope;
		return 0;
	case IMAP_FETCH_BODY:
		*body = shape->body;
		return 0;
	case IMAP_FETCH_BODYSTRUCTURE:
		*body = shape->bodystructure;
		return 0;
	case IMAP_FETCH_SECTION:
		return put_section(item, shape, view, head, body);
	case IMAP_FETCH_BINARY:
	case IMAP_FETCH_BINARY_SIZE:
		break;
	}
	return -1;
}
