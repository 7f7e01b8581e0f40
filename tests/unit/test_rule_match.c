#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "policy/rules/rule_match.h"
#include "policy/rules/rule_parse.h"
#include "tests/unit/memory_source.h"

static const struct memory_file files[] = {
	{ "/etc/ll/list", "b*@x.example\nalice@y.example\n*@z.example\n" },
	{ "/etc/ll/empty", "# nobody yet\n" },
	{ 0 },
};

static struct rules *parse(const char *text)
{
	struct source source = memory_source(files);
	struct problems problems = { 0 };
	struct reading at = { &source, "policy.conf", "/etc/ll", 0, &problems };
	struct rules *rules = rule_parse(&at, span_str(text));
	char *told = problems_text(&problems);

	assert_string_equal(told, "");
	free(told);
	return rules;
}

/* The message that conditions look at; strings of its lists end in NULL. */
struct message {
	uint64_t size;
	const char *subjects[3];
	bool subject_garbled;
	const char *names[4];
	const char *values[4];
	const char *attachments[3];
	bool more_attachments;
	bool parts_garbled;
	const char *texts[3];
	bool more_texts;
};

static void add_all(struct strs *list, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n && texts[i]; i++)
		strs_add(list, span_str(texts[i]));
}

static struct message_facts facts_of(const struct message *message)
{
	struct message_facts facts = { .size = message->size,
				       .subject_exact = !message->subject_garbled,
				       .parts_exact = !message->parts_garbled,
				       .attachments_unsure = message->more_attachments,
				       .texts_unsure = message->more_texts };

	add_all(&facts.subjects, message->subjects, 3);
	add_all(&facts.header_names, message->names, 4);
	add_all(&facts.header_values, message->values, 4);
	add_all(&facts.attachments, message->attachments, 3);
	add_all(&facts.texts, message->texts, 3);
	return facts;
}

static void facts_free(struct message_facts *facts)
{
	strs_free(&facts->subjects);
	strs_free(&facts->header_names);
	strs_free(&facts->header_values);
	strs_free(&facts->attachments);
	strs_free(&facts->texts);
}

/* Name of the deciding rule, or "(message)" when it is needed first. */
static const char *decided_by(const struct rules *rules, struct facts facts,
			      const struct message *message)
{
	struct decision decision;
	struct message_facts seen = { 0 };
	enum rule_result result;

	if (message) {
		seen = facts_of(message);
		facts.message = &seen;
	}
	result = rule_match(rules, &facts, &decision);
	facts_free(&seen);
	if (message)
		assert_int_equal(result, RULE_DECIDED);
	return result == RULE_NEEDS_MESSAGE ? "(message)" : decision.rule;
}

/* Whether `condition` holds: a rule of its own, in front of a catch-all. */
static bool holds(const char *condition, struct facts facts, const struct message *message)
{
	char *text = mem_printf("[rule yes]\n%s\n[rule no]\ndirection = outbound, inbound\n",
				condition);
	struct rules *rules = parse(text);
	const char *name = decided_by(rules, facts, message);
	bool yes = strcmp(name, "yes") == 0;

	if (!yes)
		assert_string_equal(name, "no");
	rule_parse_free(rules);
	free(text);
	return yes;
}

static const struct facts plain = { .direction = DIRECTION_OUTBOUND,
				    .listener = "submission",
				    .login = "Alice@example.org",
				    .client = "192.0.2.7",
				    .from = "alice@example.org",
				    .to = "bob@x.example",
				    .key_found = true };

/* What was not said is asked for by the first rule that could match, and by no
 * rule that something else speaks against. */
static void a_rule_asks_for_the_listener_and_client_that_were_not_said(void **state)
{
	struct rules *rules = parse("[rule a]\nlistener = x\nto = ann@*\n"
				    "[rule b]\nclient = 10.0.0.0/8\nto = *@x.example\n"
				    "[rule c]\nclient = 10.0.0.1\nlistener = y\nsubject = s\n"
				    "[rule d]\nsign = yes\n");
	struct facts facts = plain;
	struct decision d;

	(void)state;
	facts.any_client = facts.any_listener = true;
	assert_int_equal(rule_match(rules, &facts, &d), RULE_NEEDS_ENVELOPE);
	assert_string_equal(d.rule, "b");
	assert_true(d.asks_client && !d.asks_listener);
	facts.to = "ann@y.example";
	assert_int_equal(rule_match(rules, &facts, &d), RULE_NEEDS_ENVELOPE);
	assert_string_equal(d.rule, "a");
	assert_true(!d.asks_client && d.asks_listener);
	facts.any_listener = false;
	assert_int_equal(rule_match(rules, &facts, &d), RULE_DECIDED);
	assert_string_equal(d.rule, "d");
	facts.listener = "y";
	assert_int_equal(rule_match(rules, &facts, &d), RULE_NEEDS_ENVELOPE);
	assert_string_equal(d.rule, "c");
	facts.client = "10.0.0.1";
	facts.any_client = false;
	assert_int_equal(rule_match(rules, &facts, &d), RULE_NEEDS_MESSAGE);
	rule_parse_free(rules);
}

static void conditions_on_the_envelope(void **state)
{
	static const struct {
		const char *condition;
		bool want;
	} cases[] = {
		{ "direction = outbound", true }, { "direction = inbound", false },
		{ "direction = stored, outbound", true }, { "direction = stored", false },
		{ "listener = submission", true }, { "listener = SUB*", true },
		{ "listener = sub", false }, { "listener = a, submission", true },
		{ "login = alice@example.org", true }, { "login = alice", false },
		{ "login = *@EXAMPLE.org", true }, { "login = bob, alice*", true },
		{ "client = 192.0.2.7", true }, { "client = 192.0.2.0/24", true },
		{ "client = 192.0.2.8/29", false }, { "client = 192.0.2.0/29", true },
		{ "client = ::/0", true }, { "client = ::1, 192.0.0.0/8", true },
		{ "client = ::ffff:192.0.2.7", true }, { "client = 2001:db8::/32", false },
		{ "from = alice@example.org", true }, { "from = ALICE@EXAMPLE.ORG", true },
		{ "from = lice@example.org", false }, { "from = <>", false },
		{ "from = *", true }, { "from = *@example.org", true },
		{ "from = *@ample.org", false }, { "from = *example.org", true },
		{ "to = bob@x.example", true }, { "to = *@x.example", true },
		{ "to = *@X.EXAMPLE", true }, { "to = b?b@x.example", true },
		{ "to = b?@x.example", false }, { "to = *@example", false },
		{ "to = *.example", true }, { "to = bob*", true },
		{ "to = [bo]b@x.example*", false }, { "to = a@x.example, bob@x.example", true },
		{ "to = a@x.example\nto = bob@x.example", true },
		{ "to = \"bob\"@x.example", true }, { "to = file:list", true },
		{ "to = file:empty", false }, { "to = file:empty, *@x.example", true },
		{ "from = file:list", false }, { "key = found", true }, { "key = missing", false },
		{ "to = *@x.example\nfrom = *@example.org\nkey = found", true },
		{ "to = *@x.example\nfrom = *@example.org\nkey = missing", false },
		{ "to = *@y.example\nfrom = *@example.org", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (holds(cases[i].condition, plain, NULL) != cases[i].want)
			print_error("--- %s\n", cases[i].condition);
		assert_int_equal(holds(cases[i].condition, plain, NULL), cases[i].want);
	}
}

static void what_is_not_known_matches_no_condition(void **state)
{
	const struct facts nobody = { .direction = DIRECTION_OUTBOUND, .from = "", .to = "a@b" };

	(void)state;
	assert_false(holds("listener = *", nobody, NULL));
	assert_false(holds("login = *", nobody, NULL));
	assert_false(holds("client = ::/0", nobody, NULL));
	assert_true(holds("from = <>", nobody, NULL));
	assert_true(holds("from = *", nobody, NULL));
	assert_false(holds("from = *@*", nobody, NULL));
	assert_true(holds("key = missing", nobody, NULL));
}

/* THREATS row 144: the same mailbox in other clothes is the same mailbox, a
 * mailbox that only looks alike is not. */
static void a_recipient_cannot_be_written_past_a_rule(void **state)
{
	static const struct {
		const char *to;
		bool want;
	} cases[] = {
		{ "ceo@other.example", true }, { "CEO@Other.EXAMPLE", true },
		{ "\"ceo\"@other.example", true }, { "\"c\\eo\"@other.example", true },
		{ "xceo@other.example", false }, { "ceo@other.example.org", false },
		{ "ceo@sub.other.example", false }, { "ceo+tag@other.example", false },
		{ "c.eo@other.example", false }, { "\"ceo@other.example\"@x.org", false },
		{ "c\xd0\xb5o@other.example", false },	/* a Cyrillic e */
	};
	struct facts facts = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		facts.to = cases[i].to;
		if (holds("to = ceo@other.example", facts, NULL) != cases[i].want)
			print_error("--- %s\n", cases[i].to);
		assert_int_equal(holds("to = ceo@other.example", facts, NULL), cases[i].want);
		assert_int_equal(holds("to = ceo@other.exampl?", facts, NULL), cases[i].want);
	}
}

static void both_forms_of_a_domain_are_one(void **state)
{
	static const struct {
		const char *condition, *to;
		bool want;
	} cases[] = {
		{ "to = *@b\xc3\xbc" "cher.example", "a@xn--bcher-kva.example", true },
		{ "to = *@xn--bcher-kva.example", "a@b\xc3\xbc" "cher.example", true },
		{ "to = *@XN--BCHER-KVA.example", "a@b\xc3\xbc" "cher.example", true },
		{ "to = *@b\xc3\xbc" "cher.example", "a@XN--bcher-kva.EXAMPLE", true },
		{ "to = a@b\xc3\xbc" "cher.example", "A@xn--bcher-kva.example", true },
		{ "to = a@xn--bcher-kva.example", "A@b\xc3\xbc" "cher.example", true },
		{ "to = *@*.xn--bcher-kva.example", "a@x.b\xc3\xbc" "cher.example", true },
		{ "to = *@b\xc3\xbc" "cher.*", "a@xn--bcher-kva.example", true },
		{ "to = *@b\xc3\xbc" "cher.example", "a@bcher.example", false },
		{ "to = *@xn--bcher-kva.example", "a@bucher.example", false },
	};
	struct facts facts = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		facts.to = cases[i].to;
		assert_int_equal(holds(cases[i].condition, facts, NULL), cases[i].want);
	}
}

static void a_route_leads_no_message_past_a_rule_that_protects(void **state)
{
	static const char *const routes[] = {
		"ceo%other.example@localhost", "other.example!ceo@localhost",
		"\"ceo@OTHER.example\"@localhost" };
	struct rules *require = parse("[rule r]\nto = *@other.example\nencrypt = require\n");
	struct rules *no = parse("[rule r]\nto = *@other.example\nencrypt = no\n");
	struct facts facts = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		facts.to = routes[i];
		assert_string_equal(decided_by(require, facts, NULL), "r");
		assert_string_equal(decided_by(no, facts, NULL), "default");
	}
	facts.to = "ceo%safe.example@other.example";
	assert_string_equal(decided_by(no, facts, NULL), "r");
	rule_parse_free(require);
	rule_parse_free(no);
}

static const struct message letter = {
	.size = 5000,
	.subjects = { "[Secure] Offer" },
	.names = { "From", "x-class", "X-CLASS", "Subject" },
	.values = { "Alice <alice@example.org>", "public", "Confidential", "[Secure] Offer" },
	.attachments = { "offer.PDF", "run.exe" },
	.texts = { "Dear Bob,\r\nthe number is 1234 5678.\r\n", "<p>Gr\xc3\xbc\xc3\x9f" "e" },
};

static void conditions_on_the_message(void **state)
{
	static const struct {
		const char *condition;
		bool want;
	} cases[] = {
		{ "subject = [secure]*", true }, { "subject = secure*", false },
		{ "subject = *offer", true }, { "subject = [s]*", false },
		{ "subject = x, *OFFER*", true }, { "subject = x\nsubject = [*", true },
		{ "header = X-Class: confid*", true }, { "header = x-class: PUBLIC", true },
		{ "header = X-Class: secret", false }, { "header = X-None: *", false },
		{ "header = X-None: *\nheader = From: *alice*", true },
		{ "header = Subject: *offer*", true },
		{ "size = >4K", true }, { "size = >5000", false }, { "size = <5000", false },
		{ "size = <5001", true }, { "size = >4999", true },
		{ "attachment = *.pdf", true }, { "attachment = *.exe, *.js", true },
		{ "attachment = *.js", false }, { "attachment = *", true },
		{ "content = \\b\\d{4} \\d{4}\\b", true }, { "content = \\d{9}", false },
		{ "content = (?i)DEAR", true }, { "content = DEAR", false },
		{ "content = Gr..e$", true }, { "content = \\bGr\xc3\xbc\xc3\x9f" "e\\b", true },
		{ "content = ^<p>", true }, { "content = x{3}\ncontent = Bob", true },
		{ "to = *@x.example\nsubject = [secure]*\nsize = >1K", true },
		{ "to = *@y.example\nsubject = [secure]*", false },
		{ "subject = [secure]*\nsize = <1K", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (holds(cases[i].condition, plain, &letter) != cases[i].want)
			print_error("--- %s\n", cases[i].condition);
		assert_int_equal(holds(cases[i].condition, plain, &letter), cases[i].want);
	}
}

static void a_message_without_the_thing_matches_nothing(void **state)
{
	static const struct message bare = { .size = 10 };

	(void)state;
	assert_false(holds("subject = *", plain, &bare));
	assert_false(holds("header = Subject: *", plain, &bare));
	assert_false(holds("attachment = *", plain, &bare));
	assert_false(holds("content = .*", plain, &bare));
}

static void the_first_rule_of_which_all_holds_decides(void **state)
{
	struct rules *rules = parse("[rule a]\nto = a@x.example\nencrypt = no\n"
				    "[rule b]\nto = *@x.example\nkey = found\nencrypt = require\n"
				    "[rule c]\nto = *@x.example\naction = reject\n");
	struct facts facts = plain;

	(void)state;
	facts.to = "a@x.example";
	assert_string_equal(decided_by(rules, facts, NULL), "a");
	facts.to = "b@x.example";
	assert_string_equal(decided_by(rules, facts, NULL), "b");
	facts.key_found = false;
	assert_string_equal(decided_by(rules, facts, NULL), "c");
	facts.to = "b@y.example";
	assert_string_equal(decided_by(rules, facts, NULL), "default");
	rule_parse_free(rules);
}

static void without_a_match_the_default_decides(void **state)
{
	static const struct {
		enum direction direction;
		enum verdict_encrypt want;
	} cases[] = {
		{ DIRECTION_OUTBOUND, ENCRYPT_PREFER },
		{ DIRECTION_STORED, ENCRYPT_PREFER },
		{ DIRECTION_INBOUND, ENCRYPT_NO },
	};
	struct rules *rules = parse("");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct facts facts = { .direction = cases[i].direction };
		struct decision decision;

		assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
		assert_string_equal(decision.rule, "default");
		assert_null(decision.file);
		assert_int_equal(decision.action, ACTION_ACCEPT);
		assert_int_equal(decision.encrypt, cases[i].want);
		assert_int_equal(decision.sign, SIGN_NO);
		assert_true(decision.protect_subject);
		assert_false(decision.strip_tag);
		assert_int_equal(decision.also_encrypt_to->n, 0);
		assert_int_equal(decision.add_header->n, 0);
	}
	rule_parse_free(rules);
}

static void the_message_is_waited_for_only_when_it_could_matter(void **state)
{
	static const struct {
		const char *rules;
		const char *without;	/* decided by, without the message */
		const char *with;	/* and with `letter` */
	} cases[] = {
		{ "[rule m]\nsubject = [secure]*\nsign = yes\n", "(message)", "m" },
		{ "[rule m]\nsubject = nothing\nsign = yes\n", "(message)", "default" },
		/* its envelope conditions fail: passed over */
		{ "[rule m]\nto = *@y.example\nsubject = *\nsign = yes\n", "default",
		  "default" },
		{ "[rule m]\nkey = missing\nsize = >1\nsign = yes\n", "default", "default" },
		/* behind one that the envelope decides: never looked at */
		{ "[rule e]\nto = *@x.example\nsign = no\n[rule m]\nsubject = *\nsign = yes\n",
		  "e", "e" },
		/* before one that the envelope decides: waited for */
		{ "[rule m]\nsubject = no\nsign = yes\n[rule e]\nto = *@x.example\nsign = no\n",
		  "(message)", "e" },
		{ "[rule f]\nto = *@y.example\nsign = no\n[rule m]\nheader = X: y\nsign = yes\n"
		  "[rule e]\nsign = no\n", "(message)", "e" },
		{ "[rule m]\ndirection = inbound\nsubject = *\n[rule e]\nsign = no\n",
		  "e", "e" },
		{ "[rule m]\nattachment = *.exe\naction = reject\n", "(message)", "m" },
		{ "[rule m]\ncontent = Dear\naction = reject\n", "(message)", "m" },
		{ "[rule m]\nsize = >1G\naction = reject\n", "(message)", "default" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rules *rules = parse(cases[i].rules);

		assert_string_equal(decided_by(rules, plain, NULL), cases[i].without);
		assert_string_equal(decided_by(rules, plain, &letter), cases[i].with);
		rule_parse_free(rules);
	}
}

/* Else a long text to many recipients takes for ever. */
static void a_text_is_looked_at_once_a_message(void **state)
{
	struct rules *rules = parse("[rule a]\ncontent = Dear\n[rule b]\ncontent = zzz\n");
	struct message_facts seen = facts_of(&letter);
	unsigned char once[2] = { 0 };
	struct facts facts = plain;
	struct decision d;

	(void)state;
	facts.message = &seen;
	facts.content_seen = once;
	for (int i = 0; i < 2; i++, strs_free(&seen.texts)) {
		assert_int_equal(rule_match(rules, &facts, &d), RULE_DECIDED);
		assert_string_equal(d.rule, "a");
	}
	facts_free(&seen);
	rule_parse_free(rules);
}

/* A part that no pattern can read may hold what it is for; one whose names are
 * not read, too. */
static void a_part_that_is_not_read_fails_closed_for_its_condition_alone(void **state)
{
	static const struct {
		const char *rule;
		bool texts, names;	/* what it wants when these were not read */
	} cases[] = {
		{ "content = zzz\nencrypt = require", true, false },
		{ "content = zzz\naction = reject", true, false },
		{ "content = zzz\nencrypt = prefer", false, false },
		{ "content = Dear\nencrypt = prefer", true, true },
		{ "content = Dear\nencrypt = require", true, true },
		{ "attachment = zzz\nencrypt = require", false, true },
		{ "attachment = zzz\nencrypt = no", false, false },
		{ "attachment = *.pdf\nencrypt = no", true, true },
		{ "content = zzz\nattachment = zzz\nencrypt = require", false, false },
	};
	struct message texts = letter, names = letter;

	(void)state;
	texts.more_texts = names.more_attachments = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (holds(cases[i].rule, plain, &texts) != cases[i].texts ||
		    holds(cases[i].rule, plain, &names) != cases[i].names)
			fail_msg("%s", cases[i].rule);
}

/*
 * What could not be read exactly counts as matching where the rule protects,
 * and as not matching where it does not: also when the readable rest says
 * otherwise.
 */
static void what_cannot_be_read_fails_closed(void **state)
{
	static const char *const conditions[] = {
		"subject = zzz*", "subject = [secure]*", "header = Subject: zzz",
		"header = Subject: *", "attachment = zzz", "attachment = *.pdf",
		"content = zzz", "content = Dear",
	};
	static const struct {
		const char *actions;
		bool protects;
	} rules[] = {
		{ "encrypt = require", true }, { "action = reject", true },
		{ "encrypt = require\naction = reject", true },
		{ "encrypt = prefer", false }, { "encrypt = no", false },
		{ "sign = yes", false }, { "action = accept\nencrypt = no", false },
	};
	struct message garbled = letter;

	(void)state;
	garbled.subject_garbled = true;
	garbled.parts_garbled = true;
	for (size_t c = 0; c < sizeof(conditions) / sizeof(*conditions); c++)
		for (size_t r = 0; r < sizeof(rules) / sizeof(*rules); r++) {
			char *text = mem_printf("[rule x]\n%s\n%s\n", conditions[c],
						rules[r].actions);
			struct rules *set = parse(text);

			assert_string_equal(decided_by(set, plain, &garbled),
					    rules[r].protects ? "x" : "default");
			rule_parse_free(set);
			free(text);
		}
}

static void what_can_be_read_and_does_not_match_still_decides(void **state)
{
	struct message garbled = letter;
	struct rules *rules = parse("[rule x]\nsubject = zzz\nsize = <10\nencrypt = require\n"
				    "[rule y]\nheader = X-Class: zzz\nsubject = zzz\n"
				    "action = reject\n"
				    "[rule z]\nheader = X-Class: zzz\nattachment = *\n"
				    "encrypt = require\n");

	(void)state;
	garbled.subject_garbled = true;
	garbled.parts_garbled = true;
	assert_string_equal(decided_by(rules, plain, &garbled), "default");
	rule_parse_free(rules);
	/* only the parts are garbled: the subject is judged as it is */
	garbled.subject_garbled = false;
	rules = parse("[rule x]\nsubject = zzz\nencrypt = require\n"
		      "[rule y]\nsubject = [secure]*\nencrypt = no\n");
	assert_string_equal(decided_by(rules, plain, &garbled), "y");
	rule_parse_free(rules);
}

static void a_pattern_that_runs_into_its_limit_fails_closed(void **state)
{
	struct message heavy = letter;
	char *text = mem_new(200001);

	(void)state;
	memset(text, 'a', 200000);
	heavy.texts[0] = text;
	heavy.texts[1] = NULL;
	{
		struct rules *rules = parse("[rule no]\ncontent = ^(a+)+$x\nencrypt = no\n"
					    "[rule must]\ncontent = ^(a+)+$x\n"
					    "encrypt = require\n");

		assert_string_equal(decided_by(rules, plain, &heavy), "must");
		rule_parse_free(rules);
	}
	free(text);
}

static void the_glob_that_matched_is_told_for_strip_tag(void **state)
{
	struct rules *rules = parse("[rule x]\nsubject = [a]*, [secure]*, *offer\n"
				    "strip-tag = yes\nencrypt = require\n");
	struct message_facts seen = facts_of(&letter);
	struct facts facts = plain;
	struct decision decision;

	(void)state;
	facts.message = &seen;
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.subject_glob, "[secure]*");
	assert_true(decision.strip_tag);
	facts_free(&seen);
	rule_parse_free(rules);
}

static void only_what_a_rule_looks_at_needs_to_be_read(void **state)
{
	struct rules *rules = parse("[rule a]\nsubject = x\nsign = yes\n"
				    "[rule b]\ndirection = inbound\nattachment = x\n"
				    "[rule c]\nheader = X: y\nsign = yes\n"
				    "[rule d]\ndirection = stored, outbound\ncontent = x\n"
				    "sign = yes\n");
	struct rule_needs needs;

	(void)state;
	rule_match_needs(rules, DIRECTION_OUTBOUND, &needs);
	assert_true(needs.subject && needs.header && needs.content && !needs.attachment);
	rule_match_needs(rules, DIRECTION_INBOUND, &needs);
	assert_true(!needs.subject && !needs.header && !needs.content && needs.attachment);
	rule_match_needs(rules, DIRECTION_STORED, &needs);
	assert_true(!needs.subject && !needs.header && needs.content && !needs.attachment);
	rule_parse_free(rules);
}

/* Every set of facts has one decision: all combinations of small ones. */
static void every_set_of_facts_has_one_decision(void **state)
{
	static const char *const texts[] = { NULL, "", "a@x.example", "garbage \xff" };
	struct rules *rules = parse("[rule a]\nto = *@x.example\nsubject = s\nsign = yes\n"
				    "[rule b]\nclient = 10.0.0.0/8\nlogin = a*\nencrypt = require\n"
				    "[rule c]\ndirection = inbound, stored\nfrom = <>\n"
				    "sign = yes\n");
	static const struct message empty = { 0 };
	struct message_facts seen = facts_of(&empty);
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 4 * 4 * 4 * 4 * 3 * 2; i++) {
		struct facts facts = { .login = texts[i % 4], .client = texts[i / 4 % 4],
				       .from = texts[i / 16 % 4], .to = texts[i / 64 % 4],
				       .direction = i / 256 % 3, .key_found = i / 768 };
		struct decision decision;

		facts.message = NULL;
		rule_match(rules, &facts, &decision);
		facts.message = &seen;
		assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
		assert_non_null(decision.rule);
		n++;
	}
	assert_int_equal(n, 1536);
	facts_free(&seen);
	rule_parse_free(rules);
}

static void a_field_that_cannot_be_read_fails_closed(void **state)
{
	struct rules *rules = parse("[rule a]\nheader = X-Class: confid*\nencrypt = require\n"
				    "[rule z]\nencrypt = no\n");
	struct message_facts message = { .subject_exact = true };
	struct facts facts = { .direction = DIRECTION_OUTBOUND, .from = "a@x.example",
			       .to = "b@x.example", .message = &message };
	struct decision decision;

	(void)state;
	strs_add(&message.header_unsure, span_str("X-Other"));
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.rule, "z");
	strs_add(&message.header_unsure, span_str("x-class"));
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.rule, "a");
	strs_free(&message.header_unsure);
	rule_parse_free(rules);
}

static void who_wrote_it_is_looked_for_in_the_header_too(void **state)
{
	static const char text[] = "[rule a]\nfrom = alice@example.org\nencrypt = require\n"
				   "[rule z]\nencrypt = no\n";
	struct strs own = { 0 };
	struct message_facts message = { 0 };
	struct facts facts = { .direction = DIRECTION_OUTBOUND, .from = "", .to = "b@x.example" };
	struct decision decision;
	struct rules *rules = parse(text);

	(void)state;
	strs_add(&own, span_str("a@example.org"));
	facts.own = &own;
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.rule, "z");
	strs_add(&own, span_str("Alice@Example.ORG"));
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_NEEDS_MESSAGE);
	facts.own = NULL;
	facts.any_author = true;
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_NEEDS_MESSAGE);
	facts.message = &message;
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.rule, "z");
	message.authors_unsure = true;
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.rule, "a");
	message = (struct message_facts){ .authors = own };
	assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
	assert_string_equal(decision.rule, "a");
	strs_free(&own);
	rule_parse_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_looked_at_once_a_message),
		cmocka_unit_test(a_part_that_is_not_read_fails_closed_for_its_condition_alone),
		cmocka_unit_test(a_rule_asks_for_the_listener_and_client_that_were_not_said),
		cmocka_unit_test(conditions_on_the_envelope),
		cmocka_unit_test(what_is_not_known_matches_no_condition),
		cmocka_unit_test(a_recipient_cannot_be_written_past_a_rule),
		cmocka_unit_test(both_forms_of_a_domain_are_one),
		cmocka_unit_test(a_route_leads_no_message_past_a_rule_that_protects),
		cmocka_unit_test(conditions_on_the_message),
		cmocka_unit_test(a_message_without_the_thing_matches_nothing),
		cmocka_unit_test(the_first_rule_of_which_all_holds_decides),
		cmocka_unit_test(without_a_match_the_default_decides),
		cmocka_unit_test(the_message_is_waited_for_only_when_it_could_matter),
		cmocka_unit_test(what_cannot_be_read_fails_closed),
		cmocka_unit_test(what_can_be_read_and_does_not_match_still_decides),
		cmocka_unit_test(a_pattern_that_runs_into_its_limit_fails_closed),
		cmocka_unit_test(the_glob_that_matched_is_told_for_strip_tag),
		cmocka_unit_test(only_what_a_rule_looks_at_needs_to_be_read),
		cmocka_unit_test(every_set_of_facts_has_one_decision),
		cmocka_unit_test(a_field_that_cannot_be_read_fails_closed),
		cmocka_unit_test(who_wrote_it_is_looked_for_in_the_header_too),
	};

	return cmocka_run_group_tests_name("rule_match", tests, NULL, NULL);
}
