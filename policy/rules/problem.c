#include "policy/rules/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>

enum { TEXT_MAX = 1000 };

void problem_free(struct problems *problems)
{
	strs_free(&problems->list);
	strs_free(&problems->warnings);
}

static void __attribute__((format(printf, 4, 0)))
add(struct strs *list, const char *file, unsigned line, const char *format, va_list args)
{
	char text[TEXT_MAX];
	char *whole;

	vsnprintf(text, sizeof(text), format, args);
	whole = line > 0 ? mem_printf("%s:%u: %s", file, line, text)
			 : mem_printf("%s: %s", file, text);
	for (char *c = whole; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	strs_add(list, span_str(whole));
	free(whole);
}

void problem_add(struct problems *problems, const char *file, unsigned line,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&problems->list, file, line, format, args);
	va_end(args);
}

void problem_warn(struct problems *problems, const char *file, unsigned line,
		  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&problems->warnings, file, line, format, args);
	va_end(args);
}
