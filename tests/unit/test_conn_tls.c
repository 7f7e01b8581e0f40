#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include <letterlock/mem.h>

#include "proxy/net/dial.h"

#include "net_side.h"
#include "tls_certs.h"

enum { MANY = 50 * 1000 * 1000, CHUNK = 32 * 1024 };

static struct cert *ca, *leaf;	/* made once: only read by the tests */

static int certs_start(void **state)
{
	(void)state;
	ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" }, .issuer = ca });
	return 0;
}

static int certs_end(void **state)
{
	(void)state;
	cert_free(leaf);
	cert_free(ca);
	return 0;
}

static void peer_echoes_a_line(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_secure_server(peer) && peer_hear(peer, "\r\n") &&
		   peer_say(peer, peer->got);
	if (peer->ok)
		peer_bye(peer);
}

static void say_inside(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	assert_true(conn_secure(side->conn));
	assert_string_equal(conn_tls_text(side->conn), "TLSv1.3 cipher TLS_AES_128_GCM_SHA256");
	assert_false(conn_resumed(side->conn));
	buf_puts(conn_out(side->conn), "inside\r\n");
}

static void implicit_tls_is_ready_when_it_is_verified(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_IMPLICIT, peer_echoes_a_line, say_inside);
	side_run(&c.side);
	assert_int_equal(c.side.ready, 1);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	assert_true(span_is(buf_span(&c.side.got), "inside\r\n"));
	assert_int_equal(upstream_full(c.upstream), 1);
	clear_end(&c);
	assert_true(c.peer.ok);
}

static void peer_offers_starttls(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_hear(peer, "STARTTLS\r\n") &&
		   peer_say(peer, "220 go\r\n") && peer_secure_server(peer) &&
		   peer_hear(peer, "inside\r\n") && peer_say(peer, "250 ok\r\n");
	if (peer->ok)
		peer_bye(peer);
}

static void ask_for_tls(struct side *side, enum side_event event)
{
	if (event == SIDE_READY)
		buf_puts(conn_out(side->conn),
			 conn_secure(side->conn) ? "inside\r\n" : "STARTTLS\r\n");
	if (event != SIDE_BYTES || conn_secure(side->conn))
		return;
	/* takes the one line, as an engine does */
	buf_drop(conn_in(side->conn), strlen("220 go\r\n"));
	conn_start_tls(side->conn, side->arg);
	side->hold = false;
}

static void a_clear_connection_is_upgraded_as_client(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_STARTTLS, peer_offers_starttls, ask_for_tls);
	c.side.hold = true;
	side_run(&c.side);
	assert_int_equal(c.side.ready, 2);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	assert_true(span_is(buf_span(&c.side.got), "250 ok\r\n"));
	clear_end(&c);
	assert_true(c.peer.ok);
}

static void peer_injects_a_reply(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_hear(peer, "STARTTLS\r\n") &&
		   peer_say(peer, "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n") &&
		   !peer_secure_server(peer);
}

static void what_a_server_says_ahead_of_tls_ends_the_connection(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_STARTTLS, peer_injects_a_reply, ask_for_tls);
	c.side.hold = true;
	side_run(&c.side);
	assert_int_equal(c.side.ready, 1);
	assert_int_equal(c.side.why.kind, ERR_PEER);
	assert_string_equal(c.side.why.text, "bytes came ahead of the TLS handshake");
	clear_end(&c);
	assert_true(c.peer.ok);
}

static void peer_asks_for_tls(struct peer *peer)
{
	peer->ok = peer_say(peer, "STARTTLS\r\n") && peer_hear(peer, "220 go\r\n") &&
		   peer_secure_client(peer) && peer_say(peer, "EHLO y\r\n") &&
		   peer_hear(peer, "250 y\r\n");
	if (peer->ok)
		peer_bye(peer);
}

static void offer_tls(struct side *side, enum side_event event)
{
	struct buf *in;

	if (event != SIDE_BYTES)
		return;
	in = conn_in(side->conn);
	if (conn_secure(side->conn)) {
		buf_put(&side->got, buf_span(in));
		buf_drop(in, in->len);
		buf_puts(conn_out(side->conn), "250 y\r\n");
		return;
	}
	if (in->len < strlen("STARTTLS\r\n"))
		return;
	buf_drop(in, strlen("STARTTLS\r\n"));
	buf_puts(conn_out(side->conn), "220 go\r\n");
	conn_start_tls(side->conn, side->arg);
}

static void a_clear_connection_is_upgraded_as_server(void **state)
{
	struct serving s;

	(void)state;
	server_start(&s, leaf, peer_asks_for_tls, offer_tls, NULL);
	s.side.hold = true;
	side_run(&s.side);
	assert_int_equal(s.side.ready, 1);
	assert_int_equal(s.side.why.kind, ERR_NONE);
	assert_true(span_is(buf_span(&s.side.got), "EHLO y\r\n"));
	server_end(&s);
	assert_true(s.peer.ok);
}

static void peer_injects_a_command(struct peer *peer)
{
	peer->ok = peer_say(peer, "STARTTLS\r\nEHLO x\r\n") && !peer_hear(peer, "250");
}

/* The other half comes inside TLS: it must never meet the first. */
static void peer_injects_half_a_command(struct peer *peer)
{
	peer->ok = peer_say(peer, "STARTTLS\r\nEH") && !peer_hear(peer, "250");
}

static void what_a_client_says_ahead_of_tls_ends_the_connection(void **state)
{
	void (*const scripts[])(struct peer *peer) = { peer_injects_a_command,
						       peer_injects_half_a_command };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct serving s;

		server_start(&s, leaf, scripts[i], offer_tls, NULL);
		s.side.hold = true;
		side_run(&s.side);
		assert_int_equal(s.side.ready, 0);
		assert_int_equal(s.side.why.kind, ERR_PEER);
		server_end(&s);
		assert_true(s.peer.ok);
	}
}

static void peer_talks_on_in_the_clear(struct peer *peer)
{
	peer->ok = peer_say(peer, "STARTTLS\r\n") && peer_hear(peer, "220 go\r\n") &&
		   peer_say(peer, "EHLO x\r\n");
	peer_drain(peer);
}

static void clear_text_instead_of_a_client_hello_is_never_read_as_a_command(void **state)
{
	struct serving s;

	(void)state;
	server_start(&s, leaf, peer_talks_on_in_the_clear, offer_tls, NULL);
	s.side.hold = true;
	side_run(&s.side);
	assert_int_equal(s.side.ready, 0);
	assert_int_equal(s.side.why.kind, ERR_TLS);
	assert_int_equal(s.side.got.len, 0);
	server_end(&s);
	assert_true(s.peer.ok);
}

static void peer_cuts_tls_off(struct peer *peer)
{
	peer->ok = peer_say(peer, "STARTTLS\r\n") && peer_hear(peer, "220 go\r\n") &&
		   peer_secure_client(peer) && peer_say(peer, "half a mess");
	if (peer->ok)
		shutdown(peer->fd, SHUT_WR);
	peer_drain(peer);
}

static void tls_that_is_cut_off_is_no_clean_end(void **state)
{
	struct serving s;

	(void)state;
	server_start(&s, leaf, peer_cuts_tls_off, offer_tls, NULL);
	s.side.hold = true;
	side_run(&s.side);
	assert_int_equal(s.side.ready, 1);
	assert_int_equal(s.side.why.kind, ERR_PEER);
	assert_string_equal(s.side.why.text, "the peer ended TLS without close_notify");
	server_end(&s);
	assert_true(s.peer.ok);
}

static void *pour(void *arg)
{
	static const char chunk[CHUNK];
	struct peer *peer = arg;
	bool ok = true;

	for (size_t i = 0; i < MANY / CHUNK && ok; i++)
		ok = peer_put(peer, chunk, CHUNK);
	gnutls_bye(peer->tls, GNUTLS_SHUT_WR);
	return ok ? peer : NULL;
}

static void peer_pours_and_drains(struct peer *peer)
{
	pthread_t thread;
	void *poured;

	if (!peer_accept(peer) || !peer_secure_server(peer) ||
	    pthread_create(&thread, NULL, pour, peer) != 0)
		return;
	peer->ok = peer_drain(peer);
	pthread_join(thread, &poured);
	peer->ok = peer->ok && poured;
}

static void echo(struct side *side, enum side_event event)
{
	struct buf *in, *out;
	size_t len;

	if (event == SIDE_CLOSED)
		return;
	in = conn_in(side->conn);
	out = conn_out(side->conn);
	while (in->len > 0 && !conn_full(side->conn)) {
		len = in->len < CHUNK ? in->len : CHUNK;
		assert_int_equal(buf_put(out, span_of(buf_span(in).at, len)), 0);
		buf_drop(in, len);
		side->count += len;
	}
}

static void fifty_megabytes_go_both_ways_at_once_in_tls(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_IMPLICIT, peer_pours_and_drains, echo);
	c.side.hold = true;
	side_run(&c.side);
	assert_int_equal(c.side.count, MANY / CHUNK * CHUNK);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	clear_end(&c);
	assert_true(c.peer.ok);
	assert_int_equal(c.peer.count, c.side.count);
}

static void peer_says_byte_by_byte(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_secure_server(peer);
	for (int i = 0; i < 2000 && peer->ok; i++)
		peer->ok = peer_put(peer, &"0123456789"[i % 10], 1);
	if (peer->ok)
		peer_bye(peer);
}

static void records_of_one_byte_arrive_in_order(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_IMPLICIT, peer_says_byte_by_byte, NULL);
	side_run(&c.side);
	assert_int_equal(c.side.got.len, 2000);
	for (size_t i = 0; i < 2000; i++)
		assert_int_equal(buf_span(&c.side.got).at[i], '0' + (int)(i % 10));
	clear_end(&c);
}

static void peer_greets_and_drains(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_secure_server(peer) &&
		   peer_say(peer, "220 hello\r\n") && peer_drain(peer);
}

struct ending {
	enum side_event in;
	bool abort;
};

static void end_it(struct side *side, enum side_event event)
{
	const struct ending *ending = side->arg;

	assert_non_null(side->conn);	/* nothing comes after the end */
	if (event == SIDE_READY) {
		buf_puts(conn_out(side->conn), "bye\r\n");
		conn_want_drained(side->conn);
	}
	if (event != ending->in)
		return;
	if (ending->abort)
		conn_abort(side->conn);
	else
		conn_close(side->conn);
	side_done(side);
}

static void a_tls_conn_can_be_ended_in_every_event(void **state)
{
	struct ending endings[] = {
		{ SIDE_BYTES, true },  { SIDE_DRAINED, true },  { SIDE_READY, true },
		{ SIDE_BYTES, false }, { SIDE_DRAINED, false }, { SIDE_READY, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		struct clear c;

		client_start(&c, ca, leaf, UPSTREAM_IMPLICIT, peer_greets_and_drains, end_it);
		c.side.arg = &endings[i];
		side_run(&c.side);
		assert_int_equal(c.side.closed, 0);
		clear_end(&c);
		if (endings[i].abort)
			continue;
		assert_true(c.peer.ok);	/* ended with close_notify */
		assert_int_equal(c.peer.count, 5);
	}
}

static void peer_stays_silent(struct peer *peer)
{
	char byte;

	/* takes the ClientHello and says nothing; then waits for the end */
	peer->ok = peer_accept(peer) && peer_get(peer, &byte, 1) == 1;
	peer_drain(peer);
}

static void a_silent_handshake_ends_at_the_deadline(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_IMPLICIT, peer_stays_silent, NULL);
	conn_deadline(c.side.conn, 50);
	side_run(&c.side);
	assert_int_equal(c.side.ready, 0);
	assert_int_equal(c.side.why.kind, ERR_TIMEOUT);
	clear_end(&c);
	assert_true(c.peer.ok);
}

static void peer_hangs_up_at_once(struct peer *peer)
{
	char byte;

	peer->ok = peer_accept(peer) && peer_get(peer, &byte, 1) == 1;
}

static void a_peer_that_leaves_the_handshake_failed_it(void **state)
{
	struct clear c;

	(void)state;
	client_start(&c, ca, leaf, UPSTREAM_IMPLICIT, peer_hangs_up_at_once, NULL);
	side_run(&c.side);
	assert_int_equal(c.side.ready, 0);
	assert_int_equal(c.side.why.kind, ERR_TLS);
	assert_ptr_equal(strstr(c.side.why.text, "handshake failed: "), c.side.why.text);
	clear_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(implicit_tls_is_ready_when_it_is_verified),
		cmocka_unit_test(a_clear_connection_is_upgraded_as_client),
		cmocka_unit_test(what_a_server_says_ahead_of_tls_ends_the_connection),
		cmocka_unit_test(a_clear_connection_is_upgraded_as_server),
		cmocka_unit_test(what_a_client_says_ahead_of_tls_ends_the_connection),
		cmocka_unit_test(clear_text_instead_of_a_client_hello_is_never_read_as_a_command),
		cmocka_unit_test(tls_that_is_cut_off_is_no_clean_end),
		cmocka_unit_test(fifty_megabytes_go_both_ways_at_once_in_tls),
		cmocka_unit_test(records_of_one_byte_arrive_in_order),
		cmocka_unit_test(a_tls_conn_can_be_ended_in_every_event),
		cmocka_unit_test(a_silent_handshake_ends_at_the_deadline),
		cmocka_unit_test(a_peer_that_leaves_the_handshake_failed_it),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_end);
}
