#include "policy/rules/source.h"

#include <string.h>

#include <letterlock/mem.h>

char *source_path(const char *directory, const char *path)
{
	size_t len;

	if (path[0] == '/')
		return mem_strdup(path);
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (!directory || !*directory)
		directory = "/";
	len = strlen(directory);
	return mem_printf("%s%s%s", directory,
			  directory[len - 1] == '/' ? "" : "/", path);
}

char *source_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	if (slash == path)
		return mem_strdup("/");
	return span_dup(span_of(path, (size_t)(slash - path)));
}
