#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include <letterlock/mem.h>

#include "proxy/engine/tls_engine.h"
#include "proxy/net/tls_creds.h"

#include "net_side.h"
#include "tls_certs.h"

enum { NAMES = 600 };

static struct cert *ca, *leaf;	/* made once: only read by the tests */

static int certs_start(void **state)
{
	(void)state;
	ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" }, .issuer = ca });
	return 0;
}

static int certs_end(void **state)
{
	(void)state;
	cert_free(leaf);
	cert_free(ca);
	return 0;
}

/* Serves one client that starts with TLS. */
static void serve(struct serving *s, void (*script)(struct peer *peer), const struct peer *how)
{
	server_start(s, leaf, script, NULL, how);
	conn_start_tls(s->side.conn, s->creds);
	side_run(&s->side);
}

static void peer_greets(struct peer *peer)
{
	peer->ok = peer_secure_client(peer) && peer_say(peer, "EHLO y\r\n");
	if (peer->ok)
		peer_bye(peer);
	peer_drain(peer);
}

static void a_client_that_names_another_protocol_gets_an_alert(void **state)
{
	static const char *const names[] = { "http/1.1", "h2", "imap", "smt", "smtpx", "SMTP" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct peer how = { .alpn = names[i] };
		struct serving s;

		serve(&s, peer_greets, &how);
		assert_int_equal(s.side.ready, 0);
		assert_int_equal(s.side.why.kind, ERR_TLS);
		server_end(&s);
		assert_int_equal(s.peer.alert, GNUTLS_A_NO_APPLICATION_PROTOCOL);
	}
}

static void a_client_that_names_smtp_or_nothing_is_let_in(void **state)
{
	static const char *const names[] = { "smtp", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct peer how = { .alpn = names[i] };
		struct serving s;

		serve(&s, peer_greets, &how);
		assert_int_equal(s.side.ready, 1);
		assert_int_equal(s.side.why.kind, ERR_NONE);
		server_end(&s);
		assert_true(s.peer.ok);
	}
}

static void peer_talks_http(struct peer *peer)
{
	peer->ok = peer_say(peer, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	while (peer_get(peer, peer->got, 1) == 1)
		peer->count++;
}

static void http_where_tls_should_be_is_closed_without_an_echo(void **state)
{
	struct peer how = { .alpn = NULL };
	struct serving s;

	(void)state;
	serve(&s, peer_talks_http, &how);
	assert_int_equal(s.side.why.kind, ERR_TLS);
	server_end(&s);
	assert_true(s.peer.ok);
	assert_true(s.peer.count <= 7);	/* an alert at most */
}

static void peer_renegotiates(struct peer *peer)
{
	char byte;

	peer->ok = peer_secure_client(peer) && peer_say(peer, "EHLO y\r\n");
	gnutls_handshake(peer->tls);	/* within TLS 1.2: renegotiation */
	peer->ok = peer->ok && peer_get(peer, &byte, 1) <= 0;
}

static void renegotiation_ends_the_connection(void **state)
{
	struct peer how = { .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2" };
	struct serving s;

	(void)state;
	serve(&s, peer_renegotiates, &how);
	assert_int_equal(s.side.ready, 1);
	assert_int_equal(s.side.why.kind, ERR_PEER);
	assert_true(span_is(buf_span(&s.side.got), "EHLO y\r\n"));
	server_end(&s);
	assert_true(s.peer.ok);
}

static void old_tls_is_refused_on_the_client_leg_too(void **state)
{
	static const char *const weak[] = {
		"NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+NULL",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(*weak); i++) {
		struct peer how = { .priority = weak[i] };
		struct serving s;

		serve(&s, peer_greets, &how);
		assert_int_equal(s.side.ready, 0);
		assert_int_equal(s.side.why.kind, ERR_TLS);
		server_end(&s);
	}
}

static void carry(struct tls_engine *from, struct tls_engine *to)
{
	struct buf *out = tls_engine_wire_out(from);

	assert_int_equal(buf_put(tls_engine_wire_in(to), buf_span(out)), 0);
	buf_clear(out);
}

/* A handshake in memory with a client that asks for `name`. */
static void shake(const struct tls_creds *server, const char *name)
{
	struct upstream_settings *settings = side_upstream(1, NULL, leaf);
	struct tls_engine *us, *them;
	struct tls_creds *client;
	struct err err;

	free(settings->server_name);
	settings->server_name = mem_strdup(name);
	client = tls_creds_client(settings, &err);
	us = tls_creds_engine(server, &err);
	them = tls_creds_engine(client, &err);
	assert_int_equal(tls_engine_handshake(them, &err), TLS_ENGINE_MORE);
	carry(them, us);
	assert_int_equal(tls_engine_handshake(us, &err), TLS_ENGINE_MORE);
	carry(us, them);
	assert_int_equal(tls_engine_handshake(them, &err), TLS_ENGINE_DONE);
	carry(them, us);
	assert_int_equal(tls_engine_handshake(us, &err), TLS_ENGINE_DONE);
	tls_engine_free(us);
	tls_engine_free(them);
	tls_creds_free(client);
	side_upstream_free(settings);
}

/* Under the sanitizers mallinfo2() counts nothing. */
static void each_new_server_name_costs_nothing_that_stays(void **state)
{
	struct listener_settings *settings = side_listener(leaf);
	struct err err;
	struct tls_creds *creds = tls_creds_server(settings, &err);
	size_t before = 0;

	(void)state;
	assert_non_null(creds);
	for (int i = 0; i < NAMES; i++) {
		char *name = mem_printf("host-%d.example.org", i);

		shake(creds, name);
		free(name);
		if (i == NAMES / 4)
			before = mallinfo2().uordblks;
	}
	/* 20 bytes a name would be seen */
	assert_true(mallinfo2().uordblks <= before + 8 * 1024);
	tls_creds_free(creds);
	side_listener_free(settings);
}

static void peer_keeps_its_session(struct peer *peer)
{
	peer->ok = peer_secure_client(peer) && peer_say(peer, "EHLO y\r\n") &&
		   peer_hear(peer, "250 y\r\n");
	peer_save(peer);	/* the tickets came ahead of the answer */
	if (peer->ok)
		peer_bye(peer);
}

static void answer(struct side *side, enum side_event event)
{
	if (event == SIDE_BYTES)
		buf_puts(conn_out(side->conn), "250 y\r\n");
}

/* A session with `creds`; it resumes `saved`, or keeps its own there. */
static bool visit(const struct tls_creds *creds, struct peer_saved *saved, const char *priority)
{
	struct peer how = { .priority = priority, .saved = *saved };
	bool first = saved->at == NULL;
	struct serving s;

	server_start(&s, leaf, first ? peer_keeps_its_session : peer_greets, answer, &how);
	conn_start_tls(s.side.conn, creds);
	side_run(&s.side);
	assert_int_equal(s.side.ready, 1);
	side_free(&s.side);
	pthread_join(s.peer.thread, NULL);
	if (first)
		*saved = s.peer.saved;
	tls_creds_free(s.creds);
	side_listener_free(s.settings);
	return s.peer.resumed;
}

static void a_ticket_is_good_for_its_own_listener_only(void **state)
{
	static const char *const priorities[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.3",
						  "NORMAL:-VERS-ALL:+VERS-TLS1.2" };
	struct listener_settings *settings = side_listener(leaf);
	struct err err;
	struct tls_creds *one, *two;

	(void)state;
	one = tls_creds_server(settings, &err);
	settings->protocol = PROTOCOL_IMAP;
	two = tls_creds_server(settings, &err);
	for (size_t i = 0; i < 2; i++) {
		struct peer_saved saved = { NULL, 0 };

		assert_false(visit(one, &saved, priorities[i]));
		assert_non_null(saved.at);
		assert_true(visit(one, &saved, priorities[i]));
		assert_false(visit(two, &saved, priorities[i]));
		gnutls_free(saved.at);
	}
	tls_creds_free(one);
	tls_creds_free(two);
	side_listener_free(settings);
}

static int check(const char *cert, const char *key, struct err *err)
{
	return tls_creds_check_server(span_str(cert), span_str(key), err);
}

static void check_says_what_is_wrong_with_a_certificate_and_its_key(void **state)
{
	struct cert *old = cert_new(&(struct cert_wish){ .cn = "x", .from_days = -9,
							 .to_days = -2 });
	struct cert *early = cert_new(&(struct cert_wish){ .cn = "x", .from_days = 2,
							   .to_days = 9 });
	char *chain = cert_chain(leaf, ca);
	struct err err;

	(void)state;
	assert_int_equal(check(leaf->pem, leaf->key_pem, &err), 0);
	assert_int_equal(check(chain, leaf->key_pem, &err), 0);
	assert_int_equal(check(leaf->pem, ca->key_pem, &err), -1);
	assert_int_equal(err.kind, ERR_CONF);
	assert_string_equal(err.text, "certificate does not match its private key");
	assert_int_equal(check("nothing", leaf->key_pem, &err), -1);
	assert_string_equal(err.text, "certificate: there is none in the file");
	assert_int_equal(check(leaf->pem, "nothing", &err), -1);
	assert_non_null(strstr(err.text, "private key"));
	assert_int_equal(check(leaf->pem, leaf->pem, &err), -1);
	assert_string_equal(err.text, "private key: there is none in the file");
	assert_int_equal(check(leaf->key_pem, leaf->key_pem, &err), -1);
	assert_int_equal(check("", "", &err), -1);
	assert_int_equal(check(old->pem, old->key_pem, &err), -1);
	assert_ptr_equal(strstr(err.text, "certificate expired on 20"), err.text);
	assert_int_equal(check(early->pem, early->key_pem, &err), -1);
	assert_ptr_equal(strstr(err.text, "certificate is not valid before 20"), err.text);
	free(chain);
	cert_free(old);
	cert_free(early);
}

static int check_upstream(const char *ca_pem, const char *crl_pem, const char *name,
			  struct err *err)
{
	struct upstream_settings *settings = side_upstream(1, leaf, NULL);
	int ret;

	strs_free(&settings->ca_pem);
	strs_add(&settings->ca_pem, span_str(ca_pem));
	if (crl_pem)
		strs_add(&settings->crl_pem, span_str(crl_pem));
	free(settings->server_name);
	settings->server_name = mem_strdup(name);
	ret = tls_creds_check_upstream(settings, err);
	side_upstream_free(settings);
	return ret;
}

static void check_says_what_is_wrong_with_an_upstream_s_trust(void **state)
{
	char *crl = cert_crl(ca, NULL, 5), *old = cert_crl(ca, NULL, -1);
	struct err err;

	(void)state;
	assert_int_equal(check_upstream(ca->pem, crl, "smtp.example.org", &err), 0);
	assert_int_equal(check_upstream(ca->pem, NULL, "m\xc3\xbcller.example", &err), 0);
	assert_int_equal(check_upstream("nothing", NULL, "a.example", &err), -1);
	assert_int_equal(err.kind, ERR_CONF);
	assert_int_equal(check_upstream(ca->pem, "nothing", "a.example", &err), -1);
	assert_int_equal(check_upstream(ca->pem, ca->pem, "a.example", &err), -1);
	assert_int_equal(check_upstream(ca->pem, old, "a.example", &err), -1);
	assert_ptr_equal(strstr(err.text, "revocation list is out of date"), err.text);
	assert_int_equal(check_upstream(ca->pem, NULL, "", &err), -1);
	free(crl);
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_names_another_protocol_gets_an_alert),
		cmocka_unit_test(a_client_that_names_smtp_or_nothing_is_let_in),
		cmocka_unit_test(http_where_tls_should_be_is_closed_without_an_echo),
		cmocka_unit_test(renegotiation_ends_the_connection),
		cmocka_unit_test(old_tls_is_refused_on_the_client_leg_too),
		cmocka_unit_test(each_new_server_name_costs_nothing_that_stays),
		cmocka_unit_test(a_ticket_is_good_for_its_own_listener_only),
		cmocka_unit_test(check_says_what_is_wrong_with_a_certificate_and_its_key),
		cmocka_unit_test(check_says_what_is_wrong_with_an_upstream_s_trust),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_end);
}
