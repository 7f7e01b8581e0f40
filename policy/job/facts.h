/*
 * facts - what rules look at in a message: subjects, fields, file names, texts;
 * decoded as a reader would see them, only as far as a rule asks, bounded.
 */
#ifndef LETTERLOCK_FACTS_H
#define LETTERLOCK_FACTS_H

#include "policy/rules/rule_match.h"

struct message;

enum {
	FACTS_TEXT_MAX = 32 * 1024 * 1024,	/* of all text parts, in UTF-8 */
};

/* Never fails: what could not be read makes `facts` inexact. */
void facts_read(const struct message *message, const struct rule_needs *needs,
		struct message_facts *facts);
void facts_free(struct message_facts *facts);

#endif
