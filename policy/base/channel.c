#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <letterlock/channel.h>

/* The kernel books its own overhead against the buffer, too. */
enum { SOCKET_BUFFER = CHANNEL_MAX + 8 * 1024 };

/* Room for one descriptor, aligned as CMSG_FIRSTHDR wants it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* Gives `fd` a buffer that takes a message of CHANNEL_MAX. */
static int size_buffer(int fd, struct err *err)
{
	int want = SOCKET_BUFFER, got = 0;
	socklen_t len = sizeof(got);

	/* FORCE passes net.core.wmem_max, but only root may. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want)) < 0)
		return err_errno(err, ERR_CONF, errno, "sizing a channel");
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &got, &len) < 0)
		return err_errno(err, ERR_CONF, errno, "sizing a channel");
	if (got < SOCKET_BUFFER)
		return err_set(err, ERR_CONF, "net.core.wmem_max is too small: "
			       "a channel holds %d bytes, not %d", got, SOCKET_BUFFER);
	return 0;
}

int channel_pair(int ends[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends) < 0)
		return err_errno(err, ERR_TEMP, errno, "making a channel");
	if (size_buffer(ends[0], err) < 0 || size_buffer(ends[1], err) < 0) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	return 0;
}

static enum channel_result failed(struct err *err, enum err_kind kind, const char *why)
{
	err_set(err, kind, "%s", why);
	return CHANNEL_FAILED;
}

static bool would_block(int errno_value)
{
	return errno_value == EAGAIN || errno_value == EWOULDBLOCK;
}

enum channel_result channel_send(int fd, struct span message, int passed,
				 struct err *err)
{
	union control control = { .bytes = { 0 } };
	struct iovec iov = { .iov_base = (void *)message.at, .iov_len = message.len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	/* An empty packet would look like the end of the channel. */
	if (message.len == 0 || message.len > CHANNEL_MAX)
		return failed(err, ERR_BUG, "a message does not fit the channel");
	if (passed >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &passed, sizeof(passed));
	}
	do
		sent = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return CHANNEL_DONE;
	if (would_block(errno))
		return CHANNEL_AGAIN;
	err_errno(err, ERR_TEMP, errno, "sending over a channel");
	return CHANNEL_FAILED;
}

/* Takes the descriptor out of what came along. False when there were several:
 * two fit where alignment leaves room for one. All of them are closed then. */
static bool take_descriptor(struct msghdr *msg, int *passed)
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len;
		     at += sizeof(int)) {
			if (n++ > 0)
				close(*passed);
			memcpy(passed, (char *)c + at, sizeof(*passed));
		}
	}
	if (n > 1) {
		close(*passed);
		*passed = -1;
	}
	return n <= 1 && !(msg->msg_flags & MSG_CTRUNC);
}

/*
 * An end that closes with our words unread leaves ECONNRESET here, once, even
 * in front of what it said before: so the second try finds that, or the end.
 */
static ssize_t receive(int fd, struct msghdr *msg)
{
	bool reset = false;

	for (;;) {
		ssize_t got = recvmsg(fd, msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (got < 0 && errno == ECONNRESET && !reset)
			reset = true;
		else if (got >= 0 || errno != EINTR)
			return got;
	}
}

enum channel_result channel_receive(int fd, struct buf *message, int *passed,
				    struct err *err)
{
	union control control = { .bytes = { 0 } };
	struct iovec iov = { .iov_len = CHANNEL_MAX };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;
	bool one;

	*passed = -1;
	buf_clear(message);
	iov.iov_base = buf_reserve(message, CHANNEL_MAX);
	if (!iov.iov_base)
		return failed(err, ERR_BUG, "the buffer is smaller than a message");
	got = receive(fd, &msg);
	if (got < 0 && would_block(errno))
		return CHANNEL_AGAIN;
	if (got < 0) {
		err_errno(err, ERR_TEMP, errno, "receiving from a channel");
		return CHANNEL_FAILED;
	}
	one = take_descriptor(&msg, passed);
	if (one && got > 0 && !(msg.msg_flags & MSG_TRUNC)) {
		buf_commit(message, (size_t)got);
		return CHANNEL_DONE;
	}
	if (*passed >= 0)
		close(*passed);
	if (got == 0 && *passed < 0 && one)
		return CHANNEL_CLOSED;
	*passed = -1;
	return failed(err, ERR_PEER, "a message over a channel was malformed");
}
