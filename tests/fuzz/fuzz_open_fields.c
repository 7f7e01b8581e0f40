/* An outer and an inner header, whatever is in them: the joined one holds no
 * verdict of ours, and stays a header. */
#include <stdlib.h>
#include <string.h>

#include <letterlock/header.h>

#include "policy/job/open_fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span fields)
{
	struct header_field field;

	for (size_t i = 0; i < fields.len; i++)
		if (fields.at[i] == '\0' ||
		    (fields.at[i] == '\n' && (i == 0 || fields.at[i - 1] != '\r')) ||
		    (fields.at[i] == '\r' && (i + 1 == fields.len || fields.at[i + 1] != '\n')))
			abort();
	while (header_next(&fields, &field) == 1)
		if (open_fields_forged(field.name, field.body, "gw.example.org"))
			abort();
	if (fields.len > 0)
		abort();
}

static struct span fields_of(struct span text)
{
	size_t end = 0, body;

	return header_end(text, &end, &body) < 0 ? span_of(text.at, 0) : span_of(text.at, end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	size_t half = span_find(text, '|');
	struct open_fields fields = {
		.outer = fields_of(span_of(text.at, half)),
		.inner = fields_of(span_skip(text, half < size ? half + 1 : half)),
		.hostname = "gw.example.org",
	};
	struct buf out;

	for (unsigned i = 0; i < 4; i++) {
		fields.structure = i & 1 ? fields.inner : span_of(NULL, 0);
		fields.inner_from = i & 2;
		fields.protection = open_fields_protection(fields.inner);
		buf_init(&out, 2 * size + 64);
		if (open_fields_join(&fields, &out) == 0)
			check(buf_span(&out));
		free(open_fields_from(buf_span(&out)));
		buf_clear(&out);
		if (open_fields_clean(fields.outer, fields.hostname, &out) == 0)
			check(buf_span(&out));
		buf_free(&out);
	}
	(void)open_fields_contradict(fields.outer, fields.inner);
	return 0;
}
