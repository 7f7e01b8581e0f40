#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <letterlock/err.h>

/* A text goes into logs and SMTP replies: no byte of it may end a line. */
static void take_text(struct err *err, enum err_kind kind, const char *text)
{
	size_t len = strnlen(text, sizeof(err->text) - 1);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		err->text[i] = c < ' ' || c == 0x7f ? '?' : text[i];
	}
	err->text[len] = '\0';
	err->kind = kind;
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	char text[sizeof(err->text)];	/* an argument may be err->text itself */
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	take_text(err, kind, text);
	return -1;
}

int err_errno(struct err *err, enum err_kind kind, int errno_value,
	      const char *format, ...)
{
	const char *why = strerrordesc_np(errno_value);
	char text[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (why)
		return err_set(err, kind, "%s: %s", text, why);
	return err_set(err, kind, "%s: error %d", text, errno_value);
}

int err_while(struct err *err, const char *format, ...)
{
	char where[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(where, sizeof(where), format, args);
	va_end(args);
	return err_set(err, err->kind, "%s: %s", where, err->text);
}
