/*
 * page - memory that our processes share: a memfd that a child inherits and maps.
 * Its size is sealed: who gets at the descriptor cannot take the memory from under
 * those that have it mapped.
 */
#ifndef LETTERLOCK_PAGE_H
#define LETTERLOCK_PAGE_H

#include <stddef.h>

#include <letterlock/err.h>

/* A close-on-exec descriptor of `size` zero bytes, the caller's to close. -1 with `err`
 * (ERR_TEMP). `name` is what /proc shows. */
int page_new(const char *name, size_t size, struct err *err);

/* Maps all of `fd`; `size` is how much that is, for munmap(2). NULL with `err`: ERR_BUG
 * when there is less than `least`, ERR_TEMP. */
void *page_map(int fd, size_t least, size_t *size, struct err *err);

#endif
