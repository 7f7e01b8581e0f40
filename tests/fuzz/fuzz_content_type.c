/* What is put into a Content-Type reads back, once; what is made ASCII is. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/buf.h>

#include "policy/job/content_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_with(const struct content_type *type, struct span body)
{
	struct content_type again;
	const char *value;
	size_t marks = 0;
	struct buf out;

	buf_init(&out, 1 << 22);
	if (content_type_put_with(type, body, "hp", "cipher", &out) < 0)
		abort();
	/* one parameter more may be one too many */
	if (content_type_parse(buf_span(&out), true, &again) == 0) {
		value = content_type_param(&again, "hp");
		if (!value || strcmp(value, "cipher") != 0)
			abort();
		for (size_t i = 0; i < again.n; i++)
			marks += span_is_nocase(again.params[i].name, "hp");
		if (marks != 1 || strcmp(again.value, type->value) != 0)
			abort();
		content_type_free(&again);
	} else if (type->n < CONTENT_TYPE_PARAMS_MAX) {
		abort();
	}
	buf_free(&out);
}

static void check_ascii(const struct content_type *type, struct span body)
{
	struct buf out;
	struct span made;

	buf_init(&out, 1 << 22);
	if (content_type_put_ascii(type, body, &out) < 0)
		abort();
	made = buf_span(&out);
	for (size_t i = 0; i < made.len; i++)
		if ((unsigned char)made.at[i] > 0x7f)
			abort();
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = span_of((const char *)data, size);
	struct content_type type;

	if (content_type_parse(body, true, &type) == 0) {
		check_with(&type, body);
		check_ascii(&type, body);
		content_type_free(&type);
	}
	if (content_type_parse(body, false, &type) == 0)
		content_type_free(&type);
	return 0;
}
