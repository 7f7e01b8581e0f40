#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/run/notify.h"

/* A socket as systemd has it; `path` is as in NOTIFY_SOCKET. */
static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(at.sun_path, path, strlen(path));
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					  strlen(path))), 0);
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static void heard(int fd, const char *want)
{
	char text[128] = { 0 };

	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_memory_equal(text, want, strlen(want));
}

static void systemd_hears_it_at_a_path(void **state)
{
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/llnotify%d", (int)getpid());
	fd = listen_at(path);
	notify("READY=1");
	heard(fd, "READY=1");
	notify_reloading();
	heard(fd, "RELOADING=1\nMONOTONIC_USEC=");
	close(fd);
	unlink(path);
	notify("STOPPING=1");	/* nobody there: nothing happens */
}

static void systemd_hears_it_at_an_abstract_address(void **state)
{
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "@llnotify%d", (int)getpid());
	fd = listen_at(path);
	notify("STOPPING=1");
	heard(fd, "STOPPING=1");
	close(fd);
}

static void what_is_no_address_is_left_alone(void **state)
{
	char huge[300];

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	huge[0] = '/';
	huge[sizeof(huge) - 1] = '\0';
	setenv("NOTIFY_SOCKET", huge, 1);
	notify("READY=1");
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	notify("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	notify("READY=1");
	unsetenv("NOTIFY_SOCKET");
	notify("READY=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(systemd_hears_it_at_a_path),
		cmocka_unit_test(systemd_hears_it_at_an_abstract_address),
		cmocka_unit_test(what_is_no_address_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
