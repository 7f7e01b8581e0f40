#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/rules/rule_match.h"
#include "policy/rules/rule_parse.h"
#include "tests/unit/memory_source.h"

#define FPR "0123456789ABCDEF0123456789abcdef01234567"

static const struct memory_file files[] = {
	{ "/etc/ll/partners.txt", "# our partners\n\n  *@partner.example \r\n\n; x\n"
				  "ceo@other.example\n" },
	{ "/etc/ll/bom.txt", "\xef\xbb\xbf*@partner.example\n" },
	{ "/etc/ll/bad.txt", "a@x.example\nnonsense\n\nb c@x.example\n" },
	{ "/etc/ll/empty.txt", "" },
	{ "/srv/keys.txt", FPR "\nboss@example.org\n" },
	{ "/etc/ll/secret", NULL },
	{ 0 },
};

static struct rules *parse(const char *text, char **told)
{
	struct source source = memory_source(files);
	struct problems problems = { 0 };
	struct reading at = { &source, "policy.conf", "/etc/ll", 0, &problems };
	struct rules *rules = rule_parse(&at, span_str(text));

	*told = problems_text(&problems);
	return rules;
}

static struct rules *parse_good(const char *text)
{
	char *told;
	struct rules *rules = parse(text, &told);

	assert_string_equal(told, "");
	free(told);
	return rules;
}

static void actions_arrive_in_the_decision(void **state)
{
	struct rules *rules = parse_good(
		"[rule first]\n"
		"to = *@partner.example, ceo@other.example\n"
		"encrypt = require\n"
		"missing-key = reject            ; reject | hold\n"
		"\n"
		"[rule second]\n"
		"subject = [secure]*\n"
		"encrypt = no\n"
		"sign = prefer\n"
		"strip-tag = yes\n"
		"protect-subject = no\n"
		"format = openpgp\n"
		"also-encrypt-to = " FPR ", archive@example.org\n"
		"also-encrypt-to = file:/srv/keys.txt\n"
		"add-header = X-Class:   confidential  \n"
		"add-header = X-B: c: d\n"
		"[rule third]\n"
		"action = reject\n"
		"reply = not to them, ever\n"
		"sign = yes\n");
	struct decision decision;
	struct strs extra = { 0 };

	(void)state;
	assert_int_equal(rule_match_count(rules), 3);
	rule_match_nth(rules, 0, &decision);
	assert_string_equal(decision.rule, "first");
	assert_string_equal(decision.file, "policy.conf");
	assert_int_equal(decision.line, 1);
	assert_int_equal(decision.action, ACTION_ACCEPT);
	assert_int_equal(decision.encrypt, ENCRYPT_REQUIRE);
	assert_int_equal(decision.sign, SIGN_NO);
	assert_true(decision.protect_subject);
	assert_false(decision.strip_tag);
	assert_null(decision.reply);
	assert_int_equal(decision.also_encrypt_to->n, 0);
	rule_match_nth(rules, 1, &decision);
	assert_string_equal(decision.rule, "second");
	assert_int_equal(decision.line, 6);
	assert_int_equal(decision.encrypt, ENCRYPT_NO);
	assert_int_equal(decision.sign, SIGN_PREFER);
	assert_false(decision.protect_subject);
	assert_true(decision.strip_tag);
	assert_int_equal(decision.also_encrypt_to->n, 3);
	assert_string_equal(decision.also_encrypt_to->at[2], "boss@example.org");
	assert_int_equal(decision.add_header->n, 2);
	assert_string_equal(decision.add_header->at[0], "X-Class: confidential");
	assert_string_equal(decision.add_header->at[1], "X-B: c: d");
	rule_match_nth(rules, 2, &decision);
	assert_int_equal(decision.action, ACTION_REJECT);
	assert_string_equal(decision.reply, "not to them, ever");
	assert_int_equal(decision.encrypt, ENCRYPT_PREFER);
	assert_int_equal(decision.sign, SIGN_YES);
	rules_extra_keys(rules, &extra);
	assert_int_equal(extra.n, 3);
	strs_free(&extra);
	rule_parse_free(rules);
}

/* The line that is wrong is the second of a rule, unless the case says so. */
#define P "policy.conf:2: "

static const struct {
	const char *lines;	/* behind "[rule x]\n" */
	const char *want;
} cases[] = {
	/* good ones of every key */
	{ "direction = outbound\n", "" },
	{ "direction = inbound, stored\n", "" },
	{ "listener = a, b*\n", "" },
	{ "login = alice, *@example.org, file:empty.txt\n", "" },
	{ "client = 127.0.0.1, 10.0.0.0/8, ::1, 2001:db8::/32, 0.0.0.0/0, ::/0\n", "" },
	{ "from = <>, a@x.example, *@x.example, file:partners.txt\n", "" },
	{ "to = \"a b\"@x.example\n", P "to: \"\"a b\"@x.example\" holds a blank; write one "
	  "address or glob, such as *@example.org\n" },
	{ "to = \"a?b\"@x.example, b\xc3\xbc@x.example\n", "" },
	{ "to = file:bom.txt\n", "" },
	{ "subject = [secure]*, *confidential*\n", "" },
	{ "subject = a ; comment\n", "" },
	{ "header = X-Class: confid*\nheader = List-Id: *\n", "" },
	{ "size = >10M\n", "" },
	{ "size = < 1K\n", "" },
	{ "attachment = *.exe, *.js, ?.bat\n", "" },
	{ "content = \\b\\d{4}[ -]?\\d{4}\\b\ncontent = (?i)geheim, streng\n", "" },
	{ "answers = encrypted\nencrypt = require\n", "" },
	{ "key = found\n", "" },
	{ "key = missing\n", "" },
	{ "encrypt = require\nsign = yes\naction = accept\n", "" },
	{ "format = auto\n", "" },
	{ "add-header = X-A: b\n", "" },
	{ "also-encrypt-to = " FPR "0123456789ABCDEF01234567\n", "" },

	/* what is wrong */
	{ "direction = out\n", P "direction cannot be \"out\"; write outbound, inbound or "
	  "stored\n" },
	{ "client = 10.0.0.1/8\n", P "client cannot be \"10.0.0.1/8\": bits are set behind the "
	  "prefix; write an address or a block, such as 192.0.2.0/24\n" },
	{ "client = 10.0.0.0/33\n", P "client cannot be \"10.0.0.0/33\": the number behind `/` is "
	  "out of range; write an address or a block, such as 192.0.2.0/24\n" },
	{ "client = ::/129\n", P "client cannot be \"::/129\": the number behind `/` is out of "
	  "range; write an address or a block, such as 192.0.2.0/24\n" },
	{ "client = host.example\n", P "client cannot be \"host.example\": it is no IP address; "
	  "write an address or a block, such as 192.0.2.0/24\n" },
	{ "client = 10.0.0.0/\n", P "client cannot be \"10.0.0.0/\": the number behind `/` is out "
	  "of range; write an address or a block, such as 192.0.2.0/24\n" },
	{ "from = example.org\n", P "from: \"example.org\" is no mail address; write one, or a "
	  "glob such as *@example.org\n" },
	{ "to = *@partner.example  # partners\n", P "to: \"*@partner.example  # partners\" holds a "
	  "blank; write one address or glob, such as *@example.org\n" },
	{ "to = *@x.example;*@y.example\n", P "to: \"*@x.example;*@y.example\" matches no "
	  "address; write globs such as *@example.org, with commas between them\n" },
	{ "to = *@x.example.\n", P "to: \"*@x.example.\" matches no address; write globs such "
	  "as *@example.org, with commas between them\n" },
	{ "to = \"*@x.example\"\n", P "to: \"\"*@x.example\"\" matches no address; write globs "
	  "such as *@example.org, with commas between them\n" },
	{ "to = \"*@*\"@x.example, *, *@*, *@[*], \"?\"@*, b*\n", "" },
	{ "to = a@x.example b@x.example\n", P "to: \"a@x.example b@x.example\" holds a blank; "
	  "write one address or glob, such as *@example.org\n" },
	{ "to = a@x.example,,b@x.example\n", P "to has an empty element; write no comma there\n" },
	{ "to = file:\n", P "to: no name behind file:; write file:NAME\n" },
	{ "to = file:none.txt\n", P "to cannot be read: /etc/ll/none.txt: No such file or "
	  "directory; write the path of a file that can\n" },
	{ "to = file:secret\n", P "to cannot be read: /etc/ll/secret: Permission denied; write the "
	  "path of a file that can\n" },
	{ "to = file:bad.txt, c\n", "bad.txt:2: to: \"nonsense\" is no mail address; write one, or "
	  "a glob such as *@example.org\nbad.txt:4: to: \"b c@x.example\" holds a blank; write one "
	  "address or glob, such as *@example.org\n" P "to: \"c\" is no mail address; write one, "
	  "or a glob such as *@example.org\n" },
	{ "login = a b\n", P "login: \"a b\" holds a blank; write one login or glob\n" },
	{ "subject = [secure]*   # tagged\n", P "subject: a comment behind a value begins with "
	  "` ;`; write that, or `?#` when the # is meant\n" },
	{ "subject = *?#1*\n", "" },
	{ "header = X-Class\n", P "header cannot be \"X-Class\"; write NAME: TEXT, with the name "
	  "of a header field\n" },
	{ "header = X Class: y\n", P "header cannot be \"X Class: y\"; write NAME: TEXT, with the "
	  "name of a header field\n" },
	{ "header = : y\n", P "header cannot be \": y\"; write NAME: TEXT, with the name of a "
	  "header field\n" },
	{ "header = X-Class:\n", P "header: a glob has 1 to 1000 printable bytes; write a shorter "
	  "one\n" },
	{ "size = 10M\n", P "size cannot be \"10M\"; write >10M or <1K\n" },
	{ "size = >big\n", P "size cannot be \">big\"; write >10M or <1K\n" },
	{ "size = >1K\nsize = <1M\n", "policy.conf:3: size was given on line 2 already; write it "
	  "once\n" },
	{ "content = a(b\n", P "content: missing closing parenthesis at byte 4; write a regular "
	  "expression that PCRE2 takes\n" },
	{ "content = \\C\n", P "content: using \\C is disabled by the application at byte 3; write "
	  "a regular expression that PCRE2 takes\n" },
	{ "key = yes\n", P "key cannot be \"yes\"; write found or missing\n" },
	{ "encrypt = yes\n", P "encrypt cannot be \"yes\"; write prefer, require or no\n" },
	{ "encrypt = Require\n", P "encrypt cannot be \"Require\"; write prefer, require or no\n" },
	{ "encrypt = require\nencrypt = no\n", "policy.conf:3: encrypt was given on line 2 "
	  "already; write it once\n" },
	{ "sign = always\n", P "sign cannot be \"always\"; write no, yes or prefer\n" },
	{ "action = hold\n", P "action = hold is not supported by this version; write accept or "
	  "reject\n" },
	{ "missing-key = hold\n", P "missing-key = hold is not supported by this version; write "
	  "reject\n" },
	{ "format = smime\n", P "format = smime is not supported by this version; write auto or "
	  "openpgp\n" },
	{ "format = pgp\n", P "format cannot be \"pgp\"; write auto or openpgp\n" },
	{ "protect-subject = on\n", P "protect-subject cannot be \"on\"; write yes or no\n" },
	{ "strip-tag = yes\n", P "strip-tag removes what the glob of subject spelt out, and this "
	  "rule has no subject; write one, or leave strip-tag out\n" },
	{ "reply = x\n", P "reply is what action = reject says, and this rule has none; write it, "
	  "or leave reply out (a warning)\n" },
	{ "encrypt = require\nreply = x\n", "policy.conf:3: reply is what action = reject says, "
	  "and this rule has none; write it, or leave reply out (a warning)\n" },
	{ "direction = stored\nsign = prefer\n", "policy.conf:3: sign does nothing to stored mail, "
	  "which may be a draft; write sign = no (a warning)\n" },
	{ "direction = stored, outbound\nsign = yes\n", "" },
	{ "answers = signed\n", P "answers cannot be \"signed\"; write encrypted\n" },
	{ "direction = stored\nanswers = encrypted\n", "policy.conf:3: answers holds for no "
	  "inbound or stored mail; write direction = outbound (a warning)\n" },
	{ "direction = inbound\nanswers = encrypted\n", "policy.conf:3: answers holds for no "
	  "inbound or stored mail; write direction = outbound (a warning)\n" },
	{ "direction = inbound\naction = reject\nencrypt = no\n", "policy.conf:4: encrypt does "
	  "nothing to inbound mail, which is opened; leave the rule out, or write another "
	  "direction (a warning)\npolicy.conf:3: action does nothing to inbound mail, which is "
	  "opened; leave the rule out, or write another direction (a warning)\n" },
	{ "action = reject\nreply = n\xc3\xb6\n", "policy.conf:3: reply may hold printable ASCII "
	  "only; write it without other characters\n" },
	{ "also-encrypt-to = 0123456789ABCDEF\n", P "also-encrypt-to: \"0123456789ABCDEF\" is "
	  "neither a fingerprint nor an address; write all 40 digits of a fingerprint, without "
	  "blanks, or an address\n" },
	{ "also-encrypt-to = *@example.org\n", P "also-encrypt-to: \"*@example.org\" is neither a "
	  "fingerprint nor an address; write all 40 digits of a fingerprint, without blanks, or an "
	  "address\n" },
	{ "add-header = From: x@y.z\n", P "add-header cannot add From; write another field, such "
	  "as X-Class: confidential\n" },
	{ "add-header = content-type: x\n", P "add-header cannot add content-type; write another "
	  "field, such as X-Class: confidential\n" },
	{ "add-header = Resent-To: x\n", P "add-header cannot add Resent-To; write another field, "
	  "such as X-Class: confidential\n" },
	{ "add-header = X-A: \xc3\xbc\n", P "add-header may hold printable ASCII only; write it "
	  "without other characters\n" },
	{ "add-header = X-A:\n", P "add-header needs a text of 1 to 900 bytes behind the colon; "
	  "write one\n" },
	{ "encript = require\n", P "unknown key encript; did you mean encrypt?\n" },
	{ "sing = yes\n", P "unknown key sing; did you mean sign?\n" },
	{ "recipient = x\n", P "unknown key recipient in [rule]; write one that the manual page "
	  "has, or nothing\n" },
	{ "hostname = x\n", P "unknown key hostname in [rule]; write one that the manual page has, "
	  "or nothing\n" },
	{ "to =\n", P "to has no value; write one, or leave the key out\n" },
	{ "", "policy.conf:1: [rule x] is empty and would decide about every message that no rule "
	  "above it does; write its conditions and actions\n" },
	{ "sign = yes\n[rule x]\nsign = no\n", "policy.conf:3: section [rule x] stands on line 1 "
	  "already; write all its keys there, or give this one another name\n" },
	{ "sign = yes\n[rules y]\nsign = no\n", "policy.conf:3: unknown section [rules y]; write "
	  "[rule NAME]\n" },
	{ "sign = yes\n[rule]\nsign = no\n", "policy.conf:3: [rule] cannot be; write [rule NAME], "
	  "with a name of letters, digits and . _ - @ +\n" },
	{ "sign = yes\n[gateway]\n", "policy.conf:3: unknown section [gateway]; write "
	  "[rule NAME]\n" },
};

static void each_problem_of_a_rule_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = mem_printf("[rule x]\n%s", cases[i].lines), *told;
		struct rules *rules = parse(text, &told);

		assert_string_equal(told, cases[i].want);
		rule_parse_free(rules);
		free(told);
		free(text);
	}
}

static void each_key_of_a_rule_keeps_its_line(void **state)
{
	struct rules *rules = parse_good("[rule a]\nsign = no\nkey = found\n[rule b]\nsign = yes\n"
					 "also-encrypt-to = a@x.example\n; more\n"
					 "also-encrypt-to = B@x.example, c@x.example\n");

	(void)state;
	assert_int_equal(rule_parse_line(rules, 0, "sign", "no"), 2);
	assert_int_equal(rule_parse_line(rules, 0, "encrypt", ""), 1);
	assert_int_equal(rule_parse_line(rules, 1, "also-encrypt-to", "a@x.example"), 6);
	assert_int_equal(rule_parse_line(rules, 1, "also-encrypt-to", "b@x.example"), 8);
	assert_int_equal(rule_parse_line(rules, 1, "also-encrypt-to", "c@x.example"), 8);
	assert_int_equal(rule_parse_line(rules, 1, "also-encrypt-to", "in-a-file"), 6);
	rule_parse_free(rules);
}

static void a_rule_below_one_that_takes_all_is_a_problem(void **state)
{
	static const struct {
		const char *text, *below;	/* the second ends in "[rule b]\n" and more */
		bool bad;
	} orders[] = {
		{ "sign = yes\n", "to = a@x.example\n", true },
		{ "sign = yes\n", "direction = stored\n", false },
		{ "sign = yes\n", "direction = stored, outbound\n", false },
		{ "direction = stored, outbound\n", "direction = stored\n", true },
		{ "direction = stored\n", "sign = yes\n", false },
		{ "to = *\n", "sign = yes\n", false },
		{ "client = 192.0.2.1\n", "sign = yes\n", false },
		{ "content = x\n", "sign = yes\n", false },
		{ "answers = encrypted\n", "sign = yes\n", false },
		{ "form = a@x.example\n", "sign = yes\n", false },	/* a slip elsewhere */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		char *text = mem_printf("[rule a]\n%s[rule b]\n%s", orders[i].text,
					orders[i].below);
		char *told;
		struct rules *rules = parse(text, &told);

		if (!strstr(told, "policy.conf:3: rule b never decides, since rule a (line 1) "
				  "above it has no condition and takes all; write it above that "
				  "one (a warning)\n") == orders[i].bad)
			fail_msg("%s: %s", text, told);
		free(told);
		rule_parse_free(rules);
		free(text);
	}
}

/* THREATS row 118 and LIBRARIES 6: a value with a second "key" in its tail. */
static void a_long_list_never_becomes_a_second_key(void **state)
{
	char *text = mem_strdup("[rule x]\nencrypt = require\nto = ");
	struct rules *rules;
	struct decision decision;

	(void)state;
	for (int i = 0; i < 300; i++) {
		char *longer = mem_printf("%sa%d@x.example, ", text, i);

		free(text);
		text = longer;
	}
	*strrchr(text, ',') = '\n';
	rules = parse_good(text);
	for (int i = 0; i < 300; i++) {
		char *to = mem_printf("A%d@X.example", i);
		struct facts facts = { .from = "", .to = to };

		assert_int_equal(rule_match(rules, &facts, &decision), RULE_DECIDED);
		assert_string_equal(decision.rule, "x");
		assert_int_equal(decision.encrypt, ENCRYPT_REQUIRE);
		free(to);
	}
	rule_parse_free(rules);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actions_arrive_in_the_decision),
		cmocka_unit_test(each_problem_of_a_rule_is_found),
		cmocka_unit_test(each_key_of_a_rule_keeps_its_line),
		cmocka_unit_test(a_rule_below_one_that_takes_all_is_a_problem),
		cmocka_unit_test(a_long_list_never_becomes_a_second_key),
	};

	return cmocka_run_group_tests_name("rule_parse", tests, NULL, NULL);
}
