/*
 * sasl - learns who logs in from a SASL exchange that is relayed, without
 * taking part in it (RFC 4616, LOGIN, RFC 2195, RFC 5802, XOAUTH2, RFC 7628).
 * Pure.
 */
#ifndef LETTERLOCK_SASL_H
#define LETTERLOCK_SASL_H

#include <stdbool.h>

#include <letterlock/err.h>
#include <letterlock/span.h>
#include <letterlock/strs.h>

struct sasl;

/* NULL for a mechanism that is not relayed. */
struct sasl *sasl_new(struct span mechanism);
void sasl_free(struct sasl *sasl);	/* wipes */

/*
 * The client's next line, base64 as it came ("=" is an empty response).
 * -1 with `err` when it must not be relayed: not base64, control characters
 * in a name or password, an authorisation identity that is not the
 * authentication identity (a server might ignore it, and we would take one
 * person for another), channel binding (gs2 flag "p").
 */
int sasl_client_line(struct sasl *sasl, struct span line, struct err *err);

/* Whether the password itself passes (PLAIN, LOGIN, XOAUTH2, OAUTHBEARER). */
bool sasl_plaintext(const struct sasl *sasl);

/* The login learnt, or NULL; borrowed. */
const char *sasl_login(const struct sasl *sasl);

/*
 * Of upstream's mechanisms those that we relay, in upstream's order, appended
 * to `offer`: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2
 * OAUTHBEARER; no -PLUS, and no SCRAM-X where upstream has SCRAM-X-PLUS
 * (RFC 5802 6: it would look like a downgrade).
 */
void sasl_offer(const struct strs *upstream, struct strs *offer);

#endif
