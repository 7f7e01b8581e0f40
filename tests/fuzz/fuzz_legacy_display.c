/* What is left of a body without its legacy display has room in what open() gives
 * for it, and nothing is put where nothing was left out. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/legacy_display.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_of((const char *)data, size), body;
	size_t end, begin;
	struct buf out;
	int result;

	if (header_end(all, &end, &begin) < 0)
		return 0;
	body = span_skip(all, begin);
	buf_init(&out, 4 * body.len + 1024);
	result = legacy_display_drop(span_of(all.at, end), body, &out);
	if (result < 0 || (result == 0 && out.len > 0))
		abort();
	buf_free(&out);
	return 0;
}
