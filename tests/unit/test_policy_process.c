#include <fcntl.h>
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/ask.h>
#include <letterlock/mem.h>

#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/memory_file.h"
#include "policy/run/orders.h"
#include "policy/run/policy_process.h"
#include "policy/run/sealer.h"
#include "policy/run/snapshot.h"

static const char mail[] =
	"From: alice@example.org\r\nTo: bob@example.org, eve@example.org\r\n"
	"Subject: x\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n";

/* A policy engine with its sealers, and this test as its master and worker. */
struct world {
	char dir[32];
	pid_t pid;
	int orders;	/* the master's end */
	int link;	/* the worker's end */
	uint64_t id;
};

static void write_file(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	free(path);
}

static int snapshot_of(const char *path)
{
	struct snapshot *snapshot = snapshot_new();
	struct source source = snapshot_source(snapshot);
	struct problems problems = { 0 };
	struct err err = { 0 };
	struct conf conf;
	int fd = memfd_create("snapshot", MFD_CLOEXEC);

	assert_int_equal(conf_load(&source, path, &conf, &problems), 0);
	assert_int_equal(snapshot_write(snapshot, &conf.settings, false, fd, &err), 0);
	conf_free(&conf);
	snapshot_free(snapshot);
	return fd;
}

static void start_engine(struct world *w)
{
	char *path = mem_printf("%s/letterlock.conf", w->dir);
	const char *argv[] = { "letterlock", "@policy", path, NULL };
	struct err err = { 0 };
	int ends[2], fds[2];
	struct child_setup setup = { .argv = argv, .fds = fds, .fds_n = 2 };

	assert_int_equal(channel_pair(ends, &err), 0);
	fds[0] = ends[1];
	fds[1] = snapshot_of(path);
	w->pid = child_start(&setup, &err);
	close(ends[1]);
	close(fds[1]);
	free(path);
	w->orders = ends[0];
}

static void new_link(struct world *w)
{
	struct err err = { 0 };
	int ends[2];

	assert_int_equal(channel_pair(ends, &err), 0);
	assert_int_equal(orders_send(w->orders, ORDERS_LINK, 0, NULL, ends[0], &err), 0);
	close(ends[0]);
	w->link = ends[1];
}

static void wait_readable(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&one, 1, 20000), 1);
}

static enum orders_kind hear(struct world *w, struct orders *orders)
{
	struct err err = { 0 };
	int passed;

	wait_readable(w->orders);
	assert_int_equal(orders_receive(w->orders, orders, &passed, &err), CHANNEL_DONE);
	return orders->kind;
}

static int set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	memcpy(w->dir, "/tmp/llengineXXXXXX", 20);
	if (!mkdtemp(w->dir))
		return -1;
	write_file(w->dir, "letterlock.conf",
		   "[gateway]\nhostname = gw.example.org\npolicy = policy.conf\n"
		   "state = state.db\nworkers = 2\n"
		   "[listen l]\nprotocol = smtp\naddress = 127.0.0.1:2525\ntls = none\n"
		   "upstream = u\n"
		   "[upstream u]\naddress = 127.0.0.1:2526\ntls = none\n");
	write_file(w->dir, "policy.conf",
		   "[rule no]\nto = *@refused.example\naction = reject\n"
		   "[rule all]\nencrypt = no\n");
	w->orders = w->link = -1;
	*state = w;
	return 0;
}

static int set_up_ready(void **state)
{
	struct orders orders;
	struct world *w;

	if (set_up(state) < 0)
		return -1;
	w = *state;
	start_engine(w);
	new_link(w);	/* before it is ready: it waits */
	assert_int_equal(hear(w, &orders), ORDERS_READY);
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "letterlock.conf", "policy.conf", "state.db",
					     "state.db-wal", "state.db-shm" };

	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
	}
	if (w->orders >= 0)
		close(w->orders);
	if (w->link >= 0)
		close(w->link);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = mem_printf("%s/%s", w->dir, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(w->dir);
	free(w);
	return 0;
}

static struct ask question(struct world *w, enum ask_kind kind)
{
	struct ask ask = { .id = ++w->id, .kind = kind };

	ask.envelope.listener = mem_strdup("l");
	ask.envelope.login = mem_strdup("alice@example.org");
	ask.envelope.client = mem_strdup("127.0.0.1");
	ask.envelope.sender = mem_strdup("alice@example.org");
	return ask;
}

/* Asks and frees `ask`; the answer is the caller's to free. */
static void put(struct world *w, struct ask *ask, int passed)
{
	struct err err = { 0 };
	struct buf wire;

	buf_init(&wire, CHANNEL_MAX);
	assert_int_equal(ask_encode(ask, &wire), 0);
	assert_int_equal(channel_send(w->link, buf_span(&wire), passed, &err),
			 CHANNEL_DONE);
	buf_free(&wire);
	ask_free(ask);
}

static struct answer answered(struct world *w, uint64_t id)
{
	struct answer answer = { 0 };
	struct err err = { 0 };
	struct buf wire;
	int passed;

	buf_init(&wire, CHANNEL_MAX);
	wait_readable(w->link);
	assert_int_equal(channel_receive(w->link, &wire, &passed, &err), CHANNEL_DONE);
	assert_int_equal(answer_decode(buf_span(&wire), &answer, &err), 0);
	assert_int_equal(answer.id, id);
	if (passed >= 0)
		close(passed);
	buf_free(&wire);
	return answer;
}

static struct answer seal_file(struct world *w, int fd, uint64_t size)
{
	struct ask ask = question(w, ASK_SEAL);

	strs_add(&ask.envelope.to, span_str("bob@example.org"));
	strs_add(&ask.envelope.to, span_str("eve@example.org"));
	ask.message_size = size;
	ask.output_max = 1024 * 1024;
	put(w, &ask, fd);
	if (fd >= 0)
		close(fd);
	return answered(w, w->id);
}

static struct answer seal_mail(struct world *w)
{
	struct err err = { 0 };

	return seal_file(w, memory_file_new(span_str(mail), &err), strlen(mail));
}

/* Upstream took the message for recipient number `who` of two, or (2) all. */
static struct answer note(struct world *w, const char *journal, uint16_t who)
{
	struct ask ask = question(w, who < 2 ? ASK_ACCEPTED : ASK_COMPLETE);

	memcpy(ask.journal, journal, sizeof(ask.journal));
	if (who < 2) {
		strs_add(&ask.envelope.to, span_str("bob@example.org"));
		strs_add(&ask.envelope.to, span_str("eve@example.org"));
		ask.recipients.at = mem_new(sizeof(who));
		ask.recipients.at[0] = who;
		ask.recipients.n = 1;
	}
	put(w, &ask, -1);
	return answered(w, w->id);
}

static size_t recipients_of(const struct answer *answer)
{
	size_t n = 0;

	for (size_t i = 0; i < answer->copies_n; i++)
		n += answer->copies[i].recipients.n;
	return n;
}

static void what_the_envelope_decides_is_answered(void **state)
{
	static const char *const to[] = { "bob@example.org", "eve@refused.example" };
	struct world *w = *state;
	struct ask ask = question(w, ASK_SENDER);
	struct answer answer;

	put(w, &ask, -1);
	answer = answered(w, w->id);
	assert_int_equal(answer.kind, ANSWER_YES);
	answer_free(&answer);
	for (int i = 0; i < 2; i++) {
		ask = question(w, ASK_RCPT);
		strs_add(&ask.envelope.to, span_str(to[i]));
		put(w, &ask, -1);
		answer = answered(w, w->id);
		assert_int_equal(answer.kind == ANSWER_REFUSED, i == 1);
		answer_free(&answer);
	}
}

static void a_repeat_is_for_those_who_have_not_had_it(void **state)
{
	struct world *w = *state;
	struct answer first = seal_mail(w), answer;

	assert_int_equal(first.kind, ANSWER_SEALED);
	assert_int_equal(recipients_of(&first), 2);
	assert_false(first.journalled);
	answer = note(w, first.journal, 0);
	assert_int_equal(answer.kind, ANSWER_YES);
	answer_free(&answer);

	answer = seal_mail(w);
	assert_string_equal(answer.journal, first.journal);
	assert_true(answer.journalled);
	assert_int_equal(recipients_of(&answer), 1);
	assert_int_equal(answer.copies[0].recipients.at[0], 1);
	answer_free(&answer);

	answer = note(w, first.journal, 1);
	answer_free(&answer);
	answer = seal_mail(w);
	assert_int_equal(answer.kind, ANSWER_SEALED);
	assert_int_equal(answer.copies_n, 0);
	answer_free(&answer);

	answer = note(w, first.journal, 2);
	answer_free(&answer);
	answer = seal_mail(w);
	assert_int_equal(recipients_of(&answer), 2);
	answer_free(&answer);
	answer_free(&first);
}

static void what_was_noted_outlives_the_engine(void **state)
{
	struct world *w = *state;
	struct answer first = seal_mail(w), answer = note(w, first.journal, 0);
	struct orders orders;

	answer_free(&answer);
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	close(w->orders);
	close(w->link);
	start_engine(w);
	new_link(w);
	assert_int_equal(hear(w, &orders), ORDERS_READY);
	answer = seal_mail(w);
	assert_int_equal(recipients_of(&answer), 1);
	answer_free(&answer);
	answer_free(&first);
}

static void a_message_that_somebody_could_still_change_is_refused(void **state)
{
	struct world *w = *state;
	int fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct err err = { 0 };
	struct answer answer;

	assert_int_equal(write(fd, mail, strlen(mail)), strlen(mail));
	answer = seal_file(w, fd, strlen(mail));
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
	answer = seal_file(w, -1, strlen(mail));
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
	/* its size is not what the worker says */
	answer = seal_file(w, memory_file_new(span_str(mail), &err), strlen(mail) + 1);
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
}

static void without_the_journal_nothing_is_said_to_be_noted(void **state)
{
	struct world *w = *state;
	const struct rlimit none = { 0, 0 };
	struct answer first = seal_mail(w), answer;

	assert_int_equal(prlimit(w->pid, RLIMIT_FSIZE, &none, NULL), 0);
	answer = note(w, first.journal, 0);
	assert_int_equal(answer.kind, ANSWER_REFUSED);
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
	answer_free(&first);
}

static void nonsense_is_not_answered_and_ends_the_link_in_the_end(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct answer answer;
	int first;

	assert_int_equal(channel_send(w->link, span_str("nonsense"), -1, &err), CHANNEL_DONE);
	answer = seal_mail(w);	/* the link lives */
	assert_int_equal(answer.kind, ANSWER_SEALED);
	answer_free(&answer);
	for (int i = 0; i < 20; i++)
		(void)channel_send(w->link, span_str("nonsense"), -1, &err);
	first = w->link;
	wait_readable(first);	/* closed */
	new_link(w);
	answer = seal_mail(w);	/* other workers are served */
	assert_int_equal(answer.kind, ANSWER_SEALED);
	answer_free(&answer);
	close(first);
}

static void asked_to_it_ends_with_all_its_sealers(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	int status;

	assert_int_equal(orders_send(w->orders, ORDERS_DRAIN, 0, NULL, -1, &err), 0);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	assert_int_equal(status, 0);
	w->pid = 0;
	/* nobody holds the other ends any more */
	wait_readable(w->link);
}

static void a_state_that_cannot_be_used_is_said(void **state)
{
	struct world *w = *state;
	struct orders orders;

	write_file(w->dir, "state.db", "this is no database, as everybody can see, "
		   "for it begins with words and goes on with words, and where "
		   "the first page should be there are only more words");
	start_engine(w);
	assert_int_equal(hear(w, &orders), ORDERS_CANNOT);
	assert_non_null(strstr(orders.text, "not a database"));
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_ready, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_the_envelope_decides_is_answered),
		TEST(a_repeat_is_for_those_who_have_not_had_it),
		TEST(what_was_noted_outlives_the_engine),
		TEST(a_message_that_somebody_could_still_change_is_refused),
		TEST(without_the_journal_nothing_is_said_to_be_noted),
		TEST(nonsense_is_not_answered_and_ends_the_link_in_the_end),
		TEST(asked_to_it_ends_with_all_its_sealers),
		cmocka_unit_test_setup_teardown(a_state_that_cannot_be_used_is_said, set_up,
						tear_down),
	};

	if (argc > 1 && strcmp(argv[1], "@policy") == 0)
		return policy_process_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "@sealer") == 0)
		return sealer_main(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
