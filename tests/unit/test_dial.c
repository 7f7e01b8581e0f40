#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/conn_make.h"
#include "proxy/net/dial.h"

#include "net_side.h"

struct dialled {
	struct upstream_settings *settings;
	struct upstream *upstream;
	struct side side;
};

static void dial_start(struct dialled *d, const char *host, unsigned port)
{
	struct err err;

	d->settings = side_upstream(port, NULL, NULL);
	d->settings->tls = UPSTREAM_NONE;
	free(d->settings->address.host);
	d->settings->address.host = mem_strdup(host);
	d->upstream = upstream_new(d->settings, &err);
	assert_non_null(d->upstream);
	side_init(&d->side);
	side_own(&d->side, dial(d->side.loop, d->upstream, NULL, NULL));
	/* nothing comes from inside the call */
	assert_int_equal(d->side.ready + d->side.closed, 0);
}

static void dial_end(struct dialled *d)
{
	side_free(&d->side);
	upstream_free(d->upstream);
	side_upstream_free(d->settings);
}

static void peer_greets(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "220 hello\r\n");
}

static void a_name_is_resolved_and_its_addresses_are_tried(void **state)
{
	struct peer peer = { .ok = false };
	struct dialled d;

	(void)state;
	/* only 127.0.0.1 listens; where localhost is ::1 first, that fails */
	peer_listen(&peer, peer_greets, NULL);
	dial_start(&d, "localhost", peer.port);
	side_run(&d.side);
	assert_int_equal(d.side.ready, 1);
	assert_true(span_is(buf_span(&d.side.got), "220 hello\r\n"));
	dial_end(&d);
	peer_join(&peer);
	assert_true(peer.ok);
}

/* A port on which nobody listens, for as long as the descriptor is open. */
static unsigned dead_port(int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static void a_refused_connection_says_so(void **state)
{
	struct dialled d;
	char *want;
	int fd;
	unsigned port = dead_port(&fd);

	(void)state;
	dial_start(&d, "127.0.0.1", port);
	side_run(&d.side);
	assert_int_equal(d.side.ready, 0);
	assert_int_equal(d.side.why.kind, ERR_TEMP);
	want = mem_printf("unreachable: connection refused "
			  "(127.0.0.1 port %u)", port);
	assert_string_equal(d.side.why.text, want);
	free(want);
	dial_end(&d);
	close(fd);
}

static void a_name_that_does_not_exist_says_so(void **state)
{
	struct dialled d;

	(void)state;
	dial_start(&d, "no-such-host.invalid", 25);
	side_run(&d.side);
	assert_int_equal(d.side.why.kind, ERR_TEMP);
	assert_ptr_equal(strstr(d.side.why.text, "unreachable: "),
			 d.side.why.text);
	assert_non_null(strstr(d.side.why.text, "no-such-host.invalid"));
	dial_end(&d);
}

static void dialling_can_be_given_up_at_once(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "no-such-host.invalid", "localhost" };
	int fd;
	unsigned port = dead_port(&fd);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(hosts) / sizeof(*hosts); i++) {
		struct dialled d;

		dial_start(&d, hosts[i / 2], port);
		if (i % 2)
			conn_close(d.side.conn);
		else
			conn_abort(d.side.conn);
		dial_end(&d);	/* the resolver's thread ends first */
		assert_int_equal(d.side.closed, 0);
	}
	close(fd);
}

static void cancelled(void *dialler)
{
	++*(int *)dialler;
}

static void dialling_takes_no_longer_than_it_may(void **state)
{
	struct side side;
	int cancels = 0;

	(void)state;
	side_init(&side);
	side_own(&side, conn_dialling(side.loop, 30, cancelled, &cancels));
	side_run(&side);
	assert_int_equal(cancels, 1);
	assert_int_equal(side.why.kind, ERR_TEMP);
	assert_string_equal(side.why.text,
			    "unreachable: connecting took too long");
	side_free(&side);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_resolved_and_its_addresses_are_tried),
		cmocka_unit_test(a_refused_connection_says_so),
		cmocka_unit_test(a_name_that_does_not_exist_says_so),
		cmocka_unit_test(dialling_can_be_given_up_at_once),
		cmocka_unit_test(dialling_takes_no_longer_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
