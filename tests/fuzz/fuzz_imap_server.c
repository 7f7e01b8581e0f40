/* A client's bytes give the same events and answers, whole and byte by byte. */
#include <stdlib.h>
#include <string.h>

#include "proxy/engine/imap_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4 << 20 };

static void answer(struct imap_server *server, struct buf *out,
		   const struct imap_server_event *event)
{
	enum imap_commands_treatment treatment =
		event->command ? event->command->treatment : IMAP_DO_RELAY;

	if (event->kind == IMAP_SERVER_STARTTLS) {
		imap_server_secured(server);
	} else if (event->kind == IMAP_SERVER_APPEND && event->size % 3) {
		imap_server_go_ahead(server, out);
	} else if (event->kind == IMAP_SERVER_COMMAND &&
		   (treatment == IMAP_DO_IDLE ||
		    treatment == IMAP_DO_AUTHENTICATE)) {
		imap_server_continue(server, out, span_str(""));
	} else if (event->kind == IMAP_SERVER_COMMAND ||
		   event->kind == IMAP_SERVER_LINE ||
		   event->kind == IMAP_SERVER_APPEND ||
		   event->kind == IMAP_SERVER_BODY_END) {
		if (treatment == IMAP_DO_LOGIN)
			imap_server_state(server, IMAP_STATE_LOGGED_IN);
		if (treatment == IMAP_DO_SELECT)
			imap_server_state(server, IMAP_STATE_SELECTED);
		imap_server_done(server, out, span_str("OK"));
	}
}

static void play(struct span fed, size_t cut, struct buf *got)
{
	struct imap_server_setup setup = { .tls = LEG_TLS_OFFERED,
					   .plaintext_auth = true,
					   .message_size = 1000,
					   .bad_commands = 10 };
	struct imap_server *server = imap_server_new(&setup);
	struct imap_server_event event;
	struct buf in, out;

	buf_init(&in, ROOM);
	buf_init(&out, ROOM);
	while (fed.len) {
		size_t len = fed.len < cut ? fed.len : cut;

		(void)buf_put(&in, span_of(fed.at, len));
		fed = span_skip(fed, len);
		do {
			(void)imap_server_next(server, &in, &out, &event);
			if (event.kind == IMAP_SERVER_MORE)
				break;
			if (event.kind != IMAP_SERVER_BODY)
				(void)buf_printf(got, "<%d %d>", (int)event.kind,
						 (int)event.size);
			(void)buf_put(got, event.args);
			(void)buf_put(got, event.text);
			answer(server, &out, &event);
		} while (event.kind != IMAP_SERVER_FATAL);
		if (event.kind == IMAP_SERVER_FATAL)
			break;
	}
	(void)buf_put(got, buf_span(&out));
	buf_free(&in);
	buf_free(&out);
	imap_server_free(server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span fed = span_of((const char *)data, size);
	struct buf whole, slow;

	buf_init(&whole, ROOM);
	buf_init(&slow, ROOM);
	play(fed, size + 1, &whole);
	play(fed, 1, &slow);
	if (whole.len != slow.len ||
	    memcmp(buf_span(&whole).at, buf_span(&slow).at, whole.len) != 0)
		abort();
	buf_free(&whole);
	buf_free(&slow);
	return 0;
}
