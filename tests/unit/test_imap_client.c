#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_client.h"

#define GREETED "* OK hi\r\n* CAPABILITY IMAP4rev1 IDLE\r\nL1 OK done\r\n"
#define SAID "L1 CAPABILITY\r\n<ready>"

/*
 * Upstream's words, and what comes of them. After READY the acts are said one
 * after the other: the first at once, each next one when a command is done.
 * "BODY 5 APPEND x" has a message of five octets.
 */
struct dialogue {
	const char *fed, *want, *acts[4];
	bool starttls;
};

struct player {
	const struct dialogue *dialogue;
	struct imap_client *client;
	struct buf in, out, got;
	size_t act;
};

static void drain(struct player *p)
{
	(void)buf_put(&p->got, buf_span(&p->out));
	buf_clear(&p->out);
}

static void act(struct player *p)
{
	const char *what = p->dialogue->acts[p->act];
	int ret;

	if (!what)
		return;
	p->act++;
	if (strncmp(what, "BODY 5 ", 7) == 0)
		ret = imap_client_command_body(p->client, &p->out,
					       span_str(what + 7), 5);
	else
		ret = imap_client_command(p->client, &p->out, span_str(what));
	drain(p);
	if (ret < 0)
		(void)buf_puts(&p->got, "<cannot>");
}

static void note(struct player *p, const char *what, struct span text)
{
	(void)buf_printf(&p->got, "<%s", what);
	if (text.len) {
		(void)buf_puts(&p->got, " ");
		(void)buf_put(&p->got, text);
	}
	(void)buf_puts(&p->got, ">");
}

/* False: no more events. */
static bool step(struct player *p)
{
	struct imap_client_event event;
	struct err err = { ERR_NONE, "" };
	enum imap_client_event_kind kind =
		imap_client_next(p->client, &p->in, &p->out, &event, &err);

	drain(p);
	switch (kind) {
	case IMAP_CLIENT_MORE:
		return false;
	case IMAP_CLIENT_STARTTLS:
		(void)buf_puts(&p->got, "<tls>");
		imap_client_secured(p->client, &p->out);
		break;
	case IMAP_CLIENT_READY:
		(void)buf_puts(&p->got, "<ready>");
		act(p);
		break;
	case IMAP_CLIENT_UNTAGGED:
		note(p, "*", event.text);
		break;
	case IMAP_CLIENT_BIG:
		(void)buf_printf(&p->got, "<big %zu %u>", event.text.len,
				 (unsigned)event.size);
		break;
	case IMAP_CLIENT_RUN:
		(void)buf_put(&p->got, event.text);
		break;
	case IMAP_CLIENT_BIG_END:
		(void)buf_puts(&p->got, "<end>");
		break;
	case IMAP_CLIENT_CONTINUE:
		note(p, "+", event.text);
		assert_int_equal(0, imap_client_line(p->client, &p->out,
						     span_str("line")));
		assert_int_equal(-1, imap_client_line(p->client, &p->out,
						      span_str("line")));
		break;
	case IMAP_CLIENT_GO:
		assert_int_equal(-1, imap_client_body(p->client, &p->out,
						      span_str("toolong")));
		assert_int_equal(0, imap_client_body(p->client, &p->out,
						     span_str("he")));
		assert_int_equal(0, imap_client_body(p->client, &p->out,
						     span_str("llo")));
		break;
	case IMAP_CLIENT_TAGGED:
		note(p, "done", event.text);
		act(p);
		break;
	case IMAP_CLIENT_FAILED:
		note(p, err.kind == ERR_TLS ? "failed TLS" : "failed",
		     span_str(err.text));
		return false;
	}
	drain(p);
	return true;
}

static char *play(const struct dialogue *d, struct span fed, size_t cut)
{
	struct player p = { .dialogue = d,
			    .client = imap_client_new(d->starttls) };
	char *got;

	buf_init(&p.in, 4 << 20);
	buf_init(&p.out, 4 << 20);
	buf_init(&p.got, 4 << 20);
	while (fed.len) {
		size_t len = fed.len < cut ? fed.len : cut;

		assert_int_equal(0, buf_put(&p.in, span_of(fed.at, len)));
		fed = span_skip(fed, len);
		while (step(&p))
			;
	}
	got = buf_take_string(&p.got);
	buf_free(&p.in);
	buf_free(&p.out);
	imap_client_free(p.client);
	return got;
}

static void plays(const struct dialogue *dialogues, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span fed = span_str(dialogues[i].fed);

		for (size_t cut = 1; cut <= fed.len; cut++) {
			char *got = play(&dialogues[i], fed, cut);

			assert_string_equal(got, dialogues[i].want);
			free(got);
		}
	}
}

#define PLAYS(dialogues) plays(dialogues, sizeof(dialogues) / sizeof(*(dialogues)))

static void responses_come_whole_however_they_arrive(void **state)
{
	static const struct dialogue cases[] = {
		{ GREETED "* 1 EXISTS\r\n* LIST () \"/\" {3}\r\na\r\nb\r\n"
		  "L2 OK [READ-WRITE] in\r\n",
		  SAID "L2 NOOP\r\n<* 1 EXISTS><* LIST () \"/\" {3}\r\na\r\nb>"
		  "<done OK [READ-WRITE] in>", { "NOOP" }, false },
		{ GREETED "* 1 FETCH (BODY[] {13}\r\nL2 OK done\r\n\r UID 7)\r\nL2 NO x\r\n",
		  SAID "L2 FETCH 1 BODY[]\r\n<* 1 FETCH (BODY[] {13}\r\n"
		  "L2 OK done\r\n\r UID 7)><done NO x>", { "FETCH 1 BODY[]" }, false },
		{ GREETED "+ idling\r\nL2 OK done\r\n",
		  SAID "L2 IDLE\r\n<+ idling>line\r\n<done OK done>", { "IDLE" }, false },
		{ GREETED "+\r\nL2 OK\r\n",
		  SAID "L2 AUTHENTICATE PLAIN\r\n<+>line\r\n<done OK>",
		  { "AUTHENTICATE PLAIN" }, false },
	};

	(void)state;
	PLAYS(cases);
}

static void literals_wait_for_upstream(void **state)
{
	static const struct dialogue cases[] = {
		{ GREETED "+ go\r\n+ go\r\nL2 OK in\r\n",
		  SAID "L2 LOGIN {1}\r\nx {2}\r\nyz\r\n<done OK in>",
		  { "LOGIN {1}\r\nx {2+}\r\nyz" }, false },
		{ GREETED "L2 NO never\r\nL3 OK\r\n",
		  SAID "L2 LOGIN {1}\r\n<done NO never>L3 NOOP\r\n<done OK>",
		  { "LOGIN {1}\r\nx {2}\r\nyz", "NOOP" }, false },
		{ "* OK hi\r\n* CAPABILITY IMAP4REV1 LITERAL+\r\nL1 OK done\r\nL2 OK in\r\n",
		  SAID "L2 LOGIN {1+}\r\nx {0+}\r\n\r\n<done OK in>",
		  { "LOGIN {1}\r\nx {0}\r\n" }, false },
		{ GREETED "+ go\r\nL2 OK [APPENDUID 1 2] kept\r\n",
		  SAID "L2 APPEND x {5}\r\nhello\r\n<done OK [APPENDUID 1 2] kept>",
		  { "BODY 5 APPEND x" }, false },
		{ "* OK\r\n* CAPABILITY IMAP4rev1 LITERAL+\r\nL1 OK\r\n+ go\r\nL2 OK kept\r\n",
		  SAID "L2 APPEND {1+}\r\nx {5}\r\nhello\r\n<done OK kept>",
		  { "BODY 5 APPEND {1}\r\nx" }, false },
		{ GREETED "L2 NO [TRYCREATE] no\r\n",
		  SAID "L2 APPEND x {5}\r\n<done NO [TRYCREATE] no>",
		  { "BODY 5 APPEND x" }, false },
		{ GREETED "L2 OK already\r\n",
		  SAID "L2 APPEND x {5}\r\n<failed answered a command before its end>",
		  { "BODY 5 APPEND x" }, false },
	};

	(void)state;
	PLAYS(cases);
}

/* THREATS 69-71 */
static void no_octet_of_a_literal_goes_unasked(void **state)
{
	static const struct dialogue cases[] = {
		{ GREETED "+ go\r\n+ go\r\nL2 OK in\r\n",
		  SAID "L2 LOGIN {1}\r\nx {0}\r\n\r\n<done OK in>",
		  { "LOGIN {1}\r\nx {0}\r\n" }, false },
		{ GREETED "L2 NO\r\n", SAID "L2 LOGIN x {0}\r\n<done NO>",
		  { "LOGIN x {0+}\r\n" }, false },
		{ GREETED "L2 BAD never\r\nL3 OK\r\n",
		  SAID "L2 LOGIN {9}\r\n<done BAD never>L3 NOOP\r\n<done OK>",
		  { "LOGIN {9}\r\na DELETE x", "NOOP" }, false },
		{ GREETED "L2 BAD never\r\nL3 OK\r\n",
		  SAID "L2 APPEND x {5}\r\n<done BAD never>L3 NOOP\r\n<done OK>",
		  { "BODY 5 APPEND x", "NOOP" }, false },
		{ GREETED "+ go\r\nL2 BAD no\r\nL3 OK\r\n",
		  SAID "L2 LOGIN {1}\r\nx {9}\r\n<done BAD no>L3 NOOP\r\n<done OK>",
		  { "LOGIN {1}\r\nx {9}\r\na DELETE y", "NOOP" }, false },
	};

	(void)state;
	PLAYS(cases);
}

/* RFC 7888 5: LITERAL- is for 4096 octets at most (THREATS 71). */
static void a_large_literal_waits_where_only_small_ones_need_not(void **state)
{
	enum { MOST = 4096 };
	char command[MOST + 32], fed[] = "* OK [CAPABILITY IMAP4rev1 LITERAL-] hi\r\n";

	(void)state;
	for (int size = MOST; size <= MOST + 1; size++) {
		struct dialogue d = { fed, "", { command }, false };
		int n = snprintf(command, sizeof(command), "LOGIN x {%d}\r\n", size);
		char *got, *want;

		memset(command + n, 'y', (size_t)size);
		command[n + size] = '\0';
		want = mem_printf("<ready>L1 LOGIN x {%d%s}\r\n%s", size, size > MOST ? "" : "+",
				  size > MOST ? "" : command + n);
		got = play(&d, span_str(fed), sizeof(fed));
		assert_ptr_equal(strstr(got, want), got);
		assert_true(size == MOST || strcmp(got, want) == 0);
		free(want);
		free(got);
	}
}

static void tls_comes_first_or_nothing(void **state)
{
#define PLAIN "* OK [CAPABILITY IMAP4rev1] hi\r\n" \
	"* CAPABILITY IMAP4rev1 STARTTLS\r\nL1 OK done\r\n"
	static const struct dialogue cases[] = {
		{ GREETED, "L1 CAPABILITY\r\n<failed TLS TLS not offered>", { 0 }, true },
		{ PLAIN "L2 NO no\r\n", "L1 CAPABILITY\r\nL2 STARTTLS\r\n"
		  "<failed TLS TLS not offered: STARTTLS was refused>", { 0 }, true },
		{ PLAIN "L2 BAD no\r\n", "L1 CAPABILITY\r\nL2 STARTTLS\r\n"
		  "<failed TLS TLS not offered: STARTTLS was refused>", { 0 }, true },
		{ PLAIN "+ go\r\n", "L1 CAPABILITY\r\nL2 STARTTLS\r\n"
		  "<failed asked for more where nothing is due>", { 0 }, true },
		{ PLAIN "L7 OK go\r\n", "L1 CAPABILITY\r\nL2 STARTTLS\r\n"
		  "<failed answered what was not asked>", { 0 }, true },
		{ "* PREAUTH in\r\n", "<failed greeted with a login that nobody gave>",
		  { 0 }, true },
		{ "* PREAUTH in\r\n", "<failed greeted with a login that nobody gave>",
		  { 0 }, false },
		{ "* BYE [ALERT] call me\r\n", "<failed turned us away in its greeting>",
		  { 0 }, true },
		{ "* BYE busy\r\n", "<failed turned us away in its greeting: * BYE busy>",
		  { 0 }, false },
		{ "220 hi\r\n", "<failed greeted with what is no IMAP>", { 0 }, true },
		/* said before TLS: nobody hears it */
		{ "* OK hi\r\n* NO [ALERT] x\r\n* 3 EXISTS\r\n* CAPABILITY IMAP4rev1 "
		  "STARTTLS\r\nL1 OK\r\n* LIST () \"/\" a\r\n",
		  "L1 CAPABILITY\r\nL2 STARTTLS\r\n", { 0 }, true },
		{ "* OK hi\r\nL1 OK hidden\r\n", "L1 CAPABILITY\r\n<failed does not say "
		  "that it speaks IMAP4rev1>", { 0 }, false },
		{ "* OK hi\r\n* CAPABILITY IMAP4rev2\r\nL1 OK\r\n", "L1 CAPABILITY\r\n"
		  "<failed does not say that it speaks IMAP4rev1>", { 0 }, false },
	};
	static const struct dialogue glued = {
		PLAIN "L2 OK go\r\n* CAPABILITY IMAP4rev1\r\n", "", { 0 }, true
	};
	static const struct dialogue good = { PLAIN "L2 OK go\r\n", "", { 0 }, true };
	char *got;

	(void)state;
	PLAYS(cases);
	got = play(&glued, span_str(glued.fed), 1000);
	assert_string_equal(got, "L1 CAPABILITY\r\nL2 STARTTLS\r\n<failed TLS "
			    "handshake failed: bytes came behind the answer to "
			    "STARTTLS>");
	free(got);
	got = play(&good, span_str(good.fed), 1000);
	assert_string_equal(got, "L1 CAPABILITY\r\nL2 STARTTLS\r\n<tls>"
			    "L3 CAPABILITY\r\n");
	free(got);
}

/* RFC 9051 7.1: CAPABILITY; what it does not tell is asked, under TLS all anew. */
static void what_the_greeting_tells_is_not_asked(void **state)
{
	static const struct dialogue cases[] = {
		{ "* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\nL1 OK x\r\n",
		  "<ready>L1 NOOP\r\n<done OK x>", { "NOOP" }, false },
		{ "* OK [CAPABILITY IDLE] hi\r\n", "L1 CAPABILITY\r\n", { 0 }, false },
		{ "* OK [ALERT] IMAP4rev1\r\n", "L1 CAPABILITY\r\n", { 0 }, false },
		{ "* OK [CAPABILITY IMAP4rev1\r\n", "<ready>", { 0 }, false },
		{ "* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n", "L1 CAPABILITY\r\n",
		  { 0 }, true },
		{ "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n* CAPABILITY IMAP4rev1\r\n"
		  "L1 NO no\r\n", "L1 STARTTLS\r\n<failed TLS TLS not offered: STARTTLS "
		  "was refused>", { 0 }, true },
		{ "* BYE [CAPABILITY IMAP4rev1] hi\r\n", "<failed turned us away in its "
		  "greeting: * BYE [CAPABILITY IMAP4rev1] hi>", { 0 }, false },
	};
	static const struct dialogue secured = {
		"* OK [CAPABILITY IMAP4rev1 STARTTLS X] hi\r\nL1 OK go\r\n", "", { 0 }, true
	};
	char *got;

	(void)state;
	PLAYS(cases);
	got = play(&secured, span_str(secured.fed), 1000);
	assert_string_equal(got, "L1 STARTTLS\r\n<tls>L2 CAPABILITY\r\n");
	free(got);
}

static void what_does_not_fit_fails(void **state)
{
	static const struct dialogue cases[] = {
		{ GREETED "L2 OK x\r\n", SAID "<failed answered what was not asked>",
		  { 0 }, false },
		{ GREETED "L2 OK x\r\nL2 OK x\r\n", SAID "L2 NOOP\r\n<done OK x>"
		  "<failed answered what was not asked>", { "NOOP" }, false },
		{ GREETED "L2 FINE x\r\n", SAID "L2 NOOP\r\n"
		  "<failed answered a command with no status>", { "NOOP" }, false },
		{ GREETED "+ more\r\n", SAID "L2 NOOP\r\n"
		  "<failed asked for more where nothing is due>", { "NOOP" }, false },
		{ GREETED "* a\nb\r\n", SAID
		  "<failed a NUL, bare CR or bare LF in a response>", { 0 }, false },
		{ GREETED "* LIST {3+}\r\nabc\r\n", SAID
		  "<failed a literal that does not wait in a response>", { 0 }, false },
		{ GREETED, SAID "<cannot>", { "NOOP\r\nLOGOUT" }, false },
		{ GREETED, SAID "<cannot>", { "LOGIN {9}\r\nx" }, false },
	};

	(void)state;
	PLAYS(cases);
}

/* Feeds `text` made of a beginning, many letters and an end, cut in pieces. */
static void big_is(const char *start, size_t letters, const char *end,
		   const char *acts, size_t cut, const char *before,
		   size_t left, const char *behind)
{
	struct dialogue d = { "", "", { acts }, false };
	struct buf fed, want;
	char *got, *expected;

	buf_init(&fed, 4 << 20);
	buf_init(&want, 4 << 20);
	(void)buf_puts(&fed, GREETED);
	(void)buf_puts(&fed, start);
	for (size_t i = 0; i < letters; i++)
		(void)buf_puts(&fed, "x");
	(void)buf_puts(&fed, end);
	(void)buf_puts(&want, before);
	for (size_t i = 0; i < left; i++)
		(void)buf_puts(&want, "x");
	(void)buf_puts(&want, behind);
	got = play(&d, buf_span(&fed), cut);
	expected = buf_take_string(&want);
	assert_string_equal(got, expected);
	free(got);
	free(expected);
	buf_free(&fed);
}

static void large_responses_come_in_runs(void **state)
{
	static const size_t cuts[] = { 1, 7, 4096, 100000, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		big_is("* 1 FETCH (BODY[] {300000}\r\n", 300000,
		       " X {2}\r\nab)\r\nL2 OK\r\n", "FETCH 1 BODY[]", cuts[i],
		       SAID "L2 FETCH 1 BODY[]\r\n<big 26 300000>", 300000,
		       " X {2}\r\nab)<end><done OK>");
		big_is("* SEARCH ", 200000, "\r\nL2 OK\r\n", "SEARCH ALL", cuts[i],
		       SAID "L2 SEARCH ALL\r\n<big 131070 0>",
		       200000 - (IMAP_CLIENT_HELD_MAX - 9), "<end><done OK>");
		big_is("L2 OK ", 200000, "\r\n", "SEARCH ALL", cuts[i],
		       SAID "L2 SEARCH ALL\r\n<failed too long a line>", 0, "");
	}
}

/* THREATS 76, 15: who upstream is, is not known yet. */
static void nothing_is_said_before_the_greeting(void **state)
{
	struct imap_client *client = imap_client_new(false);
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	assert_int_equal(-1, imap_client_command(client, &out, span_str("NOOP")));
	assert_int_equal(-1, imap_client_command(client, &out, span_str("LOGIN {1}\r\nx y")));
	assert_int_equal(-1, imap_client_command_body(client, &out, span_str("APPEND x"), 3));
	assert_int_equal(-1, imap_client_body(client, &out, span_str("abc")));
	assert_int_equal(-1, imap_client_line(client, &out, span_str("DONE")));
	assert_int_equal(0, out.len);
	assert_false(imap_client_busy(client));
	buf_free(&out);
	imap_client_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_come_whole_however_they_arrive),
		cmocka_unit_test(literals_wait_for_upstream),
		cmocka_unit_test(no_octet_of_a_literal_goes_unasked),
		cmocka_unit_test(a_large_literal_waits_where_only_small_ones_need_not),
		cmocka_unit_test(tls_comes_first_or_nothing),
		cmocka_unit_test(what_the_greeting_tells_is_not_asked),
		cmocka_unit_test(what_does_not_fit_fails),
		cmocka_unit_test(nothing_is_said_before_the_greeting),
		cmocka_unit_test(large_responses_come_in_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
