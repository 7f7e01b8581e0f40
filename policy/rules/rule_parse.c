#include "policy/rules/rule_parse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

#include "policy/rules/fill.h"
#include "policy/rules/ini_source.h"
#include "policy/rules/rule_set.h"

static struct rule *add_rule(struct rules *rules, const char *name, size_t section)
{
	struct rule *rule;

	rules->at = mem_one_more(rules->at, rules->n, sizeof(*rules->at));
	rule = &rules->at[rules->n++];
	*rule = (struct rule){ .name = mem_strdup(name), .section = section,
			       .line = rules->written.sections[section].line };
	return rule;
}

static void seal_lists(struct rule *rule)
{
	match_list_seal(&rule->listener);
	match_list_seal(&rule->login);
	match_list_seal(&rule->from);
	match_list_seal(&rule->to);
	match_list_seal(&rule->attachment);
}

/* Warns of what no mail of the rule's directions is done to. */
static void check_directions(const struct reading *at, const struct ini_section *section,
			     const struct rule *rule)
{
	static const char *const actions[] = {
		"encrypt", "sign", "format", "missing-key", "protect-subject", "strip-tag",
		"also-encrypt-to", "add-header", "reply", "action",
	};
	const struct ini_entry *sign = ini_source_entry(section, "sign");

	if (rule->answers && rule->directions != 1U << DIRECTION_OUTBOUND)
		problem_warn(at->problems, at->shown, ini_source_entry(section, "answers")->line,
			     "answers holds for no inbound or stored mail; write direction = "
			     "outbound");
	if (rule->directions == 1U << DIRECTION_STORED && sign && rule->sign != SIGN_NO)
		problem_warn(at->problems, at->shown, sign->line,
			     "sign does nothing to stored mail, which may be a draft; write "
			     "sign = no");
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		const struct ini_entry *entry = ini_source_entry(section, actions[i]);

		if (rule->directions != 1U << DIRECTION_INBOUND || !entry)
			continue;
		problem_warn(at->problems, at->shown, entry->line,
			     "%s does nothing to inbound mail, which is opened; leave the rule "
			     "out, or write another direction", actions[i]);
	}
}

/* What no single key shows to be wrong. */
static void check_rule(const struct reading *at, const struct ini_section *section,
		       const struct rule *rule)
{
	struct reading here = *at;
	const struct ini_entry *strip = ini_source_entry(section, "strip-tag");
	const struct ini_entry *reply = ini_source_entry(section, "reply");

	here.line = section->line;
	if (section->n == 0)
		reading_problem(&here, "[%s] is empty and would decide about every message that "
				"no rule above it does; write its conditions and actions",
				section->name);
	if (rule->strip_tag && rule->subject.n == 0 && strip) {
		here.line = strip->line;
		reading_problem(&here, "strip-tag removes what the glob of subject spelt out, and "
				"this rule has no subject; write one, or leave strip-tag out");
	}
	if (reply && rule->action != ACTION_REJECT)
		problem_warn(here.problems, here.shown, reply->line,
			     "reply is what action = reject says, and this rule has none; write "
			     "it, or leave reply out");
	check_directions(at, section, rule);
}

static void read_rule(const struct reading *at, struct rules *rules, size_t i)
{
	const struct ini_section *section = &rules->written.sections[i];
	struct reading here = *at;
	struct rule *rule;
	const char *name;

	here.line = section->line;
	if (conf_schema_heading(&here, true, section->name, &name) == SECTION_NONE)
		return;
	rule = add_rule(rules, name, i);
	fill_section(at, SECTION_RULE, section, rule);
	seal_lists(rule);
	check_rule(at, section, rule);
}

/* Whether it holds for all mail of its directions. */
static bool matches_all(const struct ini_section *section)
{
	static const char *const conditions[] = {
		"listener", "login", "client", "from", "to", "key", "subject", "header", "size",
		"attachment", "content", "answers",
	};

	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		if (ini_source_entry(section, conditions[i]))
			return false;
	return true;
}

/* Says which rules stand behind one that leaves them no mail. */
static void check_order(const struct reading *at, const struct rules *rules)
{
	const struct rule *last[8 * sizeof(unsigned)] = { NULL };	/* of each direction */
	struct reading here = *at;

	for (size_t i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->at[i], *above = NULL;
		bool open = false;

		for (unsigned k = 0; k < sizeof(last) / sizeof(*last); k++) {
			if (!(rule->directions & 1U << k))
				continue;
			open |= !last[k];
			above = last[k] ? last[k] : above;
			if (!last[k] && matches_all(&rules->written.sections[rule->section]))
				last[k] = rule;
		}
		here.line = rule->line;
		if (above && !open)
			problem_warn(here.problems, here.shown, here.line,
				     "rule %s never decides, since rule %s (line %u) above it has "
				     "no condition and takes all; write it above that one",
				     rule->name, above->name, above->line);
	}
}

struct rules *rule_parse(const struct reading *at, struct span text)
{
	struct rules *rules = mem_new(sizeof(*rules));
	size_t before = at->problems->list.n;

	rules->file = mem_strdup(at->shown);
	ini_source_read(text, at->shown, &rules->written, at->problems);
	for (size_t i = 0; i < rules->written.n; i++)
		read_rule(at, rules, i);
	if (at->problems->list.n == before)	/* what is wrong may be a condition */
		check_order(at, rules);
	return rules;
}

unsigned rule_parse_line(const struct rules *rules, size_t i, const char *key,
			 const char *part)
{
	const struct ini_section *section = &rules->written.sections[rules->at[i].section];
	const struct ini_entry *first = ini_source_entry(section, key);

	for (size_t k = 0; k < section->n; k++)
		if (strcmp(section->entries[k].name, key) == 0 &&
		    strcasestr(section->entries[k].value, part))
			return section->entries[k].line;
	return first ? first->line : section->line;
}

static void free_rule(struct rule *rule)
{
	match_list_free(&rule->listener);
	match_list_free(&rule->login);
	match_list_free(&rule->from);
	match_list_free(&rule->to);
	match_list_free(&rule->attachment);
	free(rule->client.at);
	strs_free(&rule->subject);
	for (size_t i = 0; i < rule->header.n; i++) {
		free(rule->header.at[i].name);
		free(rule->header.at[i].glob);
	}
	free(rule->header.at);
	for (size_t i = 0; i < rule->content.n; i++)
		pattern_free(rule->content.at[i]);
	free(rule->content.at);
	free(rule->reply);
	strs_free(&rule->also_encrypt_to);
	strs_free(&rule->add_header);
	free(rule->name);
}

void rule_parse_free(struct rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->n; i++)
		free_rule(&rules->at[i]);
	free(rules->at);
	ini_source_free(&rules->written);
	free(rules->file);
	free(rules);
}
