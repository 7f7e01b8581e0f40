/* net_side - our end of a connection, for tests: a conn that notes its events. */
#ifndef LETTERLOCK_TESTS_NET_SIDE_H
#define LETTERLOCK_TESTS_NET_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/settings.h>

#include "proxy/net/conn.h"
#include "proxy/net/loop.h"

#include "tls_peer.h"

enum side_event { SIDE_BYTES, SIDE_DRAINED, SIDE_READY, SIDE_CLOSED };

struct cert;

struct side {
	struct loop *loop;
	struct conn *conn;	/* NULL after closed, or side_done() */
	/* called after what happened was noted; may be NULL */
	void (*on)(struct side *side, enum side_event event);
	void *arg;
	bool hold;		/* leaves what came in conn_in() */
	bool swallow;		/* counts what came, without keeping it */
	struct buf got;
	uint64_t count;		/* bytes that came */
	int bytes, drained, ready, closed;
	struct err why;
	struct timer *guard;	/* fails the test that hangs */
};

/* The loop stops when the conn is closed; a guard aborts after 60 s. */
void side_init(struct side *side);
void side_own(struct side *side, struct conn *conn);
void side_run(struct side *side);	/* until loop_stop() */
/* Stops the loop; `conn` was closed or aborted by the test. */
void side_done(struct side *side);
/* Frees, with the loop. */
void side_free(struct side *side);

/* A peer, and a side that dials it in the clear. */
struct clear {
	struct peer peer;
	struct side side;
	struct upstream_settings *settings;
	struct upstream *upstream;
};

/* `script` is the peer's; `on` is called with the side's events. Then
 * side_run(). */
void clear_start(struct clear *clear, void (*script)(struct peer *peer),
		 void (*on)(struct side *side, enum side_event event));
void clear_end(struct clear *clear);
/* All of it. */
void clear_run(struct clear *clear, void (*script)(struct peer *peer),
	       void (*on)(struct side *side, enum side_event event));

/* We are the client of a peer that has `leaf`, and trust `ca`. The side's arg
 * is the creds. Ends with clear_end(). */
void client_start(struct clear *clear, const struct cert *ca, const struct cert *leaf,
		  enum upstream_tls tls, void (*script)(struct peer *peer),
		  void (*on)(struct side *side, enum side_event event));

/* We have `leaf` and serve a peer on a socket pair, which starts out as `how`
 * (NULL: zeroed). The side's arg is the creds. */
struct serving {
	struct peer peer;
	struct side side;
	struct listener_settings *settings;
	struct tls_creds *creds;
};

void server_start(struct serving *serving, const struct cert *leaf,
		  void (*script)(struct peer *peer),
		  void (*on)(struct side *side, enum side_event event), const struct peer *how);
void server_end(struct serving *serving);

/* An upstream on 127.0.0.1 `port`, called smtp.example.org; settings are
 * freed with side_settings_free(). `ca` NULL: verify = pin of `pinned`. */
struct upstream_settings *side_upstream(unsigned port, const struct cert *ca,
					const struct cert *pinned);
void side_upstream_free(struct upstream_settings *settings);
struct listener_settings *side_listener(const struct cert *cert);
/* Bound and listening, on a free port. */
int side_bound(struct listener_settings *settings, unsigned *port);
void side_listener_free(struct listener_settings *settings);

#endif
