#include "policy/rules/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

bool reading_problem(const struct reading *at, const char *format, ...)
{
	char text[900];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problem_add(at->problems, at->shown, at->line, "%s", text);
	return false;
}

char *reading_path(const struct reading *at, struct span path)
{
	char *text = span_dup(path);
	char *whole = source_path(at->directory, text);

	free(text);
	return whole;
}

char *reading_shown(const struct reading *at, struct span path)
{
	const char *slash = strrchr(at->shown, '/');

	if (!slash || path.len == 0 || path.at[0] == '/')
		return span_dup(path);
	return mem_printf("%.*s%.*s", (int)(slash + 1 - at->shown), at->shown,
			  (int)path.len, path.at);
}

bool reading_file(const struct reading *at, const char *key, const char *path,
		  struct buf *text)
{
	struct err err = { 0 };
	int result = at->source->read(at->source->data, path, text, &err);

	if (result == SOURCE_READ || result == SOURCE_WITHHELD)
		return true;
	return reading_problem(at, "%s cannot be read: %s; write the path of a file that can",
			       key, err.text);
}
