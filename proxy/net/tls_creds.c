/* tls_creds - see tls_creds.h. */
#include "proxy/net/tls_creds.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <letterlock/mem.h>

#include "proxy/engine/tls_engine.h"
#include "proxy/net/tls_tickets.h"
#include "proxy/net/tls_known.h"
#include "proxy/net/tls_verify.h"

/*
 * TLS 1.2 and later, forward secrecy, AEAD only, no SHA-1. AES-128-GCM comes
 * first: with AES-NI it moves seven times what ChaCha20 does. X25519 comes first
 * of the groups, and the only key made before the server has chosen: P-256 costs
 * either end more, OpenSSL 3.0 a quarter of a login.
 */
static const char priorities[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-128-GCM:"
	"+AES-256-GCM:+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:"
	"+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-X448:+GROUP-FFDHE2048:+GROUP-FFDHE3072:"
	"+GROUP-FFDHE4096:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:-SIGN-DSA-SHA1:"
	"%PROFILE_MEDIUM:%SERVER_PRECEDENCE";

enum {
	CHAIN_MAX = 16,
	/* seconds: then a certificate is looked at anew, when no session is resumed, ... */
	TRUST_LIFE = 6 * 3600,
	KNOWN_LIFE = 600,	/* ... and when the same one is shown again */
};

struct tls_creds {
	unsigned shares;	/* whoever made it, and each session */
	bool client;
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priority;
	gnutls_datum_t ticket_key;	/* server: each listener its own */
	gnutls_datum_t alpn;		/* server: the one protocol spoken here */
	struct tls_verify verify;	/* client */
	struct tls_known known;
	int64_t trusted;	/* until when sessions with those are resumed */
	struct tls_tickets tickets;	/* client */
};

/* One handshake under these creds. */
struct tls_shake {
	struct tls_creds *creds;
	int64_t until;		/* how long what was verified may be resumed */
};

static gnutls_datum_t datum(struct span bytes)
{
	return (gnutls_datum_t){ (unsigned char *)bytes.at, (unsigned)bytes.len };
}

static int conf(struct err *err, const char *what, int code)
{
	return err_set(err, ERR_CONF, "%s: %s", what, gnutls_strerror(code));
}

static int load_key(struct span pem, gnutls_x509_privkey_t *key, struct err *err)
{
	gnutls_datum_t bytes = datum(pem);
	int code = gnutls_x509_privkey_init(key);

	if (code == 0)
		code = gnutls_x509_privkey_import2(*key, &bytes, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code == GNUTLS_E_DECRYPTION_FAILED)
		return err_set(err, ERR_CONF, "private key is locked with a passphrase: "
			       "write it without one, readable by the gateway alone");
	if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return err_set(err, ERR_CONF, "private key: there is none in the file");
	return code < 0 ? conf(err, "private key cannot be read", code) : 0;
}

static int check_dates(gnutls_x509_crt_t leaf, struct err *err)
{
	time_t now = time(NULL);
	time_t ends = gnutls_x509_crt_get_expiration_time(leaf);
	time_t begins = gnutls_x509_crt_get_activation_time(leaf);
	char day[32] = "?";
	struct tm tm;

	if (ends < now && gmtime_r(&ends, &tm)) {
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
		return err_set(err, ERR_CONF, "certificate expired on %s", day);
	}
	if (begins > now && gmtime_r(&begins, &tm)) {
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
		return err_set(err, ERR_CONF, "certificate is not valid before %s", day);
	}
	return 0;
}

static int check_pair(gnutls_x509_crt_t leaf, gnutls_x509_privkey_t key, struct err *err)
{
	unsigned char of_leaf[32], of_key[32];
	size_t leaf_len = sizeof(of_leaf), key_len = sizeof(of_key);

	if (gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA256, of_leaf, &leaf_len) < 0 ||
	    gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len) < 0)
		return err_set(err, ERR_CONF, "certificate or private key is of an unknown kind");
	if (leaf_len != key_len || memcmp(of_leaf, of_key, leaf_len) != 0)
		return err_set(err, ERR_CONF, "certificate does not match its private key");
	return 0;
}

int tls_creds_check_server(struct span cert_pem, struct span key_pem, struct err *err)
{
	gnutls_datum_t bytes = datum(cert_pem);
	gnutls_x509_crt_t *chain = NULL;
	gnutls_x509_privkey_t key = NULL;
	unsigned n = 0;
	int ret = -1;
	int code = gnutls_x509_crt_list_import2(&chain, &n, &bytes, GNUTLS_X509_FMT_PEM, 0);

	if (code == GNUTLS_E_NO_CERTIFICATE_FOUND) {
		err_set(err, ERR_CONF, "certificate: there is none in the file");
		goto out;
	}
	if (code < 0 || n == 0) {
		conf(err, "certificate cannot be read", code);
		goto out;
	}
	if (n > CHAIN_MAX) {
		err_set(err, ERR_CONF, "%u certificates in a chain are too many", n);
		goto out;
	}
	if (load_key(key_pem, &key, err) < 0 || check_pair(chain[0], key, err) < 0 ||
	    check_dates(chain[0], err) < 0)
		goto out;
	ret = 0;
out:
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return ret;
}

static struct tls_creds *creds_new(bool client, struct err *err)
{
	struct tls_creds *creds = mem_new(sizeof(*creds));
	int code;

	creds->shares = 1;
	creds->client = client;
	code = gnutls_certificate_allocate_credentials(&creds->cred);
	if (code == 0)
		code = gnutls_priority_init(&creds->priority, priorities, NULL);
	if (code == 0)
		return creds;
	err_set(err, ERR_BUG, "cannot set TLS up: %s", gnutls_strerror(code));
	tls_creds_free(creds);
	return NULL;
}

static const char *alpn_of(enum protocol protocol)
{
	static const char *const names[] = {
		[PROTOCOL_SMTP] = "smtp",
		[PROTOCOL_IMAP] = "imap",
		[PROTOCOL_POP3] = "pop3",
	};

	return names[protocol];
}

struct tls_creds *tls_creds_server(const struct listener_settings *settings, struct err *err)
{
	struct tls_creds *creds = creds_new(false, err);
	gnutls_datum_t cert, key;
	int code;

	if (!creds)
		return NULL;
	if (settings->certificate_pem.n != 1 || settings->private_key_pem.n != 1) {
		err_set(err, ERR_CONF, "listener %s has no certificate", settings->name);
		goto bad;
	}
	cert = datum(span_str(settings->certificate_pem.at[0]));
	key = datum(span_str(settings->private_key_pem.at[0]));
	code = gnutls_certificate_set_x509_key_mem(creds->cred, &cert, &key, GNUTLS_X509_FMT_PEM);
	if (code < 0) {
		conf(err, code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH
			  ? "certificate does not match its private key"
			  : "certificate or private key cannot be used", code);
		goto bad;
	}
	code = gnutls_session_ticket_key_generate(&creds->ticket_key);
	if (code < 0) {
		conf(err, "cannot make a key for session tickets", code);
		goto bad;
	}
	creds->alpn = datum(span_str(alpn_of(settings->protocol)));
	return creds;
bad:
	tls_creds_free(creds);
	return NULL;
}

/* The CAs and revocation lists of `settings` into `cred`. */
static int load_trust(gnutls_certificate_credentials_t cred,
		      const struct upstream_settings *settings, struct err *err)
{
	gnutls_datum_t pem;
	int n;

	if (settings->verify == VERIFY_PIN)
		return 0;
	if (settings->ca_pem.n > 0) {
		pem = datum(span_str(settings->ca_pem.at[0]));
		n = gnutls_certificate_set_x509_trust_mem(cred, &pem, GNUTLS_X509_FMT_PEM);
	} else {
		n = gnutls_certificate_set_x509_system_trust(cred);
	}
	if (n < 0)
		return conf(err, "CA certificates cannot be read", n);
	if (n == 0)
		return err_set(err, ERR_CONF, "there is no CA certificate in %s",
			       settings->ca_file ? settings->ca_file : "the system's list");
	for (size_t i = 0; i < settings->crl_pem.n; i++) {
		pem = datum(span_str(settings->crl_pem.at[i]));
		n = gnutls_certificate_set_x509_crl_mem(cred, &pem, GNUTLS_X509_FMT_PEM);
		if (n < 0)
			return conf(err, "revocation list cannot be read", n);
		if (n == 0)
			return err_set(err, ERR_CONF, "there is no revocation list in %s",
				       settings->crl_file ? settings->crl_file : "the crl-file");
	}
	return 0;
}

struct tls_creds *tls_creds_client(const struct upstream_settings *settings, struct err *err)
{
	struct tls_creds *creds = creds_new(true, err);

	if (!creds)
		return NULL;
	if (tls_verify_init(&creds->verify, settings, err) < 0 ||
	    load_trust(creds->cred, settings, err) < 0) {
		tls_creds_free(creds);
		return NULL;
	}
	return creds;
}

int tls_creds_check_upstream(const struct upstream_settings *settings, struct err *err)
{
	struct tls_creds *creds = tls_creds_client(settings, err);
	int64_t until;

	if (!creds)
		return -1;
	until = creds->verify.crl_until;
	tls_creds_free(creds);
	if (until != 0 && until < time(NULL))
		return err_set(err, ERR_CONF, "revocation list is out of date: fetch a new one");
	return 0;
}

void tls_creds_free(struct tls_creds *creds)
{
	if (!creds || --creds->shares > 0)
		return;
	if (creds->cred)
		gnutls_certificate_free_credentials(creds->cred);
	if (creds->priority)
		gnutls_priority_deinit(creds->priority);
	if (creds->ticket_key.data) {
		gnutls_memset(creds->ticket_key.data, 0, creds->ticket_key.size);
		gnutls_free(creds->ticket_key.data);
	}
	tls_verify_done(&creds->verify);
	tls_known_drop(&creds->known);
	tls_tickets_clear(&creds->tickets);
	free(creds);
}

const struct tls_tickets *tls_creds_tickets(const struct tls_creds *creds)
{
	return &creds->tickets;
}

bool tls_creds_is_client(const struct tls_creds *creds)
{
	return creds->client;
}

static int on_verify(void *owner, struct gnutls_session_int *session, struct err *err)
{
	struct tls_shake *shake = owner;
	struct tls_known *known = &shake->creds->known;
	int64_t now = time(NULL), until;

	if (tls_known_has(known, session, now)) {
		shake->until = shake->creds->trusted;
		return 0;
	}
	if (tls_verify_peer(&shake->creds->verify, session, &until, err) < 0)
		return -1;
	shake->until = until < now + TRUST_LIFE ? until : now + TRUST_LIFE;
	shake->creds->trusted = shake->until;
	tls_known_note(known, session, until < now + KNOWN_LIFE ? until : now + KNOWN_LIFE);
	return 0;
}

static void on_ticket(void *owner, struct gnutls_session_int *session)
{
	struct tls_shake *shake = owner;
	gnutls_datum_t data = { NULL, 0 };

	if (gnutls_session_get_data2(session, &data) == 0)
		tls_tickets_put(&shake->creds->tickets,
				span_of((const char *)data.data, data.size), time(NULL),
				shake->until);
	if (data.data)
		gnutls_memset(data.data, 0, data.size);
	gnutls_free(data.data);
}

static void on_shaken(void *owner, bool well, bool resumed)
{
	struct tls_shake *shake = owner;
	struct tls_tickets *tickets = &shake->creds->tickets;

	if (!shake->creds->client)
		return;
	if (!well)
		tls_tickets_clear(tickets);
	else if (resumed)
		tickets->resumed++;
	else
		tickets->full++;
}

static void on_freed(void *owner)
{
	struct tls_shake *shake = owner;

	tls_creds_free(shake->creds);
	free(shake);
}

static const struct tls_engine_hooks hooks = {
	.verify = on_verify,
	.ticket = on_ticket,
	.shaken = on_shaken,
	.freed = on_freed,
};

static int prepare_server(const struct tls_creds *creds, gnutls_session_t session)
{
	int code;

	gnutls_certificate_server_set_request(session, GNUTLS_CERT_IGNORE);
	code = gnutls_session_ticket_enable_server(session, &creds->ticket_key);
	if (code < 0)
		return code;
	/* a client that names protocols, and not ours, meant another server
	 * (ALPACA); one that names none is let in */
	return gnutls_alpn_set_protocols(session, &creds->alpn, 1, GNUTLS_ALPN_MANDATORY);
}

static int prepare_client(struct tls_shake *shake, gnutls_session_t session)
{
	const struct tls_verify *verify = &shake->creds->verify;
	struct tls_ticket ticket;
	int code;

	if (verify->ip_len == 0) {
		code = gnutls_server_name_set(session, GNUTLS_NAME_DNS, verify->name,
					      strlen(verify->name));
		if (code < 0)
			return code;
	}
	if (tls_tickets_take(&shake->creds->tickets, time(NULL), &ticket)) {
		/* one that GnuTLS will not have means a full handshake */
		(void)gnutls_session_set_data(session, ticket.at, ticket.len);
		gnutls_memset(ticket.at, 0, ticket.len);
		free(ticket.at);
		shake->until = ticket.until;
	}
	return 0;
}

struct tls_engine *tls_creds_engine(const struct tls_creds *creds, struct err *err)
{
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_KEY_SHARE_TOP;
	struct tls_shake *shake = mem_new(sizeof(*shake));
	gnutls_session_t session = NULL;
	int code;

	/* shares, tickets and what is known are the only parts of creds that change */
	shake->creds = (struct tls_creds *)creds;
	shake->creds->shares++;
	code = gnutls_init(&session, flags | (creds->client ? GNUTLS_CLIENT : GNUTLS_SERVER));
	if (code == 0)
		code = gnutls_priority_set(session, creds->priority);
	if (code == 0)
		code = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, creds->cred);
	if (code == 0)
		code = creds->client ? prepare_client(shake, session)
				     : prepare_server(creds, session);
	if (code == 0)
		return tls_engine_new(session, creds->client, &hooks, shake);
	if (session)
		gnutls_deinit(session);
	on_freed(shake);
	err_set(err, ERR_BUG, "cannot start TLS: %s", gnutls_strerror(code));
	return NULL;
}
