/* memory_file - bytes in a sealed memfd: how what is too large for one
 * message goes from one of our processes to another. */
#ifndef LETTERLOCK_MEMORY_FILE_H
#define LETTERLOCK_MEMORY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

/* A descriptor (the caller's) that holds `bytes` and can never be changed.
 * -1 with `err` (ERR_TEMP). */
int memory_file_new(struct span bytes, struct err *err);

/* Appends all of `fd`, from its start, to `bytes`, whose limit holds. */
int memory_file_read(int fd, struct buf *bytes, struct err *err);

/* Makes a memfd (that allows it) unchangeable for good. */
int memory_file_seal(int fd, struct err *err);

/* Whether `fd` is such an unchangeable one of `size` bytes: nobody can change
 * or shorten it under who reads it. */
bool memory_file_sealed(int fd, uint64_t size);

#endif
