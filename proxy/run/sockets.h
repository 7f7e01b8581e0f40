/*
 * sockets - the bound listeners of the master. One whose address stays the
 * same over a reload stays open, with all that waits in it.
 */
#ifndef LETTERLOCK_SOCKETS_H
#define LETTERLOCK_SOCKETS_H

#include <letterlock/err.h>
#include <letterlock/settings.h>

struct sockets;

struct sockets *sockets_new(void);
void sockets_free(struct sockets *sockets);	/* closes all */

/*
 * A share of the bound socket for each listener of `settings`, into `fds` (one
 * for each, in their order, which stay `sockets`'). -1 with `err` (ERR_CONF)
 * when one cannot be bound: then no share was taken.
 */
int sockets_take(struct sockets *sockets, const struct settings *settings,
		 int *fds, struct err *err);

/* Gives one share of each of the `n` back; the last one closes a socket. */
void sockets_give(struct sockets *sockets, const int *fds, size_t n);

#endif
