/*
 * smtp_load - for contrib/bench only: an SMTP sink behind implicit TLS that
 * throws messages away, and a load of plain SMTP clients that counts them.
 * A thread a connection; both answer and ask with one write each, so that the
 * proxy between them is what is measured.
 *
 *   smtp_load sink ADDRESS PORT CERT KEY [plain]
 *   smtp_load load ADDRESS PORT CONNECTIONS SECONDS SIZE keep|new|pipeline [FILE]
 *
 * `load` prints "messages/s p50-ms p99-ms errors". FILE is the message to send
 * (its first recipient line is RCPT_TO in the environment, the sender
 * MAIL_FROM); without it SIZE octets of text.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096, SAMPLES_EACH = 1 << 16 };

struct link {
	int fd;
	gnutls_session_t tls;	/* NULL: in the clear */
	char in[65536];
	size_t len, at;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int link_write(struct link *link, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = link->tls ? gnutls_record_send(link->tls, bytes, len)
				      : send(link->fd, bytes, len, MSG_NOSIGNAL);

		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int link_fill(struct link *link)
{
	ssize_t n;

	do {
		n = link->tls ? gnutls_record_recv(link->tls, link->in,
						   sizeof(link->in))
			      : recv(link->fd, link->in, sizeof(link->in), 0);
	} while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	if (n <= 0)
		return -1;
	link->at = 0;
	link->len = (size_t)n;
	return 0;
}

/* One line without its CRLF; -1 at the end. */
static int link_line(struct link *link, char *line, size_t size)
{
	size_t n = 0;

	for (;;) {
		if (link->at == link->len && link_fill(link) < 0)
			return -1;
		while (link->at < link->len) {
			char c = link->in[link->at++];

			if (c == '\n') {
				line[n && line[n - 1] == '\r' ? n - 1 : n] = '\0';
				return 0;
			}
			if (n + 1 < size)
				line[n++] = c;
		}
	}
}

/* Reads up to CRLF.CRLF. */
static int link_message(struct link *link)
{
	static const char end[] = "\r\n.\r\n";
	size_t matched = 2;

	for (;;) {
		if (link->at == link->len && link_fill(link) < 0)
			return -1;
		while (link->at < link->len) {
			char c = link->in[link->at];

			if (matched == 0) {
				char *cr = memchr(link->in + link->at, '\r',
						  link->len - link->at);

				if (!cr) {
					link->at = link->len;
					break;
				}
				link->at = (size_t)(cr - link->in) + 1;
				matched = 1;
				continue;
			}
			link->at++;
			if (c == end[matched])
				matched++;
			else
				matched = c == '\r';
			if (matched == 5)
				return 0;
		}
	}
}

static bool starts(const char *line, const char *verb)
{
	return strncasecmp(line, verb, strlen(verb)) == 0;
}

static const char *sink_answer(const char *line)
{
	if (starts(line, "EHLO"))
		return "250-sink\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n"
		       "250-8BITMIME\r\n250-AUTH PLAIN\r\n250 DSN\r\n";
	if (starts(line, "AUTH"))
		return "235 2.7.0 ok\r\n";
	if (starts(line, "DATA"))
		return "354 go\r\n";
	if (starts(line, "QUIT"))
		return "221 bye\r\n";
	return "250 ok\r\n";
}

static gnutls_certificate_credentials_t credentials;
static gnutls_datum_t ticket_key;
static bool in_the_clear;

static void *sink_serve(void *arg)
{
	struct link *link = arg;
	char line[LINE];

	if (!in_the_clear) {
		gnutls_init(&link->tls, GNUTLS_SERVER);
		gnutls_set_default_priority(link->tls);
		gnutls_credentials_set(link->tls, GNUTLS_CRD_CERTIFICATE,
				       credentials);
		gnutls_session_ticket_enable_server(link->tls, &ticket_key);
		gnutls_transport_set_int(link->tls, link->fd);
		if (gnutls_handshake(link->tls) < 0)
			goto out;
	}
	if (link_write(link, "220 sink\r\n", 10) < 0)
		goto out;
	while (link_line(link, line, sizeof(line)) == 0) {
		const char *answer = sink_answer(line);

		if (link_write(link, answer, strlen(answer)) < 0 ||
		    starts(line, "QUIT"))
			break;
		if (starts(line, "DATA") &&
		    (link_message(link) < 0 ||
		     link_write(link, "250 2.0.0 queued\r\n", 18) < 0))
			break;
	}
	if (link->tls)
		gnutls_bye(link->tls, GNUTLS_SHUT_WR);
out:
	if (link->tls)
		gnutls_deinit(link->tls);
	close(link->fd);
	free(link);
	return NULL;
}

static struct sockaddr_in address_of(const char *host, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (inet_pton(AF_INET, host, &sin.sin_addr) != 1)
		die(host);
	return sin;
}

static void sink(char **argv, bool plain)
{
	struct sockaddr_in sin = address_of(argv[0], argv[1]);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	in_the_clear = plain;
	if (!plain) {
		gnutls_certificate_allocate_credentials(&credentials);
		if (gnutls_certificate_set_x509_key_file(credentials, argv[2],
				argv[3], GNUTLS_X509_FMT_PEM) < 0)
			die("certificate");
		gnutls_session_ticket_key_generate(&ticket_key);
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
	    listen(fd, 1024) < 0)
		die("listen");
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct link *link = calloc(1, sizeof(*link));
		pthread_t thread;

		link->fd = accept(fd, NULL, NULL);
		if (link->fd < 0)
			die("accept");
		setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (pthread_create(&thread, NULL, sink_serve, link))
			die("thread");
		pthread_detach(thread);
	}
}

struct load {
	struct sockaddr_in to;
	char *body;
	size_t body_len;
	bool keep, pipeline;
	double until;
};

struct client {
	const struct load *load;
	pthread_t thread;
	unsigned long done, errors;
	float *ms;
	size_t samples;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reads one reply; its code. */
static int reply(struct link *link)
{
	char line[LINE];

	do {
		if (link_line(link, line, sizeof(line)) < 0)
			return -1;
	} while (strlen(line) > 3 && line[3] == '-');
	return (int)strtol(line, NULL, 10);
}

static int say(struct link *link, const char *text, int want)
{
	if (link_write(link, text, strlen(text)) < 0)
		return -1;
	return reply(link) == want ? 0 : -1;
}

static int greet(struct link *link, const struct load *load)
{
	const char *auth = getenv("AUTH_PLAIN");
	char line[512];
	int one = 1;

	memset(link, 0, offsetof(struct link, in));
	link->len = link->at = 0;
	link->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(link->fd, (const struct sockaddr *)&load->to,
		    sizeof(load->to)) < 0 || reply(link) != 220 ||
	    say(link, "EHLO load\r\n", 250) < 0)
		return -1;
	if (!auth)
		return 0;
	snprintf(line, sizeof(line), "AUTH PLAIN %s\r\n", auth);
	return say(link, line, 235);
}

static const char *or(const char *name, const char *fallback)
{
	return getenv(name) ? getenv(name) : fallback;
}

static int submit(struct link *link, const struct load *load)
{
	char mail[300], rcpt[300], all[700];

	snprintf(mail, sizeof(mail), "MAIL FROM:<%s>\r\n",
		 or("MAIL_FROM", "alice@example.org"));
	snprintf(rcpt, sizeof(rcpt), "RCPT TO:<%s>\r\n",
		 or("RCPT_TO", "bob@example.net"));
	if (load->pipeline) {
		snprintf(all, sizeof(all), "%s%sDATA\r\n", mail, rcpt);
		if (link_write(link, all, strlen(all)) < 0 ||
		    reply(link) != 250 || reply(link) != 250 ||
		    reply(link) != 354)
			return -1;
	} else if (say(link, mail, 250) < 0 || say(link, rcpt, 250) < 0 ||
		   say(link, "DATA\r\n", 354) < 0) {
		return -1;
	}
	if (link_write(link, load->body, load->body_len) < 0)
		return -1;
	return reply(link) == 250 ? 0 : -1;
}

static void *run(void *arg)
{
	struct client *client = arg;
	const struct load *load = client->load;
	struct link *link = calloc(1, sizeof(*link));
	bool open = false;

	while (now() < load->until) {
		double start = now();

		if (!open && greet(link, load) < 0)
			goto failed;
		open = true;
		if (submit(link, load) < 0)
			goto failed;
		client->done++;
		if (client->samples < SAMPLES_EACH)
			client->ms[client->samples++] =
				(float)((now() - start) * 1e3);
		if (load->keep)
			continue;
		(void)say(link, "QUIT\r\n", 221);
		close(link->fd);
		open = false;
		continue;
failed:
		client->errors++;
		close(link->fd);
		open = false;
		if (client->errors > 100)
			break;
	}
	free(link);
	return NULL;
}

static void body_make(struct load *load, size_t size, const char *file)
{
	static const char head[] = "From: alice@example.org\r\n"
		"To: bob@example.net\r\nSubject: load\r\n\r\n";
	FILE *in = file ? fopen(file, "rb") : NULL;

	if (file && !in)
		die(file);
	load->body = malloc(size + 64 * 1024 * 1024);
	if (in) {
		load->body_len = fread(load->body, 1, 64 * 1024 * 1024, in);
		fclose(in);
	} else {
		memcpy(load->body, head, sizeof(head) - 1);
		load->body_len = sizeof(head) - 1;
		while (load->body_len < size) {
			memset(load->body + load->body_len, 'x', 74);
			memcpy(load->body + load->body_len + 74, "\r\n", 2);
			load->body_len += 76;
		}
	}
	memcpy(load->body + load->body_len, ".\r\n", 3);
	load->body_len += 3;
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void report(struct client *clients, int n, double seconds)
{
	float *all = malloc(sizeof(*all) * SAMPLES_EACH * (size_t)n);
	unsigned long done = 0, errors = 0;
	size_t samples = 0;

	for (int i = 0; i < n; i++) {
		done += clients[i].done;
		errors += clients[i].errors;
		memcpy(all + samples, clients[i].ms,
		       clients[i].samples * sizeof(*all));
		samples += clients[i].samples;
	}
	qsort(all, samples, sizeof(*all), by_value);
	printf("%.1f %.2f %.2f %lu\n", (double)done / seconds,
	       samples ? (double)all[samples / 2] : 0,
	       samples ? (double)all[samples * 99 / 100] : 0, errors);
	free(all);
}

static int load(char **argv, const char *file)
{
	struct load load = {
		.to = address_of(argv[0], argv[1]),
		.keep = strcmp(argv[5], "new") != 0,
		.pipeline = strcmp(argv[5], "pipeline") == 0,
	};
	int n = (int)strtol(argv[2], NULL, 10);
	double seconds = strtod(argv[3], NULL), start;
	struct client *clients;

	if (n < 1 || n > 256)
		die("connections");
	clients = calloc((size_t)n, sizeof(*clients));
	body_make(&load, strtoul(argv[4], NULL, 10), file);
	start = now();
	load.until = start + seconds;
	for (int i = 0; i < n; i++) {
		clients[i].load = &load;
		clients[i].ms = malloc(sizeof(float) * SAMPLES_EACH);
		if (pthread_create(&clients[i].thread, NULL, run, &clients[i]))
			die("thread");
	}
	for (int i = 0; i < n; i++)
		pthread_join(clients[i].thread, NULL);
	report(clients, n, now() - start);
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc >= 6 && strcmp(argv[1], "sink") == 0)
		sink(argv + 2, argc > 6 && strcmp(argv[6], "plain") == 0);
	if ((argc == 8 || argc == 9) && strcmp(argv[1], "load") == 0)
		return load(argv + 2, argc == 9 ? argv[8] : NULL);
	fputs("usage: smtp_load sink ADDRESS PORT CERT KEY [plain]\n"
	      "       smtp_load load ADDRESS PORT CONNECTIONS SECONDS SIZE "
	      "keep|new|pipeline [FILE]\n", stderr);
	return 2;
}
