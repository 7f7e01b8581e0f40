#include "proxy/engine/smtp_syntax.h"

#include <letterlock/codec.h>
#include <letterlock/mem.h>
#include <letterlock/utf8.h>

enum { NAME_MAX_OCTETS = 255, MECHANISM_MAX = 20 };

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Any character of `text` that is neither letter, digit nor one of `also`. */
static bool only(struct span text, const char *also)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (!letter(c) && !digit(c) && (!c || !strchr(also, c)))
			return false;
	}
	return true;
}

void smtp_syntax_command(struct span line, struct span *verb,
			 struct span *arguments)
{
	size_t len = span_find(line, ' ');

	*verb = span_of(line.at, len);
	*arguments = span_trim(span_skip(line, len));
}

bool smtp_syntax_name(struct span text)
{
	return text.len && text.len <= NAME_MAX_OCTETS && only(text, ".-_[]:");
}

bool smtp_syntax_mechanism(struct span text)
{
	return text.len && text.len <= MECHANISM_MAX && only(text, "-_");
}

/* Takes "@a,@b:" off the front: it has no use today (RFC 5321 appendix C). */
static bool skip_route(struct span *path)
{
	struct span route, host;
	size_t len;

	if (!path->len || path->at[0] != '@')
		return true;
	len = span_find(*path, ':');
	if (len == path->len)
		return false;
	route = span_of(path->at, len);
	while (span_split(&route, ',', &host))
		if (host.len < 2 || host.len > NAME_MAX_OCTETS ||
		    host.at[0] != '@' || !only(span_skip(host, 1), ".-_"))
			return false;
	*path = span_skip(*path, len + 1);
	return path->len > 0;
}

/* Where the `>` is that closes the path at the front of `text`. */
static size_t closing(struct span text)
{
	bool quoted = false, escaped = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '>' && !quoted)
			break;
		if (c == '"' && !escaped)
			quoted = !quoted;
		escaped = quoted && c == '\\' && !escaped;
	}
	return i;
}

bool smtp_syntax_path(struct span *rest, const char *prefix,
		      struct span *address)
{
	struct span text = *rest;
	size_t end;

	if (!span_starts_nocase(text, prefix))
		return false;
	/* Blanks before the path are against RFC 5321 3.3, but common. */
	text = span_trim(span_skip(text, strlen(prefix)));
	if (!text.len || text.at[0] != '<')
		return false;
	text = span_skip(text, 1);
	end = closing(text);
	if (end == text.len)
		return false;
	*address = span_of(text.at, end);
	*rest = span_skip(text, end + 1);
	if (rest->len && rest->at[0] != ' ')
		return false;
	return skip_route(address);
}

static bool keyword(struct span text)
{
	return text.len && text.at[0] != '-' && only(text, "-");
}

static bool value(struct span text)
{
	while (text.len) {
		size_t len = utf8_printable(text);

		if (len == 0 || text.at[0] == '=' || text.at[0] == ' ')
			return false;
		text = span_skip(text, len);
	}
	return true;
}

bool smtp_syntax_parameters(struct span rest, struct smtp_server_event *event)
{
	struct span word;

	event->parameters_n = 0;
	while (span_split(&rest, ' ', &word)) {
		struct smtp_parameter *next =
			&event->parameters[event->parameters_n];
		size_t len = span_find(word, '=');

		if (word.len == 0)
			continue;
		if (event->parameters_n == SMTP_PARAMETERS_MAX)
			return false;
		next->raw = word;
		next->keyword = span_of(word.at, len);
		next->value = span_skip(word, len + 1);
		if (!keyword(next->keyword) || !value(next->value) ||
		    (len < word.len && next->value.len == 0))
			return false;
		event->parameters_n++;
	}
	return true;
}

/* Upper-case digits only: RFC 3461 4 has no others. */
static bool hex(struct span text, unsigned char *byte)
{
	for (size_t i = 0; i < 2; i++)
		if (text.len < 2 || (!digit(text.at[i]) &&
		    (text.at[i] < 'A' || text.at[i] > 'F')))
			return false;
	return codec_unhex(span_of(text.at, 2), byte, 1);
}

bool smtp_syntax_xtext(struct span text, size_t max)
{
	size_t octets = 0;

	while (text.len) {
		unsigned char c = (unsigned char)text.at[0];
		bool coded = c == '+';

		if (coded && !hex(span_skip(text, 1), &c))
			return false;
		if (c < (coded ? ' ' : '!') || c > '~' || (!coded && c == '='))
			return false;
		text = span_skip(text, coded ? 3 : 1);
		if (++octets > max)
			return false;
	}
	return true;
}

char *smtp_syntax_xtext_get(struct span text)
{
	char *out = mem_new(text.len + 1);

	for (size_t n = 0; text.len; n++) {
		unsigned char c = (unsigned char)text.at[0];
		bool coded = c == '+' && hex(span_skip(text, 1), &c);

		out[n] = (char)c;
		text = span_skip(text, coded ? 3 : 1);
	}
	return out;
}
