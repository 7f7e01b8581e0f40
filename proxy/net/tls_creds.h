/*
 * tls_creds - what one side of TLS needs: certificate and key of a listener,
 * or whom to trust as an upstream. Made once from settings, shared by all
 * connections, never changed.
 */
#ifndef LETTERLOCK_TLS_CREDS_H
#define LETTERLOCK_TLS_CREDS_H

#include <stdbool.h>

#include <letterlock/err.h>
#include <letterlock/settings.h>
#include <letterlock/span.h>

struct tls_creds;
struct tls_engine;
struct tls_tickets;

/*
 * For `letterlock check`: 0 when `cert_pem` (leaf first) and `key_pem` belong
 * together and can be used; -1 with `err` (ERR_CONF): not PEM, "certificate
 * does not match its private key", "certificate expired" ...
 */
int tls_creds_check_server(struct span cert_pem, struct span key_pem,
			   struct err *err);

/* For `letterlock check`: 0 when `ca_pem` (if there) holds certificates,
 * `crl_pem` revocation lists, server_name is one, and each pin is
 * "sha256:BASE64" of 32 bytes. */
int tls_creds_check_upstream(const struct upstream_settings *settings,
			     struct err *err);

/* Of a listener whose tls is not `none`. NULL with `err` (ERR_CONF). Expired
 * certificates are served: clients decide. */
struct tls_creds *tls_creds_server(const struct listener_settings *settings,
				   struct err *err);

/* Of an upstream, with its tickets and an own copy of what `settings` says.
 * NULL with `err` (ERR_CONF). */
struct tls_creds *tls_creds_client(const struct upstream_settings *settings,
				   struct err *err);
/* Of a client's: what can be resumed, and the count of handshakes. */
const struct tls_tickets *tls_creds_tickets(const struct tls_creds *creds);
bool tls_creds_is_client(const struct tls_creds *creds);

/* Creds may be freed while connections still use them: those hold a share. */
void tls_creds_free(struct tls_creds *creds);

/* A TLS session under these creds, before its handshake. NULL with `err`. */
struct tls_engine *tls_creds_engine(const struct tls_creds *creds,
				    struct err *err);

#endif
