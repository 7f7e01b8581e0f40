#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/tls_engine.h"
#include "proxy/net/tls_creds.h"

#include "net_side.h"
#include "tls_certs.h"

/* Both ends of TLS in memory, so that the bytes can be split in every way. */
struct both {
	struct cert *ca, *leaf;
	struct upstream_settings *upstream;
	struct listener_settings *listener;
	struct tls_creds *client_creds, *server_creds;
	struct tls_engine *client, *server;
};

static int both_start(void **state)
{
	struct both *both = mem_new(sizeof(*both));
	struct err err;

	both->ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	both->leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" },
						   .issuer = both->ca });
	both->upstream = side_upstream(1, both->ca, NULL);
	both->listener = side_listener(both->leaf);
	both->client_creds = tls_creds_client(both->upstream, &err);
	both->server_creds = tls_creds_server(both->listener, &err);
	both->client = tls_creds_engine(both->client_creds, &err);
	both->server = tls_creds_engine(both->server_creds, &err);
	*state = both;
	return both->client && both->server ? 0 : -1;
}

static int both_end(void **state)
{
	struct both *both = *state;

	tls_engine_free(both->client);
	tls_engine_free(both->server);
	tls_creds_free(both->client_creds);
	tls_creds_free(both->server_creds);
	side_upstream_free(both->upstream);
	side_listener_free(both->listener);
	cert_free(both->leaf);
	cert_free(both->ca);
	free(both);
	return 0;
}

/* At most `step` bytes from one to the other; false when there were none. */
static bool carry(struct tls_engine *from, struct tls_engine *to, size_t step)
{
	struct buf *out = tls_engine_wire_out(from);
	struct span bytes = buf_span(out);

	if (bytes.len > step)
		bytes.len = step;
	if (bytes.len == 0)
		return false;
	assert_int_equal(buf_put(tls_engine_wire_in(to), bytes), 0);
	buf_drop(out, bytes.len);
	return true;
}

/* The handshake, `step` bytes at a time. */
static void meet(struct both *both, size_t step)
{
	enum tls_engine_result client = TLS_ENGINE_MORE, server = TLS_ENGINE_MORE;
	struct err err;
	bool moved = true;

	while (moved && (client == TLS_ENGINE_MORE || server == TLS_ENGINE_MORE)) {
		if (client == TLS_ENGINE_MORE)
			client = tls_engine_handshake(both->client, &err);
		if (server == TLS_ENGINE_MORE)
			server = tls_engine_handshake(both->server, &err);
		moved = carry(both->client, both->server, step);
		moved = carry(both->server, both->client, step) || moved;
	}
	assert_int_equal(client, TLS_ENGINE_DONE);
	assert_int_equal(server, TLS_ENGINE_DONE);
}

static void shakes_hands_and_talks_however_the_bytes_arrive(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 5, 7, 16, 61, 1000, 1000000 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct both *both;
		struct buf got;
		struct err err;

		if (i > 0)
			assert_int_equal(both_start(state), 0);
		both = *state;
		buf_init(&got, 1 << 20);
		meet(both, steps[i]);
		assert_string_equal(tls_engine_text(both->client),
				    "TLSv1.3 cipher TLS_AES_128_GCM_SHA256");
		assert_int_equal(tls_engine_write(both->server, span_str("220 hello\r\n"), &err),
				 0);
		/* the server's tickets come first, and must not stop it */
		while (carry(both->server, both->client, steps[i]))
			assert_int_equal(tls_engine_read(both->client, &got, 1 << 19, &err),
					 TLS_ENGINE_MORE);
		assert_true(span_is(buf_span(&got), "220 hello\r\n"));
		buf_free(&got);
		if (i + 1 < sizeof(steps) / sizeof(*steps))
			both_end(state);
	}
}

static void a_ticket_and_a_record_in_one_segment_are_both_read(void **state)
{
	struct both *both = *state;
	struct buf got;
	struct err err;

	buf_init(&got, 1 << 20);
	meet(both, 1000000);
	assert_int_equal(tls_engine_write(both->server, span_str("a"), &err), 0);
	assert_int_equal(tls_engine_write(both->server, span_str("b"), &err), 0);
	carry(both->server, both->client, 1000000);
	assert_int_equal(tls_engine_read(both->client, &got, 1 << 19, &err), TLS_ENGINE_MORE);
	assert_true(span_is(buf_span(&got), "ab"));
	buf_free(&got);
}

static void a_large_write_is_many_records_and_a_small_queue_takes_them_in_parts(void **state)
{
	struct both *both = *state;
	static char bytes[TLS_ENGINE_WRITE_MAX];
	size_t seen = 0;
	struct buf got;
	struct err err;

	memset(bytes, 'x', sizeof(bytes));
	buf_init(&got, 64 * 1024);
	meet(both, 1000000);
	buf_clear(tls_engine_wire_out(both->client));
	assert_int_equal(tls_engine_write(both->client, span_of(bytes, sizeof(bytes)), &err), 0);
	for (;;) {
		bool moved = carry(both->client, both->server, 30 * 1000);
		enum tls_engine_result result =
			tls_engine_read(both->server, &got, 32 * 1024, &err);

		assert_true(result == TLS_ENGINE_DONE || result == TLS_ENGINE_MORE);
		assert_true(got.len <= 48 * 1024);
		if (!moved && got.len == 0)
			break;
		seen += got.len;
		buf_clear(&got);
	}
	assert_int_equal(seen, sizeof(bytes));
	buf_free(&got);
}

static void the_proper_end_and_a_cut_are_told_apart(void **state)
{
	struct both *both = *state;
	struct buf got;
	struct err err;

	buf_init(&got, 1 << 20);
	meet(both, 1000000);
	while (carry(both->server, both->client, 1000000))
		;
	assert_int_equal(tls_engine_write(both->client, span_str("DATA"), &err), 0);
	carry(both->client, both->server, 1000000);
	tls_engine_wire_end(both->server);
	assert_int_equal(tls_engine_read(both->server, &got, 1000, &err), TLS_ENGINE_FAILED);
	assert_int_equal(err.kind, ERR_PEER);
	assert_string_equal(err.text, "the peer ended TLS without close_notify");
	assert_true(span_is(buf_span(&got), "DATA"));
	buf_clear(&got);
	tls_engine_bye(both->server);
	carry(both->server, both->client, 1000000);
	tls_engine_wire_end(both->client);
	assert_int_equal(tls_engine_read(both->client, &got, 1000, &err), TLS_ENGINE_END);
	buf_free(&got);
}

static void a_changed_bit_in_any_record_is_an_error(void **state)
{
	for (int i = 0; i < 20; i++) {
		struct both *both;
		struct buf *out;
		struct buf got;
		struct err err;

		if (i > 0)
			assert_int_equal(both_start(state), 0);
		both = *state;
		buf_init(&got, 1 << 20);
		meet(both, 1000000);
		assert_int_equal(tls_engine_write(both->client, span_str("0123456789"), &err), 0);
		out = tls_engine_wire_out(both->client);
		out->data[out->head + 5 + (size_t)i] ^= 1;
		carry(both->client, both->server, 1000000);
		assert_int_equal(tls_engine_read(both->server, &got, 1000, &err),
				 TLS_ENGINE_FAILED);
		assert_int_equal(err.kind, ERR_PEER);
		assert_int_equal(got.len, 0);
		buf_free(&got);
		if (i < 19)
			both_end(state);
	}
}

static void clear_text_where_a_handshake_should_be_fails_it(void **state)
{
	static const char *const said[] = {
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "EHLO x\r\n", "\r\n\r\n\r\n",
		"\x16\x03\x01\xff\xff\xff\xff\xff\xff\xff", "\x80\x2e\x01\x03\x01",
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		struct both *both;
		struct err err = { .kind = ERR_NONE };

		if (i > 0)
			assert_int_equal(both_start(state), 0);
		both = *state;
		buf_puts(tls_engine_wire_in(both->server), said[i]);
		tls_engine_wire_end(both->server);
		assert_int_equal(tls_engine_handshake(both->server, &err), TLS_ENGINE_FAILED);
		assert_int_equal(err.kind, ERR_TLS);
		assert_ptr_equal(strstr(err.text, "handshake failed: "), err.text);
		if (i + 1 < sizeof(said) / sizeof(*said))
			both_end(state);
	}
}

static void creds_outlive_their_owner_while_engines_use_them(void **state)
{
	struct both *both = *state;

	tls_creds_free(both->client_creds);
	tls_creds_free(both->server_creds);
	both->client_creds = NULL;
	both->server_creds = NULL;
	meet(both, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_BOTH(test) cmocka_unit_test_setup_teardown(test, both_start, both_end)
		WITH_BOTH(shakes_hands_and_talks_however_the_bytes_arrive),
		WITH_BOTH(a_ticket_and_a_record_in_one_segment_are_both_read),
		WITH_BOTH(a_large_write_is_many_records_and_a_small_queue_takes_them_in_parts),
		WITH_BOTH(the_proper_end_and_a_cut_are_told_apart),
		WITH_BOTH(a_changed_bit_in_any_record_is_an_error),
		WITH_BOTH(clear_text_where_a_handshake_should_be_fails_it),
		WITH_BOTH(creds_outlive_their_owner_while_engines_use_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
