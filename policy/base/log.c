#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
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

/* --- values --- */

static bool is_plain(const char *value)
{
	return !strpbrk(value, " \"=\\");
}

/* In quotes, in which a quote is \" and a backslash is \\. */
static void put_quoted(struct line *line, const char *value)
{
	while (*value) {
		size_t len = strcspn(value, "\"\\");

		put(line, span_of(value, len));
		value += len;
		if (*value) {
			put(line, span_str("\\"));
			put(line, span_of(value++, 1));
		}
	}
}

/* A %s: no value is taken for more than one, whatever is in it. `before` is
 * the character of the format that it follows. */
static void put_value(struct line *line, char before, const char *value)
{
	bool quote = before == '=' && !is_plain(value);

	if (quote)
		put(line, span_str("\""));
	if (quote || before == '"')
		put_quoted(line, value);
	else
		put(line, span_str(value));
	if (quote)
		put(line, span_str("\""));
}

enum conversion { TEXT, INT, UNSIGNED, SIZE, LONG, LONG_LONG, HEX, OTHER };

static const char *const conversions[] = {
	[TEXT] = "%s", [INT] = "%d", [UNSIGNED] = "%u", [SIZE] = "%zu", [LONG] = "%lu",
	[LONG_LONG] = "%llu", [HEX] = "%016llx",
};

static enum conversion conversion_at(const char *format)
{
	unsigned i = TEXT;

	while (i < OTHER && strncmp(format, conversions[i], strlen(conversions[i])) != 0)
		i++;
	return (enum conversion)i;
}

static bool knows(const char *format)
{
	while ((format = strchr(format, '%'))) {
		enum conversion at = conversion_at(format);

		if (at == OTHER)
			return false;
		format += strlen(conversions[at]);
	}
	return true;
}

static void put_number(struct line *line, enum conversion what, va_list *args)
{
	char text[32] = "";

	if (what == INT)
		(void)snprintf(text, sizeof(text), "%d", va_arg(*args, int));
	else if (what == UNSIGNED)
		(void)snprintf(text, sizeof(text), "%u", va_arg(*args, unsigned));
	else if (what == SIZE)
		(void)snprintf(text, sizeof(text), "%zu", va_arg(*args, size_t));
	else if (what == LONG)
		(void)snprintf(text, sizeof(text), "%lu", va_arg(*args, unsigned long));
	else if (what == LONG_LONG)
		(void)snprintf(text, sizeof(text), "%llu", va_arg(*args, unsigned long long));
	else
		(void)snprintf(text, sizeof(text), "%016llx", va_arg(*args, unsigned long long));
	put(line, span_str(text));
}

/* `knows` the format. */
static void put_each(struct line *line, const char *format, va_list *args)
{
	char before = '\0';

	while (*format) {
		size_t plain = strcspn(format, "%");
		enum conversion what;

		put(line, span_of(format, plain));
		if (plain > 0)
			before = format[plain - 1];
		format += plain;
		if (!*format)
			return;
		what = conversion_at(format);
		format += strlen(conversions[what]);
		if (what == TEXT)
			put_value(line, before, va_arg(*args, const char *));
		else
			put_number(line, what, args);
		before = '\0';
	}
}

__attribute__((format(printf, 2, 0)))
static void put_format(struct line *line, const char *format, va_list args)
{
	char values[LINE_MAX_BYTES];
	va_list each;

	if (!knows(format)) {
		vsnprintf(values, sizeof(values), format, args);
		put(line, span_str(values));
		return;
	}
	va_copy(each, args);
	put_each(line, format, &each);
	va_end(each);
}

void log_fields(char *fields, size_t size, const char *format, ...)
{
	struct line line = { .len = 0 };
	va_list args;

	va_start(args, format);
	put_format(&line, format, args);
	va_end(args);
	(void)snprintf(fields, size, "%.*s", (int)line.len, line.bytes);
}

/* --- lines --- */

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
	struct line line = { .len = 0 };

	if (level < log->least)
		return;
	put(&line, span_str("letterlock: "));
	put(&line, span_str(level_words[level]));
	put(&line, span_str(": "));
	put(&line, span_str(event));
	if (format) {
		put(&line, span_str(" "));
		put_format(&line, format, args);
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
