/*
 * wire - a connected socket as clear bytes: read from and written to directly,
 * or through TLS. Nothing here waits, and no loop is known.
 */
#ifndef LETTERLOCK_WIRE_H
#define LETTERLOCK_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

struct spare;
struct tls_engine;

enum {
	WIRE_READ = 64 * 1024,	/* bytes that are read at once at most */
};

enum wire_result {
	WIRE_FAILED = -1,	/* `err` says why */
	WIRE_AGAIN = 0,		/* the kernel has no bytes, or no room */
	WIRE_DONE = 1,
	WIRE_FULL = 2,		/* the queue is full; more may wait inside TLS */
	WIRE_END = 3,		/* the peer ended it properly */
};

struct wire {
	int fd;			/* owned; -1: none */
	struct spare *spare;	/* for its queues and those of its callers */
	struct tls_engine *tls;	/* NULL: in the clear */
	bool broken;		/* writing failed: nothing more can be sent */
};

void wire_init(struct wire *wire, int fd, struct spare *spare);	/* takes fd over */
void wire_done(struct wire *wire);

/* Reads once. `in` is filled until it holds `high` bytes; its limit must be
 * WIRE_READ above that. It has a block of `spare` then. */
enum wire_result wire_read(struct wire *wire, struct buf *in, size_t high, struct err *err);

/*
 * Writes what is in `out`, and what TLS has to say by itself. DONE: all of it
 * is with the kernel. When writing fails, what was to be sent is dropped and
 * `broken` set: what the peer said before it went can still be read.
 */
enum wire_result wire_write(struct wire *wire, struct buf *out, struct err *err);

/* Bytes that were enciphered and wait for the kernel. */
size_t wire_waiting(const struct wire *wire);

/* From here on through `tls`, which it takes over. */
void wire_secure(struct wire *wire, struct tls_engine *tls);
/* Goes on with the handshake, reading once: DONE, AGAIN or FAILED (ERR_TLS). */
enum wire_result wire_handshake(struct wire *wire, struct err *err);

/* Puts the proper end of TLS behind what was written. */
void wire_bye(struct wire *wire);
/* Tells the peer that nothing more comes. */
void wire_shut(struct wire *wire);
/* Reads and throws away. False: the peer has ended too. */
bool wire_discard(struct wire *wire);

#endif
