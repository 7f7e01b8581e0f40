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

int output_take_armor(struct output *out, struct err *err)
{
	off_t from = (off_t)(out->begin + out->written);
	off_t end = lseek(out->fd, 0, SEEK_END);

	if (result(out, err) < 0)
		return -1;
	if (end < from)
		return err_set(err, ERR_BUG, "a copy became shorter");
	if ((uint64_t)(end - from) > out->max - out->written)
		out->full = true;
	else
		out->written += (uint64_t)(end - from);
	return result(out, err);
}

int output_memory(struct err *err)
{
	int fd = memfd_create("letterlock", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, ERR_TEMP, errno, "making a memory file");
	return fd;
}
