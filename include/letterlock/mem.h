/*
 * mem - small allocations that cannot fail: they abort when memory is out.
 * Whatever a peer can make large goes through `buf` or a spool instead.
 */
#ifndef LETTERLOCK_MEM_H
#define LETTERLOCK_MEM_H

#include <stddef.h>

/* `size` zeroed bytes; the caller frees them with free(). */
void *mem_new(size_t size);

/*
 * Grows the array `at` to hold `n` elements of `size` bytes; new bytes are
 * not set. Aborts on overflow. The caller owns the result in place of `at`.
 */
void *mem_grow(void *at, size_t n, size_t size);

/*
 * Gives the array `at` of `n` elements room for one more. For arrays that grow by
 * this alone: the room they have is the next power of two, kept nowhere.
 */
void *mem_one_more(void *at, size_t n, size_t size);

/* A copy of `text`, or NULL for NULL; the caller frees it. */
char *mem_strdup(const char *text);

/* A formatted string on the heap; the caller frees it. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
