#include "policy/run/as_account.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/run/child.h"

/* The child: never returns. */
static void work_as(const struct child_account *account, as_account_work *work,
		    void *argument, size_t max, int to)
{
	struct err err = { 0 };
	struct span rest;
	struct buf out;

	buf_init(&out, max);
	if (child_become(account) < 0 || work(argument, &out, &err) < 0)
		_exit(1);
	rest = buf_span(&out);
	while (rest.len > 0) {
		ssize_t n = write(to, rest.at, rest.len);

		if (n < 0 && errno != EINTR)
			_exit(1);
		rest = span_skip(rest, n > 0 ? (size_t)n : 0);
	}
	_exit(0);
}

/* All that comes until the other end closes. */
static int read_all(int in, struct buf *bytes)
{
	char piece[16384];

	for (;;) {
		ssize_t n = read(in, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		if (buf_put(bytes, span_of(piece, (size_t)n)) < 0)
			return -1;
	}
}

static int in_child(const struct child_account *account, as_account_work *work,
		    void *argument, struct buf *out, struct err *err)
{
	int ends[2], status = 1, got = -1;
	pid_t child;

	if (pipe(ends) < 0)
		return err_errno(err, ERR_TEMP, errno, "asking another account");
	child = fork();
	if (child == 0) {
		close(ends[0]);
		work_as(account, work, argument, buf_room(out), ends[1]);
	}
	close(ends[1]);
	if (child > 0) {
		got = read_all(ends[0], out);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	if (child < 0)
		return err_set(err, ERR_TEMP, "cannot fork to ask another account");
	return got == 0 && status == 0 ? 0 : -1;
}

int as_account(const char *account, as_account_work *work, void *argument, struct buf *out,
	       struct err *err)
{
	struct child_account who;

	if (child_account(account, &who, err) < 0)
		return -1;
	if (!who.drop)
		return work(argument, out, err);
	*err = (struct err){ 0 };
	if (in_child(&who, work, argument, out, err) == 0)
		return 0;
	return err->kind != ERR_NONE ? -1 :
	       err_set(err, ERR_CONF, "it could not be looked into as %s", account);
}
