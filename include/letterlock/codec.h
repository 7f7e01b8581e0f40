/* codec - base64 (RFC 4648, strict) and hexadecimal. Pure. */
#ifndef LETTERLOCK_CODEC_H
#define LETTERLOCK_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/buf.h>

/* Appends the base64 of `bytes`, without line ends. 0, or -1 (limit). */
int codec_base64_put(struct buf *out, struct span bytes);

/*
 * Appends what `text` encodes. -1 when it is not canonical base64 (RFC 4954
 * section 4: other characters, wrong padding, stray bits) or `out` is full;
 * what was appended before is then undefined but within the limit.
 */
int codec_base64_get(struct buf *out, struct span text);

/* The value of a base64 or hexadecimal digit, or -1. */
int codec_base64_digit(char c);
int codec_hex_digit(char c);

/* 2 x len lower-case digits and a NUL into `text`. */
void codec_hex(const unsigned char *bytes, size_t len, char *text);

/* Reads exactly `len` bytes from 2 x len digits; false when it is not so. */
bool codec_unhex(struct span text, unsigned char *bytes, size_t len);

#endif
