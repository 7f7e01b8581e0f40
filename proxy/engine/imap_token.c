#include "proxy/engine/imap_token.h"

#include <stdlib.h>

#include <letterlock/mem.h>

static enum imap_token_kind bad(struct span *rest, struct imap_token *token)
{
	token->kind = IMAP_TOKEN_BAD;
	token->raw = token->text = *rest;
	return IMAP_TOKEN_BAD;
}

/* Takes `len` bytes, of which the text is a part. */
static enum imap_token_kind take(struct span *rest, struct imap_token *token,
				 enum imap_token_kind kind, size_t len,
				 struct span text)
{
	token->kind = kind;
	token->raw = span_of(rest->at, len);
	token->text = text;
	*rest = span_skip(*rest, len);
	return kind;
}

static bool control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static enum imap_token_kind take_quoted(struct span *rest,
					struct imap_token *token)
{
	for (size_t i = 1; i < rest->len; i++) {
		if (rest->at[i] == '"')
			return take(rest, token, IMAP_TOKEN_QUOTED, i + 1,
				    span_of(rest->at + 1, i - 1));
		if (rest->at[i] == '\\') {
			i++;
			if (i == rest->len ||
			    (rest->at[i] != '"' && rest->at[i] != '\\'))
				break;
		} else if (rest->at[i] == '\0' || rest->at[i] == '\r' ||
			   rest->at[i] == '\n') {
			break;
		}
	}
	return bad(rest, token);
}

bool imap_token_announced(struct span line, uint64_t *size, bool *synchronising,
			  bool *binary)
{
	unsigned long long number = 0;
	size_t at = line.len, end;

	if (!at || line.at[--at] != '}')
		return false;
	*synchronising = !(at && line.at[at - 1] == '+');
	end = *synchronising ? at : at - 1;
	at = end;
	while (at && line.at[at - 1] >= '0' && line.at[at - 1] <= '9')
		at--;
	if (!at || line.at[at - 1] != '{' || end - at > IMAP_LITERAL_DIGITS ||
	    !span_number(span_of(line.at + at, end - at), &number) ||
	    number > UINT32_MAX || (line.at[at] == '0' && end - at > 1))
		return false;
	*binary = at > 1 && line.at[at - 2] == '~';
	*size = number;
	return true;
}

static enum imap_token_kind take_literal(struct span *rest,
					 struct imap_token *token)
{
	size_t brace = span_find(*rest, '}');
	bool synchronising, binary;
	uint64_t size;
	size_t text = brace + 3;

	/* a second brace would be where the announced size begins: "{x{2}" */
	if (brace == rest->len || text > rest->len ||
	    span_find(span_of(rest->at + 1, brace - 1), '{') < brace - 1 ||
	    rest->at[brace + 1] != '\r' || rest->at[brace + 2] != '\n' ||
	    !imap_token_announced(span_of(rest->at, brace + 1), &size,
				  &synchronising, &binary) ||
	    size > rest->len - text)
		return bad(rest, token);
	return take(rest, token, IMAP_TOKEN_LITERAL, text + size,
		    span_of(rest->at + text, size));
}

/* In brackets a section's own list may stand: only quotes end it there. */
static bool in_atom(char c)
{
	return !control(c) && c != ' ' && c != '(' && c != ')' && c != '"' &&
	       c != '{';
}

enum imap_token_kind imap_token_next(struct span *rest,
				     struct imap_token *token)
{
	size_t len = 0;

	token->spaced = rest->len && rest->at[0] == ' ';
	if (token->spaced)
		*rest = span_skip(*rest, 1);
	if (!rest->len && !token->spaced)
		return take(rest, token, IMAP_TOKEN_END, 0, *rest);
	if (!rest->len || rest->at[0] == ' ')
		return bad(rest, token);
	switch (rest->at[0]) {
	case '"':
		return take_quoted(rest, token);
	case '{':
		return take_literal(rest, token);
	case '(':
		return take(rest, token, IMAP_TOKEN_OPEN, 1, span_of(rest->at, 1));
	case ')':
		return take(rest, token, IMAP_TOKEN_CLOSE, 1, span_of(rest->at, 1));
	default:
		break;
	}
	while (len < rest->len && in_atom(rest->at[len]))
		len++;
	if (!len || (len == 1 && rest->at[0] == '~' && len < rest->len &&
		     rest->at[len] == '{'))
		return bad(rest, token);
	return take(rest, token, IMAP_TOKEN_ATOM, len, span_of(rest->at, len));
}

bool imap_token_well_formed(struct span text)
{
	struct imap_token token;
	unsigned depth = 0;

	for (;;) {
		switch (imap_token_next(&text, &token)) {
		case IMAP_TOKEN_END:
			return depth == 0;
		case IMAP_TOKEN_BAD:
			return false;
		case IMAP_TOKEN_OPEN:
			if (++depth > IMAP_TOKEN_DEPTH_MAX)
				return false;
			break;
		case IMAP_TOKEN_CLOSE:
			if (depth-- == 0)
				return false;
			break;
		case IMAP_TOKEN_LITERAL:
			/* who reads it as a C string reads another name */
			if (span_find(token.text, '\0') < token.text.len)
				return false;
			break;
		case IMAP_TOKEN_ATOM:
		case IMAP_TOKEN_QUOTED:
			break;
		}
	}
}

int imap_token_value(const struct imap_token *token, struct buf *out)
{
	struct span text = token->text;

	switch (token->kind) {
	case IMAP_TOKEN_ATOM:
	case IMAP_TOKEN_LITERAL:
		return buf_put(out, text);
	case IMAP_TOKEN_QUOTED:
		break;
	case IMAP_TOKEN_END:
	case IMAP_TOKEN_OPEN:
	case IMAP_TOKEN_CLOSE:
	case IMAP_TOKEN_BAD:
		return -1;
	}
	if (buf_room(out) < text.len)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\\')
			i++;	/* take_quoted() saw what follows */
		(void)buf_put(out, span_of(text.at + i, 1));
	}
	return 0;
}

char *imap_token_string(const struct imap_token *token)
{
	char *string = NULL;
	struct buf value;

	buf_init(&value, token->text.len + 1);
	if (imap_token_value(token, &value) == 0 &&
	    span_find(buf_span(&value), '\0') == value.len)
		string = span_dup(buf_span(&value));
	buf_wipe(&value);
	return string;
}

char *imap_token_astring(struct span *rest)
{
	struct imap_token token;

	(void)imap_token_next(rest, &token);
	return imap_token_string(&token);
}

int imap_token_put(struct buf *out, struct span value)
{
	bool literal = false;

	for (size_t i = 0; i < value.len; i++) {
		if (!value.at[i])
			return -1;
		literal |= value.at[i] == '\r' || value.at[i] == '\n' ||
			   (unsigned char)value.at[i] >= 0x80;
	}
	if (buf_room(out) < 2 * value.len + 16)
		return -1;
	if (literal) {
		(void)buf_printf(out, "{%zu}\r\n", value.len);
		return buf_put(out, value);
	}
	(void)buf_puts(out, "\"");
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"' || value.at[i] == '\\')
			(void)buf_puts(out, "\\");
		(void)buf_put(out, span_of(value.at + i, 1));
	}
	return buf_puts(out, "\"");
}
