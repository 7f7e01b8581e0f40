/*
 * log - one line an event on standard error, written with one write(2):
 * "letterlock: level: text key=value ...". Lower case, past tense, no full
 * stop. Control characters and bytes that are not UTF-8 are escaped (\xNN),
 * so no input can forge a line; nor a field, since a value with blanks, quotes
 * or `=` stands in quotes. Secrets have no format.
 */
#ifndef LETTERLOCK_LOG_H
#define LETTERLOCK_LOG_H

#include <stddef.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING,
		 LOG_LEVEL_ERROR };

/* Who speaks; zeroed is a good start. Not owned: strings must outlive it. */
struct log {
	enum log_level least;	/* what is below it is not written */
	const char *fields;	/* "session=7 listener=x", put last, or NULL: as
				 * log_fields() makes them */
};

/*
 * `event` is fixed text; `format` gives "key=value ..." or is NULL.
 * A value that comes from outside is given with %s. It is put in quotes where
 * it has to be ("login=%s"), or always ("reason=\"%s\""); in quotes a quote
 * is \" and a backslash \\.
 */
void log_debug(const struct log *log, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void log_info(const struct log *log, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void log_warning(const struct log *log, const char *event,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));
void log_error(const struct log *log, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "key=value ..." for `fields`, in the same way, cut at `size`. */
void log_fields(char *fields, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
