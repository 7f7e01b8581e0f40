/*
 * output - writes a copy into a descriptor, at its file offset, up to a limit.
 * Errors stick: callers write on and ask once, at the end.
 */
#ifndef LETTERLOCK_OUTPUT_H
#define LETTERLOCK_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/err.h>
#include <letterlock/span.h>

enum { OUTPUT_BUFFER = 16 * 1024 };

struct output {
	int fd;			/* borrowed */
	uint64_t begin;		/* where it stood in the file */
	uint64_t written;	/* octets put since, some in the buffer still */
	uint64_t max;		/* how many may be */
	bool full;		/* the limit was met, or the disc is full */
	int failed;		/* errno of a write, 0: none */
	size_t held;
	char buffer[OUTPUT_BUFFER];
};

/* Begins at the file offset of `fd`; at most `max` octets. */
void output_init(struct output *out, int fd, uint64_t max);

void output_put(struct output *out, struct span bytes);
void output_puts(struct output *out, const char *text);
void output_printf(struct output *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* All is in the file, which stands behind it: 0, or -1 with `err` (ERR_TEMP)
 * when anything failed since output_init(). */
int output_flush(struct output *out, struct err *err);

/*
 * Counts in what pgp wrote into the file behind the flushed output (from its
 * end to the file's). 0, or -1 as output_flush().
 */
int output_take_armor(struct output *out, struct err *err);

/* An empty memfd, so that no plaintext is ever on a disc; -1 with `err`. */
int output_memory(struct err *err);

#endif
