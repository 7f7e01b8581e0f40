/*
 * conf_value - reads the values that both files share: words, numbers, sizes,
 * texts, paths, addresses. Each is a conf_reader; what it says when a value
 * is wrong ends in what to write instead.
 */
#ifndef LETTERLOCK_CONF_VALUE_H
#define LETTERLOCK_CONF_VALUE_H

#include "policy/rules/conf_schema.h"

/* key->words into an int that counts from 0 (an enum). */
conf_reader conf_value_word;
/* yes or no, into a bool. */
conf_reader conf_value_bool;
/* Within key->least and key->most, into a uint64_t. */
conf_reader conf_value_size;
conf_reader conf_value_duration;
/* A number in the range, or "auto" (0), into an unsigned. */
conf_reader conf_value_count;
/* One line of printable ASCII of at most key->most bytes, into a char *. */
conf_reader conf_value_text;
/* A host name or IP address, into a char *. */
conf_reader conf_value_host;
/* The name of an account of the system, into a char *. */
conf_reader conf_value_account;
/* A path made absolute, into a char *; checked only without a field. */
conf_reader conf_value_path;
/* A login: no blanks or control characters, into a char *. */
conf_reader conf_value_login;
/* IP:PORT, HOST:PORT, into a struct endpoint. */
conf_reader conf_value_listen_address;
conf_reader conf_value_host_address;
/* addr-specs, into a struct strs. */
conf_reader conf_value_addresses;
/* sha256:BASE64 pins, into a struct strs. */
conf_reader conf_value_pins;
/* The name of another section; checked only. */
conf_reader conf_value_name;
/* Key sources; checked only. */
conf_reader conf_value_lookup;
/* A key whose feature this version does not have: always a problem. */
conf_reader conf_value_unsupported;

/* One mail address, and no glob. */
bool conf_value_is_address(struct span text);

/*
 * Takes the next element off a comma-separated list, trimmed. False at its
 * end. An empty element is a problem, and skipped.
 */
bool conf_value_next(const struct reading *at, const struct conf_key *key,
		     struct span *list, struct span *element);

#endif
