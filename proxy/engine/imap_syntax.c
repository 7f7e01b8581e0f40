#include "proxy/engine/imap_syntax.h"

#include <string.h>

#include "proxy/engine/imap_token.h"

bool imap_syntax_tag(struct span tag)
{
	if (!tag.len || tag.len > IMAP_TAG_MAX)
		return false;
	for (size_t i = 0; i < tag.len; i++)
		if (tag.at[i] <= ' ' || tag.at[i] > '~' ||
		    strchr("(){}%*\"\\+<>&", tag.at[i]))
			return false;
	return true;
}

static bool eight_bit(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return true;
	return false;
}

static int put_quoted_as_literal(struct buf *out, const struct imap_token *token)
{
	struct buf value;
	int ret;

	buf_init(&value, token->text.len + 1);
	ret = imap_token_value(token, &value);
	if (ret == 0)
		ret = imap_token_put(out, buf_span(&value));
	buf_wipe(&value);
	return ret;
}

/* What stands between tokens stays. */
static int spell(struct span args, struct buf *out)
{
	const char *at = args.at, *end = args.at + args.len;
	struct imap_token token;
	int ret = 0;

	while (ret == 0 && imap_token_next(&args, &token) != IMAP_TOKEN_END) {
		bool odd = token.kind != IMAP_TOKEN_LITERAL && eight_bit(token.raw);

		if (token.kind == IMAP_TOKEN_BAD || (odd && token.kind != IMAP_TOKEN_QUOTED))
			return -1;
		ret = buf_put(out, span_of(at, (size_t)(token.raw.at - at)));
		if (ret == 0)
			ret = odd ? put_quoted_as_literal(out, &token)
				  : buf_put(out, token.raw);
		at = token.raw.at + token.raw.len;
	}
	return ret == 0 ? buf_put(out, span_of(at, (size_t)(end - at))) : -1;
}

bool imap_syntax_spell(struct buf *command, struct span *args, size_t most)
{
	struct buf out;

	if (!eight_bit(*args))
		return true;
	buf_init(&out, most);
	if (spell(*args, &out) < 0) {
		buf_wipe(&out);
		return false;
	}
	buf_wipe(command);
	*command = out;
	*args = buf_span(command);
	return true;
}

/* "(\Seen \Draft)" behind its parenthesis; the next token is behind it all. */
static bool flags(struct span *rest, struct imap_token *token)
{
	while (imap_token_next(rest, token) == IMAP_TOKEN_ATOM)
		;
	if (token->kind != IMAP_TOKEN_CLOSE)
		return false;
	(void)imap_token_next(rest, token);
	return true;
}

/* RFC 9051: append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal */
bool imap_syntax_append(struct span args)
{
	struct imap_token token;

	if (!imap_token_well_formed(args))
		return false;
	switch (imap_token_next(&args, &token)) {
	case IMAP_TOKEN_ATOM:
	case IMAP_TOKEN_QUOTED:
	case IMAP_TOKEN_LITERAL:
		break;
	case IMAP_TOKEN_END:
	case IMAP_TOKEN_OPEN:
	case IMAP_TOKEN_CLOSE:
	case IMAP_TOKEN_BAD:
		return false;
	}
	if (!token.spaced)
		return false;
	(void)imap_token_next(&args, &token);
	if (token.kind == IMAP_TOKEN_OPEN && !flags(&args, &token))
		return false;
	/* in a literal, which 8-bit text becomes, it would be a message */
	if (token.kind == IMAP_TOKEN_QUOTED && token.spaced && !eight_bit(token.text))
		(void)imap_token_next(&args, &token);
	return token.kind == IMAP_TOKEN_END;
}
