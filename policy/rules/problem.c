#include "policy/rules/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>

enum { TEXT_MAX = 1000 };

void problem_add(struct problems *problems, const char *file, unsigned line,
		 const char *format, ...)
{
	char text[TEXT_MAX];
	char *whole;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	whole = line > 0 ? mem_printf("%s:%u: %s", file, line, text)
			 : mem_printf("%s: %s", file, text);
	for (char *c = whole; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	strs_add(&problems->list, span_str(whole));
	free(whole);
}
