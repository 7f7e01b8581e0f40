/* endpoint - HOST:PORT and IP:PORT as the configuration writes them. Pure. */
#ifndef LETTERLOCK_ENDPOINT_H
#define LETTERLOCK_ENDPOINT_H

#include <stdbool.h>

#include <letterlock/settings.h>
#include <letterlock/span.h>

/*
 * Reads `HOST:PORT`, an IPv6 address in brackets. False when it is not one;
 * `why` then says why in a few words. The caller frees endpoint->host.
 */
bool endpoint_parse(struct span text, struct endpoint *endpoint,
		    const char **why);

/* Whether the host is an IP address. */
bool endpoint_numeric(const struct endpoint *endpoint);

/* Whether `host` is an IP address of this machine's loopback, or
 * "localhost". */
bool endpoint_loopback(const char *host);

/* A host name (RFC 1123 labels) or an IP address. */
bool endpoint_host_valid(struct span host);

/* Whether two listeners cannot both be bound: the same port, and the same
 * address or one that stands for all of them. */
bool endpoint_clash(const struct endpoint *a, const struct endpoint *b);

#endif
