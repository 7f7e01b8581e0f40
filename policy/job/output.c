#include "policy/job/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PRINTF_MAX = 1024 };

void output_init(struct output *out, int fd, uint64_t max)
{
	off_t at = lseek(fd, 0, SEEK_CUR);

	out->fd = fd;
	out->begin = at < 0 ? 0 : (uint64_t)at;
	out->written = 0;
	out->max = max;
	out->full = false;
	out->failed = at < 0 ? errno : 0;
	out->held = 0;
}

static bool broken(const struct output *out)
{
	return out->full || out->failed;
}

static void write_all(struct output *out, struct span bytes)
{
	while (bytes.len > 0 && !broken(out)) {
		ssize_t n = write(out->fd, bytes.at, bytes.len);

		if (n >= 0)
			bytes = span_skip(bytes, (size_t)n);
		else if (errno == ENOSPC || errno == EFBIG || errno == EDQUOT)
			out->full = true;
		else if (errno != EINTR)
			out->failed = errno;
	}
}

static void empty(struct output *out)
{
	write_all(out, span_of(out->buffer, out->held));
	out->held = 0;
}

void output_put(struct output *out, struct span bytes)
{
	if (broken(out))
		return;
	if (bytes.len > out->max - out->written) {
		out->full = true;
		return;
	}
	out->written += bytes.len;
	if (bytes.len > OUTPUT_BUFFER - out->held)
		empty(out);
	if (bytes.len > OUTPUT_BUFFER) {
		write_all(out, bytes);
		return;
	}
	memcpy(out->buffer + out->held, bytes.at, bytes.len);
	out->held += bytes.len;
}

void output_puts(struct output *out, const char *text)
{
	output_put(out, span_str(text));
}

void output_printf(struct output *out, const char *format, ...)
{
	char text[PRINTF_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || n >= PRINTF_MAX)
		out->failed = EOVERFLOW;
	else
		output_put(out, span_of(text, (size_t)n));
}

static int result(const struct output *out, struct err *err)
{
	if (out->full)
		return err_set(err, ERR_TEMP, "no room for the copies");
	if (out->failed)
		return err_errno(err, ERR_TEMP, out->failed, "writing a copy");
	return 0;
}

int output_flush(struct output *out, struct err *err)
{
	empty(out);
	return result(out, err);
}

static size_t count_lf(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

static bool read_at(struct output *out, char *to, size_t len, off_t at)
{
	ssize_t n = pread(out->fd, to, len, at);

	if (n != (ssize_t)len)
		out->failed = n < 0 ? errno : EIO;
	return !out->failed;
}

static bool write_at(struct output *out, const char *from, size_t len, off_t at)
{
	ssize_t n = pwrite(out->fd, from, len, at);

	if (n == (ssize_t)len)
		return true;
	if (n >= 0 || errno == ENOSPC || errno == EFBIG)
		out->full = true;
	else
		out->failed = errno;
	return false;
}

/* Moves [from, from + len) to end at `to_end`, LF becoming CRLF: from the end
 * on, so that nothing is overwritten before it was read. */
static void widen(struct output *out, off_t from, uint64_t len, off_t to_end)
{
	char piece[OUTPUT_BUFFER / 2], wide[OUTPUT_BUFFER];

	while (len > 0 && !broken(out)) {
		size_t n = len < sizeof(piece) ? (size_t)len : sizeof(piece);
		size_t w = sizeof(wide);

		len -= n;
		if (!read_at(out, piece, n, from + (off_t)len))
			return;
		for (size_t i = n; i-- > 0;) {
			wide[--w] = piece[i];
			if (piece[i] == '\n')
				wide[--w] = '\r';
		}
		n = sizeof(wide) - w;
		to_end -= (off_t)n;
		if (!write_at(out, wide + w, n, to_end))
			return;
	}
}

int output_take_armor(struct output *out, struct err *err)
{
	off_t from = (off_t)(out->begin + out->written);
	off_t end = lseek(out->fd, 0, SEEK_END);
	uint64_t len, lines = 0;
	char piece[OUTPUT_BUFFER];

	if (result(out, err) < 0)
		return -1;
	if (end < from)
		return err_set(err, ERR_BUG, "a copy became shorter");
	len = (uint64_t)(end - from);
	for (uint64_t at = 0; at < len;) {
		uint64_t left = len - at;
		size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (!read_at(out, piece, n, from + (off_t)at))
			return result(out, err);
		lines += count_lf(span_of(piece, n));
		at += n;
	}
	if (len + lines > out->max - out->written) {
		out->full = true;
		return result(out, err);
	}
	widen(out, from, len, from + (off_t)(len + lines));
	out->written += len + lines;
	if (lseek(out->fd, 0, SEEK_END) < 0)
		out->failed = errno;
	return result(out, err);
}

int output_memory(struct err *err)
{
	int fd = memfd_create("letterlock", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, ERR_TEMP, errno, "making a memory file");
	return fd;
}
