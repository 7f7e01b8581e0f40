#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

/* Half done work is worse than a restart: the supervisor starts us again. */
static void *checked(void *at)
{
	if (!at)
		abort();
	return at;
}

void *mem_new(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_grow(void *at, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		abort();
	return checked(realloc(at, n && size ? n * size : 1));
}

void *mem_one_more(void *at, size_t n, size_t size)
{
	if (n & (n - 1))
		return at;
	return mem_grow(at, n ? n * 2 : 1, size);
}

char *mem_strdup(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}
