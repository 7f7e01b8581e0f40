#include "policy/rules/rule_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/domain.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/strs.h>
#include <letterlock/units.h>

#include "policy/rules/conf_value.h"
#include "policy/rules/idn.h"
#include "policy/rules/rule_set.h"

enum {
	GLOB_MAX = 1000,	/* bytes */
	HEADER_NAME_MAX = 76,
	HEADER_VALUE_MAX = 900,	/* a line of 998 octets holds both */
};

/* Reads one element of a list, of the file or of a file that it names. */
typedef bool element_reader(const struct reading *at,
			    const struct conf_key *key, struct span element,
			    void *field);

/*
 * A file: list: an element a line, blank lines and lines that begin with `#`
 * or `;` left out. Its problems bear its own name and lines.
 */
static bool read_list_file(const struct reading *at, const struct conf_key *key,
			   struct span name, element_reader *read, void *field)
{
	char *path = reading_path(at, name), *shown = reading_shown(at, name);
	struct reading inside = *at;
	struct span rest, line;
	struct buf text;
	bool good;

	buf_init(&text, SOURCE_FILE_MAX);
	good = name.len > 0 ? reading_file(at, key->name, path, &text) :
	       reading_problem(at, "%s: no name behind file:; write file:NAME", key->name);
	rest = buf_span(&text);
	if (rest.len >= 3 && memcmp(rest.at, "\xef\xbb\xbf", 3) == 0)
		rest = span_skip(rest, 3);	/* a byte order mark */
	inside.shown = shown;
	inside.line = 0;
	while (span_split(&rest, '\n', &line)) {
		inside.line++;
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		line = span_trim(line);
		if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
			continue;
		good &= read(&inside, key, line, field);
	}
	buf_free(&text);
	free(path);
	free(shown);
	return good;
}

static bool read_list(const struct reading *at, const struct conf_key *key,
		      struct span value, element_reader *read, bool files,
		      void *field)
{
	struct span element;
	bool good = true;

	while (conf_value_next(at, key, &value, &element)) {
		if (files && span_starts_nocase(element, "file:"))
			good &= read_list_file(at, key, span_skip(element, strlen("file:")),
					       read, field);
		else
			good &= read(at, key, element, field);
	}
	return good;
}

static bool holds_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return true;
	return false;
}

/*
 * A glob that a person wrote. ` #` is refused since it is nearly always meant
 * for a comment, and a rule that then never matches would protect nothing.
 */
static bool glob_good(const struct reading *at, const struct conf_key *key,
		      struct span glob)
{
	if (glob.len == 0 || glob.len > GLOB_MAX || holds_control(glob))
		return reading_problem(at, "%s: a glob has 1 to %d printable bytes; write a "
				       "shorter one", key->name, GLOB_MAX);
	for (size_t i = 1; i < glob.len; i++)
		if (glob.at[i] == '#' && (glob.at[i - 1] == ' ' || glob.at[i - 1] == '\t'))
			return reading_problem(at, "%s: a comment behind a value begins with "
					       "` ;`; write that, or `?#` when the # is meant",
					       key->name);
	return true;
}

bool rule_value_directions(const struct reading *at, const struct conf_key *key,
			   struct span value, void *field)
{
	unsigned *directions = field;
	struct span word;
	bool good = true;

	while (conf_value_next(at, key, &value, &word)) {
		int index = 0;

		if (conf_value_word(at, key, word, &index))
			*directions |= 1U << index;
		else
			good = false;
	}
	return good;
}

static bool read_glob(const struct reading *at, const struct conf_key *key,
		      struct span glob, void *field)
{
	if (!glob_good(at, key, glob))
		return false;
	match_list_add(field, glob);
	return true;
}

bool rule_value_globs(const struct reading *at, const struct conf_key *key,
		      struct span value, void *field)
{
	return read_list(at, key, value, read_glob, false, field);
}

/* A glob, and the same for the letters that A-labels in it stand for. */
static void add_address(struct match_list *list, struct span glob)
{
	char *letters = idn_letters(glob);

	match_list_add(list, glob);
	if (letters)
		match_list_add(list, span_str(letters));
	free(letters);
}

/* Whether some address could match: no domain has a quote, a semicolon or a dot
 * at its end (what is 8-bit was looked at, a `[` is of an address literal), no
 * local part an `@` without quotes. */
static bool matches_some(struct span glob)
{
	struct span domain = address_domain(glob);

	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.at[i];

		if (!(c & 0x80) && !isalnum((unsigned char)c) && !strchr("-._*?[]:", c))
			return false;
	}
	if (domain.len == 0)
		return true;
	return domain.at[domain.len - 1] != '.' &&
	       (*glob.at == '"' || span_find(glob, '@') + 1 + domain.len == glob.len);
}

/* Without wildcards it is an address, and compared in its normal form. */
static bool read_address(const struct reading *at, const struct conf_key *key,
			 struct span text, void *field)
{
	bool wild = span_find(text, '*') < text.len ||
		    span_find(text, '?') < text.len;
	char *normal;

	if (span_is(text, "<>")) {
		match_list_add(field, span_of("", 0));
		return true;
	}
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7f)
			return reading_problem(at, "%s: \"%.*s\" holds a blank; write one address "
					       "or glob, such as *@example.org", key->name,
					       (int)text.len, text.at);
	if (!domain_settled(address_domain(text)))
		return reading_problem(at, "%s: \"%.*s\" is no domain as mail servers write "
				       "it; write it in lower case and composed letters", key->name,
				       (int)text.len, text.at);
	if (wild && !matches_some(text))
		return reading_problem(at, "%s: \"%.*s\" matches no address; write globs such "
				       "as *@example.org, with commas between them", key->name,
				       (int)text.len, text.at);
	if (wild && text.len <= GLOB_MAX) {
		add_address(field, text);
		return true;
	}
	if (!address_valid(text, true))
		return reading_problem(at, "%s: \"%.*s\" is no mail address; write one, or a glob "
				       "such as *@example.org", key->name, (int)text.len,
				       text.at);
	normal = address_normal(text);
	add_address(field, span_str(normal));
	free(normal);
	return true;
}

bool rule_value_addresses(const struct reading *at, const struct conf_key *key,
			  struct span value, void *field)
{
	((struct match_list *)field)->given = true;
	return read_list(at, key, value, read_address, true, field);
}

static bool read_login(const struct reading *at, const struct conf_key *key,
		       struct span text, void *field)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7f)
			return reading_problem(at, "%s: \"%.*s\" holds a blank; write one login "
					       "or glob", key->name, (int)text.len, text.at);
	match_list_add(field, text);
	return true;
}

bool rule_value_logins(const struct reading *at, const struct conf_key *key,
		       struct span value, void *field)
{
	((struct match_list *)field)->given = true;
	return read_list(at, key, value, read_login, true, field);
}

static bool read_client(const struct reading *at, const struct conf_key *key,
			struct span text, void *field)
{
	struct rule_clients *clients = field;
	const char *why = "";
	struct cidr cidr;

	if (!cidr_parse(text, &cidr, &why))
		return reading_problem(at, "%s cannot be \"%.*s\": %s; write an address or a "
				       "block, such as 192.0.2.0/24", key->name, (int)text.len,
				       text.at, why);
	clients->at = mem_one_more(clients->at, clients->n, sizeof(*clients->at));
	clients->at[clients->n++] = cidr;
	return true;
}

bool rule_value_clients(const struct reading *at, const struct conf_key *key,
			struct span value, void *field)
{
	return read_list(at, key, value, read_client, false, field);
}

static bool read_subject(const struct reading *at, const struct conf_key *key,
			 struct span glob, void *field)
{
	if (!glob_good(at, key, glob))
		return false;
	strs_add(field, glob);
	return true;
}

bool rule_value_subjects(const struct reading *at, const struct conf_key *key,
			 struct span value, void *field)
{
	return read_list(at, key, value, read_subject, false, field);
}

/* RFC 5322 3.6.8: printable ASCII without the colon. */
static bool field_name_good(struct span name)
{
	if (name.len == 0 || name.len > HEADER_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ':')
			return false;
	return true;
}

/* Splits `Name: text`; false with a problem when it is not that. */
static bool split_field(const struct reading *at, const struct conf_key *key,
			struct span value, struct span *name, struct span *text)
{
	*text = value;
	if (span_find(value, ':') == value.len || !span_split(text, ':', name) ||
	    !field_name_good(*name))
		return reading_problem(at, "%s cannot be \"%.*s\"; write NAME: TEXT, with the "
				       "name of a header field", key->name, (int)value.len,
				       value.at);
	*text = span_trim(*text);
	return true;
}

bool rule_value_header(const struct reading *at, const struct conf_key *key,
		       struct span value, void *field)
{
	struct rule_headers *headers = field;
	struct span name, glob;

	if (!split_field(at, key, value, &name, &glob) || !glob_good(at, key, glob))
		return false;
	headers->at = mem_one_more(headers->at, headers->n, sizeof(*headers->at));
	headers->at[headers->n++] = (struct rule_header){ span_dup(name),
							  span_dup(glob) };
	return true;
}

bool rule_value_size(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	struct rule_size *size = field;
	char sign = value.at[0];

	if ((sign != '<' && sign != '>') ||
	    !units_size(span_trim(span_skip(value, 1)), &size->bytes))
		return reading_problem(at, "%s cannot be \"%.*s\"; write >10M or <1K", key->name,
				       (int)value.len, value.at);
	size->test = sign == '>' ? RULE_SIZE_ABOVE : RULE_SIZE_BELOW;
	return true;
}

bool rule_value_pattern(const struct reading *at, const struct conf_key *key,
			struct span value, void *field)
{
	struct rule_patterns *patterns = field;
	struct err err = { 0 };
	struct pattern *pattern = pattern_new(value, &err);

	if (!pattern)
		return reading_problem(at, "%s: %s; write a regular expression that PCRE2 takes",
				       key->name, err.text);
	patterns->at = mem_one_more(patterns->at, patterns->n, sizeof(*patterns->at));
	patterns->at[patterns->n++] = pattern;
	return true;
}

bool rule_value_key(const struct reading *at, const struct conf_key *key,
		    struct span value, void *field)
{
	int index;

	if (!conf_value_word(at, key, value, &index))
		return false;
	*(enum rule_key *)field = index == 0 ? RULE_KEY_FOUND : RULE_KEY_MISSING;
	return true;
}

bool rule_value_answers(const struct reading *at, const struct conf_key *key,
			struct span value, void *field)
{
	int index;

	*(bool *)field = conf_value_word(at, key, value, &index);
	return *(bool *)field;
}

/* 40 or 64 hexadecimal digits. */
static bool fingerprint_good(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
		      (c >= 'A' && c <= 'F')))
			return false;
	}
	return text.len == 40 || text.len == 64;
}

static bool read_key(const struct reading *at, const struct conf_key *key,
		     struct span text, void *field)
{
	if (!fingerprint_good(text) && !conf_value_is_address(text))
		return reading_problem(at, "%s: \"%.*s\" is neither a fingerprint nor an address; "
				       "write all 40 digits of a fingerprint, without blanks, or "
				       "an address", key->name, (int)text.len, text.at);
	if (!strs_has_nocase(field, text))
		strs_add(field, text);
	return true;
}

bool rule_value_keys(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	return read_list(at, key, value, read_key, true, field);
}

/* Fields that a message has once, or that the gateway itself writes or
 * judges by: a second one would make a message that readers disagree on. */
static bool field_reserved(struct span name)
{
	static const char *const reserved[] = {
		"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date",
		"Message-ID", "In-Reply-To", "References", "Received", "Return-Path",
		"Authentication-Results", "X-Letterlock", "HP-Outer", "DKIM-Signature",
	};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (span_is_nocase(name, reserved[i]))
			return true;
	return header_structural(name) || span_starts_nocase(name, "Resent-");
}

bool rule_value_add_header(const struct reading *at, const struct conf_key *key,
			   struct span value, void *field)
{
	struct span name, text;
	char *whole;

	if (!split_field(at, key, value, &name, &text))
		return false;
	if (field_reserved(name))
		return reading_problem(at, "%s cannot add %.*s; write another field, such as "
				       "X-Class: confidential", key->name, (int)name.len,
				       name.at);
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return reading_problem(at, "%s may hold printable ASCII only; write it "
					       "without other characters", key->name);
	if (text.len == 0 || text.len > HEADER_VALUE_MAX)
		return reading_problem(at, "%s needs a text of 1 to %d bytes behind the colon; "
				       "write one", key->name, HEADER_VALUE_MAX);
	whole = mem_printf("%.*s: %.*s", (int)name.len, name.at, (int)text.len,
			   text.at);
	strs_add(field, span_str(whole));
	free(whole);
	return true;
}
