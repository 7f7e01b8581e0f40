/* dial - connects to an upstream: resolves, tries each address, TLS if implicit. */
#ifndef LETTERLOCK_DIAL_H
#define LETTERLOCK_DIAL_H

#include <letterlock/err.h>
#include <letterlock/settings.h>

struct conn;
struct conn_events;
struct loop;
struct upstream;

/* An upstream as a worker uses it: settings, credentials, TLS tickets. The
 * settings are borrowed; both must outlive the conns dialled. NULL with `err` (ERR_CONF). */
struct upstream *upstream_new(const struct upstream_settings *settings,
			      struct err *err);
void upstream_free(struct upstream *upstream);
const struct upstream_settings *upstream_settings(const struct upstream *upstream);
const struct tls_creds *upstream_creds(const struct upstream *upstream);
/* How many TLS handshakes were full, and how many resumed an earlier one. */
unsigned long upstream_full(const struct upstream *upstream);
unsigned long upstream_resumed(const struct upstream *upstream);

/*
 * Starts connecting (at most 30 s in all). The events come to `owner`:
 * `ready` once connected (and verified, for implicit TLS), or `closed`.
 */
struct conn *dial(struct loop *loop, struct upstream *upstream,
		  const struct conn_events *events, void *owner);

#endif
