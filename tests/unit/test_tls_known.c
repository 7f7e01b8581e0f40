#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "proxy/net/dial.h"
#include "proxy/net/tls_creds.h"
#include "proxy/net/tls_known.h"

#include "net_side.h"
#include "tls_certs.h"

static struct cert *ca, *other_ca, *good, *renewed, *impostor;

static int certs_start(void **state)
{
	const struct cert_wish wish = { .dns = { "smtp.example.org" } };
	struct cert_wish by_ca = wish, by_other = wish;

	(void)state;
	ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	other_ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	by_ca.issuer = ca;
	by_other.issuer = other_ca;
	good = cert_new(&by_ca);
	renewed = cert_new(&by_ca);
	impostor = cert_new(&by_other);
	return 0;
}

static int certs_end(void **state)
{
	(void)state;
	cert_free(impostor);
	cert_free(renewed);
	cert_free(good);
	cert_free(other_ca);
	cert_free(ca);
	return 0;
}

/* --- what the peer has shown --- */

/* A client's session, after a handshake with `peer` in which nothing was looked at. */
struct shaken {
	struct peer peer;
	int fd;
	gnutls_certificate_credentials_t cred;
	gnutls_session_t session;
};

static void shake(struct shaken *s, const struct peer *peer)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int code;

	*s = (struct shaken){ .peer = *peer };
	peer_listen(&s->peer, peer_listens, NULL);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)s->peer.port);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(s->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(gnutls_certificate_allocate_credentials(&s->cred), 0);
	assert_int_equal(gnutls_init(&s->session, GNUTLS_CLIENT), 0);
	assert_int_equal(gnutls_set_default_priority(s->session), 0);
	gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, s->cred);
	gnutls_transport_set_int(s->session, s->fd);
	do
		code = gnutls_handshake(s->session);
	while (code < 0 && !gnutls_error_is_fatal(code));
	assert_int_equal(code, 0);
}

static void unshake(struct shaken *s)
{
	gnutls_bye(s->session, GNUTLS_SHUT_WR);
	gnutls_deinit(s->session);
	gnutls_certificate_free_credentials(s->cred);
	close(s->fd);
	peer_join(&s->peer);
}

static bool has(const struct tls_known *known, const struct peer *peer, int64_t now)
{
	struct shaken s;
	bool it_has;

	shake(&s, peer);
	it_has = tls_known_has(known, s.session, now);
	unshake(&s);
	return it_has;
}

static void the_very_same_certificates_are_known_for_a_while(void **state)
{
	struct tls_known known = { .until = 0 };
	struct peer peer = { .cert = good, .above = ca };
	struct shaken s;

	(void)state;
	assert_false(has(&known, &peer, 0));
	shake(&s, &peer);
	tls_known_note(&known, s.session, 1000);
	unshake(&s);
	assert_true(has(&known, &peer, 0));
	assert_true(has(&known, &peer, 999));
	assert_false(has(&known, &peer, 1000));
	peer.above = NULL;
	assert_false(has(&known, &peer, 0));
	peer.above = other_ca;
	assert_false(has(&known, &peer, 0));
	peer = (struct peer){ .cert = renewed, .above = ca };
	assert_false(has(&known, &peer, 0));
	shake(&s, &peer);
	tls_known_note(&known, s.session, 1000);
	unshake(&s);
	assert_true(has(&known, &peer, 0));
	peer.cert = good;
	assert_false(has(&known, &peer, 0));
	tls_known_drop(&known);
	assert_false(has(&known, &peer, 0));
}

/* --- what comes of it --- */

static void leave(struct side *side, enum side_event event)
{
	if (event != SIDE_READY)
		return;
	conn_close(side->conn);
	side_done(side);
}

/* One upstream over several connections, none of them resumed: what it knows of one
 * certificate is good for no other (THREATS 27). */
static void another_certificate_is_looked_at(void **state)
{
	const struct {
		const struct cert *cert;
		const char *reason;
	} cases[] = {
		{ good, "" }, { good, "" }, { impostor, "untrusted issuer" }, { good, "" },
		{ renewed, "" }, { impostor, "untrusted issuer" }, { good, "" },
	};
	struct upstream_settings *settings = side_upstream(0, ca, NULL);
	struct err err;
	struct upstream *upstream = upstream_new(settings, &err);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct peer peer = { .cert = cases[i].cert };
		struct side side;

		peer_listen(&peer, peer_listens, NULL);
		settings->address.port = peer.port;
		side_init(&side);
		side.on = leave;
		side_own(&side, dial(side.loop, upstream, NULL, NULL));
		side_run(&side);
		assert_int_equal(side.ready, cases[i].reason[0] == '\0');
		assert_int_equal(strncmp(side.why.text, cases[i].reason, strlen(cases[i].reason)),
				 0);
		side_free(&side);
		peer_join(&peer);
	}
	upstream_free(upstream);
	side_upstream_free(settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_very_same_certificates_are_known_for_a_while),
		cmocka_unit_test(another_certificate_is_looked_at),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_end);
}
