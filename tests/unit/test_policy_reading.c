/* The questions about stored mail, put to a policy engine that runs. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>
#include <letterlock/shape.h>

#include "engine_world.h"
#include "key_home.h"
#include "policy/run/late_answers.h"
#include "policy/run/memory_file.h"

#define SECRET "the treasure lies below the old oak"

enum { SEALERS = 2 };	/* of engine_world */

static const char draft[] =
	"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: gold\r\n"
	"Message-ID: <1@example.org>\r\n\r\n" SECRET "\r\n";

static struct key_home *keys;
static char *stored;	/* `draft`, as upstream keeps it */
static size_t stored_len;

/* What one question was answered. */
struct got {
	struct answer answer;
	char *bytes;	/* of the descriptor */
	size_t len;
};

static void done(struct got *got)
{
	answer_free(&got->answer);
	free(got->bytes);
}

static struct got get(struct engine_world *w, uint64_t id)
{
	struct got got;
	int fd;

	got.answer = engine_world_answer(w, id, &fd);
	got.bytes = fd >= 0 ? key_home_read(fd, &got.len) : NULL;
	if (fd < 0)
		got.len = 0;
	else
		close(fd);
	return got;
}

static struct ask question(struct engine_world *w, enum ask_kind kind, const char *name)
{
	struct ask ask = engine_world_question(w, kind);

	ask.place.upstream = mem_strdup("u");
	ask.place.mailbox = mem_strdup("INBOX");
	ask.place.uidvalidity = 3;
	if (name)
		strs_add(&ask.place.names, span_str(name));
	return ask;
}

static struct got ask(struct engine_world *w, enum ask_kind kind, const char *name)
{
	struct ask one = question(w, kind, name);

	engine_world_put(w, &one, -1);
	return get(w, w->id);
}

static int file_of(const char *bytes, size_t len)
{
	struct err err = { 0 };
	int fd = memory_file_new(span_of(bytes, len), &err);

	assert_true(fd >= 0);
	return fd;
}

/* OPEN of `bytes`; who waits for it is told later. */
static void ask_to_open_these(struct engine_world *w, const char *name, const char *bytes,
			      size_t len)
{
	struct ask one = question(w, ASK_OPEN, name);
	int fd = file_of(bytes, len);

	one.message_size = len;
	engine_world_put(w, &one, fd);
	close(fd);
}

static void ask_to_open(struct engine_world *w, const char *name)
{
	ask_to_open_these(w, name, stored, stored_len);
}

static struct got open_it(struct engine_world *w, const char *name)
{
	ask_to_open(w, name);
	return get(w, w->id);
}

static enum shape_kind next_kind(struct span *wire)
{
	struct shape_entry entry;
	enum shape_kind kind;
	struct err err;

	assert_int_equal(shape_entry_decode(wire, &entry, &err), 0);
	kind = entry.kind;
	shape_entry_free(&entry);
	return kind;
}

static void shows(const struct got *got, const char *text)
{
	struct span wire = span_of(got->bytes, got->len);

	assert_int_equal(got->answer.kind, ANSWER_VIEW);
	assert_int_equal(got->len, got->answer.shapes_size + got->answer.view_size);
	assert_int_equal(next_kind(&wire), SHAPE_VIEW);
	assert_int_equal(wire.len, got->answer.view_size);
	assert_non_null(memmem(wire.at, wire.len, text, strlen(text)));
}

static void refused(struct got got)
{
	assert_int_equal(got.answer.kind, ANSWER_REFUSED);
	assert_int_equal(got.answer.reply.code, 451);
	assert_null(got.bytes);
	done(&got);
}

static struct got store(struct engine_world *w, const char *login)
{
	struct ask one = engine_world_question(w, ASK_STORE);
	int fd = file_of(draft, strlen(draft));

	free(one.envelope.login);
	one.envelope.login = mem_strdup(login);
	one.message_size = strlen(draft);
	one.output_max = 1024 * 1024;
	engine_world_put(w, &one, fd);
	close(fd);
	return get(w, w->id);
}

static int make(void **state)
{
	struct engine_world *w;
	char *conf;

	if (engine_world_make(state) < 0)
		return -1;
	w = *state;
	conf = mem_printf("[gateway]\nhostname = gw.example.org\npolicy = policy.conf\n"
			  "state = state.db\nworkers = %d\n[keys]\ngnupg-home = %s\n"
			  "[listen l]\nprotocol = smtp\naddress = 127.0.0.1:2525\ntls = none\n"
			  "upstream = u\n[upstream u]\naddress = 127.0.0.1:2526\ntls = none\n",
			  SEALERS, keys->home);
	engine_world_write(w, "letterlock.conf", conf);
	free(conf);
	engine_world_ready(w);
	return 0;
}

static int make_all(void **state)
{
	struct got got;

	if (key_home_make(state) != 0)
		return -1;
	keys = *state;
	if (make(state) < 0)
		return -1;
	got = store(*state, "alice@example.org");
	assert_int_equal(got.answer.kind, ANSWER_SEALED);
	stored = mem_strdup(got.bytes);
	stored_len = got.len;
	done(&got);
	return engine_world_end(state);
}

static int end_all(void **state)
{
	*state = keys;
	free(stored);
	return key_home_end(state);
}

static void what_is_stored_is_sealed_to_who_stores_it(void **state)
{
	struct engine_world *w = *state;
	struct got got = store(w, "alice@example.org");
	const struct answer_copy *copy = got.answer.copies;

	assert_int_equal(got.answer.kind, ANSWER_SEALED);
	assert_int_equal(got.answer.copies_n, 1);
	assert_false(copy->from_question);
	assert_true(copy->encrypted);
	assert_int_equal(copy->recipients.n, 0);
	assert_int_equal(copy->offset + copy->size, got.len);
	assert_null(strstr(got.bytes, "oak"));
	assert_null(strstr(got.bytes, "gold"));
	assert_non_null(strstr(got.bytes, "-----BEGIN PGP MESSAGE-----"));
	done(&got);
	got = store(w, "nobody@example.org");	/* has no key: prefer */
	assert_int_equal(got.answer.kind, ANSWER_SEALED);
	assert_int_equal(got.answer.copies_n, 1);
	assert_false(got.answer.copies[0].encrypted);
	done(&got);
}

/* `stored` without its checksum, and another digit `from` the begin or the end of its
 * armour's text; freed by the caller. */
static char *broken(size_t from_begin, size_t from_end)
{
	char *text = mem_strdup(stored), *end = strstr(text, "\r\n-----END PGP"), *digit;

	if (end[-5] == '=')
		memmove(end - 7, end, strlen(end) + 1);
	end = strstr(text, "\r\n-----END PGP");
	digit = from_begin ? strstr(strstr(text, "-----BEGIN PGP"), "\r\n\r\n") + 4 + from_begin
			   : end - from_end;
	*digit = *digit == 'A' ? 'B' : 'A';
	return text;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* THREATS 127: gpg tries again what it could not begin with, and is done at once with
 * what ends badly; who waits for the answer does not see which. */
static void what_a_secret_key_is_used_on_in_vain_is_told_in_whole_steps(void **state)
{
	static const struct {
		const char *name;
		size_t from_begin, from_end;
	} cases[] = {
		{ "a session key that is none", 100, 0 },
		{ "a text that was changed at its end", 0, 6 },
		{ "a text that was changed in its midst", 0, 200 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = broken(cases[i].from_begin, cases[i].from_end);
		uint64_t begin = now(), taken;
		struct got got;

		ask_to_open_these(*state, "30", text, strlen(text));
		got = get(*state, ((struct engine_world *)*state)->id);
		taken = now() - begin;
		shows(&got, "X-Letterlock: not decrypted; it cannot be decrypted with");
		assert_false(got.answer.tried);
		if (taken < LATE_ANSWERS_STEP)
			fail_msg("%s: after %d ms", cases[i].name, (int)taken);
		done(&got);
		free(text);
	}
}

static void each_question_about_a_message_has_its_answer(void **state)
{
	struct engine_world *w = *state;
	struct got got = ask(w, ASK_SHAPES, "7"), first;
	struct span wire = span_of(got.bytes, got.len);
	struct ask three;

	assert_int_equal(got.answer.kind, ANSWER_SHAPES);
	assert_int_equal(next_kind(&wire), SHAPE_UNKNOWN);
	done(&got);
	got = ask(w, ASK_VIEW, "7");
	assert_int_equal(got.answer.kind, ANSWER_UNKNOWN);
	assert_null(got.bytes);
	done(&got);
	first = open_it(w, "7");
	shows(&first, SECRET);
	got = ask(w, ASK_VIEW, "7");
	assert_int_equal(got.len, first.len);
	assert_memory_equal(got.bytes, first.bytes, first.len);
	done(&got);
	done(&first);
	got = ask(w, ASK_CLEAR, "8");
	assert_int_equal(got.answer.kind, ANSWER_YES);
	done(&got);

	three = question(w, ASK_SHAPES, "9");
	strs_add(&three.place.names, span_str("7"));
	strs_add(&three.place.names, span_str("8"));
	engine_world_put(w, &three, -1);
	got = get(w, w->id);
	assert_int_equal(got.answer.shapes_size, got.len);
	wire = span_of(got.bytes, got.len);
	assert_int_equal(next_kind(&wire), SHAPE_UNKNOWN);
	assert_int_equal(next_kind(&wire), SHAPE_VIEW);
	assert_int_equal(next_kind(&wire), SHAPE_CLEAR);
	assert_int_equal(wire.len, 0);
	done(&got);

	got = ask(w, ASK_GONE, "7");
	assert_int_equal(got.answer.kind, ANSWER_YES);
	done(&got);
	got = ask(w, ASK_VIEW, "7");
	assert_int_equal(got.answer.kind, ANSWER_UNKNOWN);
	done(&got);
}

static void find(struct engine_world *w, const char *login, const char *text, const char *want)
{
	struct ask one = question(w, ASK_FIND, NULL);
	struct got got;

	free(one.envelope.login);
	one.envelope.login = mem_strdup(login);
	one.find = FIND_TEXT;
	one.find_text = mem_strdup(text);
	engine_world_put(w, &one, -1);
	got = get(w, w->id);
	assert_int_equal(got.answer.kind, ANSWER_FOUND);
	assert_int_equal(got.answer.shapes_size, got.len);
	assert_string_equal(got.bytes, want);
	done(&got);
}

static void what_was_opened_is_found_by_who_opened_it(void **state)
{
	struct engine_world *w = *state;
	struct got got;

	find(w, "alice@example.org", "OLD OAK", "\n\n");
	for (int i = 7; i < 10; i++) {
		const char name[] = { (char)('0' + i), '\0' };

		got = open_it(w, name);
		done(&got);
	}
	find(w, "alice@example.org", "OLD OAK", "7:9\n7:9\n");
	find(w, "alice@example.org", "GOLD", "7:9\n7:9\n");	/* its Subject */
	find(w, "alice@example.org", "new oak", "7:9\n\n");
	find(w, "bob@example.org", "oak", "\n\n");
}

static void a_view_outlives_the_engine(void **state)
{
	struct engine_world *w = *state;
	struct got first = open_it(w, "7"), again;

	shows(&first, SECRET);
	engine_world_kill(w);
	engine_world_ready(w);
	again = ask(w, ASK_VIEW, "7");
	assert_int_equal(again.len, first.len);
	assert_memory_equal(again.bytes, first.bytes, first.len);
	done(&again);
	done(&first);
}

/* With no message where one is due, one that could change, one of another
 * length. */
static void refuses_message(struct engine_world *w, enum ask_kind kind, int fault)
{
	struct ask one = question(w, kind, kind == ASK_STORE ? NULL : "7");
	int fd = fault == 0 ? -1 :
		 fault == 1 ? memfd_create("open", MFD_ALLOW_SEALING) :
			      file_of(stored, stored_len);

	if (fault == 1)
		assert_int_equal(write(fd, stored, stored_len), stored_len);
	one.message_size = fault == 2 ? stored_len - 1 : fault == 3 ? stored_len + 1 : stored_len;
	engine_world_put(w, &one, fd);
	if (fd >= 0)
		close(fd);
	refused(get(w, w->id));
}

static void a_message_that_does_not_fit_is_refused(void **state)
{
	static const enum ask_kind quick[] = { ASK_SHAPES, ASK_VIEW, ASK_CLEAR, ASK_GONE };
	struct engine_world *w = *state;
	struct got got;

	for (int fault = 0; fault < 4; fault++) {
		refuses_message(w, ASK_OPEN, fault);
		refuses_message(w, ASK_STORE, fault);
	}
	/* one where none is due */
	for (size_t i = 0; i < sizeof(quick) / sizeof(*quick); i++) {
		struct ask one = question(w, quick[i], "7");
		int fd = file_of(stored, stored_len);

		engine_world_put(w, &one, fd);
		close(fd);
		refused(get(w, w->id));
	}
	got = open_it(w, "7");	/* nothing of it was kept */
	shows(&got, SECRET);
	done(&got);
}

/* A question that says not whose, where, which or what: nobody answers it. */
static void a_question_that_lacks_something_has_no_answer(void **state)
{
	struct engine_world *w = *state;
	struct got got;

	for (int fault = 0; fault < 8; fault++) {
		bool finds = fault >= 5;
		struct ask one = question(w, finds ? ASK_FIND : ASK_SHAPES, finds ? NULL : "7");

		if (fault == 0 || fault == 5) {
			free(one.envelope.login);
			one.envelope.login = NULL;
		} else if (fault == 1) {
			free(one.place.upstream);
			one.place.upstream = NULL;
		} else if (fault == 2) {
			free(one.place.mailbox);
			one.place.mailbox = NULL;
		} else if (fault == 3) {
			strs_free(&one.place.names);
		} else if (fault == 4) {
			one.kind = ASK_VIEW;
			strs_add(&one.place.names, span_str("8"));
		} else if (fault == 6) {
			one.find = FIND_HEADER;	/* which? */
			one.find_text = mem_strdup("x");
		}
		engine_world_put(w, &one, -1);
	}
	got = open_it(w, "7");	/* the first answer there is */
	shows(&got, SECRET);
	done(&got);
}

/* --- an agent that does not answer: what asks it stands still --- */

struct agent {
	char path[160];
	int socket;
};

static struct agent stuck_agent = { .socket = -1 };

static void find_socket(struct agent *agent)
{
	char *where = mem_printf("gpgconf --homedir '%s' --list-dirs agent-socket", keys->home);
	FILE *pipe = popen(where, "r");

	assert_non_null(pipe);
	assert_non_null(fgets(agent->path, sizeof(agent->path), pipe));
	pclose(pipe);
	agent->path[strcspn(agent->path, "\n")] = '\0';
	free(where);
}

/* Its last act is to remove its socket, after gpgconf has come back: only the end
 * of a connection tells that it has gone, and will not remove that of another. */
static void real_agent_ends(const struct sockaddr_un *at)
{
	char *command = mem_printf("gpgconf --homedir '%s' --kill all", keys->home);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool there = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
	char words[256];

	assert_int_equal(system(command), 0);
	while (there) {
		engine_world_wait(fd);
		there = read(fd, words, sizeof(words)) > 0;
	}
	close(fd);
	free(command);
}

static struct agent *agent_begin(void)
{
	struct agent *agent = &stuck_agent;
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	find_socket(agent);
	assert_true(strlen(agent->path) < sizeof(at.sun_path));
	memcpy(at.sun_path, agent->path, strlen(agent->path) + 1);
	real_agent_ends(&at);
	unlink(agent->path);
	agent->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(agent->socket, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(agent->socket, 10), 0);
	return agent;
}

static void agent_end(struct agent *agent)
{
	close(agent->socket);
	unlink(agent->path);
	agent->socket = -1;
}

/* Whatever happened, nothing waits for it any more. */
static int end(void **state)
{
	if (stuck_agent.socket >= 0)
		agent_end(&stuck_agent);
	return engine_world_end(state);
}

/* The connection of the next gpg, and the sealer that it works for. */
static int agent_asked(struct agent *agent, pid_t *sealer)
{
	struct ucred who;
	socklen_t len = sizeof(who);
	int fd;

	engine_world_wait(agent->socket);
	fd = accept(agent->socket, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len), 0);
	*sealer = getpgid(who.pid);
	assert_true(*sealer > 0 && *sealer != getpgrp());
	return fd;
}

/* Kills the sealer that opens; what it started is gone, too. */
static void kill_at_work(struct agent *agent)
{
	pid_t sealer;
	char byte;
	int fd = agent_asked(agent, &sealer);

	assert_int_equal(kill(sealer, SIGKILL), 0);
	engine_world_wait(fd);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

static void a_sealer_killed_while_it_opens_costs_no_answer(void **state)
{
	struct engine_world *w = *state;
	struct agent *agent = agent_begin();
	struct got got;
	pid_t sealer;
	int fd;

	ask_to_open(w, "7");
	kill_at_work(agent);
	fd = agent_asked(agent, &sealer);	/* another one's */
	agent_end(agent);
	close(fd);
	got = get(w, w->id);
	shows(&got, SECRET);
	done(&got);
}

static void a_message_that_two_sealers_die_of_is_shown_as_it_is_stored(void **state)
{
	struct engine_world *w = *state;
	struct agent *agent = agent_begin();
	struct got got;

	ask_to_open(w, "7");
	for (int i = 0; i < 2; i++)
		kill_at_work(agent);
	got = get(w, w->id);
	shows(&got, "X-Letterlock: not decrypted; ");
	shows(&got, "-----BEGIN PGP MESSAGE-----");
	done(&got);
	agent_end(agent);
	got = ask(w, ASK_VIEW, "7");
	shows(&got, "X-Letterlock: not decrypted; ");	/* and stays so */
	done(&got);
}

/* It greets whoever comes and goes away, until `fd` can be read. */
static void agent_fails_until(struct agent *agent, int fd)
{
	struct pollfd both[] = { { .fd = agent->socket, .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };
	unsigned times = 0;

	while (poll(both, 2, 60000) > 0 && !both[1].revents) {
		int asked = accept(agent->socket, NULL, NULL);

		assert_true(asked >= 0);
		assert_int_equal(send(asked, "OK\n", 3, MSG_NOSIGNAL), 3);
		close(asked);
		times++;
	}
	assert_true(times > 0);
}

/* gpg says "No secret key", as of a message for somebody else: the message is shown
 * as it is stored (THREATS 129), but that is no state of it, and is not kept. */
static void an_agent_that_fails_says_nothing_of_a_message(void **state)
{
	struct engine_world *w = *state;
	struct agent *agent = agent_begin();
	struct got got;

	ask_to_open(w, "7");
	agent_fails_until(agent, w->link);
	got = get(w, w->id);
	shows(&got, "X-Letterlock: not decrypted; ");
	done(&got);
	agent_end(agent);
	got = ask(w, ASK_VIEW, "7");
	assert_int_equal(got.answer.kind, ANSWER_UNKNOWN);
	done(&got);
	got = open_it(w, "7");
	shows(&got, SECRET);
	done(&got);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)
	const struct CMUnitTest tests[] = {
		TEST(what_is_stored_is_sealed_to_who_stores_it),
		TEST(each_question_about_a_message_has_its_answer),
		TEST(what_a_secret_key_is_used_on_in_vain_is_told_in_whole_steps),
		TEST(what_was_opened_is_found_by_who_opened_it),
		TEST(a_view_outlives_the_engine),
		TEST(a_message_that_does_not_fit_is_refused),
		TEST(a_question_that_lacks_something_has_no_answer),
		TEST(a_sealer_killed_while_it_opens_costs_no_answer),
		TEST(a_message_that_two_sealers_die_of_is_shown_as_it_is_stored),
		TEST(an_agent_that_fails_says_nothing_of_a_message),
	};
	int status;

	if (engine_world_child(argc, argv, &status))
		return status;
	return cmocka_run_group_tests(tests, make_all, end_all);
}
