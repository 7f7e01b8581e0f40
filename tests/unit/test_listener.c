#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/conn_make.h"
#include "proxy/net/listener.h"
#include "proxy/net/tally.h"

#include "net_side.h"

/* A listener on a free port, and what it accepted. */
struct world {
	struct loop *loop;
	struct listener *listener;
	int fd;
	unsigned port;
	struct conn *conns[16];
	int n, want;	/* stops the loop when it has them */
	struct timer *guard;
	struct rlimit limit;
	clock_t cpu;
};

static void ignore(void *owner)
{
	(void)owner;
}

static void ignore_closed(void *owner, const struct err *why)
{
	(void)owner;
	(void)why;
}

static const struct conn_events nothing = { ignore, ignore, ignore, ignore_closed };

static void on_accepted(void *owner, struct conn *conn)
{
	struct world *w = owner;

	conn_own(conn, &nothing, w);
	w->conns[w->n++] = conn;
	if (w->n == w->want)
		loop_stop(w->loop);
}

static void on_guard(void *owner)
{
	(void)owner;
	abort();
}

static void world_start(struct world *w)
{
	struct listener_settings *settings = side_listener(NULL);

	*w = (struct world){ .loop = loop_new() };
	w->fd = side_bound(settings, &w->port);
	side_listener_free(settings);
	w->listener = listener_new(w->loop, w->fd, on_accepted, w);
	w->guard = timer_new(w->loop, on_guard, w);
	timer_start(w->guard, 30 * 1000);
}

static void world_end(struct world *w)
{
	for (int i = 0; i < w->n; i++)
		conn_abort(w->conns[i]);
	listener_free(w->listener);
	timer_free(w->guard);
	loop_free(w->loop);
	close(w->fd);
}

static void peer_waits_for_the_end(struct peer *peer)
{
	peer->ok = peer_drain(peer);
}

static void run_until(struct world *w, int want)
{
	w->want = want;
	loop_run(w->loop);
	assert_int_equal(w->n, want);
}

static void connections_are_accepted_with_their_address(void **state)
{
	struct peer peers[3];
	struct world w;

	(void)state;
	world_start(&w);
	memset(peers, 0, sizeof(peers));
	for (int i = 0; i < 3; i++)
		peer_connect(&peers[i], w.port, peer_waits_for_the_end, NULL);
	run_until(&w, 3);
	assert_string_equal(conn_peer(w.conns[0]), "127.0.0.1");
	assert_true(conn_loopback(w.conns[0]));
	world_end(&w);
	for (int i = 0; i < 3; i++)
		peer_join(&peers[i]);
}

static void resume(void *owner)
{
	struct world *w = owner;

	assert_int_equal(w->n, 0);	/* paused: nothing was accepted */
	listener_resume(w->listener);
}

static void a_paused_listener_leaves_connections_in_the_backlog(void **state)
{
	struct peer peer = { .ok = false };
	struct timer *timer;
	struct world w;

	(void)state;
	world_start(&w);
	listener_pause(w.listener);
	timer = timer_new(w.loop, resume, &w);
	timer_start(timer, 20);
	peer_connect(&peer, w.port, peer_waits_for_the_end, NULL);
	run_until(&w, 1);
	timer_free(timer);
	world_end(&w);
	peer_join(&peer);
}

static void stop(void *owner)
{
	loop_stop(owner);
}

/* Long enough to see to everything that has happened before. */
static void run_a_moment(struct world *w)
{
	struct timer *timer = timer_new(w->loop, stop, w->loop);

	timer_start(timer, 50);
	loop_run(w->loop);
	timer_free(timer);
}

static void one_address_has_its_share_and_gets_it_back(void **state)
{
	struct peer held = { .ok = false }, refused = { .ok = false }, next = { .ok = false };
	struct world w;

	(void)state;
	world_start(&w);
	listener_per_peer(w.listener, 1);
	peer_connect(&held, w.port, peer_waits_for_the_end, NULL);
	run_until(&w, 1);
	peer_connect(&refused, w.port, peer_waits_for_the_end, NULL);
	run_a_moment(&w);
	peer_join(&refused);	/* its read has ended */
	assert_true(refused.ok);
	assert_int_equal(w.n, 1);
	conn_abort(w.conns[0]);
	w.n = 0;
	peer_connect(&next, w.port, peer_waits_for_the_end, NULL);
	run_until(&w, 1);
	world_end(&w);
	peer_join(&held);
	peer_join(&next);
}

static void accept_nobody(void *owner, struct conn *conn)
{
	(void)owner;
	(void)conn;
}

static void a_connection_that_nobody_takes_is_closed(void **state)
{
	struct peer peer = { .ok = false };
	struct listener *listener;
	struct world w;

	(void)state;
	world_start(&w);
	listener_free(w.listener);
	w.listener = NULL;
	listener = listener_new(w.loop, w.fd, accept_nobody, NULL);
	peer_connect(&peer, w.port, peer_waits_for_the_end, NULL);
	run_a_moment(&w);
	peer_join(&peer);	/* its read has ended though we are still there */
	assert_true(peer.ok);
	listener_free(listener);
	world_end(&w);
}

static void lift(void *owner)
{
	struct world *w = owner;

	assert_int_equal(w->n, 0);
	w->cpu = clock() - w->cpu;
	setrlimit(RLIMIT_NOFILE, &w->limit);
}

static void without_descriptors_it_waits_and_does_not_spin(void **state)
{
	struct peer peer = { .ok = false };
	struct timer *timer;
	struct rlimit none;
	struct world w;

	(void)state;
	world_start(&w);
	timer = timer_new(w.loop, lift, &w);
	timer_start(timer, 150);
	peer_connect(&peer, w.port, peer_waits_for_the_end, NULL);
	getrlimit(RLIMIT_NOFILE, &w.limit);
	none = w.limit;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	w.cpu = clock();
	run_until(&w, 1);	/* once there are some again, it goes on by itself */
	assert_true(w.cpu < CLOCKS_PER_SEC * 75 / 1000);
	timer_free(timer);
	world_end(&w);
	peer_join(&peer);
}

static void a_port_in_use_or_a_bad_address_says_so(void **state)
{
	struct listener_settings *settings = side_listener(NULL);
	struct err err;
	unsigned port;
	int fd = side_bound(settings, &port), second;
	char *want;

	(void)state;
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	settings->address.port = port;
	assert_int_equal(listener_bind(settings, &second, &err), -1);
	assert_int_equal(second, -1);
	assert_int_equal(err.kind, ERR_CONF);
	want = mem_printf("listener submission: cannot listen on 127.0.0.1 port %u: Address "
			  "already in use; end what listens there, or write another port", port);
	assert_string_equal(err.text, want);
	free(want);
	free(settings->address.host);
	settings->address.host = mem_strdup("localhost");
	assert_int_equal(listener_bind(settings, &second, &err), -1);
	assert_string_equal(err.text, "listener submission: localhost is not an IP address");
	close(fd);
	side_listener_free(settings);
}

static void ipv6_and_ipv4_share_a_port(void **state)
{
	struct listener_settings *settings = side_listener(NULL);
	struct err err;
	unsigned port;
	int four = side_bound(settings, &port), six;

	(void)state;
	settings->address.port = port;
	free(settings->address.host);
	settings->address.host = mem_strdup("::");
	if (listener_bind(settings, &six, &err) < 0)
		skip();		/* a machine without IPv6 */
	close(six);
	close(four);
	side_listener_free(settings);
}

static void a_tally_counts_up_and_down(void **state)
{
	struct tally *tally = tally_new();

	(void)state;
	assert_true(tally_enter(tally, "192.0.2.1", 2));
	assert_true(tally_enter(tally, "192.0.2.1", 2));
	assert_false(tally_enter(tally, "192.0.2.1", 2));
	assert_true(tally_enter(tally, "192.0.2.2", 2));
	assert_true(tally_enter(tally, "192.0.2.1", 0));
	tally_leave(tally, "192.0.2.1");
	tally_leave(tally, "192.0.2.1");
	assert_true(tally_enter(tally, "192.0.2.1", 2));
	tally_free(tally);	/* the others keep it */
	for (int i = 0; i < 2; i++)
		tally_leave(tally, "192.0.2.1");
	tally_leave(tally, "192.0.2.2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_are_accepted_with_their_address),
		cmocka_unit_test(a_paused_listener_leaves_connections_in_the_backlog),
		cmocka_unit_test(one_address_has_its_share_and_gets_it_back),
		cmocka_unit_test(a_connection_that_nobody_takes_is_closed),
		cmocka_unit_test(without_descriptors_it_waits_and_does_not_spin),
		cmocka_unit_test(a_port_in_use_or_a_bad_address_says_so),
		cmocka_unit_test(ipv6_and_ipv4_share_a_port),
		cmocka_unit_test(a_tally_counts_up_and_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
