/*
 * tls_verify - whether a peer's certificate is the one of the upstream that
 * was meant, and in the contract's words why not.
 */
#ifndef LETTERLOCK_TLS_VERIFY_H
#define LETTERLOCK_TLS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/err.h>
#include <letterlock/settings.h>
#include <letterlock/span.h>

struct gnutls_session_int;

enum {
	TLS_VERIFY_PIN_SIZE = 32,	/* SHA-256 of the SubjectPublicKeyInfo */
};

/* Whom to accept. Filled by tls_verify_init() only. */
struct tls_verify {
	char *name;			/* ASCII form, no dot at its end */
	char *trust;			/* "ca.pem", for people */
	unsigned char ip[16];
	size_t ip_len;			/* 4 or 16: `name` is an IP address */
	unsigned char (*pins)[TLS_VERIFY_PIN_SIZE];
	size_t pins_n;			/* 0: verify = ca */
	int64_t crl_until;		/* when the first CRL is out of date; 0: none */
};

/* 0, or -1 with `err` (ERR_CONF): a name, pin or revocation list that is none. */
int tls_verify_init(struct tls_verify *verify, const struct upstream_settings *settings,
		    struct err *err);
void tls_verify_done(struct tls_verify *verify);

/*
 * Looks at the certificates that the peer of `session` has just shown. 0 and
 * `until`: when the certificate runs out; or -1 with `err` (ERR_TLS). With
 * pins nothing but the public key counts: not issuer, name or dates.
 */
int tls_verify_peer(const struct tls_verify *verify, struct gnutls_session_int *session,
		    int64_t *until, struct err *err);

/*
 * Says what is wrong with a certificate whose chain got `status` (bits of
 * gnutls_certificate_status_t). When several things are wrong, the first of:
 * revoked, untrusted issuer (and what else makes the chain worthless), not
 * yet valid, expired, name mismatch, revocation answers that cannot be used.
 * `names` are those in the certificate, for people. 0 when nothing is wrong.
 */
int tls_verify_judge(const struct tls_verify *verify, unsigned status, bool self_signed,
		     bool name_matches, const char *names, struct err *err);

/*
 * RFC 7817 3, RFC 6125 6.4: the same name, or `*.` for exactly one label in
 * front of at least two. No other wildcard. ASCII case does not count.
 */
bool tls_verify_name(struct span pattern, struct span name);

/* "sha256:BASE64" to its bytes; -1 with `err` (ERR_CONF). */
int tls_verify_pin(struct span text, unsigned char pin[TLS_VERIFY_PIN_SIZE], struct err *err);

#endif
