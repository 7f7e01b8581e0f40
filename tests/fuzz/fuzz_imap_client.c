/* Upstream's bytes give the same events, whole and byte by byte. */
#include <stdlib.h>
#include <string.h>

#include "proxy/engine/imap_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4 << 20 };

static void note(struct buf *got, const struct imap_client_event *event)
{
	/* runs may be cut anywhere: only their bytes count */
	if (event->kind != IMAP_CLIENT_RUN)
		(void)buf_printf(got, "<%d %d %d>", (int)event->kind,
				 (int)event->status, (int)event->size);
	(void)buf_put(got, event->text);
}

static void on_event(struct imap_client *client, struct buf *out,
		     const struct imap_client_event *event)
{
	static const char *const says[] = { "LOGIN {1}\r\nx {2}\r\nyz",
					    "AUTHENTICATE PLAIN", "FETCH 1 BODY[]" };

	if (event->kind == IMAP_CLIENT_STARTTLS)
		imap_client_secured(client, out);
	else if (event->kind == IMAP_CLIENT_READY)
		(void)imap_client_command(client, out, span_str(says[0]));
	else if (event->kind == IMAP_CLIENT_TAGGED && event->status == IMAP_NO)
		(void)imap_client_command(client, out, span_str(says[1]));
	else if (event->kind == IMAP_CLIENT_TAGGED && event->status == IMAP_BAD)
		(void)imap_client_command_body(client, out, span_str("APPEND x"), 2);
	else if (event->kind == IMAP_CLIENT_TAGGED)
		(void)imap_client_command(client, out, span_str(says[2]));
	else if (event->kind == IMAP_CLIENT_CONTINUE)
		(void)imap_client_line(client, out, span_str("x"));
	else if (event->kind == IMAP_CLIENT_GO)
		(void)imap_client_body(client, out, span_str("hi"));
}

static void play(struct span fed, size_t cut, struct buf *got)
{
	/* STARTTLS looks at what came together: not here */
	struct imap_client *client = imap_client_new(false);
	struct imap_client_event event;
	struct buf in, out;

	buf_init(&in, ROOM);
	buf_init(&out, ROOM);
	while (fed.len) {
		size_t len = fed.len < cut ? fed.len : cut;

		(void)buf_put(&in, span_of(fed.at, len));
		fed = span_skip(fed, len);
		do {
			(void)imap_client_next(client, &in, &out, &event, NULL);
			if (event.kind == IMAP_CLIENT_MORE)
				break;
			note(got, &event);
			on_event(client, &out, &event);
		} while (event.kind != IMAP_CLIENT_FAILED);
	}
	(void)buf_put(got, buf_span(&out));
	buf_free(&in);
	buf_free(&out);
	imap_client_free(client);
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
