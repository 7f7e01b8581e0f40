#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_server.h"

/* A dialogue: what is fed, and what comes of it: words to the client as they
 * are, events in <>. */
struct dialogue {
	const char *fed, *want;
	unsigned state;		/* of enum imap_commands_state */
};

struct player {
	struct imap_server *server;
	struct buf in, out, got, body;
};

static void settle_body(struct player *p)
{
	if (!p->body.len)
		return;
	(void)buf_puts(&p->got, "<body ");
	(void)buf_put(&p->got, buf_span(&p->body));
	(void)buf_puts(&p->got, ">");
	buf_clear(&p->body);
}

static void drain(struct player *p)
{
	(void)buf_put(&p->got, buf_span(&p->out));
	buf_clear(&p->out);
}

static void on_command(struct player *p, const struct imap_server_event *event)
{
	(void)buf_printf(&p->got, "<%s%.*s>", event->command->verb,
			 (int)event->args.len, event->args.at);
	if (event->command->treatment == IMAP_DO_AUTHENTICATE ||
	    event->command->treatment == IMAP_DO_IDLE)
		imap_server_continue(p->server, &p->out, span_str("go"));
	else
		imap_server_done(p->server, &p->out, span_str("OK done"));
}

/* False: no more events. */
static bool step(struct player *p)
{
	struct imap_server_event event;
	enum imap_server_event_kind kind =
		imap_server_next(p->server, &p->in, &p->out, &event);

	if (kind == IMAP_SERVER_BODY) {
		(void)buf_put(&p->body, event.text);
		return true;
	}
	if (kind != IMAP_SERVER_MORE)
		settle_body(p);
	drain(p);
	switch (kind) {
	case IMAP_SERVER_MORE:
		return false;
	case IMAP_SERVER_COMMAND:
		on_command(p, &event);
		break;
	case IMAP_SERVER_STARTTLS:
		(void)buf_puts(&p->got, "<tls>");
		imap_server_secured(p->server);
		break;
	case IMAP_SERVER_LINE:
		(void)buf_printf(&p->got, "<line %.*s>", (int)event.text.len,
				 event.text.at);
		imap_server_done(p->server, &p->out, span_str("OK said"));
		break;
	case IMAP_SERVER_APPEND:
		(void)buf_printf(&p->got, "<append%.*s %u%s>", (int)event.args.len,
				 event.args.at, (unsigned)event.size,
				 event.binary ? "~" : "");
		if (event.size == 13)
			imap_server_done(p->server, &p->out, span_str("NO full"));
		else
			imap_server_go_ahead(p->server, &p->out);
		break;
	case IMAP_SERVER_BODY:
		break;
	case IMAP_SERVER_BODY_END:
		(void)buf_puts(&p->got, "<end>");
		imap_server_done(p->server, &p->out, span_str("OK kept"));
		break;
	case IMAP_SERVER_BODY_BAD:
		(void)buf_puts(&p->got, "<bad>");
		break;
	case IMAP_SERVER_FATAL:
		(void)buf_puts(&p->got, "<fatal>");
		return false;
	}
	drain(p);
	return true;
}

static char *play(const struct dialogue *d, struct span fed, size_t cut,
		  bool plaintext, enum leg_tls tls)
{
	struct imap_server_setup setup = { .tls = tls, .plaintext_auth = plaintext,
					   .message_size = 100,
					   .bad_commands = 50 };
	struct player p = { .server = imap_server_new(&setup) };
	bool over = false;
	char *got;

	buf_init(&p.in, 1024 * 1024);
	buf_init(&p.out, 1024 * 1024);
	buf_init(&p.got, 1024 * 1024);
	buf_init(&p.body, 1024 * 1024);
	imap_server_state(p.server, (enum imap_commands_state)d->state);
	while (fed.len && !over) {
		size_t len = fed.len < cut ? fed.len : cut;

		assert_int_equal(0, buf_put(&p.in, span_of(fed.at, len)));
		fed = span_skip(fed, len);
		while (step(&p))
			;
		over = p.got.len > 7 &&
		       memcmp(buf_span(&p.got).at + p.got.len - 7, "<fatal>", 7) == 0;
	}
	got = buf_take_string(&p.got);
	buf_free(&p.in);
	buf_free(&p.out);
	buf_free(&p.body);
	imap_server_free(p.server);
	return got;
}

static void plays(const struct dialogue *dialogues, size_t n, bool plaintext,
		  enum leg_tls tls)
{
	for (size_t i = 0; i < n; i++) {
		struct span fed = span_str(dialogues[i].fed);

		for (size_t cut = 1; cut <= fed.len; cut++) {
			char *got = play(&dialogues[i], fed, cut, plaintext, tls);

			assert_string_equal(got, dialogues[i].want);
			free(got);
		}
	}
}

#define PLAYS(dialogues, plaintext, tls) \
	plays(dialogues, sizeof(dialogues) / sizeof(*(dialogues)), plaintext, tls)

enum { NEW = IMAP_STATE_NEW, IN = IMAP_STATE_LOGGED_IN, SEL = IMAP_STATE_SELECTED };

static void commands_come_one_by_one_however_they_arrive(void **state)
{
	static const struct dialogue cases[] = {
		{ "a NOOP\r\nb noop\r\n", "<NOOP>a OK done\r\n<NOOP>b OK done\r\n", NEW },
		{ "a LOGIN x \"y z\"\r\n", "<LOGIN x \"y z\">a OK done\r\n", NEW },
		{ "a LOGIN {1}\r\nx {2}\r\ny)\r\n",
		  "+ OK\r\n+ OK\r\n<LOGIN {1}\r\nx {2}\r\ny)>a OK done\r\n", NEW },
		{ "a LOGIN {1+}\r\nx {2+}\r\n{3\r\n",
		  "<LOGIN {1+}\r\nx {2+}\r\n{3>a OK done\r\n", NEW },
		{ "a LOGIN x {0}\r\n\r\n", "+ OK\r\n<LOGIN x {0}\r\n>a OK done\r\n", NEW },
		{ "a uid fetch 1:* (FLAGS)\r\n",
		  "<UID FETCH 1:* (FLAGS)>a OK done\r\n", SEL },
		{ "a FETCH 1 BODY[HEADER.FIELDS (A \"B\")]<0.9>\r\n",
		  "<FETCH 1 BODY[HEADER.FIELDS (A \"B\")]<0.9>>a OK done\r\n", SEL },
		{ "a IDLE\r\nDONE\r\nb NOOP\r\n",
		  "<IDLE>+ go\r\n<line DONE>a OK said\r\n<NOOP>b OK done\r\n", IN },
		{ "a AUTHENTICATE PLAIN\r\nAHgAeQ==\r\n",
		  "<AUTHENTICATE PLAIN>+ go\r\n<line AHgAeQ==>a OK said\r\n", NEW },
		/* text that looks like commands is a literal by its count */
		{ "a SEARCH SUBJECT {8+}\r\nx NOOP\r\n\r\n",
		  "<SEARCH SUBJECT {8+}\r\nx NOOP\r\n>a OK done\r\n", SEL },
		{ "a LOGIN x {3+}\r\n{5}\r\n", "<LOGIN x {3+}\r\n{5}>a OK done\r\n", NEW },
	};

	(void)state;
	PLAYS(cases, true, LEG_TLS_NONE);
}

static void wrong_commands_are_answered_and_counted(void **state)
{
	static const struct dialogue cases[] = {
		{ "a FETCH 1 FLAGS\r\n", "a BAD not in this state\r\n", IN },
		{ "a COMPRESS DEFLATE\r\n",
		  "a BAD this command is not known here\r\n", IN },
		{ "* NOOP\r\n", "* BAD that is no tag\r\n", IN },
		{ "+ NOOP\r\n", "* BAD that is no tag\r\n", IN },
		{ "\r\n", "* BAD that is no tag\r\n", IN },
		{ "a\r\n", "a BAD this command is not known here\r\n", IN },
		{ "a NOOP x\r\n", "a BAD no argument is due\r\n", IN },
		{ "a LIST\r\n", "a BAD an argument is due\r\n", IN },
		{ "a LIST \"\" (\r\n", "a BAD this is not well-formed\r\n", IN },
		{ "a LIST \"\" \"\r\n", "a BAD this is not well-formed\r\n", IN },
		{ "a SELECT \xc3\xa4\r\n",
		  "a BAD 8-bit text must come in a string\r\n", IN },
		{ "a SELECT ~{3}\r\n", "a BAD no binary literal is due\r\n", IN },
		{ "a SELECT ~{3+}\r\nabc\r\nb NOOP\r\n",
		  "a BAD no binary literal is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a LIST \"\" ~{3}\r\n", "a BAD no binary literal is due\r\n", IN },
		{ "a FOO {3+}\r\nabc\r\nb NOOP\r\n",
		  "a BAD this command is not known here\r\n<NOOP>b OK done\r\n", IN },
		{ "a FOO {3}\r\nb NOOP\r\n",
		  "a BAD this command is not known here\r\n<NOOP>b OK done\r\n", IN },
		{ "a SELECT {999999}\r\nb NOOP\r\n",
		  "a BAD [TOOBIG] too long\r\n<NOOP>b OK done\r\n", IN },
		{ "a STARTTLS\r\n", "a BAD TLS is active or not offered\r\n", NEW },
		{ "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nB: c\r\n\r\nxyz\r\n",
		  "GET BAD this command is not known here\r\n"
		  "Host: BAD this command is not known here\r\n"
		  "A: BAD this command is not known here\r\n"
		  "B: BAD this command is not known here\r\n"
		  "* BAD that is no tag\r\n* BYE too many bad commands\r\n<fatal>", NEW },
		{ "a NO\nOP\r\n",
		  "* BYE a NUL, bare CR or bare LF in a command\r\n<fatal>", IN },
	};

	(void)state;
	PLAYS(cases, true, LEG_TLS_NONE);
}

static void a_message_comes_in_runs(void **state)
{
	static const struct dialogue cases[] = {
		{ "a APPEND x {5}\r\nhello\r\nb NOOP\r\n",
		  "<append x 5>+ OK\r\n<body hello><end>a OK kept\r\n"
		  "<NOOP>b OK done\r\n", IN },
		{ "a APPEND x (\\Seen) \"1-Jan-2026 00:00:00 +0000\" {5+}\r\na\r\nb\n\r\n",
		  "<append x (\\Seen) \"1-Jan-2026 00:00:00 +0000\" 5>"
		  "<body a\r\nb\n><end>a OK kept\r\n", IN },
		{ "a APPEND {1}\r\nx {2}\r\nhi\r\n",
		  "+ OK\r\n<append {1}\r\nx 2>+ OK\r\n<body hi><end>a OK kept\r\n", IN },
		{ "a APPEND x {0}\r\n\r\n",
		  "<append x 0>+ OK\r\n<end>a OK kept\r\n", IN },
		/* refused: one that waits does not come, the other is skipped */
		{ "a APPEND x {13}\r\nb NOOP\r\n",
		  "<append x 13>a NO full\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x {13+}\r\nz APPEND y {1}\r\nb NOOP\r\n",
		  "<append x 13>a NO full\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x {101}\r\nb NOOP\r\n",
		  "a NO [TOOBIG] larger than this gateway takes\r\n"
		  "<NOOP>b OK done\r\n", IN },
		{ "a APPEND x {2+}\r\nhi {2+}\r\nho\r\nb NOOP\r\n",
		  "<append x 2><body hi>a BAD one message at a time\r\n<bad>"
		  "<NOOP>b OK done\r\n", IN },
		{ "a APPEND x {2}\r\nhi there\r\nb NOOP\r\n",
		  "<append x 2>+ OK\r\n<body hi>a BAD the command does not end "
		  "with its message\r\n<bad><NOOP>b OK done\r\n", IN },
		{ "a APPEND x CATENATE (TEXT {2}\r\nhi)\r\n",
		  "+ OK\r\na BAD a message is due\r\n", IN },
		/* what stands before it is no mailbox, flags and date */
		{ "a APPEND x NIL {2+}\r\nhi\r\nb NOOP\r\n",
		  "a BAD a message is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x () () {2}\r\nhi\r\nb NOOP\r\n",
		  "+ OK\r\na BAD a message is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x \"1-Jan-2026 00:00:00 +0000\" (f) {2+}\r\nhi\r\nb NOOP\r\n",
		  "a BAD a message is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x (f {1+}\r\ng) {2+}\r\nhi\r\nb NOOP\r\n",
		  "a BAD a message is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x {2+}\r\nhi\r\n", "a BAD not in this state\r\n", NEW },
	};

	(void)state;
	PLAYS(cases, true, LEG_TLS_NONE);
}

/* RFC 3516 4.4; in any other command there is none. */
static void a_message_may_come_in_a_binary_literal(void **state)
{
	static const struct dialogue cases[] = {
		{ "a APPEND x ~{2}\r\nhi\r\nb NOOP\r\n",
		  "<append x 2~>+ OK\r\n<body hi><end>a OK kept\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x (f) ~{2+}\r\nhi\r\nb NOOP\r\n",
		  "<append x (f) 2~><body hi><end>a OK kept\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x ~{13+}\r\nz APPEND y {1}\r\nb NOOP\r\n",
		  "<append x 13~>a NO full\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x ~{101}\r\nb NOOP\r\n",
		  "a NO [TOOBIG] larger than this gateway takes\r\n"
		  "<NOOP>b OK done\r\n", IN },
		{ "a APPEND ~{1+}\r\nx\r\nb NOOP\r\n",
		  "a BAD no binary literal is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x UTF8 (~{2+}\r\nhi)\r\nb NOOP\r\n",
		  "a BAD no binary literal is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x~{2+}\r\nhi\r\nb NOOP\r\n",
		  "a BAD no binary literal is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x ~~{2+}\r\nhi\r\nb NOOP\r\n",
		  "a BAD no binary literal is due\r\n<NOOP>b OK done\r\n", IN },
		{ "a APPEND x ~{2+}\r\nhi ~{2+}\r\nho\r\nb NOOP\r\n",
		  "<append x 2~><body hi>a BAD one message at a time\r\n<bad>"
		  "<NOOP>b OK done\r\n", IN },
	};

	(void)state;
	PLAYS(cases, true, LEG_TLS_NONE);
}

static void no_password_passes_without_tls(void **state)
{
	static const struct dialogue cases[] = {
		{ "a LOGIN x y\r\n",
		  "a NO [PRIVACYREQUIRED] TLS is needed first\r\n", NEW },
		{ "a AUTHENTICATE PLAIN\r\n",
		  "a NO [PRIVACYREQUIRED] TLS is needed first\r\n", NEW },
		{ "a LOGIN {1}\r\n", "a NO [PRIVACYREQUIRED] TLS is needed first\r\n", NEW },
		{ "a STARTTLS x\r\n", "a BAD no argument is due\r\n", NEW },
		{ "a STARTTLS\r\nb LOGIN x y\r\nc STARTTLS\r\n",
		  "a OK begin TLS now\r\n<tls><LOGIN x y>b OK done\r\n"
		  "c BAD TLS is active or not offered\r\n", NEW },
	};

	(void)state;
	PLAYS(cases, true, LEG_TLS_REQUIRED);
	PLAYS(cases, false, LEG_TLS_OFFERED);
}

static void what_never_ends_is_bounded(void **state)
{
	static const struct dialogue any = { "", "", IMAP_STATE_NEW };
	static char flood[1024 * 1024];
	char *got;

	(void)state;
	memset(flood, 'a', sizeof(flood));
	got = play(&any, span_of(flood, sizeof(flood)), 4096, true, LEG_TLS_NONE);
	assert_string_equal(got, "* BYE too long a line\r\n<fatal>");
	free(got);
	memcpy(flood + 20000, "\r\n", 2);
	got = play(&any, span_of(flood, sizeof(flood)), 4096, true, LEG_TLS_NONE);
	assert_string_equal(got, "* BYE too long a command\r\n<fatal>");
	free(got);
}

/* `n` times `piece` behind `begin`, by somebody unknown; then another command. */
static void unknown_says(const char *begin, const char *piece, size_t n, const char *end,
			 const char *want)
{
	static const struct dialogue any = { "", "", IMAP_STATE_NEW };
	struct buf fed;
	char *got;

	buf_init(&fed, 1024 * 1024);
	(void)buf_puts(&fed, begin);
	for (size_t i = 0; i < n; i++)
		(void)buf_puts(&fed, piece);
	(void)buf_puts(&fed, end);
	assert_int_equal(0, buf_puts(&fed, "\r\nb NOOP\r\n"));
	got = play(&any, buf_span(&fed), 1000, true, LEG_TLS_NONE);
	assert_string_equal(got, want);
	free(got);
	buf_free(&fed);
}

/* THREATS 74, 75 */
static void before_login_no_list_is_long_or_deep(void **state)
{
	static const char malformed[] = "a BAD this is not well-formed\r\n<NOOP>b OK done\r\n";
	static const char too_long[] = "* BYE too long a command\r\n<fatal>";
	char closing[8000 + 1] = "";

	(void)state;
	memset(closing, ')', sizeof(closing) - 1);
	unknown_says("a ID ", "(", sizeof(closing) - 1, closing, malformed);
	unknown_says("a ID ", "(", 10000, "", malformed);
	unknown_says("a ID ", ")", 10000, "", malformed);
	unknown_says("a ID ", "(()", 5000, "", malformed);
	unknown_says("a LOGIN x ", "(", 10000, "", malformed);
	unknown_says("a AUTHENTICATE ", "(", 10000, "", malformed);
	unknown_says("a ID ", "(", 10000, " {1+}\r\n)", malformed);
	unknown_says("a ID ", "()", 10000, "", too_long);
	unknown_says("a ID (", "\"a\" \"b\" ", 5000, ")", too_long);
	unknown_says("a ID (", "\"a\" \"b\" ", 10000, ")", "* BYE too long a line\r\n<fatal>");
	unknown_says("a ID (\"a\" \"b\"", " {1+}\r\na {1+}\r\nb", 10000, ")", too_long);
}

static void the_greeting_says_what_is_offered(void **state)
{
	struct imap_server_setup setup = { .tls = LEG_TLS_OFFERED };
	struct imap_server *server = imap_server_new(&setup);
	struct buf out;
	char *got;

	(void)state;
	buf_init(&out, 1000);
	imap_server_greet(server, &out, "gw", span_str("IMAP4rev1 X"));
	assert_true(imap_server_starttls(server));
	assert_false(imap_server_plaintext(server));
	imap_server_secured(server);
	assert_false(imap_server_starttls(server));
	assert_true(imap_server_plaintext(server));
	got = buf_take_string(&out);
	assert_string_equal(got, "* OK [CAPABILITY IMAP4rev1 X] gw Letterlock ready\r\n");
	free(got);
	imap_server_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_come_one_by_one_however_they_arrive),
		cmocka_unit_test(wrong_commands_are_answered_and_counted),
		cmocka_unit_test(a_message_comes_in_runs),
		cmocka_unit_test(a_message_may_come_in_a_binary_literal),
		cmocka_unit_test(no_password_passes_without_tls),
		cmocka_unit_test(what_never_ends_is_bounded),
		cmocka_unit_test(before_login_no_list_is_long_or_deep),
		cmocka_unit_test(the_greeting_says_what_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
