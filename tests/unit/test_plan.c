#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "memory_source.h"
#include "policy/job/plan.h"
#include "policy/job/seal.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/rules/rule_parse.h"

enum { NOW = 1800000000 };

#define CONF                                                                        \
	"[gateway]\nhostname = gw.test\npolicy = policy.conf\nstate = /tmp/ll.db\n" \
	"[listen in]\nprotocol = smtp\naddress = 127.0.0.1:1587\ntls = none\n"      \
	"upstream = out\n[upstream out]\naddress = 127.0.0.1:25\ntls = none\n"      \
	"[user alice]\nlogin = alice\naddresses = alice@x.example, al@x.example\n"  \
	"[user dora]\nlogin = dora\naddresses = dora@x.example\n"

#define POLICY                                                                      \
	"[rule blocked]\nto = blocked@*\naction = reject\nreply = Not to them\n"    \
	"[rule closed]\nto = closed@*\naction = reject\n"                           \
	"[rule tagged]\nsubject = [secure]*\nencrypt = require\nstrip-tag = yes\n"  \
	"[rule exe]\nattachment = *.exe\naction = reject\n"                         \
	"[rule strict]\nto = *@strict.example\nencrypt = require\n"                 \
	"[rule archived]\nto = *@archived.example\nencrypt = prefer\n"              \
	"also-encrypt-to = arch@x.example\n"                                        \
	"[rule lost]\nto = *@lost.example\nencrypt = prefer\n"                      \
	"also-encrypt-to = nobody@x.example\n"                                      \
	"[rule signed]\nto = *@signed.example\nencrypt = no\nsign = yes\n"          \
	"[rule both]\nto = *@both.example\nencrypt = prefer\nsign = prefer\n"       \
	"[rule clear]\nto = *@clear.example\nencrypt = no\nsign = no\n"

static struct conf conf;
static struct key_index *keys;

static void add_key(const char *fingerprint, const char *address, uint64_t id, bool secret)
{
	struct key key = { .created = 1000, .can_encrypt = true, .can_sign = true,
			   .secret = secret };

	(void)snprintf(key.fingerprint, sizeof(key.fingerprint), "%s", fingerprint);
	strs_add(&key.user_ids, span_str(address));
	strs_add(&key.addresses, span_str(address));
	key.encryption = mem_new(sizeof(*key.encryption));
	key.encryption[0] = (struct key_part){ .id = id, .created = 1000 };
	key.encryption_n = 1;
	key_index_add(keys, &key);
}

#define F(x) x x x x x x x x x x
#define KEY_OF(x) F(x x x x)

static int set_up(void **state)
{
	static const struct memory_file files[] = {
		{ "/etc/ll/letterlock.conf", CONF }, { "/etc/ll/policy.conf", POLICY }, { 0 },
	};
	struct source source = memory_source(files);
	struct problems problems = { 0 };

	(void)state;
	if (conf_load(&source, "letterlock.conf", &conf, &problems) < 0)
		fail_msg("%s", problems_text(&problems));
	keys = key_index_new();
	add_key(KEY_OF("A"), "al@x.example", 0xa1, true);
	add_key(KEY_OF("B"), "bob@both.example", 0xb1, false);
	add_key(KEY_OF("C"), "carl@strict.example", 0xc1, false);
	add_key(KEY_OF("D"), "dan@archived.example", 0xd1, false);
	add_key(KEY_OF("E"), "ed@lost.example", 0xe1, false);
	add_key(KEY_OF("F"), "arch@x.example", 0xf1, false);
	add_key(KEY_OF("1"), "eve@nowhere.example", 0x11, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	conf_free(&conf);
	key_index_free(keys);
	return 0;
}

static struct ask asking(const char *login, const char *sender, const char *to)
{
	struct ask ask = { .kind = ASK_SEAL };
	struct span rest = span_str(to), one;

	ask.envelope.login = mem_strdup(login);
	ask.envelope.sender = mem_strdup(sender);
	while (span_split(&rest, ' ', &one))
		strs_add(&ask.envelope.to, one);
	return ask;
}

static const struct seal_parts *parts(void)
{
	static struct seal_parts made;

	made = (struct seal_parts){ .conf = &conf, .keys = keys, .now = NOW };
	return &made;
}

struct plan_case {
	const char *login;
	const char *to;
	const char *fields;	/* NULL: without a message */
	enum plan_do what;
	const char *reply;	/* of a refusal, a part of it */
};

#define FROM "From: alice@x.example\r\n"
#define NOT_YET NULL

static const struct plan_case cases[] = {
	{ "alice", "bob@both.example", FROM, PLAN_SIGN_ENCRYPT, NULL },
	{ "alice", "nokey@both.example", FROM, PLAN_SIGN, NULL },
	{ "dora", "bob@both.example", "From: dora@x.example\r\n", PLAN_ENCRYPT, NULL },
	{ "dora", "nokey@both.example", "From: dora@x.example\r\n", PLAN_PASS, NULL },
	{ NULL, "bob@both.example", FROM, PLAN_ENCRYPT, NULL },
	{ "alice", "carl@strict.example", FROM, PLAN_ENCRYPT, NULL },
	{ "alice", "x@strict.example", FROM, PLAN_REFUSE,
	  "550 5.7.1 no usable key for x@strict.example (rule strict)" },
	{ "alice", "eve@nowhere.example", FROM, PLAN_ENCRYPT, NULL },
	{ "alice", "who@nowhere.example", FROM, PLAN_PASS, NULL },
	{ "alice", "blocked@x.example", FROM, PLAN_REFUSE,
	  "550 5.7.1 Not to them <blocked@x.example> (rule blocked)" },
	{ "alice", "closed@x.example", FROM, PLAN_REFUSE,
	  "550 5.7.1 refused by policy: <closed@x.example> (rule closed)" },
	{ "alice", "x@signed.example", FROM, PLAN_SIGN, NULL },
	{ "dora", "x@signed.example", "From: dora@x.example\r\n", PLAN_REFUSE,
	  "550 5.7.1 no signing key for dora: no key (rule signed)" },
	{ NULL, "x@signed.example", FROM, PLAN_REFUSE, "550 5.7.1 no signing key" },
	{ "alice", "dan@archived.example", FROM, PLAN_ENCRYPT, NULL },
	{ "alice", "x@archived.example", FROM, PLAN_PASS, NULL },
	{ "alice", "ed@lost.example", FROM, PLAN_REFUSE,
	  "550 5.7.1 no usable key for nobody@x.example (rule lost)" },
	{ "alice", "bob@clear.example", FROM, PLAN_PASS, NULL },
	{ "alice", "carl@strict.example", FROM "Subject: [secure] x\r\n", PLAN_ENCRYPT, NULL },
	{ "alice", "x@clear.example", FROM "Subject: =?utf-8?q?[secure]_x?=\r\n", PLAN_REFUSE,
	  "no usable key for x@clear.example (rule tagged)" },
	{ "alice", "bob@both.example", FROM "Content-Disposition: attachment; "
					    "filename=a.EXE\r\n", PLAN_REFUSE, "(rule exe)" },
	/* who reads its structure otherwise could see another name */
	{ "alice", "bob@both.example", FROM "Content-Type: multipart/mixed\r\n", PLAN_REFUSE,
	  "(rule exe)" },
	{ "alice", "bob@both.example", "From: bob@both.example\r\n", PLAN_REFUSE,
	  "550 5.7.1 header From bob@both.example is not an address of the login alice" },
	/* before the message is here */
	{ "alice", "blocked@x.example", NOT_YET, PLAN_REFUSE, "(rule blocked)" },
	{ "alice", "bob@both.example", NOT_YET, PLAN_WAIT, NULL },
	{ "dora", "x@signed.example", NOT_YET, PLAN_WAIT, NULL },
};

static char *text_of(const struct reply *reply)
{
	return mem_printf("%u %s %s", reply->code, reply->status, reply->text);
}

static void try_case(const struct seal_parts *with, const struct plan_case *c)
{
	const char *sender = c->login && strcmp(c->login, "dora") == 0 ? "dora@x.example"
									: "alice@x.example";
	struct ask ask = asking(c->login, sender, c->to);
	char *text = mem_printf("%s\r\nbody\r\n", c->fields ? c->fields : "");
	struct message m = { 0 };
	int fd = mail_corpus_open(span_str(text), &m);
	struct plan plan;
	char *reply;

	plan_make(with, &ask, c->fields ? &m : NULL, &plan);
	reply = text_of(&plan.rows[0].refused);
	if (plan.rows[0].what != c->what || (c->reply && !strstr(reply, c->reply)))
		fail_msg("%s, %s: %d, %s", c->to, text, plan.rows[0].what, reply);
	assert_true((plan_refusal(&plan) != NULL) == (c->what == PLAN_REFUSE));
	free(reply);
	plan_free(&plan);
	message_close(&m);
	close(fd);
	free(text);
	ask_free(&ask);
}

static void each_recipient_gets_what_the_first_rule_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		try_case(parts(), &cases[i]);
}

/* Makes the plan for a message that alice sends. */
static struct plan plan_for(struct ask *ask, const char *text)
{
	struct message m = { 0 };
	int fd = mail_corpus_open(span_str(text), &m);
	struct plan plan;

	plan_make(parts(), ask, &m, &plan);
	message_close(&m);
	close(fd);
	return plan;
}

static void who_is_in_no_to_or_cc_is_blind(void **state)
{
	struct ask ask = asking("alice", "alice@x.example",
				"bob@both.example carl@strict.example dan@archived.example "
				"g@clear.example h@clear.example");
	struct plan plan = plan_for(&ask, FROM "To: Bob <BOB@both.example>, g: G "
					       "<g@clear.example>;\r\n"
					       "cc: (x) dan@archived.example\r\n"
					       "Bcc: carl@strict.example\r\n"
					       "To: <broken\r\n\r\n");

	(void)state;
	assert_false(plan.rows[0].blind);
	assert_true(plan.rows[1].blind);
	assert_false(plan.rows[2].blind);
	assert_false(plan.rows[3].blind);
	assert_true(plan.rows[4].blind);
	plan_free(&plan);
	ask_free(&ask);
}

static void one_refused_recipient_refuses_the_message_by_name(void **state)
{
	struct ask ask = asking("alice", "alice@x.example",
				"bob@both.example x@strict.example blocked@x.example");
	struct plan plan = plan_for(&ask, FROM "\r\n");

	(void)state;
	assert_int_equal(plan.rows[0].what, PLAN_SIGN_ENCRYPT);
	assert_non_null(plan_refusal(&plan));
	assert_non_null(strstr(plan_refusal(&plan)->text, "x@strict.example"));
	plan_free(&plan);
	ask_free(&ask);
}

static void a_hundred_received_fields_are_a_loop(void **state)
{
	struct ask ask = asking("alice", "alice@x.example", "bob@both.example");
	struct buf text;
	struct plan plan;
	char *made;

	(void)state;
	for (int n = 99; n <= 100; n++) {
		buf_init(&text, 100000);
		buf_puts(&text, FROM);
		for (int i = 0; i < n; i++)
			buf_puts(&text, "RECEIVED: by x; now\r\n");
		buf_puts(&text, "\r\n");
		made = buf_take_string(&text);
		plan = plan_for(&ask, made);
		assert_int_equal(plan.refused.code, n == 100 ? 554 : 0);
		if (n == 100)
			assert_string_equal(plan.refused.status, "5.4.6");
		plan_free(&plan);
		free(made);
	}
	ask_free(&ask);
}

static void a_message_that_comes_a_third_time_is_a_loop(void **state)
{
	static const char ours[] = "Received: by gw.test (Letterlock) with ESMTP; now\r\n";
	static const char other[] = "Received: by gw.test.a (Letterlock) with ESMTP; now\r\n";
	struct ask ask = asking("alice", "alice@x.example", "bob@both.example");

	(void)state;
	for (int n = 0; n <= 2; n++) {
		char *text = mem_printf(FROM "%s%s%s\r\n", n > 0 ? ours : other, other,
					n > 1 ? ours : other);
		struct plan plan = plan_for(&ask, text);

		assert_int_equal(plan.refused.code, n == 2 ? 554 : 0);
		plan_free(&plan);
		free(text);
	}
	ask_free(&ask);
}

static void the_key_of_from_signs_before_others_of_the_login(void **state)
{
	struct ask ask = asking("alice", "alice@x.example", "bob@both.example");
	struct plan plan;

	(void)state;
	plan = plan_for(&ask, FROM "\r\n");
	assert_string_equal(plan.signer->fingerprint, KEY_OF("A"));
	plan_free(&plan);
	add_key(KEY_OF("9"), "alice@x.example", 0x99, true);
	plan = plan_for(&ask, FROM "\r\n");
	assert_string_equal(plan.signer->fingerprint, KEY_OF("9"));
	plan_free(&plan);
	plan = plan_for(&ask, "From: al@x.example\r\n\r\n");
	assert_string_equal(plan.signer->fingerprint, KEY_OF("A"));
	plan_free(&plan);
	ask_free(&ask);
}

/* The answers of the sender's and the recipients' stage are the plan's. */
static void the_envelope_is_answered_as_the_plan_says(void **state)
{
	struct ask ask = asking("alice", "mallory@x.example", "bob@both.example");
	struct answer answer;

	(void)state;
	seal_sender(parts(), &ask, &answer);
	assert_int_equal(answer.kind, ANSWER_REFUSED);
	assert_int_equal(answer.reply.code, 550);
	answer_free(&answer);
	ask_free(&ask);

	ask = asking("alice", "al@x.example", "bob@both.example");
	seal_sender(parts(), &ask, &answer);
	assert_int_equal(answer.kind, ANSWER_YES);
	seal_recipient(parts(), &ask, &answer);
	assert_int_equal(answer.kind, ANSWER_WAIT);
	ask_free(&ask);

	ask = asking("alice", "", "closed@x.example");
	seal_sender(parts(), &ask, &answer);
	assert_int_equal(answer.kind, ANSWER_YES);
	seal_recipient(parts(), &ask, &answer);
	assert_int_equal(answer.kind, ANSWER_REFUSED);
	assert_string_equal(answer.rule, "closed");
	ask_free(&ask);
}

/* Alice's client knows of one message that was encrypted. */
static int opened(void *owner, const char *login, const struct strs *ids, struct err *err)
{
	(void)err;
	if (strcmp(ids->at[0], "trouble@x") == 0)
		return -1;
	return owner && strcmp(login, "alice") == 0 &&
	       strs_has_nocase(ids, span_str("opened@x"));
}

static const struct plan_case answers[] = {
	{ "alice", "who@x.example", FROM, PLAN_PASS, NULL },
	{ "alice", "who@x.example", FROM "In-Reply-To: <other@x>\r\n", PLAN_PASS, NULL },
	{ "alice", "who@x.example", FROM "In-Reply-To: <opened@x>\r\n", PLAN_REFUSE,
	  "550 5.7.1 no usable key for who@x.example (rule answers)" },
	{ "alice", "bob@x.example", FROM "References: <a@x> <opened@x>\r\n", PLAN_REFUSE,
	  "(rule answers)" },
	{ "alice", "who@x.example", FROM "References: =?utf-8?q?x?=\r\n", PLAN_REFUSE,
	  "(rule answers)" },
	{ "alice", "bob@both.example", FROM "In-Reply-To: <opened@x>\r\n", PLAN_ENCRYPT, NULL },
	{ "dora", "who@x.example", "From: dora@x.example\r\nIn-Reply-To: <opened@x>\r\n",
	  PLAN_PASS, NULL },
	{ NULL, "who@x.example", FROM "In-Reply-To: <trouble@x>\r\n", PLAN_PASS, NULL },
	{ "alice", "bob@both.example", FROM "In-Reply-To: <trouble@x>\r\n", PLAN_REFUSE,
	  "451 4.3.0 whether it answers an encrypted message cannot be told now: try again" },
	{ "alice", "who@x.example", NOT_YET, PLAN_WAIT, NULL },
};

/* THREATS 141 */
static void an_answer_to_what_was_encrypted_is_one_or_waits(void **state)
{
	struct source source = memory_source(NULL);
	struct problems problems = { 0 };
	struct reading at = { &source, "policy.conf", "", 0, &problems };
	struct rules *before = conf.rules;
	struct seal_parts with = *parts(), without = *parts();

	(void)state;
	conf.rules = rule_parse(&at, span_str("[rule answers]\nanswers = encrypted\n"
					      "encrypt = require\n"));
	with.opened = opened;
	with.owner = &with;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		try_case(&with, &answers[i]);
	try_case(&without, &answers[0]);
	try_case(&without, &answers[8]);
	rule_parse_free(conf.rules);
	conf.rules = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_recipient_gets_what_the_first_rule_says,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_in_no_to_or_cc_is_blind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_refused_recipient_refuses_the_message_by_name,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hundred_received_fields_are_a_loop, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_message_that_comes_a_third_time_is_a_loop, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_key_of_from_signs_before_others_of_the_login,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_envelope_is_answered_as_the_plan_says, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_answer_to_what_was_encrypted_is_one_or_waits,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
