/* tls_peer - see tls_peer.h. */
#include "tls_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "tls_certs.h"

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

static void prepare(int fd)
{
	struct timeval wait = { .tv_sec = 60 };
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void *run(void *arg)
{
	struct peer *peer = arg;

	peer->script(peer);
	peer_hang_up(peer);
	return NULL;
}

static void start(struct peer *peer, void (*script)(struct peer *peer), void *arg)
{
	peer->script = script;
	peer->arg = arg;
	must(pthread_create(&peer->thread, NULL, run, peer) == 0, "thread");
}

void peer_listen(struct peer *peer, void (*script)(struct peer *peer), void *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->fd = -1;
	peer->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(peer->listening, (struct sockaddr *)&at, sizeof(at)) == 0, "bind");
	must(listen(peer->listening, 512) == 0, "listen");
	must(getsockname(peer->listening, (struct sockaddr *)&at, &len) == 0, "name");
	prepare(peer->listening);
	peer->port = ntohs(at.sin_port);
	start(peer, script, arg);
}

void peer_connect(struct peer *peer, unsigned port, void (*script)(struct peer *peer), void *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->listening = -1;
	peer->port = port;
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	prepare(peer->fd);
	must(connect(peer->fd, (struct sockaddr *)&at, sizeof(at)) == 0, "connect");
	start(peer, script, arg);
}

void peer_take(struct peer *peer, int fd, void (*script)(struct peer *peer))
{
	peer->listening = -1;
	peer->fd = fd;
	prepare(fd);
	start(peer, script, NULL);
}

void peer_join(struct peer *peer)
{
	pthread_join(peer->thread, NULL);
	if (peer->listening >= 0)
		close(peer->listening);
	gnutls_free(peer->saved.at);
	peer->saved.at = NULL;
}

bool peer_accept(struct peer *peer)
{
	peer->fd = accept(peer->listening, NULL, NULL);
	if (peer->fd < 0)
		return false;
	prepare(peer->fd);
	return true;
}

bool peer_put(struct peer *peer, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t sent = peer->tls ? gnutls_record_send(peer->tls, at, len)
					 : send(peer->fd, at, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += sent;
		len -= (size_t)sent;
	}
	return true;
}

bool peer_say(struct peer *peer, const char *text)
{
	return peer_put(peer, text, strlen(text));
}

long peer_get(struct peer *peer, void *to, size_t size)
{
	ssize_t got;

	do {
		got = peer->tls ? gnutls_record_recv(peer->tls, to, size)
				: recv(peer->fd, to, size, 0);
	} while (peer->tls && got < 0 && !gnutls_error_is_fatal((int)got));
	if (peer->tls && got == GNUTLS_E_FATAL_ALERT_RECEIVED)
		peer->alert = (int)gnutls_alert_get(peer->tls);
	return got;
}

bool peer_hear(struct peer *peer, const char *text)
{
	size_t len = 0, want = strlen(text);

	memset(peer->got, 0, sizeof(peer->got));
	while (len < sizeof(peer->got) - 1) {
		if (peer_get(peer, peer->got + len, 1) != 1)
			return false;
		len++;
		if (len >= want && memcmp(peer->got + len - want, text, want) == 0)
			return true;
	}
	return false;
}

bool peer_drain(struct peer *peer)
{
	char bytes[32 * 1024];
	long got;

	while ((got = peer_get(peer, bytes, sizeof(bytes))) > 0)
		peer->count += (unsigned long long)got;
	return got == 0;
}

static bool shake(struct peer *peer)
{
	do {
		peer->code = gnutls_handshake(peer->tls);
	} while (peer->code < 0 && !gnutls_error_is_fatal(peer->code));
	if (peer->code == GNUTLS_E_FATAL_ALERT_RECEIVED)
		peer->alert = (int)gnutls_alert_get(peer->tls);
	else if (peer->code < 0)
		gnutls_alert_send_appropriate(peer->tls, peer->code);
	peer->resumed = peer->code == 0 && gnutls_session_is_resumed(peer->tls);
	return peer->code == 0;
}

static void begin(struct peer *peer, unsigned flags)
{
	const char *at = NULL;

	must(gnutls_init(&peer->tls, flags | GNUTLS_NO_SIGNAL) == 0, "init");
	must(gnutls_priority_set_direct(peer->tls, peer->priority ? peer->priority : "NORMAL",
					&at) == 0, "priority");
	must(gnutls_certificate_allocate_credentials(
		     (gnutls_certificate_credentials_t *)&peer->cred) == 0, "cred");
	gnutls_credentials_set(peer->tls, GNUTLS_CRD_CERTIFICATE, peer->cred);
	gnutls_transport_set_int(peer->tls, peer->fd);
	gnutls_handshake_set_timeout(peer->tls, 60000);
}

static int on_ocsp(gnutls_session_t session, void *file, gnutls_datum_t *answer)
{
	(void)session;
	return gnutls_load_file(file, answer);
}

bool peer_secure_server(struct peer *peer)
{
	char *pem;
	gnutls_datum_t crt, key, ticket;
	int code;

	begin(peer, GNUTLS_SERVER);
	pem = peer->above ? cert_chain(peer->cert, peer->above) : strdup(peer->cert->pem);
	crt = (gnutls_datum_t){ (unsigned char *)pem, (unsigned)strlen(pem) };
	key = (gnutls_datum_t){ (unsigned char *)peer->cert->key_pem,
				(unsigned)strlen(peer->cert->key_pem) };
	code = gnutls_certificate_set_x509_key_mem(peer->cred, &crt, &key, GNUTLS_X509_FMT_PEM);
	free(pem);
	must(code >= 0, "key");
	if (peer->ocsp_file) {
		/* by a function: from a file GnuTLS takes no answer that says
		 * revoked */
		gnutls_certificate_set_ocsp_status_request_function(peer->cred, on_ocsp,
								    (void *)peer->ocsp_file);
	}
	if (peer->ticket) {
		ticket = (gnutls_datum_t){ (unsigned char *)peer->ticket, 64 };
		gnutls_session_ticket_enable_server(peer->tls, &ticket);
	}
	return shake(peer);
}

bool peer_secure_client(struct peer *peer)
{
	gnutls_datum_t alpn;

	begin(peer, GNUTLS_CLIENT);
	if (peer->server_name)
		gnutls_server_name_set(peer->tls, GNUTLS_NAME_DNS, peer->server_name,
				       strlen(peer->server_name));
	if (peer->alpn) {
		alpn = (gnutls_datum_t){ (unsigned char *)peer->alpn,
					 (unsigned)strlen(peer->alpn) };
		gnutls_alpn_set_protocols(peer->tls, &alpn, 1, 0);
	}
	if (peer->saved.at)
		gnutls_session_set_data(peer->tls, peer->saved.at, peer->saved.len);
	return shake(peer);
}

void peer_save(struct peer *peer)
{
	gnutls_datum_t data = { NULL, 0 };

	gnutls_free(peer->saved.at);
	if (gnutls_session_get_data2(peer->tls, &data) == 0)
		peer->saved = (struct peer_saved){ data.data, data.size };
}

void peer_bye(struct peer *peer)
{
	gnutls_bye(peer->tls, GNUTLS_SHUT_WR);
}

void peer_hang_up(struct peer *peer)
{
	if (peer->tls) {
		gnutls_deinit(peer->tls);
		gnutls_certificate_free_credentials(peer->cred);
		peer->tls = NULL;
	}
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

void peer_reset(struct peer *peer)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	peer_hang_up(peer);
}

void peer_listens(struct peer *peer)
{
	if ((peer_accept(peer) && peer_secure_server(peer)) || peer->tls)
		peer_drain(peer);
}
