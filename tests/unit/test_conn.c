#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/conn_state.h"
#include "proxy/net/dial.h"

#include "net_side.h"
#include "tls_peer.h"

enum { MANY = 50 * 1000 * 1000, CHUNK = 32 * 1024 };

static void peer_greets_and_ends(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "220 hello\r\n");
}

static void what_the_peer_says_comes_before_its_end(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_greets_and_ends, NULL);
	side_run(&c.side);
	assert_int_equal(c.side.ready, 1);
	assert_int_equal(c.side.closed, 1);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	assert_true(span_is(buf_span(&c.side.got), "220 hello\r\n"));
	clear_end(&c);
}

static void peer_says_byte_by_byte(struct peer *peer)
{
	peer->ok = peer_accept(peer);
	for (int i = 0; i < 2000 && peer->ok; i++)
		peer->ok = peer_put(peer, &"0123456789"[i % 10], 1);
}

static void single_bytes_arrive_in_order(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_says_byte_by_byte, NULL);
	side_run(&c.side);
	assert_int_equal(c.side.got.len, 2000);
	for (size_t i = 0; i < 2000; i++)
		assert_int_equal(buf_span(&c.side.got).at[i], '0' + (int)(i % 10));
	clear_end(&c);
}

static void peer_reads_once(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_get(peer, peer->got, sizeof(peer->got) - 1) > 0;
}

static void write_in_pieces(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	buf_puts(conn_out(side->conn), "MAIL FROM:<a@b.example>\r\n");
	buf_puts(conn_out(side->conn), "RCPT TO:<c@d.example>\r\n");
	buf_puts(conn_out(side->conn), "DATA\r\n");
}

static void what_one_turn_writes_goes_out_in_one_piece(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_reads_once, write_in_pieces);
	assert_string_equal(c.peer.got,
			    "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
}

static void peer_drains(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_drain(peer);
}

/* Writes MANY bytes, as long as the conn is not full. */
static void write_many(struct side *side, enum side_event event)
{
	static const char chunk[CHUNK];

	if (event != SIDE_READY && event != SIDE_DRAINED)
		return;
	while (side->count < MANY && !conn_full(side->conn)) {
		assert_int_equal(buf_put(conn_out(side->conn), span_of(chunk, CHUNK)), 0);
		side->count += CHUNK;
	}
	assert_true(conn_out(side->conn)->len <= CONN_HIGH_WATER + CHUNK);
	if (side->count < MANY)
		return;
	conn_close(side->conn);
	side_done(side);
}

static void a_slow_reader_gets_all_through_a_bounded_queue(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_drains, write_many);
	assert_true(c.peer.ok);
	assert_int_equal(c.peer.count, (MANY + CHUNK - 1) / CHUNK * CHUNK);
	assert_true(c.side.drained > 1);
}

static void peer_pours(struct peer *peer)
{
	static const char chunk[CHUNK];

	peer->ok = peer_accept(peer);
	for (size_t i = 0; i < MANY / CHUNK && peer->ok; i++)
		peer->ok = peer_put(peer, chunk, CHUNK);
}

static void drop_all(void *owner)
{
	struct side *side = owner;
	struct buf *in = conn_in(side->conn);

	side->count += in->len;
	buf_drop(in, in->len);
}

/* Leaves all there until the conn has stopped reading. */
static void take_when_full(struct side *side, enum side_event event)
{
	if (event != SIDE_BYTES)
		return;
	assert_true(conn_in(side->conn)->len <= CONN_HIGH_WATER + 96 * 1024);
	if (conn_in(side->conn)->len >= CONN_HIGH_WATER)
		loop_later(side->loop, drop_all, side);
	if (side->count > MANY / 2) {
		side->hold = false;
		side->swallow = true;
	}
}

static void what_is_not_taken_is_backpressure(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_pours, take_when_full);
	c.side.hold = true;
	side_run(&c.side);
	assert_int_equal(c.side.count, MANY / CHUNK * CHUNK);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	clear_end(&c);
	assert_true(c.peer.ok);
}

static void read_on(void *owner)
{
	struct side *side = owner;

	side->hold = false;
	conn_read(side->conn, true);
}

/* Stops reading at each event, takes nothing, and is told again on resuming. */
static void stop_and_go(struct side *side, enum side_event event)
{
	if (event != SIDE_BYTES)
		return;
	side->hold = !side->hold;
	if (!side->hold)
		return;
	conn_read(side->conn, false);
	loop_later(side->loop, read_on, side);
}

static void reading_stops_and_resumes_without_loss(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_says_byte_by_byte, stop_and_go);
	side_run(&c.side);
	assert_int_equal(c.side.got.len, 2000);
	clear_end(&c);
}

static void *pour(void *arg)
{
	static const char chunk[CHUNK];
	struct peer *peer = arg;
	bool ok = true;

	for (size_t i = 0; i < MANY / CHUNK && ok; i++)
		ok = peer_put(peer, chunk, CHUNK);
	shutdown(peer->fd, SHUT_WR);
	return ok ? peer : NULL;
}

static void peer_pours_and_drains(struct peer *peer)
{
	pthread_t thread;
	void *poured;

	if (!peer_accept(peer) || pthread_create(&thread, NULL, pour, peer) != 0)
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

static void fifty_megabytes_go_both_ways_at_once(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_pours_and_drains, echo);
	c.side.hold = true;
	side_run(&c.side);
	assert_int_equal(c.side.count, MANY / CHUNK * CHUNK);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	clear_end(&c);
	assert_true(c.peer.ok);
	assert_int_equal(c.peer.count, c.side.count);
}

static void peer_waits(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "220 hello\r\n") && peer_drain(peer);
}

static void want_drained(struct side *side, enum side_event event)
{
	if (event == SIDE_READY)
		conn_want_drained(side->conn);
	if (event != SIDE_DRAINED)
		return;
	conn_abort(side->conn);
	side_done(side);
}

static void drained_comes_when_asked_for_though_nothing_was_written(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_waits, want_drained);
	assert_int_equal(c.side.drained, 1);
}

static void look_at_buffers(void *owner)
{
	struct side *side = owner;

	assert_null(side->conn->in.data);
	assert_null(side->conn->out.data);
	conn_abort(side->conn);
	side_done(side);
}

static void reply_and_look_later(struct side *side, enum side_event event)
{
	if (event == SIDE_BYTES) {
		buf_puts(conn_out(side->conn), "EHLO x\r\n");
		conn_want_drained(side->conn);
	}
	if (event == SIDE_DRAINED)
		loop_later(side->loop, look_at_buffers, side);
}

static void an_idle_conn_holds_no_buffer(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_waits, reply_and_look_later);
	assert_true(c.peer.ok);
}

static void look_at_peer(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	assert_string_equal(conn_peer(side->conn), "127.0.0.1");
	assert_true(conn_loopback(side->conn));
	assert_false(conn_secure(side->conn));
	assert_string_equal(conn_tls_text(side->conn), "");
}

static void the_peer_has_an_address(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_greets_and_ends, look_at_peer);
	assert_int_equal(c.side.ready, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_peer_says_comes_before_its_end),
		cmocka_unit_test(single_bytes_arrive_in_order),
		cmocka_unit_test(what_one_turn_writes_goes_out_in_one_piece),
		cmocka_unit_test(a_slow_reader_gets_all_through_a_bounded_queue),
		cmocka_unit_test(what_is_not_taken_is_backpressure),
		cmocka_unit_test(reading_stops_and_resumes_without_loss),
		cmocka_unit_test(fifty_megabytes_go_both_ways_at_once),
		cmocka_unit_test(drained_comes_when_asked_for_though_nothing_was_written),
		cmocka_unit_test(an_idle_conn_holds_no_buffer),
		cmocka_unit_test(the_peer_has_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
