/*
 * read_load - a plain-text IMAP or POP3 load: reads messages as fast as the
 * other end gives them, or holds idle sessions.
 *
 *   read_load imap  HOST PORT USER PASSWORD CONNECTIONS SECONDS FIRST LAST
 *   read_load pop3  ...                    (FETCH n BODY.PEEK[], RETR n)
 *   read_load login HOST PORT USER PASSWORD CONNECTIONS SECONDS 0 0
 *             (IMAP: connect, log in, log out)
 *   read_load idle  HOST PORT USER PASSWORD COUNT 0 0 0
 *             (IMAP: COUNT sessions that have selected INBOX; prints "held",
 *              lasts until standard input ends)
 *
 * Prints "RATE P50 P99 ERRORS" (operations a second, milliseconds).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 256, MAX_TIMES = 1 << 20, BLOCK = 1 << 16 };

struct job {
	const char *mode, *host, *user, *password;
	int port, connections, seconds, first, last;
};

struct conn {
	const struct job *job;
	pthread_t thread;
	int fd, number;
	size_t at, have;
	double *times;
	size_t count, errors;
	char block[BLOCK], line[4096];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool fill(struct conn *c)
{
	ssize_t n = recv(c->fd, c->block, BLOCK, 0);

	c->at = 0;
	c->have = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The next line without its end, cut to what `line` holds. */
static bool next_line(struct conn *c)
{
	size_t length = 0;

	for (;;) {
		if (c->at == c->have && !fill(c))
			return false;
		char *start = c->block + c->at, *end = memchr(start, '\n', c->have - c->at);
		size_t n = (end ? (size_t)(end - start) + 1 : c->have - c->at);
		size_t keep = length + n < sizeof(c->line) ? n : sizeof(c->line) - 1 - length;

		memcpy(c->line + length, start, keep);
		length += keep;
		c->at += n;
		if (!end)
			continue;
		while (length > 0 && (c->line[length - 1] == '\n' || c->line[length - 1] == '\r'))
			length--;
		c->line[length] = '\0';
		return true;
	}
}

static bool skip(struct conn *c, size_t n)
{
	while (n > 0) {
		if (c->at == c->have && !fill(c))
			return false;
		size_t here = c->have - c->at < n ? c->have - c->at : n;

		c->at += here;
		n -= here;
	}
	return true;
}

static bool say(struct conn *c, const char *text)
{
	size_t length = strlen(text);

	return send(c->fd, text, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* Reads up to the answer tagged `x`; true when it is OK. */
static bool tagged(struct conn *c)
{
	while (next_line(c)) {
		if (strncmp(c->line, "x ", 2) == 0)
			return strncmp(c->line, "x OK", 4) == 0;
		size_t length = strlen(c->line);

		if (length > 0 && c->line[length - 1] == '}') {
			const char *open = strrchr(c->line, '{');

			if (open && !skip(c, strtoul(open + 1, NULL, 10)))
				return false;
		}
	}
	return false;
}

static bool ok_line(struct conn *c)
{
	return next_line(c) && strncmp(c->line, "+OK", 3) == 0;
}

static bool whole_retr(struct conn *c)
{
	if (!ok_line(c))
		return false;
	while (next_line(c))
		if (strcmp(c->line, ".") == 0)
			return true;
	return false;
}

static bool enter(struct conn *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->job->port) };
	char text[512];
	int one = 1;

	inet_pton(AF_INET, c->job->host, &to.sin_addr);
	c->at = c->have = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0 || !next_line(c))
		return false;
	if (strcmp(c->job->mode, "pop3") == 0) {
		snprintf(text, sizeof(text), "USER %s\r\n", c->job->user);
		if (!say(c, text) || !ok_line(c))
			return false;
		snprintf(text, sizeof(text), "PASS %s\r\n", c->job->password);
		return say(c, text) && ok_line(c);
	}
	snprintf(text, sizeof(text), "x LOGIN \"%s\" \"%s\"\r\n", c->job->user, c->job->password);
	if (!say(c, text) || !tagged(c))
		return false;
	return strcmp(c->job->mode, "login") == 0 || (say(c, "x SELECT INBOX\r\n") && tagged(c));
}

static bool once(struct conn *c)
{
	const struct job *j = c->job;
	char text[64];
	int n = j->first + c->number++ % (j->last - j->first + 1);

	if (strcmp(j->mode, "login") == 0) {
		bool good = enter(c) && say(c, "x LOGOUT\r\n") && tagged(c);

		close(c->fd);
		return good;
	}
	if (strcmp(j->mode, "pop3") == 0) {
		snprintf(text, sizeof(text), "RETR %d\r\n", n);
		return say(c, text) && whole_retr(c);
	}
	snprintf(text, sizeof(text), "x FETCH %d BODY.PEEK[]\r\n", n);
	return say(c, text) && tagged(c);
}

static void *run(void *arg)
{
	struct conn *c = arg;
	double end = now() + c->job->seconds;

	while (now() < end) {
		double began = now();

		if (!once(c)) {
			c->errors++;
			break;
		}
		if (c->count < MAX_TIMES)
			c->times[c->count++] = now() - began;
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int load(const struct job *job)
{
	struct conn *conns = calloc((size_t)job->connections, sizeof(*conns));
	size_t total = 0, errors = 0;

	for (int i = 0; i < job->connections; i++) {
		conns[i].job = job;
		conns[i].number = i;
		conns[i].times = malloc(MAX_TIMES * sizeof(double));
		if (strcmp(job->mode, "login") != 0 && !enter(&conns[i])) {
			fprintf(stderr, "no session: %s\n", conns[i].line);
			return 1;
		}
	}
	double began = now();

	for (int i = 0; i < job->connections; i++)
		pthread_create(&conns[i].thread, NULL, run, &conns[i]);
	for (int i = 0; i < job->connections; i++) {
		pthread_join(conns[i].thread, NULL);
		total += conns[i].count;
		errors += conns[i].errors;
	}
	double took = now() - began;
	double *all = malloc((total + 1) * sizeof(double));
	size_t at = 0;

	for (int i = 0; i < job->connections; i++) {
		memcpy(all + at, conns[i].times, conns[i].count * sizeof(double));
		at += conns[i].count;
	}
	qsort(all, total, sizeof(double), compare);
	printf("%.1f %.3f %.3f %zu\n", (double)total / took, total ? all[total / 2] * 1e3 : 0.0,
	       total ? all[total * 99 / 100] * 1e3 : 0.0, errors);
	return 0;
}

static int idle(const struct job *job)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	c->job = job;
	for (int i = 0; i < job->connections; i++)
		if (!enter(c)) {
			fprintf(stderr, "session %d: %s\n", i, c->line);
			return 1;
		}
	printf("held\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 10) {
		fprintf(stderr, "usage: see the head of read_load.c\n");
		return 2;
	}
	struct job job = {
		.mode = argv[1], .host = argv[2], .port = (int)strtol(argv[3], NULL, 10),
		.user = argv[4], .password = argv[5],
		.connections = (int)strtol(argv[6], NULL, 10),
		.seconds = (int)strtol(argv[7], NULL, 10),
		.first = (int)strtol(argv[8], NULL, 10), .last = (int)strtol(argv[9], NULL, 10),
	};

	return strcmp(job.mode, "idle") == 0 ? idle(&job) : load(&job);
}
