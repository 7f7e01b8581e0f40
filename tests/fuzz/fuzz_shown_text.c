/* What is shown is UTF-8, no longer than the text, whatever the kind. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/utf8.h>

#include "policy/job/shown_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);

	for (int kind = SHOWN_PLAIN; kind <= SHOWN_HTML; kind++) {
		struct buf out;

		buf_init(&out, size + 1);
		if (shown_text_put(text, (enum shown_text_kind)kind, &out) < 0 ||
		    buf_span(&out).len > size || !utf8_valid(buf_span(&out)))
			abort();
		buf_free(&out);
	}
	return 0;
}
