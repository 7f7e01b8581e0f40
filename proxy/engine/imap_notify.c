#include "proxy/engine/imap_notify.h"

#include <stdbool.h>

#include "proxy/engine/imap_token.h"

struct notify {
	struct span rest;
	struct buf *out;
	unsigned depth;
};

static void put(struct notify *n, const struct imap_token *token, struct span text)
{
	if (token->spaced)
		(void)buf_puts(n->out, " ");
	(void)buf_put(n->out, text);
}

/* "(UID FLAGS)" behind MessageNew: what relayed answers may tell. Without that
 * list nothing but EXISTS is told. */
static enum imap_notify take_items(struct notify *n)
{
	static const char *const fine[] = { "UID", "FLAGS", "MODSEQ" };
	struct imap_token token;

	while (imap_token_next(&n->rest, &token) == IMAP_TOKEN_ATOM) {
		bool known = false;

		for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++)
			known |= span_is_nocase(token.text, fine[i]);
		if (!known)
			return IMAP_NOTIFY_CONTENT;
		put(n, &token, token.raw);
	}
	if (token.kind != IMAP_TOKEN_CLOSE)
		return token.kind == IMAP_TOKEN_OPEN ? IMAP_NOTIFY_CONTENT : IMAP_NOTIFY_BAD;
	put(n, &token, token.raw);
	return IMAP_NOTIFY_FINE;
}

static enum imap_notify take_event(struct notify *n, const struct imap_token *event)
{
	struct span behind = n->rest;
	struct imap_token token;

	put(n, event, event->raw);
	if (!span_is_nocase(event->text, "MESSAGENEW") ||
	    imap_token_next(&behind, &token) != IMAP_TOKEN_OPEN)
		return IMAP_NOTIFY_FINE;
	n->rest = behind;
	put(n, &token, token.raw);
	return take_items(n);
}

static enum imap_notify take_one(struct notify *n, const struct imap_token *token, bool first)
{
	switch (token->kind) {
	case IMAP_TOKEN_ATOM:
		if (n->depth == 1 && first && span_is_nocase(token->text, "SELECTED"))
			put(n, token, span_str("selected-delayed"));
		else
			return take_event(n, token);
		return IMAP_NOTIFY_FINE;
	case IMAP_TOKEN_OPEN:
		n->depth++;
		break;
	case IMAP_TOKEN_CLOSE:
		if (!n->depth--)
			return IMAP_NOTIFY_BAD;
		break;
	case IMAP_TOKEN_QUOTED:
	case IMAP_TOKEN_LITERAL:
		break;		/* names of mailboxes */
	case IMAP_TOKEN_END:
	case IMAP_TOKEN_BAD:
		return IMAP_NOTIFY_BAD;
	}
	put(n, token, token->raw);
	return IMAP_NOTIFY_FINE;
}

enum imap_notify imap_notify_put(struct span args, struct buf *out)
{
	struct notify n = { .rest = args, .out = out };
	enum imap_notify result = IMAP_NOTIFY_FINE;
	struct imap_token token;
	bool first = false;

	if (buf_puts(out, "NOTIFY") < 0 || !args.len)
		return IMAP_NOTIFY_BAD;
	while (result == IMAP_NOTIFY_FINE &&
	       imap_token_next(&n.rest, &token) != IMAP_TOKEN_END) {
		result = take_one(&n, &token, first);
		first = token.kind == IMAP_TOKEN_OPEN;
	}
	return result == IMAP_NOTIFY_FINE && n.depth ? IMAP_NOTIFY_BAD : result;
}
