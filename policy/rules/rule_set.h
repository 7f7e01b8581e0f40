/*
 * rule_set - the rules of policy.conf as rule_parse makes them and rule_match
 * looks at them. Only these two rooms and the schema look inside.
 */
#ifndef LETTERLOCK_RULE_SET_H
#define LETTERLOCK_RULE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/strs.h>
#include <letterlock/verdict.h>

#include "policy/rules/cidr.h"
#include "policy/rules/ini_source.h"
#include "policy/rules/match_list.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule_match.h"

struct rule_clients {
	struct cidr *at;
	size_t n;
};

/* `Name: glob` */
struct rule_header {
	char *name;
	char *glob;
};

struct rule_headers {
	struct rule_header *at;
	size_t n;
};

struct rule_patterns {
	struct pattern **at;
	size_t n;
};

struct rule_size {
	enum { RULE_SIZE_ANY, RULE_SIZE_ABOVE, RULE_SIZE_BELOW } test;
	uint64_t bytes;
};

enum rule_key { RULE_KEY_ANY, RULE_KEY_FOUND, RULE_KEY_MISSING };

struct rule {
	char *name;
	unsigned line;
	size_t section;		/* which of rules->written it was */
	/* conditions; an empty one always holds */
	unsigned directions;		/* bit 1 << enum direction */
	struct match_list listener, login, from, to;
	struct rule_clients client;
	enum rule_key key;
	struct strs subject;		/* globs */
	struct rule_headers header;
	struct rule_size size;
	struct match_list attachment;
	struct rule_patterns content;
	bool answers;		/* one that was encrypted */
	/* actions */
	enum verdict_encrypt encrypt;
	enum verdict_sign sign;
	enum rule_action action;
	bool protect_subject;
	bool strip_tag;
	char *reply;
	struct strs also_encrypt_to;
	struct strs add_header;
};

struct rules {
	char *file;		/* as problems and `explain` name it */
	struct ini_file written;	/* for the lines of keys */
	struct rule *at;
	size_t n;
};

#endif
