/* wire - see wire.h. */
#include "proxy/net/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/engine/tls_engine.h"
#include "proxy/net/spare.h"

enum {
	SEAL_AT_ONCE = 64 * 1024,	/* clear bytes enciphered for one send() */
};

void wire_init(struct wire *wire, int fd, struct spare *spare)
{
	*wire = (struct wire){ .fd = fd, .spare = spare };
}

void wire_done(struct wire *wire)
{
	tls_engine_free(wire->tls);
	if (wire->fd >= 0)
		close(wire->fd);
	wire_init(wire, -1, NULL);
}

/* recv() of what there is: its length, 0 at the end, -1 for not now, -2 with
 * `err`. */
static ssize_t receive(const struct wire *wire, char *to, size_t size, struct err *err)
{
	ssize_t got;

	do {
		got = recv(wire->fd, to, size, 0);
	} while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got;
	if (errno == EAGAIN)
		return -1;
	err_errno(err, ERR_PEER, errno, "reading from the peer");
	return -2;
}

/* Reads once to the end of `in`. */
static enum wire_result fill(struct wire *wire, struct buf *in, struct err *err)
{
	ssize_t got;
	char *to;

	spare_lend(wire->spare, in);
	to = buf_reserve(in, WIRE_READ);
	if (!to) {
		err_set(err, ERR_BUG, "no room for what is to be read");
		return WIRE_FAILED;
	}
	got = receive(wire, to, WIRE_READ, err);
	if (got > 0)
		buf_commit(in, (size_t)got);
	if (got < 0)
		return got == -1 ? WIRE_AGAIN : WIRE_FAILED;
	return got == 0 ? WIRE_END : WIRE_DONE;
}

static enum wire_result decipher(struct wire *wire, struct buf *in, size_t high, struct err *err)
{
	spare_lend(wire->spare, in);
	switch (tls_engine_read(wire->tls, in, high, err)) {
	case TLS_ENGINE_DONE:
		return WIRE_FULL;
	case TLS_ENGINE_MORE:
		return WIRE_DONE;
	case TLS_ENGINE_END:
		return WIRE_END;
	case TLS_ENGINE_FAILED:
		break;
	}
	return WIRE_FAILED;
}

/* Reads ciphertext: DONE, AGAIN or FAILED; the peer's end is kept in the
 * engine, which alone knows whether it was a proper one. */
static enum wire_result feed(struct wire *wire, struct err *err)
{
	enum wire_result result = fill(wire, tls_engine_wire_in(wire->tls), err);

	if (result != WIRE_END)
		return result;
	tls_engine_wire_end(wire->tls);
	return WIRE_DONE;
}

static enum wire_result read_sealed(struct wire *wire, struct buf *in, size_t high,
				    struct err *err)
{
	/* first what waited inside while the queue was full */
	enum wire_result result = decipher(wire, in, high, err);

	if (result == WIRE_DONE)
		result = feed(wire, err);
	if (result == WIRE_DONE)
		result = decipher(wire, in, high, err);
	spare_return(wire->spare, tls_engine_wire_in(wire->tls));
	return result;
}

enum wire_result wire_read(struct wire *wire, struct buf *in, size_t high, struct err *err)
{
	if (wire->tls)
		return read_sealed(wire, in, high, err);
	return in->len < high ? fill(wire, in, err) : WIRE_FULL;
}

static enum wire_result send_all(struct wire *wire, struct buf *out, struct err *err)
{
	while (out->len > 0) {
		struct span bytes = buf_span(out);
		ssize_t sent = send(wire->fd, bytes.at, bytes.len, MSG_NOSIGNAL);

		if (sent >= 0) {
			buf_drop(out, (size_t)sent);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return WIRE_AGAIN;
		err_errno(err, ERR_PEER, errno, "writing to the peer");
		return WIRE_FAILED;
	}
	return WIRE_DONE;
}

/* Enciphers a stretch of `out` at a time, so that little is held twice. */
static enum wire_result send_sealed(struct wire *wire, struct buf *out, struct err *err)
{
	struct buf *sealed = tls_engine_wire_out(wire->tls);

	for (;;) {
		enum wire_result result = send_all(wire, sealed, err);
		struct span bytes = buf_span(out);

		if (result != WIRE_DONE || bytes.len == 0)
			return result;
		if (bytes.len > SEAL_AT_ONCE)
			bytes.len = SEAL_AT_ONCE;
		spare_lend(wire->spare, sealed);
		if (tls_engine_write(wire->tls, bytes, err) < 0)
			return WIRE_FAILED;
		buf_drop(out, bytes.len);
	}
}

enum wire_result wire_write(struct wire *wire, struct buf *out, struct err *err)
{
	enum wire_result result = WIRE_DONE;

	if (!wire->broken)
		result = wire->tls ? send_sealed(wire, out, err) : send_all(wire, out, err);
	if (result == WIRE_FAILED)
		wire->broken = true;
	if (wire->broken) {
		buf_clear(out);
		if (wire->tls)
			buf_clear(tls_engine_wire_out(wire->tls));
	}
	if (wire->tls)
		spare_return(wire->spare, tls_engine_wire_out(wire->tls));
	return result;
}

size_t wire_waiting(const struct wire *wire)
{
	return wire->tls ? tls_engine_wire_out(wire->tls)->len : 0;
}

void wire_secure(struct wire *wire, struct tls_engine *tls)
{
	wire->tls = tls;
}

enum wire_result wire_handshake(struct wire *wire, struct err *err)
{
	enum wire_result result = feed(wire, err);

	if (result == WIRE_FAILED) {
		err_set(err, ERR_TLS, "handshake failed: the peer broke the connection");
		return WIRE_FAILED;
	}
	switch (tls_engine_handshake(wire->tls, err)) {
	case TLS_ENGINE_DONE:
		return WIRE_DONE;
	case TLS_ENGINE_MORE:
	case TLS_ENGINE_END:
		spare_return(wire->spare, tls_engine_wire_in(wire->tls));
		return WIRE_AGAIN;
	case TLS_ENGINE_FAILED:
		break;
	}
	return WIRE_FAILED;
}

void wire_bye(struct wire *wire)
{
	if (wire->tls && !wire->broken)
		tls_engine_bye(wire->tls);
}

void wire_shut(struct wire *wire)
{
	shutdown(wire->fd, SHUT_WR);
}

bool wire_discard(struct wire *wire)
{
	char bytes[16 * 1024];
	ssize_t got = receive(wire, bytes, sizeof(bytes), NULL);

	return got > 0 || got == -1;
}
