#include "policy/rules/conf_value.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/codec.h>
#include <letterlock/mem.h>
#include <letterlock/settings.h>
#include <letterlock/strs.h>
#include <letterlock/units.h>

#include "policy/rules/endpoint.h"

enum { PIN_SIZE = 32, ACCOUNT_MAX = 32 };

static void set_string(void *field, char *text)
{
	char **string = field;

	free(*string);
	*string = text;
}

/* Where `value` stands among the blank-separated `words`, or -1. */
static int word_index(const char *words, struct span value)
{
	struct span rest = span_str(words), word;

	for (int i = 0; words && span_split(&rest, ' ', &word); i++)
		if (span_eq(word, value))
			return i;
	return -1;
}

/* "none, starttls or implicit"; the caller frees it. */
static char *words_for_people(const char *words)
{
	char *text = mem_strdup("");
	struct span rest = span_str(words), word;

	for (bool first = true; span_split(&rest, ' ', &word); first = false) {
		const char *between = first ? "" : rest.at ? ", " : " or ";
		char *longer = mem_printf("%s%s%.*s", text, between,
					  (int)word.len, word.at);

		free(text);
		text = longer;
	}
	return text;
}

bool conf_value_word(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	int index = word_index(key->words, value);
	char *words;

	if (index >= 0) {
		if (field)
			*(int *)field = index;
		return true;
	}
	words = words_for_people(key->words);
	if (word_index(key->later, value) >= 0)
		reading_problem(at, "%s = %.*s is not supported by this version; write %s",
				key->name, (int)value.len, value.at, words);
	else
		reading_problem(at, "%s cannot be \"%.*s\"; write %s", key->name,
				(int)value.len, value.at, words);
	free(words);
	return false;
}

bool conf_value_bool(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	if (units_bool(value, field))
		return true;
	return reading_problem(at, "%s cannot be \"%.*s\"; write yes or no", key->name,
			       (int)value.len, value.at);
}

/* A number of bytes as the file would write it; the caller frees it. */
static char *size_text(uint64_t bytes)
{
	static const char units[] = "KMG";
	size_t unit = 0;

	if (bytes == 0 || bytes % 1024 != 0)
		return mem_printf("%llu", (unsigned long long)bytes);
	bytes /= 1024;
	while (bytes % 1024 == 0 && units[unit + 1]) {
		bytes /= 1024;
		unit++;
	}
	return mem_printf("%llu%c", (unsigned long long)bytes, units[unit]);
}

bool conf_value_size(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	uint64_t bytes;
	char *least, *most;

	if (units_size(value, &bytes) && bytes >= key->least && bytes <= key->most) {
		*(uint64_t *)field = bytes;
		return true;
	}
	least = size_text(key->least);
	most = size_text(key->most);
	reading_problem(at, "%s cannot be \"%.*s\"; write a size from %s to %s, such as %s",
			key->name, (int)value.len, value.at, least, most, key->preset);
	free(least);
	free(most);
	return false;
}

/* A duration as the file would write it; the caller frees it. */
static char *duration_text(uint64_t ms)
{
	static const struct { uint64_t ms; const char *unit; } units[] = {
		{ 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" },
	};

	for (size_t i = 0; ms > 0 && i < sizeof(units) / sizeof(*units); i++)
		if (ms % units[i].ms == 0)
			return mem_printf("%llu%s", (unsigned long long)(ms / units[i].ms),
					  units[i].unit);
	return mem_printf("%llums", (unsigned long long)ms);
}

bool conf_value_duration(const struct reading *at, const struct conf_key *key,
			 struct span value, void *field)
{
	uint64_t ms;
	char *least, *most;

	if (units_duration(value, &ms) && ms >= key->least && ms <= key->most) {
		*(uint64_t *)field = ms;
		return true;
	}
	least = duration_text(key->least);
	most = duration_text(key->most);
	reading_problem(at, "%s cannot be \"%.*s\"; write a duration from %s to %s, such as %s",
			key->name, (int)value.len, value.at, least, most, key->preset);
	free(least);
	free(most);
	return false;
}

bool conf_value_count(const struct reading *at, const struct conf_key *key,
		      struct span value, void *field)
{
	unsigned long long number = 0;

	if (!span_is(value, "auto") &&
	    (!span_number(value, &number) || number < key->least || number > key->most))
		return reading_problem(at, "%s cannot be \"%.*s\"; write auto, or a number from "
				       "%llu to %llu", key->name, (int)value.len, value.at,
				       (unsigned long long)key->least,
				       (unsigned long long)key->most);
	*(unsigned *)field = (unsigned)number;
	return true;
}

bool conf_value_text(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < 0x20 || value.at[i] > 0x7e)
			return reading_problem(at, "%s may hold printable ASCII only; write it "
					       "without other characters", key->name);
	if (value.len > key->most)
		return reading_problem(at, "%s is longer than %llu bytes; write a shorter text",
				       key->name, (unsigned long long)key->most);
	set_string(field, span_dup(value));
	return true;
}

bool conf_value_host(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	if (!endpoint_host_valid(value))
		return reading_problem(at, "%s cannot be \"%.*s\"; write a host name, such as "
				       "gw.example.org", key->name, (int)value.len, value.at);
	set_string(field, span_dup(value));
	return true;
}

bool conf_value_account(const struct reading *at, const struct conf_key *key,
			struct span value, void *field)
{
	bool good = value.len <= ACCOUNT_MAX && value.at[0] != '-';

	for (size_t i = 0; i < value.len && good; i++) {
		char c = value.at[i];

		good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       (c >= '0' && c <= '9') || (c && strchr("._-", c));
	}
	if (!good)
		return reading_problem(at, "%s cannot be \"%.*s\"; write the name of an account "
				       "of this system", key->name, (int)value.len, value.at);
	set_string(field, span_dup(value));
	return true;
}

bool conf_value_path(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	(void)key;
	if (field)
		set_string(field, reading_path(at, value));
	return true;
}

bool conf_value_login(const struct reading *at, const struct conf_key *key,
		      struct span value, void *field)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] <= ' ')
			return reading_problem(at, "%s holds a blank; write one login, such as "
					       "alice@example.org", key->name);
	set_string(field, span_dup(value));
	return true;
}

static bool read_endpoint(const struct reading *at, const struct conf_key *key,
			  struct span value, bool numeric, struct endpoint *field)
{
	struct endpoint endpoint = { 0 };
	const char *why = "";
	bool good = endpoint_parse(value, &endpoint, &why);

	if (good && numeric && !endpoint_numeric(&endpoint)) {
		why = "a listener is bound to an IP address";
		good = false;
	}
	if (!good) {
		free(endpoint.host);
		return reading_problem(at, "%s cannot be \"%.*s\": %s; write %s", key->name,
				       (int)value.len, value.at, why, numeric ?
				       "IP:PORT, such as 127.0.0.1:1587 or [::1]:1587" :
				       "HOST:PORT, such as smtp.example.com:587");
	}
	free(field->host);
	*field = endpoint;
	return true;
}

bool conf_value_listen_address(const struct reading *at,
			       const struct conf_key *key, struct span value,
			       void *field)
{
	return read_endpoint(at, key, value, true, field);
}

bool conf_value_host_address(const struct reading *at,
			     const struct conf_key *key, struct span value,
			     void *field)
{
	return read_endpoint(at, key, value, false, field);
}

bool conf_value_next(const struct reading *at, const struct conf_key *key,
		     struct span *list, struct span *element)
{
	while (span_split(list, ',', element)) {
		*element = span_trim(*element);
		if (element->len > 0)
			return true;
		reading_problem(at, "%s has an empty element; write no comma there",
				key->name);
	}
	return false;
}

bool conf_value_is_address(struct span text)
{
	/* `*` and `?` are letters of an address, and always meant as a glob */
	return address_valid(text, true) && span_find(text, '*') == text.len &&
	       span_find(text, '?') == text.len;
}

bool conf_value_addresses(const struct reading *at, const struct conf_key *key,
			  struct span value, void *field)
{
	struct span address;
	bool good = true;

	while (conf_value_next(at, key, &value, &address)) {
		if (!conf_value_is_address(address))
			good = reading_problem(at, "%s: \"%.*s\" is no mail address; write one "
					       "such as alice@example.org", key->name,
					       (int)address.len, address.at);
		else if (strs_has_nocase(field, address))
			good = reading_problem(at, "%s: %.*s is listed twice; write it once",
					       key->name, (int)address.len, address.at);
		else
			strs_add(field, address);
	}
	return good;
}

static bool pin_valid(struct span pin)
{
	struct buf bytes;
	bool good;

	if (!span_starts_nocase(pin, "sha256:"))
		return false;
	buf_init(&bytes, PIN_SIZE + 1);
	good = codec_base64_get(&bytes, span_skip(pin, strlen("sha256:"))) == 0 &&
	       buf_span(&bytes).len == PIN_SIZE;
	buf_free(&bytes);
	return good;
}

bool conf_value_pins(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	struct span pin;
	bool good = true;

	while (conf_value_next(at, key, &value, &pin)) {
		if (pin_valid(pin))
			strs_add(field, pin);
		else
			good = reading_problem(at, "%s: \"%.*s\" is no pin; write sha256: and the "
					       "base64 of the SHA-256 of the SubjectPublicKeyInfo",
					       key->name, (int)pin.len, pin.at);
	}
	return good;
}

bool conf_value_name(const struct reading *at, const struct conf_key *key,
		     struct span value, void *field)
{
	(void)field;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] <= ' ')
			return reading_problem(at, "%s holds a blank; write the name of one "
					       "section", key->name);
	return true;
}

bool conf_value_lookup(const struct reading *at, const struct conf_key *key,
		       struct span value, void *field)
{
	struct span source;
	bool good = true;

	(void)field;
	while (conf_value_next(at, key, &value, &source)) {
		if (span_is(source, "local"))
			continue;
		good = false;
		if (word_index(key->later, source) >= 0 ||
		    span_starts_nocase(source, "hkps://") ||
		    span_starts_nocase(source, "ldap://") ||
		    span_starts_nocase(source, "ldaps://"))
			reading_problem(at, "%s = %.*s is not supported by this version; write "
					"%s = local", key->name, (int)source.len, source.at,
					key->name);
		else
			reading_problem(at, "%s: \"%.*s\" is no key source; write %s = local",
					key->name, (int)source.len, source.at, key->name);
	}
	return good;
}

bool conf_value_unsupported(const struct reading *at,
			    const struct conf_key *key, struct span value,
			    void *field)
{
	(void)value;
	(void)field;
	return reading_problem(at, "%s is not supported by this version; write the file without "
			       "this key", key->name);
}
