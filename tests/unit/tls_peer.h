/*
 * tls_peer - the other end of a connection, for tests: a thread with plain
 * blocking sockets and GnuTLS that follows a script. It waits at most ten
 * seconds for anything.
 */
#ifndef LETTERLOCK_TESTS_TLS_PEER_H
#define LETTERLOCK_TESTS_TLS_PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct cert;
struct gnutls_session_int;

struct peer {
	void (*script)(struct peer *peer);
	void *arg;
	pthread_t thread;
	int listening;		/* -1: it connects */
	unsigned port;
	int fd;
	struct gnutls_session_int *tls;
	void *cred;
	/* set these before peer_secure_server() */
	const struct cert *cert, *above;
	const char *priority;	/* NULL: NORMAL */
	const char *ocsp_file;	/* a stapled answer, DER */
	const char *ticket;	/* 64 bytes: session tickets */
	/* before peer_secure_client() */
	const char *alpn, *server_name;
	struct peer_saved {
		void *at;
		size_t len;
	} saved;		/* client: session to resume, peer_save() */
	/* what came of it */
	int code;		/* of the handshake */
	int alert;		/* received, 0: none */
	bool resumed, ok;
	char got[512];
	unsigned long long count;
};

/* Listens on 127.0.0.1 (`port` is set then) and runs the script in a thread. */
void peer_listen(struct peer *peer, void (*script)(struct peer *peer), void *arg);
/* Runs the script in a thread; connected to 127.0.0.1 port `port` already. */
void peer_connect(struct peer *peer, unsigned port, void (*script)(struct peer *peer),
		  void *arg);
/* Runs the script in a thread on `fd`, which it takes over. */
void peer_take(struct peer *peer, int fd, void (*script)(struct peer *peer));
/* Waits for the script's end, closes and frees all. */
void peer_join(struct peer *peer);

/* For scripts. False, or -1, when the other end is not as expected. */
bool peer_accept(struct peer *peer);
bool peer_put(struct peer *peer, const void *bytes, size_t len);
bool peer_say(struct peer *peer, const char *text);
/* Reads into got until it ends in `text`. */
bool peer_hear(struct peer *peer, const char *text);
long peer_get(struct peer *peer, void *to, size_t size);
/* Reads to the end, counting: true when it was a proper one. */
bool peer_drain(struct peer *peer);
bool peer_secure_server(struct peer *peer);
bool peer_secure_client(struct peer *peer);
void peer_save(struct peer *peer);	/* the session, to resume it later */
void peer_bye(struct peer *peer);	/* close_notify */
void peer_hang_up(struct peer *peer);	/* closes the socket, frees TLS */
void peer_reset(struct peer *peer);	/* the same by a TCP reset */

/* A script: a server that counts what is said to it inside TLS, or hears the alert. */
void peer_listens(struct peer *peer);

#endif
