/* listener - see listener.h. */
#include "proxy/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/net/conn.h"
#include "proxy/net/conn_make.h"
#include "proxy/net/loop.h"
#include "proxy/net/tally.h"

enum {
	ACCEPT_AT_ONCE = 16,	/* a turn: other workers want some, too */
	SHORT_OF_FILES = 100,	/* ms until it is tried again */
};

struct listener {
	struct loop *loop;
	int fd;
	struct watch *watch;
	struct timer *again;
	bool paused;		/* by listener_pause() */
	struct tally *tally;
	unsigned per_peer;
	bool loopback_counts;
	void (*accepted)(void *owner, struct conn *conn);
	void *owner;
};

/* Numeric `host` and port as a socket address; its length, 0 when it is none. */
static socklen_t address_of(const struct endpoint *endpoint, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	*to = (struct sockaddr_storage){ 0 };
	if (inet_pton(AF_INET, endpoint->host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)endpoint->port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, endpoint->host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)endpoint->port);
		return sizeof(*v6);
	}
	return 0;
}

static int bind_to(int fd, const struct sockaddr_storage *to, socklen_t len)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -1;
	/* [::]:25 and 0.0.0.0:25 are two listeners */
	if (to->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)to, len) < 0)
		return -1;
	return listen(fd, LISTENER_BACKLOG);
}

static const char *remedy(int why)
{
	if (why == EACCES)
		return "; write a port above 1023, or start as root, with user = ACCOUNT";
	if (why == EADDRINUSE)
		return "; end what listens there, or write another port";
	return "";
}

int listener_bind(const struct listener_settings *settings, int *fd, struct err *err)
{
	const struct endpoint *address = &settings->address;
	struct sockaddr_storage to;
	socklen_t len = address_of(address, &to);
	struct err plain;
	int why;

	*fd = -1;
	if (len == 0)
		return err_set(err, ERR_CONF, "listener %s: %s is not an IP address",
			       settings->name, address->host);
	*fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd >= 0 && bind_to(*fd, &to, len) == 0)
		return 0;
	why = errno;
	err_errno(&plain, ERR_CONF, why, "listener %s: cannot listen on %s port %u",
		  settings->name, address->host, address->port);
	err_set(err, ERR_CONF, "%s%s", plain.text, remedy(why));
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return -1;
}

/* Whom a connection counts for: the address, of IPv6 its /64, since that is
 * what one host is given. */
static const char *peer_key(const struct conn *conn, char key[INET6_ADDRSTRLEN])
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, conn_peer(conn), &v6) != 1)
		return conn_peer(conn);
	for (size_t i = 8; i < sizeof(v6.s6_addr); i++)
		v6.s6_addr[i] = 0;
	return inet_ntop(AF_INET6, &v6, key, INET6_ADDRSTRLEN);
}

static void on_gone(void *owner, const struct conn *conn)
{
	char key[INET6_ADDRSTRLEN];

	tally_leave(owner, peer_key(conn, key));
}

static void take(struct listener *listener, int fd, const struct sockaddr_storage *peer)
{
	char key[INET6_ADDRSTRLEN];
	unsigned most = listener->per_peer;
	struct conn *conn;

	conn = conn_accepted(listener->loop, fd, (const struct sockaddr *)peer);
	if (conn_loopback(conn) && !listener->loopback_counts)
		most = 0;
	if (!tally_enter(listener->tally, peer_key(conn, key), most)) {
		conn_abort(conn);
		return;
	}
	conn_when_gone(conn, on_gone, listener->tally);
	listener->accepted(listener->owner, conn);
}

static void want(struct listener *listener)
{
	watch_want(listener->watch, !listener->paused, false);
}

static void on_again(void *owner)
{
	want(owner);
}

static void on_ready(void *owner, bool readable, bool writable)
{
	struct listener *listener = owner;

	(void)readable;
	(void)writable;
	for (int i = 0; i < ACCEPT_AT_ONCE && !listener->paused; i++) {
		struct sockaddr_storage peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(listener->fd, (struct sockaddr *)&peer, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			take(listener, fd, &peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			/* the waiting connection would wake us for ever */
			watch_want(listener->watch, false, false);
			timer_start(listener->again, SHORT_OF_FILES);
		}
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

struct listener *listener_new(struct loop *loop, int fd,
			      void (*accepted)(void *owner, struct conn *conn), void *owner)
{
	struct listener *listener = mem_new(sizeof(*listener));

	listener->loop = loop;
	listener->fd = fd;
	listener->accepted = accepted;
	listener->owner = owner;
	listener->per_peer = LISTENER_PER_PEER;
	listener->tally = tally_new();
	listener->again = timer_new(loop, on_again, listener);
	listener->watch = watch_new(loop, fd, on_ready, listener);
	watch_want(listener->watch, true, false);
	return listener;
}

void listener_pause(struct listener *listener)
{
	listener->paused = true;
	want(listener);
}

void listener_resume(struct listener *listener)
{
	listener->paused = false;
	want(listener);
}

void listener_per_peer(struct listener *listener, unsigned most)
{
	listener->per_peer = most;
	listener->loopback_counts = true;
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	watch_free(listener->watch);
	timer_free(listener->again);
	tally_free(listener->tally);
	free(listener);
}
