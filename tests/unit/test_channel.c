#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <letterlock/channel.h>

static int ends[2];
static struct buf message;
static struct err err;

static int open_pair(void **state)
{
	(void)state;
	buf_init(&message, CHANNEL_MAX);
	return channel_pair(ends, &err);
}

static int close_pair(void **state)
{
	(void)state;
	buf_free(&message);
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return 0;
}

static void messages_stay_whole_and_apart(void **state)
{
	int passed;

	(void)state;
	assert_int_equal(channel_receive(ends[1], &message, &passed, &err), CHANNEL_AGAIN);
	assert_int_equal(channel_send(ends[0], span_str("one"), -1, &err), CHANNEL_DONE);
	assert_int_equal(channel_send(ends[0], span_str("two"), -1, &err), CHANNEL_DONE);
	assert_int_equal(channel_receive(ends[1], &message, &passed, &err), CHANNEL_DONE);
	assert_true(span_is(buf_span(&message), "one"));
	assert_int_equal(passed, -1);
	assert_int_equal(channel_receive(ends[1], &message, &passed, &err), CHANNEL_DONE);
	assert_true(span_is(buf_span(&message), "two"));
	assert_int_equal(channel_receive(ends[1], &message, &passed, &err), CHANNEL_AGAIN);
}

static void the_largest_message_passes_and_nothing_larger(void **state)
{
	char *large = calloc(1, CHANNEL_MAX + 1);
	enum channel_result result;
	int passed, sent = 1;

	(void)state;
	large[CHANNEL_MAX - 1] = 'x';
	assert_int_equal(channel_send(ends[0], span_of(large, CHANNEL_MAX + 1), -1, &err),
			 CHANNEL_FAILED);
	assert_int_equal(channel_send(ends[0], span_of(large, 0), -1, &err), CHANNEL_FAILED);
	assert_int_equal(channel_send(ends[0], span_of(large, CHANNEL_MAX), -1, &err),
			 CHANNEL_DONE);
	do
		result = channel_send(ends[0], span_of(large, CHANNEL_MAX), -1, &err);
	while (result == CHANNEL_DONE && ++sent < 100);
	assert_int_equal(result, CHANNEL_AGAIN);
	for (; sent > 0; sent--) {
		assert_int_equal(channel_receive(ends[1], &message, &passed, &err),
				 CHANNEL_DONE);
		assert_true(span_eq(buf_span(&message), span_of(large, CHANNEL_MAX)));
	}
	free(large);
}

static void a_descriptor_travels_beside_a_message(void **state)
{
	int pipes[2], passed;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(channel_send(ends[0], span_str("take"), pipes[0], &err), CHANNEL_DONE);
	close(pipes[0]);
	assert_int_equal(channel_receive(ends[1], &message, &passed, &err), CHANNEL_DONE);
	assert_true(passed >= 0);
	assert_true(fcntl(passed, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(pipes[1], "!", 1), 1);
	assert_int_equal(read(passed, &byte, 1), 1);
	assert_int_equal(byte, '!');
	close(passed);
	close(pipes[1]);
}

/* How many descriptors below 100 are open: what leaks shows. */
static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 100; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void two_descriptors_are_refused_and_closed(void **state)
{
	int both[2] = { ends[0], ends[1] }, before, passed;
	char control[CMSG_SPACE(sizeof(both))] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	(void)state;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(both));
	memcpy(CMSG_DATA(c), both, sizeof(both));
	before = open_descriptors();
	assert_int_equal(sendmsg(ends[0], &msg, 0), 1);
	assert_int_equal(channel_receive(ends[1], &message, &passed, &err), CHANNEL_FAILED);
	assert_int_equal(err.kind, ERR_PEER);
	assert_int_equal(passed, -1);
	assert_int_equal(open_descriptors(), before);
}

static void what_was_said_before_the_end_is_still_heard(void **state)
{
	int passed, first = ends[0];

	(void)state;
	assert_int_equal(channel_send(ends[0], span_str("unread"), -1, &err), CHANNEL_DONE);
	assert_int_equal(channel_send(ends[1], span_str("last"), -1, &err), CHANNEL_DONE);
	close(ends[1]);
	ends[1] = -1;
	assert_int_equal(channel_receive(first, &message, &passed, &err), CHANNEL_DONE);
	assert_true(span_is(buf_span(&message), "last"));
	assert_int_equal(channel_receive(first, &message, &passed, &err), CHANNEL_CLOSED);
	assert_int_equal(channel_send(first, span_str("x"), -1, &err), CHANNEL_FAILED);
}

static void a_message_larger_than_the_limit_is_refused(void **state)
{
	struct buf small;
	int passed;

	(void)state;
	buf_init(&small, 10);
	assert_int_equal(channel_receive(ends[1], &small, &passed, &err), CHANNEL_FAILED);
	assert_int_equal(err.kind, ERR_BUG);
	buf_free(&small);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pair, close_pair)
	const struct CMUnitTest tests[] = {
		TEST(messages_stay_whole_and_apart),
		TEST(the_largest_message_passes_and_nothing_larger),
		TEST(a_descriptor_travels_beside_a_message),
		TEST(two_descriptors_are_refused_and_closed),
		TEST(what_was_said_before_the_end_is_still_heard),
		TEST(a_message_larger_than_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
