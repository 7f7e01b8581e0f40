/* tls_engine - see tls_engine.h. */
#include "proxy/engine/tls_engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include <letterlock/mem.h>

enum {
	RECORD_MAX = 16 * 1024,	/* gnutls_record_send takes no more a call */
};

struct tls_engine {
	gnutls_session_t session;
	const struct tls_engine_hooks *hooks;
	void *owner;
	struct buf in, out;	/* ciphertext */
	bool client;
	bool ended;		/* nothing comes behind what is in `in` */
	bool verified;		/* `verify` said yes in this session */
	bool ready;		/* the handshake is over, and was good */
	struct err why;		/* what `verify` said */
	char text[96];
};

static ssize_t on_pull(gnutls_transport_ptr_t at, void *to, size_t want)
{
	struct tls_engine *tls = at;
	struct span held = buf_span(&tls->in);

	if (held.len == 0 && tls->ended)
		return 0;
	if (held.len == 0) {
		gnutls_transport_set_errno(tls->session, EAGAIN);
		return -1;
	}
	if (want > held.len)
		want = held.len;
	memcpy(to, held.at, want);
	buf_drop(&tls->in, want);
	return (ssize_t)want;
}

static int on_pull_timeout(gnutls_transport_ptr_t at, unsigned int ms)
{
	const struct tls_engine *tls = at;

	(void)ms;	/* never waits: the loop does */
	return tls->in.len > 0 || tls->ended;
}

static ssize_t on_push(gnutls_transport_ptr_t at, const void *from, size_t len)
{
	struct tls_engine *tls = at;

	if (buf_put(&tls->out, span_of(from, len)) == 0)
		return (ssize_t)len;
	gnutls_transport_set_errno(tls->session, ENOMEM);
	return -1;
}

/* Called within gnutls_handshake(), never for a session that is resumed. */
static int on_verify(gnutls_session_t session)
{
	struct tls_engine *tls = gnutls_session_get_ptr(session);

	if (gnutls_session_is_resumed(session))
		return 0;
	if (!tls->hooks->verify || tls->hooks->verify(tls->owner, session, &tls->why) < 0)
		return GNUTLS_E_CERTIFICATE_ERROR;
	tls->verified = true;
	return 0;
}

/* TLS 1.3 tickets come at any time after the handshake; those of TLS 1.2
 * within it, when there is nothing to keep yet. */
static int on_ticket(gnutls_session_t session, unsigned int type, unsigned int post,
		     unsigned int incoming, const gnutls_datum_t *message)
{
	struct tls_engine *tls = gnutls_session_get_ptr(session);

	(void)type;
	(void)post;
	(void)message;
	if (incoming && tls->ready && tls->hooks->ticket)
		tls->hooks->ticket(tls->owner, session);
	return 0;
}

struct tls_engine *tls_engine_new(struct gnutls_session_int *session, bool client,
				  const struct tls_engine_hooks *hooks, void *owner)
{
	struct tls_engine *tls = mem_new(sizeof(*tls));

	tls->session = session;
	tls->client = client;
	tls->hooks = hooks;
	tls->owner = owner;
	buf_init(&tls->in, TLS_ENGINE_IN_MAX);
	buf_init(&tls->out, TLS_ENGINE_OUT_MAX);
	gnutls_session_set_ptr(session, tls);
	gnutls_transport_set_ptr(session, tls);
	gnutls_transport_set_pull_function(session, on_pull);
	gnutls_transport_set_pull_timeout_function(session, on_pull_timeout);
	gnutls_transport_set_push_function(session, on_push);
	if (client) {
		gnutls_session_set_verify_function(session, on_verify);
		gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_NEW_SESSION_TICKET,
						   GNUTLS_HOOK_POST, on_ticket);
	}
	return tls;
}

void tls_engine_free(struct tls_engine *tls)
{
	if (!tls)
		return;
	gnutls_deinit(tls->session);
	buf_free(&tls->in);
	buf_free(&tls->out);
	if (tls->hooks->freed)
		tls->hooks->freed(tls->owner);
	free(tls);
}

struct buf *tls_engine_wire_in(struct tls_engine *tls)
{
	return &tls->in;
}

struct buf *tls_engine_wire_out(struct tls_engine *tls)
{
	return &tls->out;
}

void tls_engine_wire_end(struct tls_engine *tls)
{
	tls->ended = true;
}

/* GnuTLS ends its texts with a full stop, ours have none. */
static int fail(struct tls_engine *tls, enum err_kind kind, const char *what, int code,
		struct err *err)
{
	const char *text = gnutls_strerror(code);
	const char *before = "";
	size_t len;

	if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED) {
		before = "the peer sent the alert: ";
		text = gnutls_alert_get_name(gnutls_alert_get(tls->session));
	}
	if (!text)
		text = "unknown";
	len = strlen(text);
	if (len > 0 && text[len - 1] == '.')
		len--;
	return err_set(err, kind, "%s: %s%.*s", what, before, (int)len, text);
}

/*
 * True when the call that returned `code` is worth repeating now. GnuTLS says
 * E_AGAIN also after it ate a record that was none of ours (a ticket), with
 * more records behind it: so as long as the queue shrinks.
 */
static bool again(const struct tls_engine *tls, int code, size_t before)
{
	if (code == GNUTLS_E_INTERRUPTED)
		return true;
	if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_WARNING_ALERT_RECEIVED)
		return tls->in.len < before;
	return false;
}

static bool waits(int code)
{
	return code == GNUTLS_E_AGAIN || code == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

static void describe(struct tls_engine *tls)
{
	const char *version = gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
	const char *cipher = gnutls_ciphersuite_get(tls->session);

	/* "TLS1.3" of GnuTLS is what others, and Received, call TLSv1.3 */
	if (version && strncmp(version, "TLS", 3) == 0)
		version += 3;
	snprintf(tls->text, sizeof(tls->text), "TLSv%s cipher %s", version ? version : "?",
		 cipher ? cipher : "?");
}

static enum tls_engine_result shaken(struct tls_engine *tls, int code, struct err *err)
{
	bool resumed = code == 0 && gnutls_session_is_resumed(tls->session);
	bool well = code == 0 && (!tls->client || tls->verified || resumed);

	tls->ready = well;
	if (well)
		describe(tls);
	if (tls->hooks->shaken)
		tls->hooks->shaken(tls->owner, well, resumed);
	if (!well) {
		gnutls_alert_send_appropriate(tls->session, code);
		if (code == GNUTLS_E_CERTIFICATE_ERROR && tls->why.kind != ERR_NONE)
			err_set(err, tls->why.kind, "%s", tls->why.text);
		else if (code == GNUTLS_E_PREMATURE_TERMINATION)
			err_set(err, ERR_TLS, "handshake failed: the peer closed the connection");
		else if (code == GNUTLS_E_UNEXPECTED_PACKET)
			err_set(err, ERR_TLS, "handshake failed: what the peer sent is no TLS%s",
				tls->client ? " (perhaps it wants tls = starttls)" : "");
		else if (code == 0)
			err_set(err, ERR_TLS, "handshake failed: the peer sent no certificate");
		else
			fail(tls, ERR_TLS, "handshake failed", code, err);
		return TLS_ENGINE_FAILED;
	}
	if (tls->client && gnutls_protocol_get_version(tls->session) != GNUTLS_TLS1_3 &&
	    tls->hooks->ticket)
		tls->hooks->ticket(tls->owner, tls->session);
	return TLS_ENGINE_DONE;
}

enum tls_engine_result tls_engine_handshake(struct tls_engine *tls, struct err *err)
{
	size_t before;
	int code;

	do {
		before = tls->in.len;
		code = gnutls_handshake(tls->session);
	} while (again(tls, code, before));
	if (waits(code) && !(tls->ended && tls->in.len == 0))
		return TLS_ENGINE_MORE;
	if (waits(code))
		code = GNUTLS_E_PREMATURE_TERMINATION;
	return shaken(tls, code, err);
}

enum tls_engine_result tls_engine_read(struct tls_engine *tls, struct buf *in, size_t most,
				       struct err *err)
{
	while (in->len < most) {
		size_t before = tls->in.len;
		char *to;
		ssize_t got;

		/* GnuTLS would only find that out with an allocation or two */
		if (!before && !tls->ended && !gnutls_record_check_pending(tls->session))
			return TLS_ENGINE_MORE;
		to = buf_reserve(in, RECORD_MAX);
		if (!to) {
			err_set(err, ERR_BUG, "no room for a TLS record");
			return TLS_ENGINE_FAILED;
		}
		got = gnutls_record_recv(tls->session, to, RECORD_MAX);
		if (got > 0) {
			buf_commit(in, (size_t)got);
			continue;
		}
		if (got == 0)
			return TLS_ENGINE_END;
		if (again(tls, (int)got, before))
			continue;
		if (waits((int)got) && !tls->ended)
			return TLS_ENGINE_MORE;
		if (waits((int)got) || got == GNUTLS_E_PREMATURE_TERMINATION)
			err_set(err, ERR_PEER, "the peer ended TLS without close_notify");
		else
			fail(tls, ERR_PEER, "TLS failed", (int)got, err);
		return TLS_ENGINE_FAILED;
	}
	return TLS_ENGINE_DONE;
}

int tls_engine_write(struct tls_engine *tls, struct span bytes, struct err *err)
{
	while (bytes.len > 0) {
		size_t want = bytes.len < RECORD_MAX ? bytes.len : RECORD_MAX;
		ssize_t sent = gnutls_record_send(tls->session, bytes.at, want);

		if (sent == GNUTLS_E_INTERRUPTED)
			continue;
		if (sent <= 0)
			return fail(tls, ERR_PEER, "TLS failed", (int)sent, err);
		bytes = span_skip(bytes, (size_t)sent);
	}
	return 0;
}

void tls_engine_bye(struct tls_engine *tls)
{
	gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}

const char *tls_engine_text(const struct tls_engine *tls)
{
	return tls->text;
}

bool tls_engine_resumed(const struct tls_engine *tls)
{
	return tls->ready && gnutls_session_is_resumed(tls->session);
}
