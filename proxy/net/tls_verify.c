/* tls_verify - see tls_verify.h. The chain, its dates, constraints, purposes,
 * CRLs and stapled OCSP answers are GnuTLS's part; names and pins ours, since
 * GnuTLS takes a common name for a DNS name where there is none. */
#include "proxy/net/tls_verify.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

enum {
	NAMES_SHOWN = 200,	/* bytes of a certificate's names in a message */
};

int tls_verify_pin(struct span text, unsigned char pin[TLS_VERIFY_PIN_SIZE], struct err *err)
{
	struct buf bytes;
	int ret = -1;

	buf_init(&bytes, TLS_VERIFY_PIN_SIZE);
	if (!span_starts_nocase(text, "sha256:") ||
	    codec_base64_get(&bytes, span_skip(text, strlen("sha256:"))) < 0 ||
	    bytes.len != TLS_VERIFY_PIN_SIZE) {
		err_set(err, ERR_CONF, "a pin is sha256: and the base64 of 32 bytes, not %.*s",
			(int)(text.len < 80 ? text.len : 80), text.at);
		goto out;
	}
	memcpy(pin, buf_span(&bytes).at, TLS_VERIFY_PIN_SIZE);
	ret = 0;
out:
	buf_free(&bytes);
	return ret;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The form that certificates hold: A-labels (RFC 5280 7.2), no last dot. */
static int set_name(struct tls_verify *verify, const char *name, struct err *err)
{
	gnutls_datum_t ascii = { NULL, 0 };
	size_t len = strlen(name);
	int code;

	if (inet_pton(AF_INET, name, verify->ip) == 1)
		verify->ip_len = 4;
	else if (inet_pton(AF_INET6, name, verify->ip) == 1)
		verify->ip_len = 16;
	if (verify->ip_len > 0) {
		verify->name = mem_strdup(name);
		return 0;
	}
	if (len > 0 && name[len - 1] == '.')
		len--;
	code = gnutls_idna_map(name, (unsigned)len, &ascii, 0);
	if (code < 0 || ascii.size == 0) {
		gnutls_free(ascii.data);
		return err_set(err, ERR_CONF, "%s is not a host name", name);
	}
	verify->name = span_dup(span_of((const char *)ascii.data, ascii.size));
	gnutls_free(ascii.data);
	return 0;
}

/* GnuTLS believes a list that its CA should have replaced long ago. */
static int set_crl_until(struct tls_verify *verify, const char *pem, struct err *err)
{
	gnutls_datum_t bytes = { (unsigned char *)pem, (unsigned)strlen(pem) };
	gnutls_x509_crl_t *lists = NULL;
	unsigned n = 0;
	int code = gnutls_x509_crl_list_import2(&lists, &n, &bytes, GNUTLS_X509_FMT_PEM, 0);

	if (code < 0 || n == 0)
		return err_set(err, ERR_CONF, "revocation list cannot be read: %s",
			       code < 0 ? gnutls_strerror(code) : "there is none");
	for (unsigned i = 0; i < n; i++) {
		time_t next = gnutls_x509_crl_get_next_update(lists[i]);

		if (next > 0 && (verify->crl_until == 0 || next < verify->crl_until))
			verify->crl_until = next;
		gnutls_x509_crl_deinit(lists[i]);
	}
	gnutls_free(lists);
	return 0;
}

int tls_verify_init(struct tls_verify *verify, const struct upstream_settings *settings,
		    struct err *err)
{
	memset(verify, 0, sizeof(*verify));
	if (set_name(verify, settings->server_name, err) < 0)
		return -1;
	verify->trust = mem_strdup(settings->ca_file ? base_name(settings->ca_file)
						     : "the system's list");
	for (size_t i = 0; settings->verify == VERIFY_CA && i < settings->crl_pem.n; i++)
		if (set_crl_until(verify, settings->crl_pem.at[i], err) < 0)
			goto bad;
	if (settings->verify == VERIFY_CA)
		return 0;
	if (settings->pins.n == 0) {
		err_set(err, ERR_CONF, "verify = pin needs a pin");
		goto bad;
	}
	verify->pins = mem_new(settings->pins.n * sizeof(*verify->pins));
	for (size_t i = 0; i < settings->pins.n; i++)
		if (tls_verify_pin(span_str(settings->pins.at[i]), verify->pins[i], err) < 0)
			goto bad;
	verify->pins_n = settings->pins.n;
	return 0;
bad:
	tls_verify_done(verify);
	return -1;
}

void tls_verify_done(struct tls_verify *verify)
{
	free(verify->name);
	free(verify->trust);
	free(verify->pins);
	memset(verify, 0, sizeof(*verify));
}

bool tls_verify_name(struct span pattern, struct span name)
{
	struct span rest;
	size_t dot;

	if (pattern.len > 0 && pattern.at[pattern.len - 1] == '.')
		pattern.len--;
	if (pattern.len < 2 || pattern.at[0] != '*')
		return pattern.len > 0 && span_find(pattern, '*') == pattern.len &&
		       span_eq_nocase(pattern, name);
	rest = span_skip(pattern, 1);	/* ".example.org" */
	if (rest.at[0] != '.' || span_find(rest, '*') < rest.len ||
	    span_find(span_skip(rest, 1), '.') == rest.len - 1)
		return false;
	dot = span_find(name, '.');
	return dot > 0 && span_eq_nocase(rest, span_skip(name, dot));
}

/* Goes through the names of a certificate; what it saw in `shown`. */
static bool names_match(const struct tls_verify *verify, gnutls_x509_crt_t leaf, char *shown,
			size_t size)
{
	size_t used = 0;
	bool match = false;

	shown[0] = '\0';
	for (unsigned i = 0;; i++) {
		char name[512];
		size_t len = sizeof(name);
		unsigned type = 0;
		int code = gnutls_x509_crt_get_subject_alt_name2(leaf, i, name, &len, &type, NULL);

		if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;	/* longer than any host name */
		if (code < 0)
			break;
		if (type == GNUTLS_SAN_IPADDRESS && verify->ip_len > 0 && len == verify->ip_len &&
		    memcmp(name, verify->ip, len) == 0)
			match = true;
		if (type != GNUTLS_SAN_DNSNAME)
			continue;
		if (verify->ip_len == 0 &&
		    tls_verify_name(span_of(name, len), span_str(verify->name)))
			match = true;
		if (used + len + 3 < size)
			used += (size_t)snprintf(shown + used, size - used, "%s%.*s",
						 used ? ", " : "", (int)len, name);
	}
	return match;
}

struct fault {
	unsigned bits;
	const char *reason;	/* one of the contract's */
	const char *text;	/* behind "the certificate of NAME" */
};

/* In the order in which they are told. */
static const struct fault faults[] = {
	{ GNUTLS_CERT_REVOKED, "revoked", "has been revoked" },
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, "untrusted issuer", NULL },
	{ GNUTLS_CERT_SIGNER_NOT_CA, "untrusted issuer",
	  "is signed by a certificate that is no CA's" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "untrusted issuer", "has a wrong signature" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, "untrusted issuer",
	  "or one above it is signed with an algorithm or key that is too weak" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "untrusted issuer",
	  "is outside of what its issuer may sign (name or path constraints)" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "untrusted issuer",
	  "is not meant for servers (extended key usage)" },
	{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, "untrusted issuer",
	  "has a critical extension that is not understood" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "certificate not yet valid",
	  "or one above it is not valid yet" },
	{ GNUTLS_CERT_EXPIRED, "certificate expired", "or one above it has run out" },
};

/* Faults of what should tell whether the certificate was revoked. */
static const unsigned no_answer = GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
				  GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE |
				  GNUTLS_CERT_INVALID_OCSP_STATUS |
				  GNUTLS_CERT_MISSING_OCSP_STATUS;

static int tell(const struct tls_verify *verify, const struct fault *fault, bool self_signed,
		struct err *err)
{
	if (fault->text)
		return err_set(err, ERR_TLS, "%s: the certificate of %s %s", fault->reason,
			       verify->name, fault->text);
	return err_set(err, ERR_TLS, "%s: the certificate of %s is %s %s", fault->reason,
		       verify->name,
		       self_signed ? "self-signed and not in" : "not signed by a CA in",
		       verify->trust);
}

int tls_verify_judge(const struct tls_verify *verify, unsigned status, bool self_signed,
		     bool name_matches, const char *names, struct err *err)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (status & faults[i].bits)
			return tell(verify, &faults[i], self_signed, err);
	if (!name_matches)
		return err_set(err, ERR_TLS, "name mismatch: the certificate is for %s, not for %s",
			       names[0] ? names : "no DNS name", verify->name);
	if (status & no_answer)
		return err_set(err, ERR_TLS,
			       "handshake failed: whether the certificate of %s was revoked "
			       "cannot be told from its OCSP answer or CRL",
			       verify->name);
	if (status != 0)
		return err_set(err, ERR_TLS,
			       "untrusted issuer: the certificate of %s is not valid (0x%x)",
			       verify->name, status);
	return 0;
}

static int check_pins(const struct tls_verify *verify, gnutls_x509_crt_t leaf, struct err *err)
{
	unsigned char id[TLS_VERIFY_PIN_SIZE];
	size_t len = sizeof(id);
	int code = gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA256, id, &len);

	if (code < 0)
		return err_set(err, ERR_TLS, "handshake failed: the key of %s cannot be read",
			       verify->name);
	for (size_t i = 0; i < verify->pins_n; i++)
		if (len == sizeof(id) && memcmp(id, verify->pins[i], len) == 0)
			return 0;
	return err_set(err, ERR_TLS, "pin mismatch: the public key of %s is not a pinned one",
		       verify->name);
}

static int check_chain(const struct tls_verify *verify, gnutls_session_t session,
		       gnutls_x509_crt_t leaf, struct err *err)
{
	unsigned char server_auth[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
					  .data = server_auth };
	char names[NAMES_SHOWN];
	unsigned status = 0;
	bool match = names_match(verify, leaf, names, sizeof(names));
	bool self_signed = gnutls_x509_crt_check_issuer(leaf, leaf) != 0;
	int code = gnutls_certificate_verify_peers(session, &purpose, 1, &status);

	if (code < 0)
		return err_set(err, ERR_TLS, "untrusted issuer: the certificate of %s "
			       "cannot be checked: %s", verify->name, gnutls_strerror(code));
	if (verify->crl_until != 0 && verify->crl_until < time(NULL))
		status |= GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED;
	/* it only says that there is another one */
	if (status != GNUTLS_CERT_INVALID)
		status &= ~(unsigned)GNUTLS_CERT_INVALID;
	return tls_verify_judge(verify, status, self_signed, match, names, err);
}

int tls_verify_peer(const struct tls_verify *verify, struct gnutls_session_int *session,
		    int64_t *until, struct err *err)
{
	gnutls_x509_crt_t leaf = NULL;
	const gnutls_datum_t *chain;
	unsigned n = 0;
	int ret = -1;

	chain = gnutls_certificate_get_peers(session, &n);
	if (!chain || n == 0)
		return err_set(err, ERR_TLS, "handshake failed: %s sent no certificate",
			       verify->name);
	if (gnutls_x509_crt_init(&leaf) < 0 ||
	    gnutls_x509_crt_import(leaf, &chain[0], GNUTLS_X509_FMT_DER) < 0) {
		err_set(err, ERR_TLS, "handshake failed: the certificate of %s cannot be read",
			verify->name);
		goto out;
	}
	*until = gnutls_x509_crt_get_expiration_time(leaf);
	ret = verify->pins_n > 0 ? check_pins(verify, leaf, err)
				 : check_chain(verify, session, leaf, err);
	if (verify->pins_n > 0)
		*until = INT64_MAX;	/* dates do not count */
	else if (verify->crl_until != 0 && verify->crl_until < *until)
		*until = verify->crl_until;
out:
	if (leaf)
		gnutls_x509_crt_deinit(leaf);
	return ret;
}
