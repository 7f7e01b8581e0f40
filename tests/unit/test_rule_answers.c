#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/rules/rule_match.h"
#include "policy/rules/rule_parse.h"
#include "tests/unit/memory_source.h"

enum { IS_ONE = 1, UNSURE = 2 };

/* Whether a rule with these lines decides about a message that is such. */
static bool decides(const char *lines, unsigned what)
{
	struct source source = memory_source(NULL);
	struct problems problems = { 0 };
	struct reading at = { &source, "policy.conf", "", 0, &problems };
	struct message_facts message = { .size = 100, .subject_exact = true, .parts_exact = true,
					 .answers = what & IS_ONE,
					 .answers_unsure = what & UNSURE };
	struct facts facts = { .from = "a@x", .to = "b@x" };
	char *text = mem_printf("[rule x]\n%s", lines);
	struct rules *rules = rule_parse(&at, span_str(text));
	struct decision decision;
	struct rule_needs needs;
	bool decided;

	rule_match_needs(rules, DIRECTION_OUTBOUND, &needs);
	assert_int_equal(problems.list.n, 0);
	assert_true(needs.answers);
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_NEEDS_MESSAGE);
	facts.message = &message;
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	decided = strcmp(decision.rule, "x") == 0;
	rule_match_needs(rules, DIRECTION_STORED, &needs);
	assert_false(needs.answers);
	rule_parse_free(rules);
	free(text);
	return decided;
}

static void what_it_answers_decides_and_in_doubt_protects(void **state)
{
	static const struct {
		const char *lines;
		bool one, other, unsure;
	} cases[] = {
		{ "answers = encrypted\n", true, false, false },
		{ "answers = encrypted\nencrypt = no\n", true, false, false },
		{ "answers = encrypted\nencrypt = require\n", true, false, true },
		{ "answers = encrypted\naction = reject\n", true, false, true },
		{ "answers = encrypted\nsize = <1K\naction = reject\n", true, false, true },
		{ "answers = encrypted\nsize = >1K\naction = reject\n", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (decides(cases[i].lines, IS_ONE) != cases[i].one ||
		    decides(cases[i].lines, IS_ONE | UNSURE) != cases[i].one ||
		    decides(cases[i].lines, 0) != cases[i].other ||
		    decides(cases[i].lines, UNSURE) != cases[i].unsure)
			fail_msg("%s", cases[i].lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_answers_decides_and_in_doubt_protects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
