/* Any policy.conf decides about every message, and what the envelope decided
 * no message changes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/rules/rule_match.h"
#include "policy/rules/rule_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_list(void *data, const char *path, struct buf *out,
		     struct err *err)
{
	(void)data;
	if (strstr(path, "none")) {
		err_set(err, ERR_CONF, "no such file");
		return SOURCE_MISSING;
	}
	return buf_put(out, span_str("# a list\nbob@x.example\n*@y.example\n"));
}

static void judge(const struct rules *rules, struct facts facts,
		  const struct message_facts *message)
{
	struct decision before, after;
	enum rule_result first = rule_match(rules, &facts, &before);

	facts.message = message;
	if (rule_match(rules, &facts, &after) != RULE_DECIDED || !after.rule)
		abort();
	if (first == RULE_DECIDED &&
	    (before.line != after.line || before.encrypt != after.encrypt ||
	     before.action != after.action))
		abort();
}

static void judge_all(const struct rules *rules, struct span text)
{
	struct message_facts message = { .size = text.len };

	/* the policy's own text is the message, so that patterns do match */
	strs_add(&message.subjects, text);
	strs_add(&message.header_names, span_str("X-Class"));
	strs_add(&message.header_values, text);
	strs_add(&message.attachments, span_str("a.exe"));
	strs_add(&message.texts, text);
	for (unsigned i = 0; i < 12; i++) {
		struct facts facts = {
			.direction = i % 3, .listener = "in", .login = "alice",
			.client = i & 4 ? "192.0.2.1" : "::1", .from = "alice@x.example",
			.to = i & 1 ? "bob@x.example" : "\"b o\"@y.example",
			.key_found = i & 2,
		};

		message.subject_exact = i & 1;
		message.parts_exact = i & 2;
		judge(rules, facts, &message);
	}
	strs_free(&message.subjects);
	strs_free(&message.header_names);
	strs_free(&message.header_values);
	strs_free(&message.attachments);
	strs_free(&message.texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct source source = { .read = read_list };
	struct problems problems = { 0 };
	struct reading at = { &source, "p", "/x", 0, &problems };
	struct rules *rules = rule_parse(&at, text);

	/* also after problems: nothing may then run on it, nothing may break */
	judge_all(rules, text);
	rule_parse_free(rules);
	problem_free(&problems);
	return 0;
}
