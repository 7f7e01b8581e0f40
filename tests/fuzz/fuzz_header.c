/* Raw fields put together are the block; no byte is lost or read twice. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/header.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_field(struct header_field field, const char *at)
{
	char *flat = header_unfold(field.body);

	if (field.raw.at != at || field.name.len == 0)
		abort();
	if (strlen(flat) > field.body.len)
		abort();
	free(flat);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_of((const char *)data, size), rest = message;
	struct header_field field;
	size_t fields = 0, froms = 0, end, body;
	const char *at = message.at;

	while (header_next(&rest, &field) == 1) {
		check_field(field, at);
		at += field.raw.len;
		fields++;
		froms += span_is_nocase(field.name, "from");
	}
	if (rest.len && rest.at != at)
		abort();
	if (header_find(message, "From", NULL) != froms)
		abort();
	if (header_end(message, &end, &body) == 0 &&
	    (end + rest.len != size || body < end || body > end + 2))
		abort();
	return 0;
}
