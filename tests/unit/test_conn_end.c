#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/dial.h"

#include "net_side.h"
#include "tls_peer.h"

enum { CHUNK = 32 * 1024 };

static void peer_greets_and_ends(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "220 hello\r\n");
}

static void peer_drains(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_drain(peer);
}

static void peer_waits(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "220 hello\r\n") && peer_drain(peer);
}

static void set_deadline(struct side *side, enum side_event event)
{
	if (event == SIDE_READY)
		conn_deadline(side->conn, 60 * 1000);
	if (event == SIDE_BYTES)
		conn_deadline(side->conn, 30);
}

static void a_deadline_ends_it(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_waits, set_deadline);
	assert_int_equal(c.side.closed, 1);
	assert_int_equal(c.side.why.kind, ERR_TIMEOUT);
	assert_true(c.peer.ok);
}

static void say_and_done(void *owner)
{
	struct side *side = owner;

	if (--side->count > 0) {
		conn_deadline(side->conn, 40);
		timer_start(side->arg, 20);
		return;
	}
	conn_deadline(side->conn, 0);
	conn_close(side->conn);
	side_done(side);
}

static void begin_moving(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	side->count = 10;
	say_and_done(side);
}

static void a_deadline_that_is_moved_does_not_end_it(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_waits, begin_moving);
	c.side.arg = timer_new(c.side.loop, say_and_done, &c.side);
	side_run(&c.side);
	assert_int_equal(c.side.closed, 0);
	timer_free(c.side.arg);
	clear_end(&c);
}

static void peer_resets(struct peer *peer)
{
	char byte;

	peer->ok = peer_accept(peer) && peer_say(peer, "421 go away\r\n") &&
		   peer_get(peer, &byte, 1) == 1;
	peer_reset(peer);
}

static void write_more_and_more(struct side *side, enum side_event event)
{
	if (event == SIDE_CLOSED)
		return;
	buf_puts(conn_out(side->conn), "x");
	conn_want_drained(side->conn);
}

static void the_last_words_before_a_reset_are_heard(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_resets, write_more_and_more);
	side_run(&c.side);
	assert_int_equal(c.side.why.kind, ERR_PEER);
	assert_true(span_is(buf_span(&c.side.got), "421 go away\r\n"));
	clear_end(&c);
}

/* The event in which to end it, and how. */
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

static void a_conn_can_be_ended_in_every_event(void **state)
{
	struct ending endings[] = {
		{ SIDE_BYTES, true },  { SIDE_DRAINED, true },  { SIDE_READY, true },
		{ SIDE_BYTES, false }, { SIDE_DRAINED, false }, { SIDE_READY, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		struct clear c;

		clear_start(&c, peer_waits, end_it);
		c.side.arg = &endings[i];
		side_run(&c.side);
		assert_int_equal(c.side.closed, 0);
		clear_end(&c);
		if (endings[i].abort)
			continue;	/* may be a reset for the peer */
		assert_true(c.peer.ok);
		assert_int_equal(c.peer.count, 5);
	}
}

static void write_a_megabyte_and_close(struct side *side, enum side_event event)
{
	static const char chunk[CHUNK];

	if (event != SIDE_READY)
		return;
	for (int i = 0; i < 30; i++)
		buf_put(conn_out(side->conn), span_of(chunk, CHUNK));
	conn_close(side->conn);
	side_done(side);
}

static void closing_sends_what_was_written(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_drains, write_a_megabyte_and_close);
	assert_true(c.peer.ok);
	assert_int_equal(c.peer.count, 30 * CHUNK);
}

static void peer_talks_too_much(struct peer *peer)
{
	static const char chunk[CHUNK];

	peer->ok = peer_accept(peer);
	for (int i = 0; i < 6 && peer->ok; i++)
		peer->ok = peer_put(peer, chunk, CHUNK);
	peer->ok = peer->ok && peer_hear(peer, "421 bye\r\n") && peer_drain(peer);
}

static void say_bye(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	buf_puts(conn_out(side->conn), "421 bye\r\n");
	conn_close(side->conn);
	side_done(side);
}

static void closing_with_bytes_unread_does_not_cut_our_last_words_off(void **state)
{
	struct clear c;

	(void)state;
	clear_run(&c, peer_talks_too_much, say_bye);
	assert_true(c.peer.ok);
}

static void peer_half_closes(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "EHLO x\r\nQUIT\r\n");
	shutdown(peer->fd, SHUT_WR);
	peer->ok = peer->ok && peer_hear(peer, "250 x\r\n221 bye\r\n") && peer_drain(peer);
}

static void answer_quit(void *owner)
{
	struct side *side = owner;

	assert_int_equal(side->closed, 0);
	buf_puts(conn_out(side->conn), "221 bye\r\n");
	buf_drop(conn_in(side->conn), strlen("QUIT\r\n"));
}

static void answer_in_two_turns(struct side *side, enum side_event event)
{
	if (event != SIDE_BYTES)
		return;
	if (side->bytes > 1)
		return;
	buf_puts(conn_out(side->conn), "250 x\r\n");
	buf_drop(conn_in(side->conn), strlen("EHLO x\r\n"));
	loop_later(side->loop, answer_quit, side);
}

static void a_peer_that_only_stops_talking_gets_its_answers(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_half_closes, answer_in_two_turns);
	c.side.hold = true;
	side_run(&c.side);
	clear_end(&c);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	assert_true(c.peer.ok);
}

static void half_a_line_does_not_keep_the_end_back_for_ever(void **state)
{
	struct clear c;

	(void)state;
	clear_start(&c, peer_greets_and_ends, NULL);
	c.side.hold = true;
	side_run(&c.side);
	assert_int_equal(c.side.closed, 1);
	assert_int_equal(c.side.why.kind, ERR_NONE);
	clear_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_ends_it),
		cmocka_unit_test(a_deadline_that_is_moved_does_not_end_it),
		cmocka_unit_test(the_last_words_before_a_reset_are_heard),
		cmocka_unit_test(a_conn_can_be_ended_in_every_event),
		cmocka_unit_test(closing_sends_what_was_written),
		cmocka_unit_test(closing_with_bytes_unread_does_not_cut_our_last_words_off),
		cmocka_unit_test(a_peer_that_only_stops_talking_gets_its_answers),
		cmocka_unit_test(half_a_line_does_not_keep_the_end_back_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
