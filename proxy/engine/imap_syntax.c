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

bool imap_syntax_eight_bit(struct span text)
{
	struct imap_token token;

	while (imap_token_next(&text, &token) != IMAP_TOKEN_END) {
		if (token.kind == IMAP_TOKEN_LITERAL)
			continue;
		for (size_t i = 0; i < token.raw.len; i++)
			if ((unsigned char)token.raw.at[i] >= 0x80)
				return true;
	}
	return false;
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
	if (token.kind == IMAP_TOKEN_QUOTED && token.spaced)
		(void)imap_token_next(&args, &token);
	return token.kind == IMAP_TOKEN_END;
}
