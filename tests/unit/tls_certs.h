/* tls_certs - certificates of every kind, good and bad, for tests. */
#ifndef LETTERLOCK_TESTS_TLS_CERTS_H
#define LETTERLOCK_TESTS_TLS_CERTS_H

#include <stdbool.h>

struct gnutls_certificate_credentials_st;

/* Zeroed: a self-signed leaf without a name, valid from yesterday for a month. */
struct cert_wish {
	const char *cn;
	const char *dns[4];
	const char *ip;			/* numeric IPv4 */
	const char *uri;
	int from_days, to_days;		/* from now; both 0: -1 and 30 */
	bool ca;
	bool sha1;
	bool rsa;			/* RSA, else P-256 */
	unsigned bits;			/* of an RSA key; 0: 2048 */
	bool childless;			/* a CA whose path length is 0 */
	bool signs_nothing;		/* a CA whose key usage says so */
	const char *eku;		/* OID; NULL: none */
	const char *permitted;		/* name constraint of a CA */
	const struct cert *issuer;	/* NULL: itself */
};

struct cert {
	void *crt, *key;	/* gnutls_x509_crt_t, gnutls_x509_privkey_t */
	char *pem, *key_pem;
	char pin[64];		/* "sha256:BASE64" */
};

struct cert *cert_new(const struct cert_wish *wish);
void cert_free(struct cert *cert);

/* A list of `ca` that revokes `revoked` (may be NULL), as PEM; free() it. */
char *cert_crl(const struct cert *ca, const struct cert *revoked, int to_days);

/* "A then B" PEM; free() it. */
char *cert_chain(const struct cert *leaf, const struct cert *above);

#endif
