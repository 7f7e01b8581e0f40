#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <letterlock/mem.h>

#include "proxy/net/dial.h"
#include "proxy/net/tls_creds.h"
#include "proxy/net/tls_tickets.h"
#include "proxy/net/tls_verify.h"

#include "net_side.h"
#include "tls_certs.h"

static struct cert *ca, *other_ca, *good;	/* made once: only read by the tests */

static int certs_start(void **state)
{
	(void)state;
	ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	other_ca = cert_new(&(struct cert_wish){ .cn = "Other CA", .ca = true });
	good = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" }, .issuer = ca });
	return 0;
}

static int certs_end(void **state)
{
	(void)state;
	cert_free(good);
	cert_free(other_ca);
	cert_free(ca);
	return 0;
}

static void say_secret(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	buf_puts(conn_out(side->conn), "AUTH PLAIN secret\r\n");
	conn_close(side->conn);
	side_done(side);
}

/* What a client makes of the peer's certificate that has `upstream` by `settings`. */
static struct err connect_by(struct upstream *upstream, struct upstream_settings *settings,
			     struct peer *peer)
{
	struct peer it = *peer;
	struct side side;
	struct err err;

	peer_listen(&it, peer_listens, NULL);
	settings->address.port = it.port;
	side_init(&side);
	side.on = say_secret;
	side_own(&side, dial(side.loop, upstream, NULL, NULL));
	side_run(&side);
	err = side.why;
	if (side.ready == 0) {
		assert_int_equal(side.closed, 1);
		assert_int_equal(err.kind, ERR_TLS);
		assert_int_equal(tls_creds_tickets(upstream_creds(upstream))->n, 0);
	}
	side_free(&side);	/* sends what is left, so before the peer's end */
	peer_join(&it);
	/* nothing before verification */
	assert_int_equal(it.count, side.ready ? strlen("AUTH PLAIN secret\r\n") : 0);
	peer->code = it.code;
	peer->alert = it.alert;
	return err;
}

/* The same for a client that trusts as `settings` say, which are taken over. */
static struct err connect_to(struct peer *peer, struct upstream_settings *settings)
{
	struct err err;
	struct upstream *upstream = upstream_new(settings, &err);

	assert_non_null(upstream);
	err = connect_by(upstream, settings, peer);
	upstream_free(upstream);
	side_upstream_free(settings);
	return err;
}

static void expect(const struct err *err, const char *reason, const char *what)
{
	size_t len = strlen(reason);

	if (strncmp(err->text, reason, len) != 0 || (err->text[len] != ':' && len > 0) ||
	    (len == 0 && err->kind != ERR_NONE))
		fail_msg("%s: wanted \"%s\", got \"%s\"", what, reason, err->text);
}

/* The leaf to be shown, and the contract's reason; "" is accepted. */
struct row {
	const char *what;
	struct cert_wish wish;
	const char *reason;
	enum { BY_CA, BY_OTHER, BY_ITSELF, BY_LEAF } by;
};

static const struct row rows[] = {
	{ "the right name", { .dns = { "smtp.example.org" } }, "", BY_CA },
	{ "one of several names", { .dns = { "a.example", "smtp.example.org" } }, "", BY_CA },
	{ "other case", { .dns = { "SMTP.Example.ORG" } }, "", BY_CA },
	{ "left-most wildcard", { .dns = { "*.example.org" } }, "", BY_CA },
	{ "RSA", { .dns = { "smtp.example.org" }, .rsa = true }, "", BY_CA },
	{ "for servers", { .dns = { "smtp.example.org" }, .eku = GNUTLS_KP_TLS_WWW_SERVER }, "",
	  BY_CA },
	{ "expired", { .dns = { "smtp.example.org" }, .from_days = -30, .to_days = -1 },
	  "certificate expired", BY_CA },
	{ "not yet valid", { .dns = { "smtp.example.org" }, .from_days = 1, .to_days = 30 },
	  "certificate not yet valid", BY_CA },
	{ "another name", { .dns = { "imap.example.org" } }, "name mismatch", BY_CA },
	{ "name of the domain only", { .dns = { "example.org" } }, "name mismatch", BY_CA },
	{ "part of a name", { .dns = { "tp.example.org", "smtp.example.organic" } },
	  "name mismatch", BY_CA },
	{ "common name alone", { .cn = "smtp.example.org" }, "name mismatch", BY_CA },
	{ "common name beside another DNS name",
	  { .cn = "smtp.example.org", .dns = { "imap.example.org" } }, "name mismatch", BY_CA },
	{ "URI alone", { .uri = "smtp://smtp.example.org" }, "name mismatch", BY_CA },
	{ "partial wildcard", { .dns = { "sm*.example.org" } }, "name mismatch", BY_CA },
	{ "inner wildcard", { .dns = { "smtp.*.org" } }, "name mismatch", BY_CA },
	{ "wildcard for all", { .dns = { "*" } }, "name mismatch", BY_CA },
	{ "wildcard for a top level", { .dns = { "*.org" } }, "name mismatch", BY_CA },
	{ "wildcard for two labels", { .dns = { "*.org", "*.*.org" } }, "name mismatch", BY_CA },
	{ "IP address for a name", { .ip = "127.0.0.1" }, "name mismatch", BY_CA },
	{ "self-signed", { .dns = { "smtp.example.org" } }, "untrusted issuer", BY_ITSELF },
	{ "unknown CA", { .dns = { "smtp.example.org" } }, "untrusted issuer", BY_OTHER },
	{ "signed by a leaf", { .dns = { "smtp.example.org" } }, "untrusted issuer", BY_LEAF },
	{ "for clients", { .dns = { "smtp.example.org" }, .eku = GNUTLS_KP_TLS_WWW_CLIENT },
	  "untrusted issuer", BY_CA },
	{ "SHA-1", { .dns = { "smtp.example.org" }, .sha1 = true }, "untrusted issuer", BY_CA },
	{ "RSA of 1024 bits", { .dns = { "smtp.example.org" }, .rsa = true, .bits = 1024 },
	  "untrusted issuer", BY_CA },
	{ "for mail, not for servers",
	  { .dns = { "smtp.example.org" }, .eku = GNUTLS_KP_EMAIL_PROTECTION },
	  "untrusted issuer", BY_CA },
	/* several faults: the first in the order of tls_verify.h */
	{ "self-signed, expired, another name",
	  { .dns = { "x.example" }, .from_days = -9, .to_days = -1 }, "untrusted issuer",
	  BY_ITSELF },
	{ "expired, another name", { .dns = { "x.example" }, .from_days = -9, .to_days = -1 },
	  "certificate expired", BY_CA },
};

static void each_fault_of_a_certificate_is_refused_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cert_wish wish = rows[i].wish;
		const struct cert *const by[] = { ca, other_ca, NULL, good };
		struct peer peer = { .above = rows[i].by == BY_LEAF ? good : NULL };
		struct cert *leaf;
		struct err err;

		wish.issuer = by[rows[i].by];
		leaf = cert_new(&wish);
		peer.cert = leaf;
		err = connect_to(&peer, side_upstream(0, ca, NULL));
		expect(&err, rows[i].reason, rows[i].what);
		cert_free(leaf);
	}
}

static void the_texts_say_who_and_why(void **state)
{
	struct cert *leaf = cert_new(&(struct cert_wish){ .dns = { "a.example", "b.example" },
							  .issuer = ca });
	struct peer peer = { .cert = leaf };
	struct err err;

	(void)state;
	err = connect_to(&peer, side_upstream(0, other_ca, NULL));
	assert_string_equal(err.text, "untrusted issuer: the certificate of smtp.example.org "
				      "is not signed by a CA in ca.pem");
	err = connect_to(&peer, side_upstream(0, ca, NULL));
	assert_string_equal(err.text, "name mismatch: the certificate is for a.example, "
				      "b.example, not for smtp.example.org");
	assert_int_equal(peer.alert, GNUTLS_A_BAD_CERTIFICATE);
	cert_free(leaf);
}

/* `by` issues the leaf and is shown behind it. */
static const struct intermediate {
	const char *what;
	struct cert_wish wish;
	const char *reason;
} intermediates[] = {
	{ "a good one", { .cn = "Inside", .ca = true, .permitted = "example.org" }, "" },
	{ "constrained to others", { .cn = "Outside", .ca = true, .permitted = "example.net" },
	  "untrusted issuer" },
	{ "expired", { .cn = "Old", .ca = true, .from_days = -9, .to_days = -1 },
	  "certificate expired" },
	{ "not yet valid", { .cn = "New", .ca = true, .from_days = 1, .to_days = 9 },
	  "certificate not yet valid" },
	{ "no CA", { .cn = "None" }, "untrusted issuer" },
	{ "whose key may not sign", { .cn = "Mute", .ca = true, .signs_nothing = true },
	  "untrusted issuer" },
	{ "for clients", { .cn = "Clients", .ca = true, .eku = GNUTLS_KP_TLS_WWW_CLIENT },
	  "untrusted issuer" },
	{ "signed with SHA-1", { .cn = "Weak", .ca = true, .sha1 = true }, "untrusted issuer" },
	{ "of 1024 bits", { .cn = "Short", .ca = true, .rsa = true, .bits = 1024 },
	  "untrusted issuer" },
};

static void an_intermediate_ca_is_accepted_within_its_constraints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(intermediates) / sizeof(*intermediates); i++) {
		struct cert_wish wish = intermediates[i].wish;
		struct cert *by, *leaf;
		struct peer peer = { 0 };
		struct err err;

		wish.issuer = ca;
		by = cert_new(&wish);
		leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" },
						     .issuer = by });
		peer.cert = leaf;
		peer.above = by;
		err = connect_to(&peer, side_upstream(0, ca, NULL));
		expect(&err, intermediates[i].reason, intermediates[i].what);
		cert_free(leaf);
		cert_free(by);
	}
}

static void a_trusted_ca_is_held_to_what_it_says_of_itself(void **state)
{
	static const struct intermediate roots[] = {
		{ "any", { .cn = "Root", .ca = true }, "" },
		{ "for none below it", { .cn = "Childless", .ca = true, .childless = true },
		  "untrusted issuer" },
		{ "expired", { .cn = "Old root", .ca = true, .from_days = -9, .to_days = -1 },
		  "certificate expired" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		struct cert *root = cert_new(&roots[i].wish);
		struct cert *by = cert_new(&(struct cert_wish){ .cn = "By", .ca = true,
								.issuer = root });
		struct cert *leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" },
								  .issuer = by });
		struct peer peer = { .cert = leaf, .above = by };
		struct err err = connect_to(&peer, side_upstream(0, root, NULL));

		expect(&err, roots[i].reason, roots[i].what);
		cert_free(leaf);
		cert_free(by);
		cert_free(root);
	}
}

static void a_trusted_leaf_needs_the_name_all_the_same(void **state)
{
	struct cert *own = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" } });
	struct cert *other = cert_new(&(struct cert_wish){ .dns = { "imap.example.org" } });
	struct peer peer = { .cert = own };
	struct err err;

	(void)state;
	err = connect_to(&peer, side_upstream(0, own, NULL));
	expect(&err, "", "named in ca-file");
	peer.cert = other;
	err = connect_to(&peer, side_upstream(0, other, NULL));
	expect(&err, "name mismatch", "of another name");
	cert_free(own);
	cert_free(other);
}

static void an_upstream_named_by_its_address_needs_that_address(void **state)
{
	static const struct {
		const char *what;
		struct cert_wish wish;
		const char *reason;
	} cases[] = {
		{ "that address", { .ip = "192.0.2.1" }, "" },
		{ "another address", { .ip = "192.0.2.2" }, "name mismatch" },
		{ "as a DNS name", { .dns = { "192.0.2.1" } }, "name mismatch" },
		{ "as a common name", { .cn = "192.0.2.1" }, "name mismatch" },
		{ "a wildcard", { .dns = { "*.0.2.1" } }, "name mismatch" },
		{ "as a URI", { .uri = "smtp://192.0.2.1" }, "name mismatch" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct upstream_settings *settings = side_upstream(0, ca, NULL);
		struct cert_wish wish = cases[i].wish;
		struct peer peer = { 0 };
		struct cert *leaf;
		struct err err;

		wish.issuer = ca;
		leaf = cert_new(&wish);
		peer.cert = leaf;
		free(settings->server_name);
		settings->server_name = mem_strdup("192.0.2.1");
		err = connect_to(&peer, settings);
		expect(&err, cases[i].reason, cases[i].what);
		cert_free(leaf);
	}
}

static void a_revoked_certificate_is_refused_and_an_old_list_too(void **state)
{
	struct peer peer = { .cert = good };
	const struct {
		const struct cert *revoked;
		int days;
		const char *reason;
	} lists[] = { { NULL, 9, "" }, { good, 9, "revoked" }, { good, -1, "revoked" },
		      { NULL, -1, "handshake failed" } };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct upstream_settings *settings = side_upstream(0, ca, NULL);
		char *crl = cert_crl(ca, lists[i].revoked, lists[i].days);
		struct err err;

		strs_add(&settings->crl_pem, span_str(crl));
		err = connect_to(&peer, settings);
		expect(&err, lists[i].reason, "CRL");
		free(crl);
	}
}

static void a_pin_looks_at_the_key_alone(void **state)
{
	/* wrong in every other way: issuer, name and dates */
	struct cert *leaf = cert_new(&(struct cert_wish){ .cn = "x", .from_days = -9,
							  .to_days = -1 });
	struct upstream_settings *settings;
	struct peer peer = { .cert = leaf };
	struct err err;

	(void)state;
	err = connect_to(&peer, side_upstream(0, NULL, leaf));
	expect(&err, "", "its pin");
	err = connect_to(&peer, side_upstream(0, NULL, good));
	expect(&err, "pin mismatch", "another pin");
	assert_string_equal(err.text, "pin mismatch: the public key of smtp.example.org is not "
				      "a pinned one");
	settings = side_upstream(0, NULL, good);
	strs_add(&settings->pins, span_str(leaf->pin));
	err = connect_to(&peer, settings);
	expect(&err, "", "second of two pins");
	/* and a CA that would do for verify = ca is none here */
	settings = side_upstream(0, NULL, leaf);
	peer.cert = good;
	strs_add(&settings->ca_pem, span_str(ca->pem));
	err = connect_to(&peer, settings);
	expect(&err, "pin mismatch", "good certificate, other key");
	cert_free(leaf);
}

/* Writes `text` to `name` in `dir`. */
static void put_file(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

/* GnuTLS makes no OCSP answers: openssl does. `status` is that of index.txt. */
static void make_ocsp(const char *dir, const struct cert *leaf, char status)
{
	unsigned char serial[32];
	size_t len = sizeof(serial);
	char hex[2 * sizeof(serial) + 1] = "";
	char *index, *command;

	gnutls_x509_crt_get_serial(leaf->crt, serial, &len);
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02X", serial[i]);
	index = mem_printf("%c\t491231000000Z\t%s\t%s\tunknown\t/CN=x\n", status,
			   status == 'R' ? "200101000000Z" : "", hex);
	put_file(dir, "index.txt", index);
	put_file(dir, "ca.pem", ca->pem);
	put_file(dir, "ca.key", ca->key_pem);
	put_file(dir, "leaf.pem", leaf->pem);
	command = mem_printf("cd %s && openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem "
			     "-rkey ca.key -issuer ca.pem -cert leaf.pem -ndays 7 -no_nonce "
			     "-respout answer.der >log 2>&1", dir);
	assert_int_equal(system(command), 0);
	free(command);
	free(index);
}

static void a_stapled_answer_that_says_revoked_is_believed(void **state)
{
	char dir[] = "/tmp/tls-verify-XXXXXX";
	struct peer peer = { .cert = good };
	struct upstream_settings *settings = side_upstream(0, ca, NULL);
	char *answer, *clean;
	struct err err;
	struct upstream *upstream = upstream_new(settings, &err);

	(void)state;
	assert_non_null(mkdtemp(dir));
	answer = mem_printf("%s/answer.der", dir);
	peer.ocsp_file = answer;
	make_ocsp(dir, good, 'V');
	err = connect_to(&peer, side_upstream(0, ca, NULL));
	expect(&err, "", "stapled: good");
	make_ocsp(dir, good, 'R');
	err = connect_to(&peer, side_upstream(0, ca, NULL));
	expect(&err, "revoked", "stapled: revoked");
	peer.ocsp_file = NULL;
	err = connect_by(upstream, settings, &peer);
	expect(&err, "", "not stapled");
	peer.ocsp_file = answer;
	err = connect_by(upstream, settings, &peer);
	expect(&err, "revoked", "known, and then revoked");
	upstream_free(upstream);
	side_upstream_free(settings);
	clean = mem_printf("rm -r %s", dir);
	assert_int_equal(system(clean), 0);
	free(clean);
	free(answer);
}

static void weak_tls_is_refused(void **state)
{
	static const char *const weak[] = {
		"NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH:+ANON-DH",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+NULL:+SHA256",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+3DES-CBC:+ARCFOUR-128",
	};
	struct cert *leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" },
							  .rsa = true, .issuer = ca });

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(*weak); i++) {
		struct peer peer = { .cert = leaf, .priority = weak[i] };
		struct err err = connect_to(&peer, side_upstream(0, ca, NULL));

		expect(&err, "handshake failed", weak[i]);
	}
	cert_free(leaf);
}

/* Asks for another handshake, in which it could show another certificate. */
static void peer_renegotiates(struct peer *peer)
{
	char byte;

	if (!peer_accept(peer) || !peer_secure_server(peer))
		return;
	peer->ok = gnutls_rehandshake(peer->tls) == 0;
	while (peer_get(peer, &byte, 1) > 0)
		;
}

static void wait_for_the_end(struct side *side, enum side_event event)
{
	if (event == SIDE_CLOSED)
		side_done(side);
}

static void renegotiation_ends_the_connection(void **state)
{
	struct clear c = { .peer = { .cert = good,
				     .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2" } };
	struct err err = { .kind = ERR_NONE };

	(void)state;
	c.settings = side_upstream(0, ca, NULL);
	peer_listen(&c.peer, peer_renegotiates, NULL);
	c.settings->address.port = c.peer.port;
	side_init(&c.side);
	c.side.on = wait_for_the_end;
	c.upstream = upstream_new(c.settings, &err);
	assert_non_null(c.upstream);
	side_own(&c.side, dial(c.side.loop, c.upstream, NULL, NULL));
	side_run(&c.side);
	assert_int_equal(c.side.ready, 1);
	assert_int_equal(c.side.closed, 1);
	assert_int_not_equal(c.side.why.kind, ERR_NONE);
	clear_end(&c);
	assert_true(c.peer.ok);
}

static void the_first_of_several_faults_is_told(void **state)
{
	static const struct {
		unsigned status;
		bool named;
		const char *reason;
	} cases[] = {
		{ 0, true, "" },
		{ 0, false, "name mismatch" },
		{ GNUTLS_CERT_REVOKED | GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_EXPIRED, false,
		  "revoked" },
		{ GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_EXPIRED, false, "untrusted issuer" },
		{ GNUTLS_CERT_SIGNER_NOT_CA, true, "untrusted issuer" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM, true, "untrusted issuer" },
		{ GNUTLS_CERT_SIGNATURE_FAILURE, true, "untrusted issuer" },
		{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, true, "untrusted issuer" },
		{ GNUTLS_CERT_PURPOSE_MISMATCH, true, "untrusted issuer" },
		{ GNUTLS_CERT_NOT_ACTIVATED | GNUTLS_CERT_EXPIRED, false,
		  "certificate not yet valid" },
		{ GNUTLS_CERT_EXPIRED, false, "certificate expired" },
		{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, false, "name mismatch" },
		{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, true, "handshake failed" },
		{ GNUTLS_CERT_INVALID_OCSP_STATUS, true, "handshake failed" },
		{ GNUTLS_CERT_INVALID, true, "untrusted issuer" },
		{ 1u << 30, true, "untrusted issuer" },
	};
	struct tls_verify verify = { .name = mem_strdup("smtp.example.org"),
				     .trust = mem_strdup("ca.pem") };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { .kind = ERR_NONE };
		int ret = tls_verify_judge(&verify, cases[i].status, false, cases[i].named,
					   "x.example", &err);

		assert_int_equal(ret, cases[i].reason[0] ? -1 : 0);
		expect(&err, cases[i].reason, "judge");
	}
	tls_verify_done(&verify);
}

static void names_match_as_rfc_7817_says(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool match;
	} cases[] = {
		{ "a.example.org", "a.example.org", true },
		{ "a.example.org.", "a.example.org", true },
		{ "A.EXAMPLE.org", "a.example.ORG", true },
		{ "*.example.org", "a.example.org", true },
		{ "*.example.org", "example.org", false },
		{ "*.example.org", "a.b.example.org", false },
		{ "*.example.org", ".example.org", false },
		{ "*.org", "example.org", false },
		{ "*.", "a.", false },
		{ "*", "a", false },
		{ "", "", false },
		{ "a*.example.org", "ab.example.org", false },
		{ "*a.example.org", "ba.example.org", false },
		{ "a.*.org", "a.example.org", false },
		{ "*.*.org", "a.example.org", false },
		{ "a.example.org", "b.example.org", false },
		{ "xn--*.example.org", "xn--a.example.org", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (tls_verify_name(span_str(cases[i].pattern), span_str(cases[i].name)) !=
		    cases[i].match)
			fail_msg("%s and %s", cases[i].pattern, cases[i].name);
	assert_false(tls_verify_name(span_of("a.example.org\0.evil.example", 27),
				     span_str("a.example.org")));
}

static void a_pin_is_sha256_and_32_bytes(void **state)
{
	static const char *const bad[] = {
		"", "sha256:", "sha1:AAAA", "sha256:AAAA",
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
		"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA",
	};
	unsigned char pin[TLS_VERIFY_PIN_SIZE];
	struct err err;

	(void)state;
	assert_int_equal(tls_verify_pin(
		span_str("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), pin, &err), 0);
	assert_int_equal(pin[0], 0xe3);
	assert_int_equal(pin[31], 0x55);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(tls_verify_pin(span_str(bad[i]), pin, &err), -1);
		assert_int_equal(err.kind, ERR_CONF);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_a_certificate_is_refused_by_its_name),
		cmocka_unit_test(the_texts_say_who_and_why),
		cmocka_unit_test(an_intermediate_ca_is_accepted_within_its_constraints),
		cmocka_unit_test(a_trusted_ca_is_held_to_what_it_says_of_itself),
		cmocka_unit_test(a_trusted_leaf_needs_the_name_all_the_same),
		cmocka_unit_test(an_upstream_named_by_its_address_needs_that_address),
		cmocka_unit_test(a_revoked_certificate_is_refused_and_an_old_list_too),
		cmocka_unit_test(a_pin_looks_at_the_key_alone),
		cmocka_unit_test(a_stapled_answer_that_says_revoked_is_believed),
		cmocka_unit_test(weak_tls_is_refused),
		cmocka_unit_test(renegotiation_ends_the_connection),
		cmocka_unit_test(the_first_of_several_faults_is_told),
		cmocka_unit_test(names_match_as_rfc_7817_says),
		cmocka_unit_test(a_pin_is_sha256_and_32_bytes),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_end);
}
