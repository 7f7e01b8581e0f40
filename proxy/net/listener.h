/*
 * listener - accepts connections on a descriptor that the master has bound.
 */
#ifndef LETTERLOCK_LISTENER_H
#define LETTERLOCK_LISTENER_H

#include <letterlock/err.h>
#include <letterlock/settings.h>

struct conn;
struct listener;
struct loop;

enum {
	LISTENER_BACKLOG = 1024,
	/* Connections from one address (IPv6: one /64) at once in one worker,
	 * loopback excepted; what comes on top is closed at once. */
	LISTENER_PER_PEER = 256,
};

/*
 * For the master: binds and listens. `fd` is close-on-exec (clear that in the
 * child that inherits it), non-blocking, and the caller's to close. -1 with
 * `err` (ERR_CONF): "cannot listen on 127.0.0.1:25: permission denied".
 */
int listener_bind(const struct listener_settings *settings, int *fd,
		  struct err *err);

/*
 * Accepts on `fd`, which is bound, listening and stays the caller's. Each
 * connection is given to `accepted`, which owns it from then on: conn_own()
 * there, and conn_start_tls() where TLS is implicit. The clear text of a
 * conn that nobody owned when `accepted` returns is never read: it is closed.
 */
struct listener *listener_new(struct loop *loop, int fd,
			      void (*accepted)(void *owner, struct conn *conn),
			      void *owner);
void listener_pause(struct listener *listener);
void listener_resume(struct listener *listener);
/* Instead of LISTENER_PER_PEER, for loopback too; 0: no limit. */
void listener_per_peer(struct listener *listener, unsigned most);
/* Accepts no more; connections live on. NULL is fine. */
void listener_free(struct listener *listener);

#endif
