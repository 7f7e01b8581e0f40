#include "engine_world.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/rules/conf.h"
#include "policy/run/child.h"
#include "policy/run/policy_process.h"
#include "policy/run/sealer.h"
#include "policy/run/snapshot.h"

bool engine_world_child(int argc, char **argv, int *status)
{
	if (argc > 1 && strcmp(argv[1], "@policy") == 0)
		*status = policy_process_main(argc - 1, argv + 1);
	else if (argc > 1 && strcmp(argv[1], "@sealer") == 0)
		*status = sealer_main(argc - 1, argv + 1);
	else
		return false;
	return true;
}

void engine_world_write(const struct engine_world *world, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", world->dir, name);
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

void engine_world_start(struct engine_world *w)
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

void engine_world_link(struct engine_world *w)
{
	struct err err = { 0 };
	int ends[2];

	assert_int_equal(channel_pair(ends, &err), 0);
	assert_int_equal(orders_send(w->orders, ORDERS_LINK, 0, NULL, ends[0], &err), 0);
	close(ends[0]);
	w->link = ends[1];
}

void engine_world_wait(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&one, 1, 60000), 1);
}

enum orders_kind engine_world_hear(struct engine_world *w, struct orders *orders)
{
	struct err err = { 0 };
	int passed;

	engine_world_wait(w->orders);
	assert_int_equal(orders_receive(w->orders, orders, &passed, &err), CHANNEL_DONE);
	return orders->kind;
}

int engine_world_make(void **state)
{
	struct engine_world *w = mem_new(sizeof(*w));

	memcpy(w->dir, "/tmp/llengineXXXXXX", 20);
	if (!mkdtemp(w->dir))
		return -1;
	engine_world_write(w, "letterlock.conf",
		   "[gateway]\nhostname = gw.example.org\npolicy = policy.conf\n"
		   "state = state.db\nworkers = 2\n"
		   "[listen l]\nprotocol = smtp\naddress = 127.0.0.1:2525\ntls = none\n"
		   "upstream = u\n"
		   "[upstream u]\naddress = 127.0.0.1:2526\ntls = none\n");
	engine_world_write(w, "policy.conf",
		   "[rule no]\nto = *@refused.example\naction = reject\n"
		   "[rule all]\nencrypt = no\n");
	w->orders = w->link = -1;
	*state = w;
	return 0;
}

void engine_world_ready(struct engine_world *w)
{
	struct orders orders;

	engine_world_start(w);
	engine_world_link(w);	/* before it is ready: it waits */
	assert_int_equal(engine_world_hear(w, &orders), ORDERS_READY);
}

int engine_world_make_ready(void **state)
{
	if (engine_world_make(state) < 0)
		return -1;
	engine_world_ready(*state);
	return 0;
}

void engine_world_kill(struct engine_world *w)
{
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
	}
	if (w->orders >= 0)
		close(w->orders);
	if (w->link >= 0)
		close(w->link);
	w->orders = w->link = -1;
	w->pid = 0;
}

int engine_world_end(void **state)
{
	struct engine_world *w = *state;
	static const char *const names[] = { "letterlock.conf", "policy.conf", "state.db",
					     "state.db-wal", "state.db-shm" };

	engine_world_kill(w);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = mem_printf("%s/%s", w->dir, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(w->dir);
	free(w);
	return 0;
}

struct ask engine_world_question(struct engine_world *w, enum ask_kind kind)
{
	struct ask ask = { .id = ++w->id, .kind = kind };

	ask.envelope.listener = mem_strdup("l");
	ask.envelope.login = mem_strdup("alice@example.org");
	ask.envelope.client = mem_strdup("127.0.0.1");
	ask.envelope.sender = mem_strdup("alice@example.org");
	return ask;
}

void engine_world_put(struct engine_world *w, struct ask *ask, int passed)
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

struct answer engine_world_answer(struct engine_world *w, uint64_t id, int *passed)
{
	struct answer answer = { 0 };
	struct err err = { 0 };
	struct buf wire;
	int fd;

	buf_init(&wire, CHANNEL_MAX);
	engine_world_wait(w->link);
	assert_int_equal(channel_receive(w->link, &wire, &fd, &err), CHANNEL_DONE);
	assert_int_equal(answer_decode(buf_span(&wire), &answer, &err), 0);
	assert_int_equal(answer.id, id);
	if (passed)
		*passed = fd;
	else if (fd >= 0)
		close(fd);
	buf_free(&wire);
	return answer;
}

