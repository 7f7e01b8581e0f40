/* rule_value - reads the values that only rules have; each a conf_reader. */
#ifndef LETTERLOCK_RULE_VALUE_H
#define LETTERLOCK_RULE_VALUE_H

#include "policy/rules/conf_schema.h"

/* Directions, into an unsigned of bits; the key's words name them. */
conf_reader rule_value_directions;
/* Globs, into a struct match_list. */
conf_reader rule_value_globs;
/* Globs of mail addresses, `<>` and file: lists, into a struct match_list. */
conf_reader rule_value_addresses;
/* Globs of logins, and file: lists of them, into a struct match_list. */
conf_reader rule_value_logins;
/* IP addresses and blocks, into a struct rule_clients. */
conf_reader rule_value_clients;
/* Globs, into a struct strs. */
conf_reader rule_value_subjects;
/* `Name: glob`, into a struct rule_headers. */
conf_reader rule_value_header;
/* `>SIZE` or `<SIZE`, into a struct rule_size. */
conf_reader rule_value_size;
/* A regular expression, into a struct rule_patterns. */
conf_reader rule_value_pattern;
/* found or missing, into an enum rule_key. */
conf_reader rule_value_key;
/* encrypted, into a bool. */
conf_reader rule_value_answers;
/* Fingerprints, mail addresses and file: lists, into a struct strs. */
conf_reader rule_value_keys;
/* `Name: value` to be added, into a struct strs. */
conf_reader rule_value_add_header;

#endif
