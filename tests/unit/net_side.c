/* net_side - see net_side.h. */
#include "net_side.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <letterlock/mem.h>

#include "proxy/net/conn_make.h"
#include "proxy/net/dial.h"
#include "proxy/net/listener.h"
#include "proxy/net/tls_creds.h"

#include "tls_certs.h"

enum { GUARD = 60 * 1000, GOT_MAX = 1024 * 1024 };

static void on_guard(void *owner)
{
	(void)owner;
	fprintf(stderr, "the test hung\n");
	abort();
}

void side_init(struct side *side)
{
	*side = (struct side){ .loop = loop_new() };
	buf_init(&side->got, GOT_MAX);
	side->guard = timer_new(side->loop, on_guard, side);
	timer_start(side->guard, GUARD);
}

static void happened(struct side *side, enum side_event event)
{
	if (side->on)
		side->on(side, event);
}

static void on_bytes(void *owner)
{
	struct side *side = owner;
	struct buf *in = conn_in(side->conn);

	side->bytes++;
	if (!side->hold) {
		side->count += in->len;
		if (!side->swallow && buf_put(&side->got, buf_span(in)) < 0)
			abort();
		buf_drop(in, in->len);
	}
	happened(side, SIDE_BYTES);
}

static void on_drained(void *owner)
{
	struct side *side = owner;

	side->drained++;
	happened(side, SIDE_DRAINED);
}

static void on_ready(void *owner)
{
	struct side *side = owner;

	side->ready++;
	happened(side, SIDE_READY);
}

static void on_closed(void *owner, const struct err *why)
{
	struct side *side = owner;

	side->closed++;
	side->why = *why;
	side->conn = NULL;
	happened(side, SIDE_CLOSED);
	loop_stop(side->loop);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_drained,
	.ready = on_ready,
	.closed = on_closed,
};

void side_own(struct side *side, struct conn *conn)
{
	side->conn = conn;
	conn_own(conn, &events, side);
}

void side_run(struct side *side)
{
	loop_run(side->loop);
}

void side_done(struct side *side)
{
	side->conn = NULL;
	loop_stop(side->loop);
}

void side_free(struct side *side)
{
	timer_free(side->guard);
	loop_free(side->loop);
	buf_free(&side->got);
}

struct upstream_settings *side_upstream(unsigned port, const struct cert *ca,
					const struct cert *pinned)
{
	struct upstream_settings *settings = mem_new(sizeof(*settings));

	settings->name = mem_strdup("provider");
	settings->address = (struct endpoint){ mem_strdup("127.0.0.1"), port };
	settings->server_name = mem_strdup("smtp.example.org");
	settings->tls = UPSTREAM_IMPLICIT;
	settings->verify = ca ? VERIFY_CA : VERIFY_PIN;
	if (ca) {
		settings->ca_file = mem_strdup("/etc/letterlock/ca.pem");
		strs_add(&settings->ca_pem, span_str(ca->pem));
	}
	if (pinned)
		strs_add(&settings->pins, span_str(pinned->pin));
	return settings;
}

void side_upstream_free(struct upstream_settings *settings)
{
	free(settings->name);
	free(settings->address.host);
	free(settings->server_name);
	free(settings->ca_file);
	free(settings->crl_file);
	strs_free(&settings->ca_pem);
	strs_free(&settings->crl_pem);
	strs_free(&settings->pins);
	free(settings);
}

struct listener_settings *side_listener(const struct cert *cert)
{
	struct listener_settings *settings = mem_new(sizeof(*settings));

	settings->name = mem_strdup("submission");
	settings->address.host = mem_strdup("127.0.0.1");
	settings->tls = LISTEN_STARTTLS;
	if (cert) {
		strs_add(&settings->certificate_pem, span_str(cert->pem));
		strs_add(&settings->private_key_pem, span_str(cert->key_pem));
	}
	return settings;
}

int side_bound(struct listener_settings *settings, unsigned *port)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	struct err err;
	int fd;

	if (listener_bind(settings, &fd, &err) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}

void side_listener_free(struct listener_settings *settings)
{
	free(settings->name);
	free(settings->address.host);
	strs_free(&settings->certificate_pem);
	strs_free(&settings->private_key_pem);
	free(settings);
}

void clear_start(struct clear *c, void (*script)(struct peer *peer),
			void (*on)(struct side *side, enum side_event event))
{
	struct err err;

	*c = (struct clear){ .upstream = NULL };
	peer_listen(&c->peer, script, NULL);
	side_init(&c->side);
	c->side.on = on;
	c->settings = side_upstream(c->peer.port, NULL, NULL);
	c->settings->tls = UPSTREAM_NONE;
	c->upstream = upstream_new(c->settings, &err);
	if (!c->upstream)
		abort();
	side_own(&c->side, dial(c->side.loop, c->upstream, NULL, NULL));
}

void clear_end(struct clear *c)
{
	side_free(&c->side);	/* sends what is left, so before the peer's end */
	peer_join(&c->peer);
	upstream_free(c->upstream);
	side_upstream_free(c->settings);
}

void clear_run(struct clear *c, void (*script)(struct peer *peer),
		      void (*on)(struct side *side, enum side_event event))
{
	clear_start(c, script, on);
	side_run(&c->side);
	clear_end(c);
}

void client_start(struct clear *c, const struct cert *ca, const struct cert *leaf,
		  enum upstream_tls tls, void (*script)(struct peer *peer),
		  void (*on)(struct side *side, enum side_event event))
{
	struct err err;

	*c = (struct clear){ .upstream = NULL };
	c->peer.cert = leaf;
	peer_listen(&c->peer, script, NULL);
	side_init(&c->side);
	c->side.on = on;
	c->settings = side_upstream(c->peer.port, ca, NULL);
	c->settings->tls = tls;
	c->upstream = upstream_new(c->settings, &err);
	if (!c->upstream)
		abort();
	c->side.arg = (void *)upstream_creds(c->upstream);
	side_own(&c->side, dial(c->side.loop, c->upstream, NULL, NULL));
}

void server_start(struct serving *s, const struct cert *leaf, void (*script)(struct peer *peer),
		  void (*on)(struct side *side, enum side_event event), const struct peer *how)
{
	struct sockaddr at = { .sa_family = AF_UNIX };
	struct err err;
	int ends[2];

	*s = (struct serving){ .creds = NULL };
	if (how)
		s->peer = *how;
	s->settings = side_listener(leaf);
	s->creds = tls_creds_server(s->settings, &err);
	if (!s->creds || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		abort();
	side_init(&s->side);
	s->side.on = on;
	s->side.arg = s->creds;
	/* libuv makes our end non-blocking */
	side_own(&s->side, conn_accepted(s->side.loop, ends[0], &at));
	peer_take(&s->peer, ends[1], script);
}

void server_end(struct serving *s)
{
	side_free(&s->side);
	peer_join(&s->peer);
	tls_creds_free(s->creds);
	side_listener_free(s->settings);
}
