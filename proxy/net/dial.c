/*
 * dial - see dial.h. Addresses are tried in the resolver's order, families by
 * turns; the next one starts when one has failed or has not answered for a
 * moment, and the first to answer wins (RFC 8305, in short).
 */
#include "proxy/net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <letterlock/mem.h>

#include "proxy/net/conn.h"
#include "proxy/net/conn_make.h"
#include "proxy/net/loop.h"

enum {
	DIAL_TIME = 30 * 1000,	/* ms in all, implicit TLS included */
	NEXT_AFTER = 250,	/* ms, RFC 8305 5 */
	ADDRESSES_MAX = 8,
};

struct dialler;

struct attempt {
	struct dialler *dialler;
	struct sockaddr_storage to;
	socklen_t len;
	int fd;			/* -1: not begun, or failed */
	struct watch *watch;
};

struct lookup {
	uv_getaddrinfo_t request;
	struct dialler *dialler;	/* NULL: nobody waits any more */
};

struct dialler {
	struct loop *loop;
	struct conn *conn;
	struct upstream *upstream;
	struct lookup *lookup;
	struct timer *next;
	struct attempt attempts[ADDRESSES_MAX];
	size_t n, begun, failed;
	int error;		/* of the last attempt that failed, as libuv's */
};

static void stop(struct attempt *attempt)
{
	if (attempt->fd < 0)
		return;
	watch_free(attempt->watch);
	close(attempt->fd);
	attempt->fd = -1;
}

/* The conn does not want a socket any more, or has one. */
static void on_cancel(void *owner)
{
	struct dialler *d = owner;

	if (d->lookup) {
		d->lookup->dialler = NULL;
		uv_cancel((uv_req_t *)&d->lookup->request);
	}
	for (size_t i = 0; i < d->n; i++)
		stop(&d->attempts[i]);
	timer_free(d->next);
	free(d);
}

static void give_up(struct dialler *d)
{
	const struct endpoint *address = &upstream_settings(d->upstream)->address;
	char reason[300];

	snprintf(reason, sizeof(reason), "%s (%s port %u)", uv_strerror(d->error), address->host,
		 address->port);
	conn_unreachable(d->conn, reason);
}

static void begin_next(struct dialler *d);

static void on_failed(struct dialler *d, int error)
{
	d->error = error;
	d->failed++;
	if (d->begun < d->n)
		begin_next(d);
	else if (d->failed == d->n)
		give_up(d);
}

static void on_ready(void *owner, bool readable, bool writable)
{
	struct attempt *attempt = owner;
	struct dialler *d = attempt->dialler;
	struct sockaddr_storage peer = attempt->to;
	int fd = attempt->fd;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)readable;
	(void)writable;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		stop(attempt);
		on_failed(d, -error);
		return;
	}
	watch_free(attempt->watch);
	attempt->fd = -1;	/* the conn's */
	conn_connected(d->conn, fd, (struct sockaddr *)&peer,
		       upstream_settings(d->upstream)->tls == UPSTREAM_IMPLICIT
			       ? upstream_creds(d->upstream)
			       : NULL);
}

static int begin(struct attempt *attempt)
{
	int fd = socket(attempt->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&attempt->to, attempt->len) < 0 &&
	    errno != EINPROGRESS) {
		int error = -errno;

		close(fd);
		return error;
	}
	attempt->fd = fd;
	attempt->watch = watch_new(attempt->dialler->loop, fd, on_ready, attempt);
	watch_want(attempt->watch, false, true);
	return 0;
}

static void begin_next(struct dialler *d)
{
	while (d->begun < d->n) {
		int error = begin(&d->attempts[d->begun++]);

		if (error == 0) {
			timer_start(d->next, NEXT_AFTER);
			return;
		}
		d->error = error;
		d->failed++;
	}
	if (d->failed == d->n)
		give_up(d);
}

static void on_next(void *owner)
{
	begin_next(owner);
}

static void add(struct dialler *d, const struct addrinfo *found)
{
	struct attempt *attempt = &d->attempts[d->n++];

	attempt->dialler = d;
	attempt->fd = -1;
	attempt->len = found->ai_addrlen;
	memcpy(&attempt->to, found->ai_addr, found->ai_addrlen);
}

static const struct addrinfo *next_of(const struct addrinfo *at, int family, bool same)
{
	while (at && ((at->ai_family == family) != same ||
		      at->ai_addrlen > sizeof(struct sockaddr_storage)))
		at = at->ai_next;
	return at;
}

/* The first one's family and the other one by turns: where one of them leads
 * nowhere, the other is not far. */
static void add_all(struct dialler *d, const struct addrinfo *found)
{
	int family = found->ai_family;
	const struct addrinfo *a = next_of(found, family, true);
	const struct addrinfo *b = next_of(found, family, false);

	while (d->n < ADDRESSES_MAX && (a || b)) {
		if (a) {
			add(d, a);
			a = next_of(a->ai_next, family, true);
		}
		if (b && d->n < ADDRESSES_MAX) {
			add(d, b);
			b = next_of(b->ai_next, family, false);
		}
	}
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct lookup *lookup = request->data;
	struct dialler *d = lookup->dialler;

	free(lookup);
	if (d) {
		d->lookup = NULL;
		d->error = status < 0 ? status : UV_EAI_NODATA;
		if (status == 0 && found)
			add_all(d, found);
		begin_next(d);
	}
	uv_freeaddrinfo(found);
}

static void look_up(struct dialler *d)
{
	const struct endpoint *address = &upstream_settings(d->upstream)->address;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char port[12];

	snprintf(port, sizeof(port), "%u", address->port);
	if (getaddrinfo(address->host, port, &hints, &found) == 0) {
		add_all(d, found);	/* an IP address needs no thread */
		freeaddrinfo(found);
		begin_next(d);
		return;
	}
	hints.ai_flags = AI_NUMERICSERV;
	d->lookup = mem_new(sizeof(*d->lookup));
	d->lookup->dialler = d;
	d->lookup->request.data = d->lookup;
	d->error = uv_getaddrinfo(loop_uv(d->loop), &d->lookup->request, on_found, address->host,
				  port, &hints);
	if (d->error == 0)
		return;
	free(d->lookup);
	d->lookup = NULL;
	give_up(d);
}

struct conn *dial(struct loop *loop, struct upstream *upstream, const struct conn_events *events,
		  void *owner)
{
	struct dialler *d = mem_new(sizeof(*d));
	struct conn *conn;

	d->loop = loop;
	d->upstream = upstream;
	d->next = timer_new(loop, on_next, d);
	conn = conn_dialling(loop, DIAL_TIME, on_cancel, d);
	d->conn = conn;
	conn_own(conn, events, owner);
	look_up(d);
	return conn;
}
