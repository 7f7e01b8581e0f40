#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/dial.h"
#include "proxy/net/tls_creds.h"
#include "proxy/net/tls_tickets.h"

#include "net_side.h"
#include "tls_certs.h"

enum { VISITS = 300, RESUMED_AT_LEAST = 295 };

static struct cert *ca, *leaf, *stranger;	/* made once: only read by the tests */

static int certs_start(void **state)
{
	(void)state;
	ca = cert_new(&(struct cert_wish){ .cn = "Test CA", .ca = true });
	leaf = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" }, .issuer = ca });
	stranger = cert_new(&(struct cert_wish){ .dns = { "smtp.example.org" } });
	return 0;
}

static int certs_end(void **state)
{
	(void)state;
	cert_free(stranger);
	cert_free(leaf);
	cert_free(ca);
	return 0;
}

/* An OpenSSL server that sends each line back, reversed. */
struct reverser {
	char dir[32], *cert, *key;
	pid_t pid;
	unsigned port;
};

static char *put_file(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static void reverser_start(struct reverser *r, const char *version)
{
	char line[256] = "";
	int ends[2];
	FILE *said;

	*r = (struct reverser){ .dir = "/tmp/tls-resume-XXXXXX" };
	assert_non_null(mkdtemp(r->dir));
	r->cert = put_file(r->dir, "cert.pem", leaf->pem);
	r->key = put_file(r->dir, "key.pem", leaf->key_pem);
	assert_int_equal(pipe(ends), 0);
	r->pid = fork();
	if (r->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		dup2(open("/dev/null", O_WRONLY), 2);	/* a line for each visit */
		close(ends[0]);
		close(ends[1]);
		execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
		       r->cert, "-key", r->key, "-rev", version, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	said = fdopen(ends[0], "r");
	while (r->port == 0 && fgets(line, sizeof(line), said)) {
		const char *colon = strrchr(line, ':');

		if (strncmp(line, "ACCEPT ", 7) == 0 && colon)
			r->port = (unsigned)strtoul(colon + 1, NULL, 10);
	}
	fclose(said);	/* it may print no more: it ignores that */
	assert_int_not_equal(r->port, 0);
}

static void reverser_end(struct reverser *r)
{
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	unlink(r->cert);
	unlink(r->key);
	rmdir(r->dir);
	free(r->cert);
	free(r->key);
}

static void say_one_line(struct side *side, enum side_event event)
{
	if (event == SIDE_READY) {
		buf_puts(conn_out(side->conn), "abc\n");
		side->count += conn_resumed(side->conn);
	}
	if (event != SIDE_BYTES || side->got.len < 4)
		return;
	conn_close(side->conn);
	side_done(side);
}

/* One visit to `upstream`; whether it was resumed. */
static bool visit(struct upstream *upstream)
{
	struct side side;
	bool resumed;

	side_init(&side);
	side.on = say_one_line;
	side_own(&side, dial(side.loop, upstream, NULL, NULL));
	side_run(&side);
	assert_int_equal(side.closed, 0);
	assert_true(span_is(buf_span(&side.got), "cba\n"));
	resumed = side.count > 4;	/* 4 bytes came */
	side_free(&side);
	return resumed;
}

static void resumes(const char *version)
{
	struct upstream_settings *settings;
	struct upstream *upstream;
	struct reverser r;
	unsigned long resumed = 0;
	struct err err;

	reverser_start(&r, version);
	settings = side_upstream(r.port, ca, NULL);
	upstream = upstream_new(settings, &err);
	assert_non_null(upstream);
	for (int i = 0; i < VISITS; i++)
		resumed += visit(upstream);
	assert_true(resumed >= RESUMED_AT_LEAST);
	assert_int_equal(upstream_resumed(upstream), resumed);
	assert_int_equal(upstream_full(upstream), VISITS - resumed);
	upstream_free(upstream);
	side_upstream_free(settings);
	reverser_end(&r);
}

static void tls_1_3_sessions_are_resumed(void **state)
{
	(void)state;
	resumes("-tls1_3");
}

static void tls_1_2_sessions_are_resumed(void **state)
{
	(void)state;
	resumes("-tls1_2");
}

static const char ticket_key[65] =
	"0123456789012345678901234567890123456789012345678901234567890123";

static void peer_serves(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_secure_server(peer) && peer_hear(peer, "\n") &&
		   peer_say(peer, "cba\n");
	peer_drain(peer);
}

/* A visit to a peer with its own certificate; the port changes, the upstream
 * and what it keeps do not. */
static bool visit_peer(struct upstream *upstream, struct upstream_settings *settings,
		       const struct cert *cert, struct err *why)
{
	struct peer peer = { .cert = cert, .ticket = ticket_key };
	struct side side;

	peer_listen(&peer, peer_serves, NULL);
	settings->address.port = peer.port;
	side_init(&side);
	side.on = say_one_line;
	side_own(&side, dial(side.loop, upstream, NULL, NULL));
	side_run(&side);
	*why = side.why;
	side_free(&side);
	peer_join(&peer);
	return peer.resumed;
}

static void a_failed_verification_leaves_nothing_to_resume(void **state)
{
	struct upstream_settings *settings = side_upstream(1, ca, NULL);
	struct upstream *upstream;
	const struct tls_tickets *tickets;
	struct err err;

	(void)state;
	upstream = upstream_new(settings, &err);
	tickets = tls_creds_tickets(upstream_creds(upstream));
	assert_false(visit_peer(upstream, settings, leaf, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_true(tickets->n > 0);
	assert_true(visit_peer(upstream, settings, leaf, &err));
	upstream_free(upstream);

	upstream = upstream_new(settings, &err);
	tickets = tls_creds_tickets(upstream_creds(upstream));
	assert_false(visit_peer(upstream, settings, stranger, &err));
	assert_int_equal(err.kind, ERR_TLS);
	assert_int_equal(tickets->n, 0);
	assert_false(visit_peer(upstream, settings, stranger, &err));
	assert_int_equal(err.kind, ERR_TLS);
	assert_int_equal(upstream_resumed(upstream), 0);
	upstream_free(upstream);
	side_upstream_free(settings);
}

static void peer_breaks_the_handshake(struct peer *peer)
{
	peer->ok = peer_accept(peer) && peer_say(peer, "500 no TLS here\r\n");
	peer_drain(peer);
}

static void a_failed_handshake_forgets_the_tickets(void **state)
{
	struct upstream_settings *settings = side_upstream(1, ca, NULL);
	struct peer peer = { .cert = leaf };
	struct upstream *upstream;
	struct side side;
	struct err err;

	(void)state;
	upstream = upstream_new(settings, &err);
	visit_peer(upstream, settings, leaf, &err);
	assert_true(tls_creds_tickets(upstream_creds(upstream))->n > 0);
	peer_listen(&peer, peer_breaks_the_handshake, NULL);
	settings->address.port = peer.port;
	side_init(&side);
	side_own(&side, dial(side.loop, upstream, NULL, NULL));
	side_run(&side);
	assert_int_equal(side.why.kind, ERR_TLS);
	assert_int_equal(tls_creds_tickets(upstream_creds(upstream))->n, 0);
	side_free(&side);
	peer_join(&peer);
	upstream_free(upstream);
	side_upstream_free(settings);
}

static void the_newest_ticket_comes_first_and_the_last_one_stays(void **state)
{
	struct tls_tickets tickets = { .n = 0 };
	struct tls_ticket got;

	(void)state;
	assert_false(tls_tickets_take(&tickets, 100, &got));
	tls_tickets_put(&tickets, span_str("one"), 100, 200);
	tls_tickets_put(&tickets, span_str("two"), 100, 150);
	tls_tickets_put(&tickets, span_str("late"), 100, 100);
	assert_int_equal(tickets.n, 2);
	assert_true(tls_tickets_take(&tickets, 120, &got));
	assert_true(span_is(span_of(got.at, got.len), "two"));
	assert_int_equal(got.until, 150);
	free(got.at);
	for (int i = 0; i < 3; i++) {
		assert_true(tls_tickets_take(&tickets, 120, &got));
		assert_true(span_is(span_of(got.at, got.len), "one"));
		free(got.at);
	}
	assert_false(tls_tickets_take(&tickets, 200, &got));
	assert_int_equal(tickets.n, 0);
}

static void tickets_are_few_and_the_oldest_go(void **state)
{
	struct tls_tickets tickets = { .n = 0 };
	struct tls_ticket got;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%d", i);
		tls_tickets_put(&tickets, span_str(name), 1, 2 + i);
	}
	assert_int_equal(tickets.n, TLS_TICKETS_MAX);
	assert_true(tls_tickets_take(&tickets, 50, &got));
	assert_true(span_is(span_of(got.at, got.len), "99"));
	free(got.at);
	tls_tickets_clear(&tickets);
	assert_false(tls_tickets_take(&tickets, 50, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls_1_3_sessions_are_resumed),
		cmocka_unit_test(tls_1_2_sessions_are_resumed),
		cmocka_unit_test(a_failed_verification_leaves_nothing_to_resume),
		cmocka_unit_test(a_failed_handshake_forgets_the_tickets),
		cmocka_unit_test(the_newest_ticket_comes_first_and_the_last_one_stays),
		cmocka_unit_test(tickets_are_few_and_the_oldest_go),
	};

	return cmocka_run_group_tests(tests, certs_start, certs_end);
}
