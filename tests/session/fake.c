#include "tests/session/fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/conn.h"
#include "proxy/net/dial.h"
#include "proxy/net/loop.h"
#include "proxy/session/policy_link.h"
#include "proxy/session/shares.h"
#include "proxy/session/spool.h"
#include "tests/session/fake_loop.h"

struct conn {
	struct loop *loop;
	struct buf in, out;
	struct buf sent;		/* given to the test */
	const struct conn_events *events;
	void *owner;
	bool open, aborted, secure, starting_tls, want_drained, loopback;
	bool stalls;			/* takes nothing */
	uint64_t deadline;		/* ms; 0: none */
	uint64_t due;			/* when that is */
	unsigned deadlines;
};

struct policy_question {
	struct ask ask;
	int fd;
	policy_answered *answered;
	void *owner;
};

struct policy_link {
	struct policy_question *open;
	unsigned asked[16];
};

struct upstream {
	const struct upstream_settings *settings;
	struct fake *fake;
};

struct fake {
	struct settings settings;
	struct listener_settings listener;
	struct upstream_settings upstream_settings;
	struct upstream upstream;
	struct policy_link policy;
	struct session_list list;
	struct spool_budget *budget;
	struct shares *shares;
	uint64_t spool_memory;
	struct log log;
	struct conn client, server;
	struct loop loop;
	struct buf bytes;
	bool over;
};

/* --- proxy/net and policy_link, as the session sees them --- */

bool fake_turn(struct fake *fake)
{
	struct loop_turn *turn = fake->loop.turns;

	if (turn) {
		loop_turn_drop(turn);
		turn->run(turn->owner);
	}
	return turn != NULL;
}

void conn_own(struct conn *conn, const struct conn_events *events, void *owner)
{
	conn->events = events;
	conn->owner = owner;
}

struct buf *conn_in(struct conn *conn)
{
	assert_true(conn->open);
	return &conn->in;
}

struct buf *conn_out(struct conn *conn)
{
	assert_true(conn->open);
	return &conn->out;
}

bool conn_full(const struct conn *conn)
{
	return conn->out.len > CONN_HIGH_WATER;
}

void conn_want_drained(struct conn *conn)
{
	conn->want_drained = true;
}

void conn_start_tls(struct conn *conn, const struct tls_creds *creds)
{
	(void)creds;
	assert_true(conn->open);
	conn->starting_tls = true;
}

bool conn_secure(const struct conn *conn)
{
	return conn->secure;
}

const char *conn_tls_text(const struct conn *conn)
{
	return conn->secure ? "TLSv1.3 cipher TLS_AES_256_GCM_SHA384" : NULL;
}

void conn_deadline(struct conn *conn, uint64_t ms)
{
	assert_true(conn->open);
	conn->deadline = ms;
	conn->due = conn->loop->now + ms;
	conn->deadlines += ms != 0;
}

static void keep_sent(struct conn *conn)
{
	assert_int_equal(0, buf_put(&conn->sent, buf_span(&conn->out)));
	buf_clear(&conn->out);
}

void conn_close(struct conn *conn)
{
	assert_true(conn->open);
	keep_sent(conn);
	conn->open = false;
}

void conn_abort(struct conn *conn)
{
	conn_close(conn);
	conn->aborted = true;
}

const char *conn_peer(const struct conn *conn)
{
	return conn->loopback ? "127.0.0.1" : "192.0.2.1";
}

bool conn_loopback(const struct conn *conn)
{
	return conn->loopback;
}

static void conn_reset(struct conn *conn, bool open)
{
	buf_free(&conn->in);
	buf_free(&conn->out);
	buf_init(&conn->in, 1024 * 1024);
	buf_init(&conn->out, 1024 * 1024);
	conn->open = open;
	conn->aborted = conn->secure = conn->starting_tls = false;
	conn->loopback = true;
}

struct conn *dial(struct loop *loop, struct upstream *upstream,
		  const struct conn_events *events, void *owner)
{
	struct conn *conn = &upstream->fake->server;

	(void)loop;
	conn_reset(conn, true);
	conn_own(conn, events, owner);
	return conn;
}

const struct upstream_settings *upstream_settings(const struct upstream *upstream)
{
	return upstream->settings;
}

const struct tls_creds *upstream_creds(const struct upstream *upstream)
{
	(void)upstream;
	return NULL;
}

struct policy_question *policy_ask(struct policy_link *link, struct ask *ask,
				   int passed, uint64_t timeout_ms,
				   policy_answered *answered, void *owner)
{
	struct policy_question *question = mem_new(sizeof(*question));
	struct buf wire;
	struct err err;

	(void)timeout_ms;
	buf_init(&wire, 1024 * 1024);
	assert_int_equal(0, ask_encode(ask, &wire));
	assert_int_equal(0, ask_decode(buf_span(&wire), &question->ask, &err));
	buf_free(&wire);
	question->fd = passed < 0 ? -1 : dup(passed);
	question->answered = answered;
	question->owner = owner;
	link->asked[ask->kind]++;
	assert_null(link->open);
	link->open = question;
	return question;
}

static void question_free(struct policy_question *question)
{
	ask_free(&question->ask);
	if (question->fd >= 0)
		close(question->fd);
	free(question);
}

/* The session's link is the fake's own: found through the one open question. */
static struct policy_link *the_link;

void policy_forget(struct policy_question *question)
{
	if (!question)
		return;
	assert_ptr_equal(the_link->open, question);
	the_link->open = NULL;
	question_free(question);
}

/* --- the test's side --- */

static void on_ended(void *owner)
{
	struct fake *fake = owner;

	fake->over = true;
}

static void start(struct fake *fake, const struct session_protocol *protocol)
{
	struct session_setup setup = {
		.loop = &fake->loop,
		.settings = &fake->settings,
		.listener = &fake->listener,
		.upstream = &fake->upstream,
		.policy = &fake->policy,
		.budget = fake->budget,
		.shares = fake->shares,
		.log = &fake->log,
		.list = &fake->list,
		.id = 7,
		.ended = on_ended,
		.owner = fake,
	};

	session_start(&fake->client, &setup, protocol);
}

void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%.300s\"", part, text);
}

void is(const char *text, const char *want)
{
	assert_string_equal(text, want);
}

struct fake *fake_new(const struct fake_options *options)
{
	struct fake *fake = mem_new(sizeof(*fake));
	struct err err;
	int fd;

	the_link = &fake->policy;
	fake->client.loop = fake->server.loop = &fake->loop;
	fake->log.least = LOG_LEVEL_ERROR;
	fake->settings.gateway.hostname = (char *)"gw.example.org";
	fake->settings.gateway.max_message_size =
		options->max_message_size ? options->max_message_size : 1 << 20;
	fake->spool_memory = options->spool_memory ? options->spool_memory
						   : 1 << 20;
	fake->upstream_settings.name = (char *)"provider";
	fake->upstream_settings.tls = options->upstream_tls;
	fake->listener.name = (char *)"submission";
	fake->listener.tls = options->listen_tls;
	fake->listener.upstream = &fake->upstream_settings;
	fake->listener.login = (char *)options->listener_login;
	fake->upstream.settings = &fake->upstream_settings;
	fake->upstream.fake = fake;
	assert_int_equal(0, spool_budget_new(fake->spool_memory, 1, &fd, &err));
	fake->budget = spool_budget_open(fd, 0, &err);
	assert_non_null(fake->budget);
	if (options->shared)
		fake->shares = shares_new(fake->budget, options->shared);
	close(fd);
	buf_init(&fake->client.sent, 16 << 20);
	buf_init(&fake->server.sent, 16 << 20);
	buf_init(&fake->bytes, 16 << 20);
	conn_reset(&fake->client, true);
	fake->client.loopback = !options->not_loopback;
	if (options->protocol == PROTOCOL_POP3)
		start(fake, &pop3_session_protocol);
	else if (options->protocol == PROTOCOL_IMAP)
		start(fake, &imap_session_protocol);
	else
		start(fake, &smtp_session_protocol);
	return fake;
}

void fake_free(struct fake *fake)
{
	if (fake->client.open)
		fake_client_leaves(fake);
	if (!fake->over && fake->policy.open)
		fake_policy_is_silent(fake);
	if (!fake->over)
		fake_upstream_leaves(fake, ERR_NONE, "");
	assert_true(fake->over);
	if (fake->policy.open)
		question_free(fake->policy.open);
	assert_int_equal(0, fake->list.count);
	assert_int_equal(fake->spool_memory,
			 spool_budget_free_bytes(fake->budget));
	shares_free(fake->shares);
	spool_budget_close(fake->budget);
	buf_free(&fake->client.in);
	buf_free(&fake->client.out);
	buf_free(&fake->client.sent);
	buf_free(&fake->server.in);
	buf_free(&fake->server.out);
	buf_free(&fake->server.sent);
	buf_free(&fake->bytes);
	free(fake);
}

struct spool_budget *fake_budget(const struct fake *fake)
{
	return fake->budget;
}

uint64_t fake_others_take_all_but(const struct fake *fake, uint64_t left)
{
	uint64_t taken = spool_budget_free_bytes(fake->budget) - left;

	assert_true(spool_budget_take(fake->budget, taken));
	return taken;
}

const struct shares *fake_shares(const struct fake *fake)
{
	return fake->shares;
}

/* What the loop does at its end: hands the output over, tells `drained`. */
static void turn(struct fake *fake)
{
	for (bool again = true; again;) {
		struct conn *conns[] = { &fake->client, &fake->server };

		again = false;
		for (size_t i = 0; i < 2; i++) {
			bool was_full;

			if (!conns[i]->open || conns[i]->stalls)
				continue;
			was_full = conn_full(conns[i]);
			keep_sent(conns[i]);
			if (!was_full && !conns[i]->want_drained)
				continue;
			conns[i]->want_drained = false;
			conns[i]->events->drained(conns[i]->owner);
			again = true;
		}
	}
}

static void says(struct fake *fake, struct conn *conn, struct span bytes)
{
	if (!conn->open)
		return;
	assert_int_equal(0, buf_put(&conn->in, bytes));
	conn->events->bytes(conn->owner);
	turn(fake);
}

void fake_client_says(struct fake *fake, const char *text)
{
	says(fake, &fake->client, span_str(text));
}

void fake_client_sends(struct fake *fake, struct span bytes)
{
	says(fake, &fake->client, bytes);
}

void fake_upstream_says(struct fake *fake, const char *text)
{
	says(fake, &fake->server, span_str(text));
}

void fake_upstream_sends(struct fake *fake, struct span bytes)
{
	says(fake, &fake->server, bytes);
}

static const char *take(struct fake *fake, struct conn *conn)
{
	turn(fake);
	buf_clear(&fake->bytes);
	assert_int_equal(0, buf_put(&fake->bytes, buf_span(&conn->sent)));
	assert_int_equal(0, buf_put(&fake->bytes, span_of("", 1)));
	buf_clear(&conn->sent);
	return buf_span(&fake->bytes).at;
}

const char *fake_to_client(struct fake *fake)
{
	return take(fake, &fake->client);
}

const char *fake_to_upstream(struct fake *fake)
{
	return take(fake, &fake->server);
}

void fake_client_stalls(struct fake *fake)
{
	fake->client.stalls = true;
}

size_t fake_client_waiting(const struct fake *fake)
{
	return fake->client.out.len;
}

void fake_client_takes(struct fake *fake)
{
	fake->client.stalls = false;
	turn(fake);
}

void fake_upstream_stalls(struct fake *fake, bool stalls)
{
	fake->server.stalls = stalls;
	turn(fake);
}

static void leaves(struct fake *fake, struct conn *conn, enum err_kind kind,
		   const char *why)
{
	struct err err = { ERR_NONE, "" };

	if (!conn->open)
		return;
	if (kind != ERR_NONE)
		err_set(&err, kind, "%s", why);
	keep_sent(conn);
	conn->open = false;
	conn->events->closed(conn->owner, &err);
	turn(fake);
}

void fake_client_leaves(struct fake *fake)
{
	leaves(fake, &fake->client, ERR_NONE, "");
}

void fake_upstream_leaves(struct fake *fake, enum err_kind kind, const char *why)
{
	leaves(fake, &fake->server, kind, why);
}

void fake_client_times_out(struct fake *fake)
{
	leaves(fake, &fake->client, ERR_TIMEOUT, "deadline passed");
}

void fake_upstream_times_out(struct fake *fake)
{
	leaves(fake, &fake->server, ERR_TIMEOUT, "deadline passed");
}

void fake_time_passes(struct fake *fake, uint64_t ms)
{
	struct timer *timer;

	fake->loop.now += ms;
	while ((timer = fake_loop_due(&fake->loop))) {
		timer->fired(timer->owner);
		turn(fake);
	}
	if (fake->client.open && fake->client.deadline && fake->client.due <= fake->loop.now)
		fake_client_times_out(fake);
	if (fake->server.open && fake->server.deadline && fake->server.due <= fake->loop.now)
		fake_upstream_times_out(fake);
}

static void secured(struct fake *fake, struct conn *conn)
{
	conn->secure = conn->starting_tls;
	conn->starting_tls = false;
	conn->events->ready(conn->owner);
	turn(fake);
}

void fake_client_secured(struct fake *fake)
{
	assert_true(fake->client.starting_tls);
	secured(fake, &fake->client);
}

void fake_upstream_ready(struct fake *fake)
{
	secured(fake, &fake->server);
}

bool fake_client_open(const struct fake *fake)
{
	return fake->client.open;
}

bool fake_upstream_open(const struct fake *fake)
{
	return fake->server.open;
}

bool fake_upstream_aborted(const struct fake *fake)
{
	return fake->server.aborted;
}

bool fake_session_over(const struct fake *fake)
{
	return fake->over;
}

uint64_t fake_client_deadline(const struct fake *fake)
{
	return fake->client.deadline;
}

unsigned fake_client_deadlines(const struct fake *fake)
{
	return fake->client.deadlines;
}

unsigned fake_upstream_deadlines(const struct fake *fake)
{
	return fake->server.deadlines;
}

uint64_t fake_upstream_deadline(const struct fake *fake)
{
	return fake->server.deadline;
}

const struct ask *fake_question(const struct fake *fake)
{
	return fake->policy.open ? &fake->policy.open->ask : NULL;
}

const char *fake_question_bytes(struct fake *fake)
{
	off_t size = lseek(fake->policy.open->fd, 0, SEEK_END);
	char *room;

	buf_clear(&fake->bytes);
	room = buf_reserve(&fake->bytes, (size_t)size + 1);
	assert_int_equal(size, pread(fake->policy.open->fd, room, (size_t)size, 0));
	room[size] = '\0';
	buf_commit(&fake->bytes, (size_t)size + 1);
	return buf_span(&fake->bytes).at;
}

static void answered(struct fake *fake, const struct answer *answer, int fd)
{
	struct policy_question *question = fake->policy.open;

	assert_non_null(question);
	fake->policy.open = NULL;
	question->answered(question->owner, answer, fd);
	question_free(question);
	turn(fake);
}

void fake_policy_says(struct fake *fake, enum answer_kind kind, unsigned code,
		      const char *status, const char *text)
{
	struct answer answer = { .kind = kind, .rule = "r" };

	if (kind == ANSWER_REFUSED)
		reply_set(&answer.reply, code, status, "%s", text);
	answered(fake, &answer, -1);
}

void fake_policy_seals(struct fake *fake, const struct answer_copy *copies,
		       size_t n, bool journalled, const char *bytes)
{
	struct answer answer = {
		.kind = ANSWER_SEALED,
		.copies = (struct answer_copy *)copies,
		.copies_n = n,
		.journalled = journalled,
		.rule = "r",
	};
	int fd = bytes ? memfd_create("copies", 0) : -1;

	memset(answer.journal, 'a', JOURNAL_ID_SIZE - 1);
	if (bytes)
		assert_int_equal(strlen(bytes), write(fd, bytes, strlen(bytes)));
	answered(fake, &answer, fd);
}

void fake_policy_shows(struct fake *fake, enum answer_kind kind,
		       struct span entries, struct span view)
{
	struct answer answer = {
		.kind = kind, .rule = "", .shapes_size = entries.len,
		.view_size = view.len,
	};
	int fd = memfd_create("view", MFD_ALLOW_SEALING);

	assert_int_equal(entries.len, write(fd, entries.at, entries.len));
	assert_int_equal(view.len, write(fd, view.at, view.len));
	answered(fake, &answer, fd);
}

void fake_text_entry(const char *view, struct buf *entries)
{
	size_t size = strlen(view);
	size_t header = (size_t)(strstr(view, "\r\n\r\n") + 4 - view);
	struct shape_part part = {
		.path = { 1 }, .path_n = 1, .mime = { 0, header },
		.body = { header, size - header },
	};
	struct shape_entry entry = {
		.kind = SHAPE_VIEW,
		.shape = {
			.size = size, .header = { 0, header },
			.text = { header, size - header },
			.envelope = span_str("(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
			.body = span_str("(\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)"),
			.bodystructure = span_str("(\"text\" \"plain\" NIL NIL NIL "
						  "\"7bit\" 1 1 NIL NIL NIL NIL)"),
			.header_bytes = span_of(view, header),
			.parts = &part, .parts_n = 1,
		},
	};

	assert_int_equal(0, shape_entry_encode(&entry, entries));
}

void fake_policy_shows_text(struct fake *fake, enum answer_kind kind,
			    const char *view)
{
	struct buf entry;

	buf_init(&entry, SHAPE_MAX);
	fake_text_entry(view, &entry);
	fake_policy_shows(fake, kind, buf_span(&entry), span_str(view));
	buf_free(&entry);
}

void fake_policy_is_silent(struct fake *fake)
{
	answered(fake, NULL, -1);
}

unsigned fake_asked(const struct fake *fake, enum ask_kind kind)
{
	return fake->policy.asked[kind];
}

void fake_drain(struct fake *fake)
{
	session_list_drain(&fake->list);
	turn(fake);
}
