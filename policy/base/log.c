#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <letterlock/log.h>
#include <letterlock/span.h>
#include <letterlock/utf8.h>

enum {
	LINE_MAX_BYTES = 4096,	/* PIPE_BUF: one write of it stays in one piece */
	ESCAPE_BYTES = 4,	/* \xNN */
};

static const char *const level_words[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_ERROR] = "error",
};

struct line {
	char bytes[LINE_MAX_BYTES];
	size_t len;
};

/* Appends `text`; what is no plain character becomes \xNN. Room for the line
 * end always stays; a text too long is cut between two characters. */
static void put(struct line *line, struct span text)
{
	while (text.len) {
		size_t len = utf8_printable(text);
		size_t room = sizeof(line->bytes) - 1 - line->len;

		if (room <= (len ? len : ESCAPE_BYTES))
			return;
		if (len)
			memcpy(line->bytes + line->len, text.at, len);
		else
			snprintf(line->bytes + line->len, room, "\\x%02x",
				 (unsigned char)text.at[0]);
		line->len += len ? len : ESCAPE_BYTES;
		text = span_skip(text, len ? len : 1);
	}
}

/* A log that cannot be written must not stop mail: errors end here. */
static void write_line(struct line *line)
{
	line->bytes[line->len++] = '\n';
	while (write(STDERR_FILENO, line->bytes, line->len) < 0 && errno == EINTR)
		continue;
}

__attribute__((format(printf, 4, 0)))
static void event_put(const struct log *log, enum log_level level,
		      const char *event, const char *format, va_list args)
{
	char values[LINE_MAX_BYTES];
	struct line line = { .len = 0 };

	if (level < log->least)
		return;
	put(&line, span_str("letterlock: "));
	put(&line, span_str(level_words[level]));
	put(&line, span_str(": "));
	put(&line, span_str(event));
	if (format) {
		vsnprintf(values, sizeof(values), format, args);
		put(&line, span_str(" "));
		put(&line, span_str(values));
	}
	if (log->fields) {
		put(&line, span_str(" "));
		put(&line, span_str(log->fields));
	}
	write_line(&line);
}

void log_debug(const struct log *log, const char *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	event_put(log, LOG_LEVEL_DEBUG, event, format, args);
	va_end(args);
}

void log_info(const struct log *log, const char *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	event_put(log, LOG_LEVEL_INFO, event, format, args);
	va_end(args);
}

void log_warning(const struct log *log, const char *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	event_put(log, LOG_LEVEL_WARNING, event, format, args);
	va_end(args);
}

void log_error(const struct log *log, const char *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	event_put(log, LOG_LEVEL_ERROR, event, format, args);
	va_end(args);
}
