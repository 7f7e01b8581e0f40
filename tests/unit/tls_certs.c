/* tls_certs - see tls_certs.h. */
#include "tls_certs.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

#include <letterlock/mem.h>

enum { DAY = 24 * 3600 };

/* Tests cannot go on without their certificates. */
static void must(int code, const char *what)
{
	if (code >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, gnutls_strerror(code));
	abort();
}

static void set_names(gnutls_x509_crt_t crt, const struct cert_wish *wish)
{
	unsigned char ip[4];

	if (wish->cn)
		must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, wish->cn,
						   (unsigned)strlen(wish->cn)), "cn");
	for (size_t i = 0; i < 4 && wish->dns[i]; i++)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, wish->dns[i],
							  (unsigned)strlen(wish->dns[i]),
							  GNUTLS_FSAN_APPEND), "dns");
	if (wish->uri)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_URI, wish->uri,
							  (unsigned)strlen(wish->uri),
							  GNUTLS_FSAN_APPEND), "uri");
	if (wish->ip && inet_pton(AF_INET, wish->ip, ip) == 1)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, ip,
							  sizeof(ip), GNUTLS_FSAN_APPEND), "ip");
}

static void set_constraint(gnutls_x509_crt_t crt, const char *permitted)
{
	gnutls_x509_name_constraints_t names;
	gnutls_datum_t name = { (unsigned char *)permitted, (unsigned)strlen(permitted) };

	must(gnutls_x509_name_constraints_init(&names), "constraints");
	must(gnutls_x509_name_constraints_add_permitted(names, GNUTLS_SAN_DNSNAME, &name),
	     "permitted");
	must(gnutls_x509_crt_set_name_constraints(crt, names, 1), "set constraints");
	gnutls_x509_name_constraints_deinit(names);
}

static void set_pin(struct cert *cert)
{
	unsigned char id[32];
	size_t len = sizeof(id);
	gnutls_datum_t raw = { id, sizeof(id) }, text;

	must(gnutls_x509_crt_get_key_id(cert->crt, GNUTLS_KEYID_USE_SHA256, id, &len), "id");
	must(gnutls_base64_encode2(&raw, &text), "base64");
	snprintf(cert->pin, sizeof(cert->pin), "sha256:%s", text.data);
	gnutls_free(text.data);
}

static char *to_string(gnutls_datum_t *pem)
{
	char *text = mem_printf("%.*s", (int)pem->size, (const char *)pem->data);

	gnutls_free(pem->data);
	return text;
}

static void set_rest(gnutls_x509_crt_t crt, const struct cert_wish *wish)
{
	bool dated = wish->from_days != 0 || wish->to_days != 0;
	time_t now = time(NULL);
	unsigned char serial[8];

	gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
	serial[0] = 1;
	must(gnutls_x509_crt_set_version(crt, 3), "version");
	must(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)), "serial");
	gnutls_x509_crt_set_activation_time(crt, now + (dated ? wish->from_days : -1) * DAY);
	gnutls_x509_crt_set_expiration_time(crt, now + (dated ? wish->to_days : 30) * DAY);
	must(gnutls_x509_crt_set_basic_constraints(crt, wish->ca, wish->childless ? 0 : -1), "ca");
	must(gnutls_x509_crt_set_key_usage(
		     crt, wish->ca && !wish->signs_nothing
				   ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
				   : GNUTLS_KEY_DIGITAL_SIGNATURE), "usage");
	if (wish->eku)
		must(gnutls_x509_crt_set_key_purpose_oid(crt, wish->eku, 0), "eku");
	if (wish->permitted)
		set_constraint(crt, wish->permitted);
}

struct cert *cert_new(const struct cert_wish *wish)
{
	struct cert *cert = mem_new(sizeof(*cert));
	const struct cert *issuer = wish->issuer ? wish->issuer : cert;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_datum_t pem;

	must(gnutls_x509_privkey_init(&key), "key");
	if (wish->rsa)
		must(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA,
						  wish->bits ? wish->bits : 2048, 0), "generate");
	else
		must(gnutls_x509_privkey_generate(
			     key, GNUTLS_PK_ECDSA,
			     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), "generate");
	must(gnutls_x509_crt_init(&crt), "crt");
	cert->key = key;
	cert->crt = crt;
	set_names(crt, wish);
	set_rest(crt, wish);
	must(gnutls_x509_crt_set_key(crt, key), "set key");
	must(gnutls_x509_crt_sign2(crt, issuer->crt, issuer->key,
				   wish->sha1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256, 0), "sign");
	must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), "export");
	cert->pem = to_string(&pem);
	must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), "export key");
	cert->key_pem = to_string(&pem);
	set_pin(cert);
	return cert;
}

void cert_free(struct cert *cert)
{
	if (!cert)
		return;
	gnutls_x509_crt_deinit(cert->crt);
	gnutls_x509_privkey_deinit(cert->key);
	free(cert->pem);
	free(cert->key_pem);
	free(cert);
}

char *cert_crl(const struct cert *ca, const struct cert *revoked, int to_days)
{
	gnutls_x509_crl_t crl;
	gnutls_datum_t pem;
	time_t now = time(NULL);
	time_t made = to_days > 0 ? now - DAY : now + (to_days - 1) * DAY;

	must(gnutls_x509_crl_init(&crl), "crl");
	must(gnutls_x509_crl_set_version(crl, 2), "crl version");
	must(gnutls_x509_crl_set_this_update(crl, made), "this update");
	must(gnutls_x509_crl_set_next_update(crl, now + to_days * DAY), "next update");
	must(gnutls_x509_crl_set_number(crl, "\1", 1), "number");
	if (revoked)
		must(gnutls_x509_crl_set_crt(crl, revoked->crt, made), "revoke");
	must(gnutls_x509_crl_sign2(crl, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0), "crl sign");
	must(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &pem), "crl export");
	gnutls_x509_crl_deinit(crl);
	return to_string(&pem);
}

char *cert_chain(const struct cert *leaf, const struct cert *above)
{
	return mem_printf("%s%s", leaf->pem, above->pem);
}
