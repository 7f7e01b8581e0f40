/* memory_source - configuration files as strings, for tests. */
#ifndef LETTERLOCK_TEST_MEMORY_SOURCE_H
#define LETTERLOCK_TEST_MEMORY_SOURCE_H

#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

#include "policy/rules/problem.h"
#include "policy/rules/source.h"

/* `text` NULL: a file that cannot be read. The last has no path. */
struct memory_file {
	const char *path;
	const char *text;
};

static inline int memory_source_read(void *data, const char *path,
				     struct buf *out, struct err *err)
{
	const struct memory_file *file = data;

	for (; file->path; file++) {
		if (strcmp(file->path, path) != 0)
			continue;
		if (!file->text)
			return err_set(err, ERR_CONF, "%s: Permission denied", path);
		return buf_put(out, span_str(file->text));
	}
	err_set(err, ERR_CONF, "%s: No such file or directory", path);
	return SOURCE_MISSING;
}

static inline struct source memory_source(const struct memory_file *files)
{
	return (struct source){ .read = memory_source_read, .data = (void *)files,
				.host = { "gw.test.example", 4, "/etc/ll", "/run/ll" } };
}

/* All problems and warnings, a line each; the caller frees it. `problems` is emptied. */
static inline char *problems_text(struct problems *problems)
{
	char *text = mem_strdup("");

	for (size_t i = 0; i < problems->list.n; i++) {
		char *longer = mem_printf("%s%s\n", text, problems->list.at[i]);

		free(text);
		text = longer;
	}
	for (size_t i = 0; i < problems->warnings.n; i++) {
		char *longer = mem_printf("%s%s (a warning)\n", text, problems->warnings.at[i]);

		free(text);
		text = longer;
	}
	problem_free(problems);
	return text;
}

#endif
