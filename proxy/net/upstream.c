/* upstream - see dial.h. */
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/net/dial.h"
#include "proxy/net/tls_creds.h"
#include "proxy/net/tls_tickets.h"

struct upstream {
	const struct upstream_settings *settings;
	struct tls_creds *creds;	/* NULL: tls = none */
};

struct upstream *upstream_new(const struct upstream_settings *settings, struct err *err)
{
	struct upstream *upstream = mem_new(sizeof(*upstream));

	upstream->settings = settings;
	if (settings->tls == UPSTREAM_NONE)
		return upstream;
	upstream->creds = tls_creds_client(settings, err);
	if (upstream->creds)
		return upstream;
	free(upstream);
	err_while(err, "upstream %s", settings->name);
	return NULL;
}

void upstream_free(struct upstream *upstream)
{
	if (!upstream)
		return;
	tls_creds_free(upstream->creds);
	free(upstream);
}

const struct upstream_settings *upstream_settings(const struct upstream *upstream)
{
	return upstream->settings;
}

const struct tls_creds *upstream_creds(const struct upstream *upstream)
{
	return upstream->creds;
}

unsigned long upstream_full(const struct upstream *upstream)
{
	return upstream->creds ? tls_creds_tickets(upstream->creds)->full : 0;
}

unsigned long upstream_resumed(const struct upstream *upstream)
{
	return upstream->creds ? tls_creds_tickets(upstream->creds)->resumed : 0;
}
