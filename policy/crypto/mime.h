/*
 * mime - GMime as a second reader of a message's structure: where each part
 * lies in the file and what it is called. It reads, over a descriptor, and
 * never writes or changes a part (GMime 3.2.13 may loop when it encodes).
 */
#ifndef LETTERLOCK_MIME_H
#define LETTERLOCK_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/err.h>
#include <letterlock/strs.h>

enum { MIME_PARTS_MAX = 2000, MIME_DEPTH_MAX = 40 };

struct mime_part {
	bool leaf;		/* neither multipart nor message */
	uint64_t begin, end;	/* of a leaf's content in the file */
	struct strs names;	/* file names that its fields give, decoded */
};

/* In the order of the message; the root first. */
struct mime_parts {
	struct mime_part *at;
	size_t n;
};

/*
 * Reads the message in [begin, end) of `fd` (whose file offset moves; it stays
 * the caller's). -1 with `err` when GMime takes it for no message, or there
 * are too many parts. The caller has made sure that no parameter name is
 * longer than 40 octets.
 */
int mime_read(int fd, uint64_t begin, uint64_t end, struct mime_parts *parts,
	      struct err *err);
void mime_free(struct mime_parts *parts);

#endif
