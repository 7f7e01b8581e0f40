/*
 * tls_engine - GnuTLS between byte queues: ciphertext of the peer goes into
 * one, ciphertext for the peer comes out of the other. No socket, no clock.
 * Whom to trust is not its subject: that is asked of `verify`.
 */
#ifndef LETTERLOCK_TLS_ENGINE_H
#define LETTERLOCK_TLS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/span.h>

struct gnutls_session_int;	/* what a gnutls_session_t points to */
struct tls_engine;

enum tls_engine_result {
	TLS_ENGINE_FAILED = -1,	/* `err` says why; an alert may wait to be sent */
	TLS_ENGINE_MORE = 0,	/* needs more bytes from the peer */
	TLS_ENGINE_DONE = 1,
	TLS_ENGINE_END = 2,	/* the peer ended TLS properly (close_notify) */
};

enum {
	TLS_ENGINE_IN_MAX = 192 * 1024,		/* ciphertext not yet read */
	TLS_ENGINE_OUT_MAX = 512 * 1024,	/* ciphertext not yet sent */
	/* The most clear text that fits TLS_ENGINE_OUT_MAX for certain. */
	TLS_ENGINE_WRITE_MAX = 256 * 1024,
};

/* What the maker of the session wants to be asked and told. Each may be NULL. */
struct tls_engine_hooks {
	/* Client: the peer's certificates are there. 0 to go on; -1 with
	 * `err` ends the handshake before anything is said to the peer. */
	int (*verify)(void *owner, struct gnutls_session_int *session, struct err *err);
	/* Client: a verified session can now be resumed from what
	 * gnutls_session_get_data2() gives. May come more than once. */
	void (*ticket)(void *owner, struct gnutls_session_int *session);
	/* The handshake is over, well or not. */
	void (*shaken)(void *owner, bool well, bool resumed);
	/* The engine was freed, last call. */
	void (*freed)(void *owner);
};

/* Takes `session` over (its transport and session pointer are the engine's). */
struct tls_engine *tls_engine_new(struct gnutls_session_int *session, bool client,
				  const struct tls_engine_hooks *hooks, void *owner);
void tls_engine_free(struct tls_engine *tls);

/* Where ciphertext of the peer is put, and where that for the peer is taken. */
struct buf *tls_engine_wire_in(struct tls_engine *tls);
struct buf *tls_engine_wire_out(struct tls_engine *tls);
/* No more will be put into wire_in: the peer's TCP has ended. */
void tls_engine_wire_end(struct tls_engine *tls);

/* Goes on with the handshake. FAILED is ERR_TLS, in the contract's words. */
enum tls_engine_result tls_engine_handshake(struct tls_engine *tls, struct err *err);

/*
 * Deciphers into `in` until it holds `most` bytes or more (DONE: call again
 * later, bytes may wait inside that no socket tells of), or all was used up
 * (MORE, END). FAILED is ERR_PEER; TCP that ended without close_notify too.
 */
enum tls_engine_result tls_engine_read(struct tls_engine *tls, struct buf *in, size_t most,
				       struct err *err);

/* Enciphers at most TLS_ENGINE_WRITE_MAX bytes into wire_out, which the caller
 * has emptied first. 0, or -1 with `err`. */
int tls_engine_write(struct tls_engine *tls, struct span bytes, struct err *err);

/* Puts close_notify into wire_out. */
void tls_engine_bye(struct tls_engine *tls);

/* "TLSv1.3 cipher TLS_AES_128_GCM_SHA256"; after the handshake. */
const char *tls_engine_text(const struct tls_engine *tls);
/* The handshake resumed an earlier session. */
bool tls_engine_resumed(const struct tls_engine *tls);

#endif
