#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mail_corpus.h"
#include "policy/job/canonical.h"
#include "policy/job/decode.h"
#include "policy/job/header_guard.h"
#include "policy/job/output.h"

/* Cannot be written in 7 bits, and why that is right. */
static const char *const refused[] = {
	"broken-type",		/* 8-bit of an unknown type */
	"signed-inside",	/* a signature would break */
	"two-types", "unknown-cte-8bit",
};

static bool is_refused(const char *name)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (strcmp(name, refused[i]) == 0)
			return true;
	return false;
}

/* The payload that would be signed, as a message; its descriptor. */
static int written(const struct canonical *c, struct message *copy)
{
	struct output out;
	struct buf fields;
	struct ask ask = { 0 };
	int fd = output_memory(NULL);

	buf_init(&fields, 1 << 20);
	assert_int_equal(header_guard_structure(c->message->fields, c->message->body, "clear",
						canonical_encoding(c), true, &fields), 0);
	output_init(&out, fd, UINT64_MAX);
	output_put(&out, buf_span(&fields));
	output_puts(&out, "\r\n");
	canonical_put(c, &out);
	assert_int_equal(output_flush(&out, NULL), 0);
	ask.message_size = out.written;
	assert_int_equal(message_open(&ask, fd, copy, NULL), 0);
	buf_free(&fields);
	return fd;
}

static char *content(const struct entity *part)
{
	struct buf out;
	bool exact = true;

	buf_init(&out, 1 << 22);
	if (part->encoding == ENTITY_BASE64)
		decode_base64(part->body, decode_into_buf, &out, &exact);
	else if (part->encoding == ENTITY_QUOTED)
		decode_quoted(part->body, decode_into_buf, &out, &exact);
	else
		buf_put(&out, part->body);
	return buf_take_string(&out);
}

static void same_parts(const char *name, const struct entity_tree *a, const struct entity_tree *b)
{
	if (a->n != b->n)
		fail_msg("%s: %zu parts became %zu", name, a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		char *before, *after;

		assert_string_equal(entity_type(&a->at[i]), entity_type(&b->at[i]));
		if (a->at[i].kind != ENTITY_LEAF)
			continue;
		before = content(&a->at[i]);
		after = content(&b->at[i]);
		if (strcmp(before, after) != 0)
			fail_msg("%s, part %zu: \"%s\" became \"%s\"", name, i, before, after);
		free(before);
		free(after);
	}
}

static void every_odd_message_is_signed_in_seven_bits_and_reads_as_before(void **state)
{
	struct strs names = { 0 };

	(void)state;
	mail_corpus_names(&names);
	for (size_t n = 0; n < names.n; n++) {
		struct span bytes = mail_corpus_read(names.at[n]);
		struct canonical c;
		struct message m, copy;
		struct err err = { 0 };
		int fd = mail_corpus_open(bytes, &m), copy_fd;
		struct entity_tree tree;

		if (canonical_read(&m, &c, &err) < 0) {
			if (!is_refused(names.at[n]))
				fail_msg("%s: %s", names.at[n], err.text);
			assert_int_equal(err.kind, ERR_REFUSED);
		} else {
			assert_false(is_refused(names.at[n]));
			copy_fd = written(&c, &copy);
			/* a boundary of 1000 octets can be folded nowhere */
			if (!canonical_clean(strcmp(names.at[n], "boundary-1000") == 0 ?
						     copy.body : copy.client))
				fail_msg("%s is not canonical: %.*s", names.at[n],
					 (int)copy.client.len, copy.client.at);
			if (c.clean)
				assert_true(span_eq(copy.body, m.body));
			entity_read(copy.fields, copy.body, &tree);
			if (c.tree.exact)
				same_parts(names.at[n], &c.tree, &tree);
			entity_free(&tree);
			canonical_free(&c);
			message_close(&copy);
			close(copy_fd);
		}
		message_close(&m);
		close(fd);
		free((char *)bytes.at);
	}
	strs_free(&names);
}

static void what_mail_systems_touch_is_not_clean(void **state)
{
	char line[1002];

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_true(canonical_clean(span_str("")));
	assert_true(canonical_clean(span_str("a\r\n\r\n.\r\n--b\r\nFrom\r\n from you\r\n")));
	assert_true(canonical_clean(span_of(line, 998)));
	assert_false(canonical_clean(span_of(line, 999)));
	assert_false(canonical_clean(span_str("a \r\n")));
	assert_false(canonical_clean(span_str("a\r\n\t")));
	assert_false(canonical_clean(span_str("x\r\nFrom you")));
	assert_false(canonical_clean(span_str("caf\xc3\xa9")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_odd_message_is_signed_in_seven_bits_and_reads_as_before),
		cmocka_unit_test(what_mail_systems_touch_is_not_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
