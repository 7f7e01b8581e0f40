#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/run/slots.h"
#include "proxy/run/sockets.h"

/* A port that is free now, on an address that nobody else uses. */
static unsigned free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.77", &at.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static struct listener_settings listener(unsigned port)
{
	return (struct listener_settings){ .name = "x",
					   .address = { "127.0.0.77", port } };
}

static bool connects(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool done;

	inet_pton(AF_INET, "127.0.0.77", &at.sin_addr);
	done = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
	close(fd);
	return done;
}

static void what_stays_keeps_its_socket_and_what_goes_is_closed(void **state)
{
	struct sockets *sockets = sockets_new();
	unsigned a = free_port(), b = free_port();
	struct listener_settings old_list[] = { listener(a), listener(b) };
	struct listener_settings new_list[] = { listener(b) };
	struct settings old = { .listeners = old_list, .listeners_n = 2 };
	struct settings new = { .listeners = new_list, .listeners_n = 1 };
	int old_fds[2], new_fds[1];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sockets_take(sockets, &old, old_fds, &err), 0);
	assert_true(connects(a) && connects(b));
	assert_int_equal(sockets_take(sockets, &new, new_fds, &err), 0);
	assert_int_equal(new_fds[0], old_fds[1]);
	sockets_give(sockets, old_fds, 2);
	assert_false(connects(a));
	assert_true(connects(b));
	sockets_give(sockets, new_fds, 1);
	assert_false(connects(b));
	sockets_free(sockets);
}

static void when_one_cannot_be_bound_none_is_taken(void **state)
{
	struct sockets *sockets = sockets_new();
	unsigned a = free_port();
	struct listener_settings list[] = { listener(a), listener(1) };
	struct settings settings = { .listeners = list, .listeners_n = 2 };
	struct err err = { 0 };
	int fds[2];

	(void)state;
	list[1].address.host = (char *)"192.0.2.1";	/* of nobody (RFC 5737) */
	assert_int_equal(sockets_take(sockets, &settings, fds, &err), -1);
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, "192.0.2.1"));
	assert_false(connects(a));
	sockets_free(sockets);
	sockets_free(NULL);
}

static void each_worker_has_a_slot_of_its_own_until_it_gives_it_back(void **state)
{
	struct err err = { 0 };
	struct slots *slots = slots_new(4096, &err);

	(void)state;
	for (int i = 0; i < SLOTS_MAX; i++)
		assert_int_equal(slots_take(slots), i);
	assert_int_equal(slots_take(slots), -1);
	slots_give(slots, 5);
	assert_int_equal(slots_take(slots), 5);
	assert_true(slots_descriptor(slots) >= 0);
	slots_free(slots);
	slots_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_keeps_its_socket_and_what_goes_is_closed),
		cmocka_unit_test(when_one_cannot_be_bound_none_is_taken),
		cmocka_unit_test(each_worker_has_a_slot_of_its_own_until_it_gives_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
