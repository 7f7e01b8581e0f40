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

bool imap_syntax_append(struct span args)
{
	struct imap_token token;

	switch (imap_token_next(&args, &token)) {
	case IMAP_TOKEN_ATOM:
	case IMAP_TOKEN_QUOTED:
	case IMAP_TOKEN_LITERAL:
		return token.spaced && imap_token_well_formed(args);
	case IMAP_TOKEN_END:
	case IMAP_TOKEN_OPEN:
	case IMAP_TOKEN_CLOSE:
	case IMAP_TOKEN_BAD:
		break;
	}
	return false;
}
