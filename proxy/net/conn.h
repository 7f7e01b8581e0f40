/*
 * conn - one TCP connection, in the clear or in TLS, with flow control: the
 * only place that has it. Sessions include this and never libuv, so that
 * whole sessions are tested over a fake one with a fake clock.
 *
 * All events come from the loop, never from inside a call that the session
 * makes (conn_flush, conn_close ...). After `closed`, or after conn_close(),
 * no event comes and the conn must not be used.
 */
#ifndef LETTERLOCK_CONN_H
#define LETTERLOCK_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

struct conn;
struct tls_creds;

enum {
	CONN_HIGH_WATER = 256 * 1024,	/* conn_full() above it */
	CONN_LOW_WATER = 64 * 1024,	/* `drained` below it */
};

struct conn_events {
	/* There are new bytes in conn_in(). Not pulling them is backpressure:
	 * reading stops at the high-water mark. What is left there is not told
	 * of again, but by conn_read(true). */
	void (*bytes)(void *owner);
	/* The queue fell below the low-water mark after conn_full(), or became
	 * empty after conn_want_drained(). */
	void (*drained)(void *owner);
	/* Dialled: connected (and, for implicit TLS, verified). Upgraded: the
	 * handshake is over and the peer verified as the creds ask. */
	void (*ready)(void *owner);
	/* Last event. `why`->kind ERR_NONE: the peer ended it cleanly (told
	 * when conn_in() is empty, or was left alone for a second);
	 * ERR_TLS: handshake or verification failed (text says which of the
	 * contract's reasons); ERR_TIMEOUT: the deadline passed; ERR_PEER:
	 * reset, or TLS that ended without close_notify; ERR_TEMP: could not
	 * connect. The conn frees itself. */
	void (*closed)(void *owner, const struct err *why);
};

/* Who gets the events; set by whoever takes the conn over, before they come. */
void conn_own(struct conn *conn, const struct conn_events *events, void *owner);

/* Bytes received and not yet taken: take with buf_drop(). Ask anew each time:
 * the call is what makes the conn look whether it may read on. */
struct buf *conn_in(struct conn *conn);

/* Where to write: what stands here is sent at the end of the loop's turn, or
 * by conn_flush(). Ask anew each time: the call is what makes the conn send.
 * Its limit is hard: check conn_full() for long data. */
struct buf *conn_out(struct conn *conn);
void conn_flush(struct conn *conn);

/* Above the high-water mark: stop producing until `drained`. */
bool conn_full(const struct conn *conn);

/* Ask for `drained` when all that was written has been handed to the kernel. */
void conn_want_drained(struct conn *conn);

/* Stops (false) or resumes (true) reading from the peer. Resumed with bytes
 * in conn_in(), `bytes` comes for them. */
void conn_read(struct conn *conn, bool on);

/*
 * Starts TLS as server or client once conn_out() is flushed. Bytes in
 * conn_in() at this point end the connection (`closed`, ERR_PEER): nobody may
 * have spoken before the handshake (RFC 3207 6). Then `ready` or `closed`.
 */
void conn_start_tls(struct conn *conn, const struct tls_creds *creds);
bool conn_secure(const struct conn *conn);
/* "TLSv1.3 cipher TLS_AES_256_GCM_SHA384", for Received and logs. */
const char *conn_tls_text(const struct conn *conn);

/* From now, `ms` until `closed` with ERR_TIMEOUT; each call restarts it;
 * 0 takes it away. */
void conn_deadline(struct conn *conn, uint64_t ms);

/* Flushes what was written (for at most 5 s), ends TLS properly, closes. */
void conn_close(struct conn *conn);
/* Closes at once; what was not sent is lost. */
void conn_abort(struct conn *conn);

/* The listener's or upstream's TLS was asked to resume, and it did. */
bool conn_resumed(const struct conn *conn);

/* The peer's numeric address ("127.0.0.1"), and whether it is loopback. */
const char *conn_peer(const struct conn *conn);
bool conn_loopback(const struct conn *conn);

#endif
