/* conn - see conn.h: what sessions, listener and dial call. What happens then
 * is conn_turn's. */
#include "proxy/net/conn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

#include "proxy/engine/tls_engine.h"
#include "proxy/net/conn_make.h"
#include "proxy/net/conn_state.h"
#include "proxy/net/spare.h"
#include "proxy/net/tls_creds.h"

enum {
	/* high water, and what one read can bring on top */
	IN_MAX = CONN_HIGH_WATER + WIRE_READ,
	OUT_MAX = 1024 * 1024,
};

void conn_own(struct conn *conn, const struct conn_events *events, void *owner)
{
	if (conn->state >= CONN_CLOSING)
		return;
	conn->events = events;
	conn->owner = owner;
	conn->bytes_due = conn->in.len > 0;
	conn_turn_ask(conn);
}

struct buf *conn_in(struct conn *conn)
{
	if (conn->filled || conn->ended)
		conn_turn_ask(conn);
	return &conn->in;
}

struct buf *conn_out(struct conn *conn)
{
	if (!conn->telling)
		conn_turn_ask(conn);
	if (!conn->out.data)
		spare_lend(loop_spare(conn->loop), &conn->out);
	return &conn->out;
}

void conn_flush(struct conn *conn)
{
	if (conn->state == CONN_OPEN && !conn->blocked)
		conn_turn_write(conn);
	conn_turn_ask(conn);
}

bool conn_full(const struct conn *conn)
{
	return conn->out.len + wire_waiting(&conn->wire) > CONN_HIGH_WATER;
}

void conn_want_drained(struct conn *conn)
{
	conn->drained_wanted = true;
	conn_turn_ask(conn);
}

void conn_read(struct conn *conn, bool on)
{
	if (on && !conn->reading && conn->in.len > 0)
		conn->bytes_due = true;
	conn->reading = on;
	conn_turn_ask(conn);
}

void conn_start_tls(struct conn *conn, const struct tls_creds *creds)
{
	struct err why = { .kind = ERR_NONE };

	if (conn->state >= CONN_CLOSING)
		return;
	if (conn->state != CONN_OPEN || conn->secure)
		err_set(&why, ERR_BUG, "TLS was to start twice");
	else if (conn->in.len > 0)
		err_set(&why, ERR_PEER, "bytes came ahead of the TLS handshake");
	else
		conn->upgrade = tls_creds_engine(creds, &why);
	conn->state = CONN_BEFORE_TLS;
	conn->bytes_due = false;
	conn->filled = false;
	if (!conn->upgrade)
		conn_turn_end(conn, &why);
	conn_turn_ask(conn);
}

bool conn_secure(const struct conn *conn)
{
	return conn->secure;
}

const char *conn_tls_text(const struct conn *conn)
{
	return conn->wire.tls ? tls_engine_text(conn->wire.tls) : "";
}

bool conn_resumed(const struct conn *conn)
{
	return conn->wire.tls && tls_engine_resumed(conn->wire.tls);
}

void conn_deadline(struct conn *conn, uint64_t ms)
{
	if (conn->state >= CONN_CLOSING)
		return;
	conn->deadline_at = ms ? loop_now(conn->loop) + ms : 0;
	conn_turn_clock(conn);
}

void conn_close(struct conn *conn)
{
	if (conn->state >= CONN_CLOSING)
		return;
	if (conn->state == CONN_OPEN || conn->state == CONN_BEFORE_TLS)
		conn_turn_close(conn);
	else
		conn_turn_destroy(conn);
}

void conn_abort(struct conn *conn)
{
	conn_turn_destroy(conn);
}

const char *conn_peer(const struct conn *conn)
{
	return conn->peer;
}

bool conn_loopback(const struct conn *conn)
{
	return conn->loopback;
}

static struct conn *conn_new(struct loop *loop)
{
	struct conn *conn = mem_new(sizeof(*conn));

	conn->reading = true;
	wire_init(&conn->wire, -1, loop_spare(loop));
	buf_init(&conn->in, IN_MAX);
	buf_init(&conn->out, OUT_MAX);
	conn_turn_init(conn, loop);
	return conn;
}

static void set_peer(struct conn *conn, const struct sockaddr *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)peer;

	if (peer->sa_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, conn->peer, sizeof(conn->peer));
		conn->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	} else if (peer->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, conn->peer, sizeof(conn->peer));
		conn->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	}
}

static void attach(struct conn *conn, int fd, const struct sockaddr *peer)
{
	int on = 1;

	/* one write for what is ready is our own doing; Nagle's would cost a
	 * delayed ACK, 40 ms, for each message of more than a segment */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	set_peer(conn, peer);
	conn_turn_attach(conn, fd);
}

struct conn *conn_accepted(struct loop *loop, int fd, const struct sockaddr *peer)
{
	struct conn *conn = conn_new(loop);

	attach(conn, fd, peer);
	return conn;
}

void conn_when_gone(struct conn *conn, void (*gone)(void *owner, const struct conn *conn),
		    void *owner)
{
	conn->gone = gone;
	conn->gone_owner = owner;
}

struct conn *conn_dialling(struct loop *loop, uint64_t ms,
			   void (*cancel)(void *dialler), void *dialler)
{
	struct conn *conn = conn_new(loop);

	conn->cancel = cancel;
	conn->dialler = dialler;
	conn->ready_by = loop_now(loop) + ms;
	conn_turn_clock(conn);
	return conn;
}

void conn_connected(struct conn *conn, int fd, const struct sockaddr *peer,
		    const struct tls_creds *creds)
{
	void (*cancel)(void *dialler) = conn->cancel;

	conn->cancel = NULL;
	cancel(conn->dialler);
	attach(conn, fd, peer);
	if (creds) {
		conn_start_tls(conn, creds);
		return;
	}
	conn->ready_by = 0;
	conn->ready_due = true;
}

void conn_unreachable(struct conn *conn, const char *reason)
{
	struct err why;

	err_set(&why, ERR_TEMP, "unreachable: %s", reason);
	conn_turn_end(conn, &why);
	conn_turn_ask(conn);
}
