/* conn_make - how listener and dial make a conn. Sessions have conn.h. */
#ifndef LETTERLOCK_CONN_MAKE_H
#define LETTERLOCK_CONN_MAKE_H

#include <stdint.h>

#include <letterlock/err.h>

struct conn;
struct conn_events;
struct loop;
struct sockaddr;
struct tls_creds;

/*
 * An accepted connection on `fd`, which it takes over. If nobody has called
 * conn_own() by the end of the turn, it is closed.
 */
struct conn *conn_accepted(struct loop *loop, int fd, const struct sockaddr *peer);

/* `gone` is called once, when it is over. */
void conn_when_gone(struct conn *conn, void (*gone)(void *owner, const struct conn *conn),
		    void *owner);

/*
 * A connection that is yet to be made. Unless it is `ready` within
 * `ms`, it ends with ERR_TEMP. `cancel` is called once when `dialler` has to
 * stop: not wanted any more, too late, or conn_connected() was called.
 */
struct conn *conn_dialling(struct loop *loop, uint64_t ms,
			   void (*cancel)(void *dialler), void *dialler);

/* The dialler has a socket, which the conn takes over. `creds` for implicit
 * TLS, otherwise NULL. */
void conn_connected(struct conn *conn, int fd, const struct sockaddr *peer,
		    const struct tls_creds *creds);

/* The dialler gives up: "unreachable: REASON". */
void conn_unreachable(struct conn *conn, const char *reason);

#endif
