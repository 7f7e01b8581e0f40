/*
 * snapshot - what the files of the configuration held, and what the system
 * said of itself, at one moment. The master reads the disk once; its children
 * read the same bytes from a descriptor, without private keys where they need
 * none. So they agree with the master and with each other, and need no right
 * to read the files.
 */
#ifndef LETTERLOCK_SNAPSHOT_H
#define LETTERLOCK_SNAPSHOT_H

#include <stdbool.h>

#include <letterlock/settings.h>

#include "policy/rules/source.h"

struct snapshot;

/* Empty, over the disk: what its source reads is read there and kept. */
struct snapshot *snapshot_new(void);

/* Of what snapshot_write() wrote: only that can be read. NULL with `err` when
 * it is not that. Reads at offset 0, whatever the file offset; `fd` stays the
 * caller's. */
struct snapshot *snapshot_read(int fd, struct err *err);

/* Wipes and frees. */
void snapshot_free(struct snapshot *snapshot);

/* The source; it borrows the snapshot. */
struct source snapshot_source(struct snapshot *snapshot);

/* The path of the i-th file that was read; NULL behind the last. */
const char *snapshot_path(const struct snapshot *snapshot, size_t i);

/*
 * Writes everything that was read to `fd` (an empty memfd or file). Unless
 * `private_keys`, the files that `settings` names as private keys are left
 * out: reading them gives SOURCE_WITHHELD.
 */
int snapshot_write(const struct snapshot *snapshot,
		   const struct settings *settings, bool private_keys, int fd,
		   struct err *err);

#endif
