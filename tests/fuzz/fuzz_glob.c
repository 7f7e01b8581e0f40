/* The first line is a pattern, the rest a value. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/glob.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = span_of((const char *)data, size), pattern;
	char *stripped;

	if (!span_split(&value, '\n', &pattern))
		return 0;
	stripped = glob_strip(pattern, value);
	if (strlen(stripped) > value.len)
		abort();
	if (!memchr(value.at ? value.at : "", '\0', value.len) &&
	    !glob_match(pattern, value) && !span_is(value, stripped))
		abort();
	free(stripped);
	return 0;
}
