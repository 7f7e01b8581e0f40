/* Whatever a view holds, its words keep to their limit, and each line before the
 * first empty one names a field. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span view = span_of((const char *)data, size), words, line;
	size_t end, begin;
	struct buf out;

	buf_init(&out, WORDS_MAX);
	words_make(view, &out);
	words = buf_span(&out);
	if (words.len > WORDS_MAX || (header_end(view, &end, &begin) == 0 && words.len == 0))
		abort();
	while (span_split(&words, '\n', &line) && line.len > 0)
		if (span_find(line, ':') == line.len)
			abort();
	buf_free(&out);
	return 0;
}
