#include "proxy/run/sockets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/net/listener.h"

struct bound {
	TAILQ_ENTRY(bound) entry;
	char *host;
	unsigned port;
	int fd;
	unsigned shares;
};

struct sockets {
	TAILQ_HEAD(, bound) all;
};

struct sockets *sockets_new(void)
{
	struct sockets *sockets = mem_new(sizeof(*sockets));

	TAILQ_INIT(&sockets->all);
	return sockets;
}

static void bound_free(struct sockets *sockets, struct bound *bound)
{
	TAILQ_REMOVE(&sockets->all, bound, entry);
	close(bound->fd);
	free(bound->host);
	free(bound);
}

void sockets_free(struct sockets *sockets)
{
	struct bound *bound;

	if (!sockets)
		return;
	while ((bound = TAILQ_FIRST(&sockets->all)))
		bound_free(sockets, bound);
	free(sockets);
}

static struct bound *find(struct sockets *sockets, const struct endpoint *address)
{
	struct bound *bound;

	TAILQ_FOREACH(bound, &sockets->all, entry)
		if (bound->port == address->port &&
		    strcmp(bound->host, address->host) == 0)
			return bound;
	return NULL;
}

static struct bound *bind_new(struct sockets *sockets,
			      const struct listener_settings *listener,
			      struct err *err)
{
	struct bound *bound;
	int fd;

	if (listener_bind(listener, &fd, err) < 0)
		return NULL;
	bound = mem_new(sizeof(*bound));
	bound->host = mem_strdup(listener->address.host);
	bound->port = listener->address.port;
	bound->fd = fd;
	TAILQ_INSERT_TAIL(&sockets->all, bound, entry);
	return bound;
}

int sockets_take(struct sockets *sockets, const struct settings *settings,
		 int *fds, struct err *err)
{
	for (size_t i = 0; i < settings->listeners_n; i++) {
		const struct listener_settings *listener = &settings->listeners[i];
		struct bound *bound = find(sockets, &listener->address);

		if (!bound)
			bound = bind_new(sockets, listener, err);
		if (!bound) {
			sockets_give(sockets, fds, i);
			return -1;
		}
		bound->shares++;
		fds[i] = bound->fd;
	}
	return 0;
}

static void give(struct sockets *sockets, int fd)
{
	struct bound *bound;

	TAILQ_FOREACH(bound, &sockets->all, entry)
		if (bound->fd == fd)
			break;
	if (bound && --bound->shares == 0)
		bound_free(sockets, bound);
}

void sockets_give(struct sockets *sockets, const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		give(sockets, fds[i]);
}
