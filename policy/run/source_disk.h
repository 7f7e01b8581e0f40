/* source_disk - reads configuration files, and the facts that defaults need,
 * from the system. */
#ifndef LETTERLOCK_SOURCE_DISK_H
#define LETTERLOCK_SOURCE_DISK_H

#include "policy/rules/source.h"

/*
 * Appends the regular file `path` to `out`. An enum source_result: a
 * directory, a device, or more than SOURCE_FILE_MAX bytes fail.
 */
int source_disk_read(const char *path, struct buf *out, struct err *err);

/* Asks the system. The strings are the caller's, see source_disk_host_free. */
void source_disk_host(struct source_host *host);
void source_disk_host_free(struct source_host *host);

#endif
