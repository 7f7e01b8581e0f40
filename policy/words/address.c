#include <arpa/inet.h>
#include <stdlib.h>

#include <letterlock/address.h>
#include <letterlock/domain.h>
#include <letterlock/mem.h>
#include <letterlock/utf8.h>

enum { LABEL_MAX = 63 };	/* RFC 1035 2.3.4 */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* atext of RFC 5322 3.2.3, and with `utf8` any octet of RFC 6532's. */
static bool atext(char c, bool utf8)
{
	if (c & 0x80)
		return utf8;
	return letter(c) || digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool dot_atom(struct span text, bool utf8)
{
	struct span atom;

	while (span_split(&text, '.', &atom)) {
		if (atom.len == 0)
			return false;
		for (size_t i = 0; i < atom.len; i++)
			if (!atext(atom.at[i], utf8))
				return false;
	}
	return true;
}

/* What may stand between quotes, plainly or behind a `\` (RFC 5321 4.1.2). */
static bool qcontent(char c, bool escaped, bool utf8)
{
	if (c & 0x80)
		return utf8 && !escaped;
	return c >= ' ' && c != 0x7f && (escaped || c != '"');
}

static bool quoted(struct span text, bool utf8)
{
	bool escaped = false;

	if (text.len < 2 || text.at[0] != '"' || text.at[text.len - 1] != '"')
		return false;
	for (size_t i = 1; i < text.len - 1; i++) {
		if (!qcontent(text.at[i], escaped, utf8))
			return false;
		escaped = !escaped && text.at[i] == '\\';
	}
	return !escaped;	/* or the last quote were none */
}

/* Letters, digits, hyphens inside. `_` is no host name, but is in use. */
static bool label(struct span text, bool utf8)
{
	if (text.len == 0 || text.len > LABEL_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool edge = i == 0 || i == text.len - 1;

		if (!letter(c) && !digit(c) && c != '_' && !(c == '-' && !edge) &&
		    !((c & 0x80) && utf8))
			return false;
	}
	return true;
}

/* RFC 5321 4.1.3. No standard has defined a tag but IPv6. */
static bool literal(struct span text)
{
	unsigned char binary[sizeof(struct in6_addr)];
	char host[INET6_ADDRSTRLEN + 1];
	bool six = span_starts_nocase(text, "IPv6:");
	struct span ip = span_skip(text, six ? 5 : 0);

	if (ip.len == 0 || ip.len >= sizeof(host) || memchr(ip.at, '\0', ip.len))
		return false;
	memcpy(host, ip.at, ip.len);
	host[ip.len] = '\0';
	return inet_pton(six ? AF_INET6 : AF_INET, host, binary) == 1;
}

static bool domain_valid(struct span text, bool utf8)
{
	struct span part, whole = text;

	if (text.len == 0 || text.len > ADDRESS_DOMAIN_MAX)
		return false;
	if (text.at[0] == '[')
		return text.len > 2 && text.at[text.len - 1] == ']' &&
		       literal(span_of(text.at + 1, text.len - 2));
	while (span_split(&text, '.', &part))
		if (!label(part, utf8))
			return false;
	return domain_settled(whole);
}

/* True when every character is UTF-8 and none is a control character. */
static bool printable(struct span text)
{
	while (text.len) {
		size_t len = utf8_printable(text);

		if (len == 0)
			return false;
		text = span_skip(text, len);
	}
	return true;
}

/* The `@` before the domain, or text.len. A domain holds none. */
static size_t last_at(struct span text)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.at[i - 1] == '@')
			return i - 1;
	return text.len;
}

bool address_valid(struct span text, bool utf8)
{
	size_t at = last_at(text);
	struct span local = span_of(text.at, at);

	if (at == 0 || at == text.len || at > ADDRESS_LOCAL_MAX || !printable(text))
		return false;
	return (dot_atom(local, utf8) || quoted(local, utf8)) &&
	       domain_valid(span_skip(text, at + 1), utf8);
}

struct span address_domain(struct span text)
{
	return span_skip(text, last_at(text) + 1);
}

/* Writes what stands between the quotes of `local`, with a backslash before
 * each `"` and `\` when `escape`; never more than local.len bytes. */
static size_t put_content(struct span local, bool escape, char *to)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < local.len; i++) {
		if (local.at[i] == '\\')
			i++;
		if (escape && (local.at[i] == '"' || local.at[i] == '\\'))
			to[n++] = '\\';
		to[n++] = local.at[i];
	}
	return n;
}

/* The quoted `local` as short as it can be; returns its length. */
static size_t put_local(struct span local, char *to)
{
	size_t n = put_content(local, false, to);

	if (n && dot_atom(span_of(to, n), true))
		return n;
	n = put_content(local, true, to + 1);
	to[0] = '"';
	to[n + 1] = '"';
	return n + 2;
}

char *address_normal(struct span text)
{
	size_t at = last_at(text), n = at;
	struct span local = span_of(text.at, at);
	char *normal = mem_new(text.len + 1);

	if (quoted(local, true))
		n = put_local(local, normal);
	else if (at)
		memcpy(normal, text.at, at);
	if (at < text.len)
		memcpy(normal + n, text.at + at, text.len - at);
	n += text.len - at;
	for (size_t i = 0; i < n; i++) {
		if (normal[i] >= 'A' && normal[i] <= 'Z')
			normal[i] = (char)(normal[i] - 'A' + 'a');
		else if (normal[i] == '\0')
			normal[i] = 0x7f;	/* in no address: equals none */
	}
	normal[n] = '\0';
	return normal;
}

bool address_same(struct span a, struct span b)
{
	char *left = address_normal(a), *right = address_normal(b);
	bool same = strcmp(left, right) == 0;

	free(left);
	free(right);
	return same;
}

static void add_hop(struct strs *list, struct span local, struct span domain)
{
	char *hop = mem_printf("%.*s@%.*s", (int)local.len, local.at, (int)domain.len,
			       domain.at);

	if (!strs_has_nocase(list, span_str(hop)))
		strs_add(list, span_str(hop));
	free(hop);
}

/* The steps of a route that begin with `local`, which is not quoted. */
static void add_hops(struct strs *list, struct span local)
{
	size_t at = last_at(local), bang = span_find(local, '!'), percent = local.len;

	while (percent > 0 && local.at[percent - 1] != '%')
		percent--;
	if (at < local.len) {
		add_hop(list, span_of(local.at, at), span_skip(local, at + 1));
		return;
	}
	if (percent > 0)
		add_hop(list, span_of(local.at, percent - 1), span_skip(local, percent));
	if (bang < local.len)
		add_hop(list, span_skip(local, bang + 1), span_of(local.at, bang));
}

/* Of the local part of `text`. */
static void add_hops_of(struct strs *list, struct span text)
{
	struct span local = span_of(text.at, last_at(text));
	char *content = mem_new(local.len + 1);

	if (quoted(local, true)) {
		local.len = put_content(local, false, content);
		local.at = content;
	}
	add_hops(list, local);
	free(content);
}

void address_routes(struct span text, struct strs *list)
{
	size_t i = list->n;

	if (last_at(text) == text.len)
		return;
	add_hops_of(list, text);
	/* each is shorter than what it was made of: there are not many */
	for (; i < list->n; i++)
		add_hops_of(list, span_str(list->at[i]));
}
