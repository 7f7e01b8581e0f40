/* tls_known - see tls_known.h. */
#include "proxy/net/tls_known.h"

#include <gnutls/gnutls.h>

enum { KNOWN_MAX = 64 * 1024 };	/* octets of certificates */

/* -1: it is too much, or there is an OCSP answer with it. */
static int put_shown(gnutls_session_t session, struct buf *out)
{
	const gnutls_datum_t *chain;
	gnutls_datum_t answer;
	unsigned n = 0;

	chain = gnutls_certificate_get_peers(session, &n);
	for (unsigned i = 0; chain && i < n; i++)
		if (gnutls_ocsp_status_request_get2(session, i, &answer) == 0 ||
		    buf_printf(out, "%u ", chain[i].size) < 0 ||
		    buf_put(out, span_of((const char *)chain[i].data, chain[i].size)) < 0)
			return -1;
	return chain && n > 0 ? 0 : -1;
}

bool tls_known_has(const struct tls_known *known, struct gnutls_session_int *session,
		   int64_t now)
{
	struct buf shown;
	bool has;

	if (now >= known->until)
		return false;
	buf_init(&shown, KNOWN_MAX);
	has = put_shown(session, &shown) == 0 &&
	      span_eq(buf_span(&shown), buf_span(&known->shown));
	buf_free(&shown);
	return has;
}

void tls_known_note(struct tls_known *known, struct gnutls_session_int *session,
		    int64_t until)
{
	tls_known_drop(known);
	buf_init(&known->shown, KNOWN_MAX);
	if (put_shown(session, &known->shown) == 0)
		known->until = until;
	else
		tls_known_drop(known);
}

void tls_known_drop(struct tls_known *known)
{
	buf_free(&known->shown);
	*known = (struct tls_known){ 0 };
}
