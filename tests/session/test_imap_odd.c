/* IMAP sessions at the edges of the protocol: odd words, odd moments, odd servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_state.h"
#include "tests/session/imap_talk.h"

static const struct fake_options plain = { .protocol = PROTOCOL_IMAP,
					   .upstream_tls = UPSTREAM_NONE };

/* The client's command goes upstream as `said`, under the tag `L` and `number`. */
static void passes(struct fake *fake, unsigned number, const char *command, const char *said)
{
	char *line = mem_printf("c %s\r\n", command);
	char *want = mem_printf("L%u %s\r\n", number, said);

	fake_client_says(fake, line);
	is(fake_to_upstream(fake), want);
	free(line);
	free(want);
	line = mem_printf("L%u OK x\r\n", number);
	fake_upstream_says(fake, line);
	is(fake_to_client(fake), "c OK x\r\n");
	free(line);
}

/* THREATS 75 */
static void an_id_goes_in_the_form_that_it_came_in(void **state)
{
	static const char *const forms[] = {
		"ID NIL", "ID ()", "ID nil", "ID (\"name\" NIL)", "ID (\"a\" \"\")",
		"ID (\"a\" \"b\" \"a\" \"b\")", "ID x", "ID ((\"a\"))",
	};
	struct fake *fake = logged_in("ID");

	(void)state;
	for (unsigned i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		passes(fake, 3 + i, forms[i], forms[i]);
	fake_upstream_says(fake, "* ID NIL\r\n* ID ()\r\n* ID (\"name\" NIL)\r\n");
	is(fake_to_client(fake), "* ID NIL\r\n* ID ()\r\n* ID (\"name\" NIL)\r\n");
	fake_free(fake);
	fake = logged_in("");
	fake_client_says(fake, "c ID NIL\r\nd ID ()\r\n");
	is(fake_to_client(fake), "* ID (\"name\" \"Letterlock\")\r\nc OK done\r\n"
	   "* ID (\"name\" \"Letterlock\")\r\nd OK done\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

/* THREATS 76 */
static void what_is_said_before_the_greeting_waits_for_it(void **state)
{
	struct fake *fake = fake_new(&plain);

	(void)state;
	fake_client_says(fake, "a NOOP\r\n* x\r\nb LOGIN alice {3}\r\n");
	fake_upstream_ready(fake);
	is(fake_to_client(fake), "");
	is(fake_to_upstream(fake), "");
	fake_upstream_says(fake, "* OK [CAPABILITY IMAP4rev1] hi\r\n");
	is(fake_to_upstream(fake), "");
	is(fake_to_client(fake), "* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID] gw.example.org "
	   "Letterlock ready\r\na OK done\r\n* BAD that is no tag\r\n+ OK\r\n");
	fake_client_says(fake, "a b\r\n");
	is(fake_to_upstream(fake), "L1 LOGIN \"alice\" \"a b\"\r\n");
	fake_free(fake);
}

/* ... in TLS as well, which may be there first, or last. */
static void the_greeting_waits_for_both_legs(void **state)
{
	static const struct fake_options implicit = { .protocol = PROTOCOL_IMAP,
						      .listen_tls = LISTEN_IMPLICIT,
						      .upstream_tls = UPSTREAM_NONE };
	static const char greeting[] = "* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN] "
				       "gw.example.org Letterlock ready\r\n";

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct fake *fake = fake_new(&implicit);

		if (first)
			fake_client_secured(fake);
		fake_upstream_ready(fake);
		if (first)
			fake_client_says(fake, "a NOOP\r\nb CAPABILITY\r\n");
		is(fake_to_client(fake), "");
		fake_upstream_says(fake, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n");
		if (!first) {
			is(fake_to_client(fake), "");
			fake_client_secured(fake);
			is(fake_to_client(fake), greeting);
			fake_client_says(fake, "a NOOP\r\n");
			is(fake_to_client(fake), "a OK done\r\n");
		} else {
			has(fake_to_client(fake), "Letterlock ready\r\na OK done\r\n"
			    "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN\r\n");
		}
		is(fake_to_upstream(fake), "");
		fake_free(fake);
	}
}

/* THREATS 77 */
static void one_tag_for_all_is_answered_in_order(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c NOOP\r\nc FETCH 1 FLAGS\r\nc STORE 1 FLAGS (\\Seen)\r\n"
			 "c FETCH 1 FLAGS\r\nc XYZZY\r\nc EXPUNGE\r\n");
	is(fake_to_upstream(fake), "L4 NOOP\r\n");
	fake_upstream_says(fake, "L4 OK one\r\n");
	is(fake_to_upstream(fake), "L5 FETCH 1 FLAGS\r\n");
	fake_upstream_says(fake, "* 1 FETCH (FLAGS ())\r\nL5 OK two\r\n");
	is(fake_to_upstream(fake), "L6 STORE 1 FLAGS (\\Seen)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (FLAGS (\\Seen))\r\nL6 NO three\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 1 FLAGS\r\n");
	fake_upstream_says(fake, "* 1 FETCH (FLAGS (\\Seen))\r\nL7 OK four\r\n");
	is(fake_to_upstream(fake), "L8 EXPUNGE\r\n");
	fake_upstream_says(fake, "L8 OK five\r\n");
	is(fake_to_client(fake), "c OK one\r\n* 1 FETCH (FLAGS ())\r\nc OK two\r\n"
	   "* 1 FETCH (FLAGS (\\Seen))\r\nc NO three\r\n* 1 FETCH (FLAGS (\\Seen))\r\nc OK four\r\n"
	   "c BAD this command is not known here\r\nc OK five\r\n");
	fake_free(fake);
}

/* THREATS 78 */
static void a_name_goes_quoted_as_what_it_is(void **state)
{
	static const struct {
		const char *said, *want;
	} cases[] = {
		{ "\"al\\\"ice\" \"s\\\\e\"", "L2 LOGIN \"al\\\"ice\" \"s\\\\e\"\r\n" },
		{ "{2+}\r\n\"\\ {1+}\r\n)", "L2 LOGIN \"\\\"\\\\\" \")\"\r\n" },
		{ "alice \"\"", "L2 LOGIN \"alice\" \"\"\r\n" },
		{ "\"\xc3\xa4\" x", "L2 LOGIN {2+}\r\n\xc3\xa4 \"x\"\r\n" },
		{ "x {2+}\r\n\xff\xfe", "L2 LOGIN \"x\" {2+}\r\n\xff\xfe\r\n" },
		{ "NIL nil", "L2 LOGIN \"NIL\" \"nil\"\r\n" },
		{ "\"{3}\" {3+}\r\n{3}", "L2 LOGIN \"{3}\" \"{3}\"\r\n" },
	};
	static const char *const refused[] = {
		"\"a\\b\" x", "\"\" x", "{2+}\r\na\r x", "x {3+}\r\n\r\ny", "x", "x y z", "(x) y",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = greeted(&plain, "LITERAL+ AUTH=PLAIN");
		char *line = mem_printf("a LOGIN %s\r\n", cases[i].said);

		fake_client_says(fake, line);
		is(fake_to_upstream(fake), cases[i].want);
		free(line);
		fake_free(fake);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct fake *fake = greeted(&plain, "LITERAL+ AUTH=PLAIN");
		char *line = mem_printf("a LOGIN %s\r\n", refused[i]);

		(void)fake_to_client(fake);
		fake_client_says(fake, line);
		is(fake_to_upstream(fake), "");
		assert_null(strstr(fake_to_client(fake), "a OK"));
		free(line);
		fake_free(fake);
	}
}

/* THREATS 80 */
static void idle_does_not_last_without_a_word(void **state)
{
	struct fake *fake = selected("IDLE");

	(void)state;
	fake_client_says(fake, "c IDLE\r\n");
	fake_upstream_says(fake, "+\r\n");
	is(fake_to_client(fake), "+ idling\r\n");
	fake_time_passes(fake, IMAP_IDLE_WAIT - 1);
	/* what upstream says is no word of the client's */
	fake_upstream_says(fake, "* OK still here\r\n");
	is(fake_to_client(fake), "* OK still here\r\n");
	assert_true(fake_client_open(fake));
	/* DONE and what is behind it in one: in order */
	fake_client_says(fake, "DONE\r\nd IDLE\r\n");
	is(fake_to_upstream(fake), "L4 IDLE\r\nDONE\r\n");
	fake_upstream_says(fake, "L4 OK\r\n");
	is(fake_to_upstream(fake), "L5 IDLE\r\n");
	fake_upstream_says(fake, "+ again\r\n");
	is(fake_to_client(fake), "c OK\r\n+ idling\r\n");
	fake_time_passes(fake, IMAP_IDLE_WAIT - 1);
	assert_true(fake_client_open(fake));
	fake_time_passes(fake, 1);
	assert_true(fake_session_over(fake));
	assert_false(fake_upstream_open(fake));
	fake_free(fake);
}

/* ... nor does it where nobody would end it, or where upstream ends it. */
static void idle_is_upstreams_to_offer_and_to_end(void **state)
{
	static const char *const ends[] = { "OK enough", "NO enough", "BAD enough" };
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c IDLE\r\n");
	is(fake_to_client(fake), "c BAD this is not offered\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *last = mem_printf("* 4 EXISTS\r\nL4 %s\r\n", ends[i]);
		char *told = mem_printf("* 4 EXISTS\r\nc %s\r\n", ends[i]);

		fake = selected("IDLE");
		fake_client_says(fake, "c IDLE\r\n");
		fake_upstream_says(fake, "+\r\n");
		is(fake_to_client(fake), "+ idling\r\n");
		(void)fake_to_upstream(fake);
		fake_upstream_says(fake, last);
		is(fake_to_client(fake), told);
		/* the client may have said it meanwhile: that is no command upstream's */
		fake_client_says(fake, "DONE\r\nd NOOP\r\n");
		is(fake_to_client(fake), "DONE BAD this command is not known here\r\n");
		is(fake_to_upstream(fake), "L5 NOOP\r\n");
		assert_int_equal(IMAP_UPSTREAM_WAIT, fake_upstream_deadline(fake));
		fake_upstream_says(fake, "* 5 EXISTS\r\n");
		assert_int_equal(IMAP_UPSTREAM_WAIT, fake_upstream_deadline(fake));
		fake_upstream_says(fake, "L5 OK x\r\n");
		is(fake_to_client(fake), "* 5 EXISTS\r\nd OK x\r\n");
		fake_free(fake);
		free(last);
		free(told);
	}
}

/* THREATS 35, 88: what was given up once is no reason to refuse what comes next. */
static void who_gave_up_once_may_log_in(void **state)
{
	struct fake *fake = greeted(&plain, "AUTH=PLAIN");

	(void)state;
	(void)fake_to_client(fake);
	fake_client_says(fake, "a AUTHENTICATE PLAIN\r\n");
	fake_upstream_says(fake, "+ \r\n");
	is(fake_to_client(fake), "+ \r\n");
	fake_client_says(fake, "*\r\n");
	is(fake_to_upstream(fake), "L2 AUTHENTICATE PLAIN\r\n*\r\n");
	fake_upstream_says(fake, "L2 BAD given up\r\n");
	is(fake_to_client(fake), "a BAD authentication was not in order\r\n");
	fake_client_says(fake, "b LOGIN alice x\r\n");
	is(fake_to_upstream(fake), "L3 LOGIN \"alice\" \"x\"\r\n");
	fake_upstream_says(fake, "L3 OK [CAPABILITY IMAP4rev1] in\r\n");
	has(fake_to_client(fake), "b OK [CAPABILITY IMAP4rev1 ");
	fake_free(fake);
}

/* THREATS 83 */
static void what_servers_do_wrong_is_borne(void **state)
{
	static const char structure[] =
		"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 -1)"
		"(\"text\" \"html\" NIL NIL NIL \"7bit\" -1 -1) \"mixed\") )\r\n";
	static const char untagged[] =
		"* STATUS x (MESSAGES 1 )\r\n* STATUS x (MESSAGES 1) \r\n* SEARCH \r\n* SEARCH\r\n"
		"* SEARCH 1 2 \r\n* FLAGS ()\r\n* OK\r\n* NO\r\n* LIST () NIL x \r\n"
		"* LIST () \"\\\" x\r\n* 0 EXISTS\r\n* OK [\r\n* OK []\r\n";
	struct fake *fake = fetching("c FETCH 1 BODYSTRUCTURE\r\n", CLEAR("1", "7"));

	(void)state;
	fake_upstream_says(fake, structure);
	fake_upstream_says(fake, "L5 OK\r\n");
	has(fake_to_client(fake), "c OK\r\n");
	fake_upstream_says(fake, untagged);
	is(fake_to_client(fake), untagged);
	fake_client_says(fake, "d UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)\r\n");
	has(fake_to_upstream(fake), "L6 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7  FLAGS () MODSEQ (0))\r\nL6 OK\r\n");
	is(fake_to_client(fake), "* 1 FETCH (UID 7  FLAGS () MODSEQ (0))\r\nd OK\r\n");
	fake_free(fake);
}

/* THREATS 84 */
static void a_bye_while_a_message_is_opened_is_told_once(void **state)
{
	struct fake *fake = fetching("c FETCH 2 BODY.PEEK[]\r\n", SEALED("2", "8"));

	(void)state;
	names_are(fake, ASK_VIEW, "8", 1);
	fake_upstream_says(fake, "* BYE maintenance\r\n");
	is(fake_to_client(fake), "* BYE maintenance\r\n");
	fake_upstream_leaves(fake, ERR_NONE, "");
	is(fake_to_client(fake), "");
	assert_null(fake_question(fake));
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* ... and what changes between two commands is told, whatever the last one was. */
static void what_comes_between_two_commands_is_told(void **state)
{
	static const char between[] = "* 1 FETCH (UID 7)\r\n* 1 FETCH (UID 7 FLAGS (a))\r\n"
				      "* 2 FETCH (FLAGS (\\Seen))\r\n* 2 EXPUNGE\r\n* 2 EXISTS\r\n"
				      "* 2 FETCH (FLAGS () UID 9)\r\n* OK x\r\n";
	static const char refused[] = "* 1 FETCH (UID 7 BODY[] {4}\r\nX: y)\r\n"
				      "* 2 FETCH (RFC822.SIZE 9)\r\n* VANISHED 7\r\n";
	static const char *const commands[] = {
		"d FETCH 1:2 (FLAGS)\r\n", "d FETCH 1 (BODY.PEEK[TEXT])\r\n",
		"d UID FETCH 7 (BODY.PEEK[TEXT])\r\n", "d SEARCH ALL\r\n", "d STORE 1 FLAGS ()\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		struct fake *fake = fetching("c FETCH 2 BODY.PEEK[]\r\n", SEALED("2", "8"));

		fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
		has(fake_to_client(fake), "c OK done\r\n");
		fake_upstream_says(fake, between);
		is(fake_to_client(fake), between);
		(void)fake_to_upstream(fake);
		fake_client_says(fake, commands[i]);
		fake_upstream_says(fake, "L5 OK x\r\n");
		if (strstr(fake_to_upstream(fake), "L6 "))
			fake_upstream_says(fake, "L6 OK x\r\n");
		has(fake_to_client(fake), "d ");
		fake_upstream_says(fake, between);
		is(fake_to_client(fake), between);
		fake_upstream_says(fake, refused);
		is(fake_to_client(fake), "");
		fake_free(fake);
	}
}

/* ... and nothing that upstream says stands within what is given of one. */
static void in_the_midst_of_a_view_nothing_else_is_said(void **state)
{
	char *view = text_of("Subject: in\r\n\r\n", 700 * 1000);
	char *want = mem_printf("* 2 FETCH (UID 8 BODY[] {%zu}\r\n%s)\r\nc OK done\r\n"
				"* 9 EXISTS\r\n* 1 EXPUNGE\r\n* OK x\r\n", strlen(view), view);
	struct fake *fake = fetching("c UID FETCH 8 BODY.PEEK[]\r\n", SEALED("2", "8"));

	(void)state;
	(void)fake_to_client(fake);
	fake_client_stalls(fake);
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	fake_upstream_says(fake, "* 9 EXISTS\r\n* 1 EXPUNGE\r\n* OK x\r\n");
	fake_client_takes(fake);
	is(fake_to_client(fake), want);
	free(want);
	free(view);
	fake_free(fake);
}

/* Selects `said` (L3), and says where policy is asked for what is encrypted in it. */
static struct ask_place *place_of(struct fake *fake, const char *said)
{
	char *select = mem_printf("c SELECT %s\r\n", said), *want = mem_printf("L3 %s", select + 2);

	fake_client_says(fake, select);
	is(fake_to_upstream(fake), want);
	fake_upstream_says(fake, "* 3 EXISTS\r\n* OK [UIDVALIDITY 5]\r\nL3 OK x\r\n");
	fake_client_says(fake, "d FETCH 3 RFC822.SIZE\r\n");
	has(fake_to_upstream(fake), "L4 FETCH 3 ");
	fake_upstream_says(fake, SEALED("3", "9") "L4 OK x\r\n");
	free(select);
	free(want);
	assert_non_null(fake_question(fake));
	return (struct ask_place *)&fake_question(fake)->place;
}

/* THREATS 85: as the client said it, to upstream and to policy. */
static void names_are_passed_exactly(void **state)
{
	static const struct {
		const char *said, *name;	/* NULL: it cannot be told */
	} cases[] = {
		{ "&AOQ-", "&AOQ-" }, { "&-&", "&-&" }, { "\"a%b*c\"", "a%b*c" },
		{ "\"%s%n %p\"", "%s%n %p" }, { "../../etc/passwd", "../../etc/passwd" },
		{ "\"$(id) `id` '; DROP\"", "$(id) `id` '; DROP" },
		{ "\"a\\\"b\\\\c\"", "a\"b\\c" }, { "{4+}\r\na\r\nb", NULL },
		{ "{13+}\r\nx\r\nx LOGOUT\r\n", NULL }, { "{2+}\r\na\t", NULL },
		{ "{2+}\r\n\xc3\xa4", "\xc3\xa4" }, { "{2+}\r\n\xff\xfe", "\xff\xfe" },
		{ "\"\"", "" }, { "nil", "nil" }, { "iNbOx", "INBOX" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = logged_in("LITERAL+");
		struct ask_place *place = place_of(fake, cases[i].said);
		char *two = mem_printf("RENAME %s %s", cases[i].said, cases[i].said);
		char *list = mem_printf("LIST \"\" %s", cases[i].said);

		is(place->mailbox, cases[i].name ? cases[i].name
						 : "one of session 0000000000000007.1");
		assert_int_equal(place->uidvalidity, cases[i].name ? 5 : 0);
		fake_policy_is_silent(fake);
		(void)fake_to_client(fake);
		passes(fake, 5, two, two);
		passes(fake, 6, list, list);
		free(two);
		free(list);
		fake_free(fake);
	}
}

/* THREATS 85, 87 */
static void names_of_eight_kilobytes_and_costly_patterns_pass(void **state)
{
	enum { SIZE = 8192 };
	char *name = mem_new(SIZE + 1), *list;
	struct fake *fake = logged_in("");

	(void)state;
	memset(name, 'y', SIZE);
	is(place_of(fake, name)->mailbox, "one of session 0000000000000007.1");
	fake_policy_is_silent(fake);
	(void)fake_to_client(fake);
	for (size_t i = 0; i < SIZE; i++)
		name[i] = i % 2 ? '*' : '%';
	list = mem_printf("LIST \"\" %s", name);
	passes(fake, 5, list, list);
	free(name);
	free(list);
	fake_free(fake);
}

/* THREATS 97 */
static void where_copies_are_is_told(void **state)
{
	struct fake *fake = selected("UIDPLUS MOVE");

	(void)state;
	fake_client_says(fake, "c COPY 1:2 x\r\nd UID MOVE 8 y\r\n");
	is(fake_to_upstream(fake), "L4 COPY 1:2 x\r\n");
	fake_upstream_says(fake, "L4 OK [COPYUID 78 7:8 1:2] x\r\n");
	is(fake_to_upstream(fake), "L5 UID MOVE 8 y\r\n");
	fake_upstream_says(fake, "* OK [COPYUID 79 8 1] y\r\n* 2 EXPUNGE\r\nL5 OK z\r\n");
	is(fake_to_client(fake), "c OK [COPYUID 78 7:8 1:2] x\r\n* OK [COPYUID 79 8 1] y\r\n"
	   "* 2 EXPUNGE\r\nd OK z\r\n");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_goes_in_the_form_that_it_came_in),
		cmocka_unit_test(what_is_said_before_the_greeting_waits_for_it),
		cmocka_unit_test(the_greeting_waits_for_both_legs),
		cmocka_unit_test(one_tag_for_all_is_answered_in_order),
		cmocka_unit_test(a_name_goes_quoted_as_what_it_is),
		cmocka_unit_test(idle_does_not_last_without_a_word),
		cmocka_unit_test(idle_is_upstreams_to_offer_and_to_end),
		cmocka_unit_test(who_gave_up_once_may_log_in),
		cmocka_unit_test(what_servers_do_wrong_is_borne),
		cmocka_unit_test(a_bye_while_a_message_is_opened_is_told_once),
		cmocka_unit_test(what_comes_between_two_commands_is_told),
		cmocka_unit_test(in_the_midst_of_a_view_nothing_else_is_said),
		cmocka_unit_test(names_are_passed_exactly),
		cmocka_unit_test(names_of_eight_kilobytes_and_costly_patterns_pass),
		cmocka_unit_test(where_copies_are_is_told),
	};

	return cmocka_run_group_tests_name("imap_odd", tests, NULL, NULL);
}
