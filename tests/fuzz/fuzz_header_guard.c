/* No header that goes out names a blind recipient, breaks a line without CRLF or
 * ends before its last field. The first octet chooses the kind. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/header_guard.h"
#include "policy/rules/rule_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whole fields to the end, none of them one that never leaves. */
static void check(struct span text)
{
	struct header_field field;

	while (header_next(&text, &field) == 1)
		if (span_is_nocase(field.name, "Bcc") || span_is_nocase(field.name, "Resent-Bcc"))
			abort();
	if (text.len > 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct strs none;
	struct decision decision = {
		.protect_subject = size && data[0] & 4,
		.strip_tag = size && data[0] & 8,
		.subject_glob = "[a]*",
		.add_header = &none,
	};
	struct header_guard_wish wish = { .decision = &decision, .hostname = "gw.example.org" };
	struct header_guard guard;
	struct buf structure;
	struct span fields;
	size_t end, body;

	if (size == 0)
		return 0;
	fields = span_of((const char *)data + 1, size - 1);
	wish.kind = data[0] & 3;
	wish.seven_bit = data[0] & 16;
	if (header_end(fields, &end, &body) < 0 || end < 2 || fields.at[end - 1] != '\n')
		return 0;
	fields.len = end;
	if (header_guard_make(fields, &wish, &guard) < 0)
		return 0;
	check(buf_span(&guard.outer));
	check(buf_span(&guard.inner));
	check(buf_span(&guard.hp_outer));
	header_guard_free(&guard);
	buf_init(&structure, 1 << 22);
	if (header_guard_structure(fields, fields, "clear", data[0] & 32 ? "base64" : NULL, true,
				   &structure) == 0) {
		check(buf_span(&structure));
		if (header_find(buf_span(&structure), "Content-Type", NULL) != 1)
			abort();
	}
	buf_free(&structure);
	return 0;
}
