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
#include "policy/job/agreement.h"
#include "policy/job/entity.h"

struct tree_case {
	const char *name;
	size_t leaves;
	bool exact;	/* by our reader */
	bool agreed;	/* by both */
};

static const struct tree_case cases[] = {
	{ "plain", 1, true, true },
	{ "header-only", 1, true, true },
	{ "empty-body", 1, true, true },
	{ "mixed", 2, true, true },
	{ "mixed-8bit", 2, true, true },
	{ "nested", 3, true, true },
	{ "digest", 2, true, true },
	{ "message-rfc822", 3, true, true },
	{ "message-root", 2, true, true },
	{ "message-base64", 2, false, false },
	{ "calendar", 3, true, true },
	{ "deep-30", 1, true, true },
	{ "boundary-lookalike", 1, true, true },
	{ "boundary-padding", 1, true, true },
	{ "boundary-prefix-of-parent", 1, true, true },
	{ "boundary-quoted-pair", 1, true, true },
	{ "boundary-unclosed", 2, false, false },
	{ "boundary-missing", 1, false, false },
	{ "boundary-empty", 1, false, false },
	{ "boundary-1000", 1, false, false },
	{ "boundary-of-parent", 1, false, false },
	{ "boundary-never-used", 0, false, false },
	{ "only-close", 0, false, false },
	{ "empty-parts", 2, true, true },
	{ "part-ragged", 1, false, false },
	{ "part-without-empty-line", 2, true, false },
	{ "two-types", 1, false, false },
	{ "two-ctes", 1, false, false },
	{ "broken-type", 1, false, false },
	{ "unknown-cte", 1, false, false },
};

static size_t leaves(const struct entity_tree *tree)
{
	size_t n = 0;

	for (size_t i = 0; i < tree->n; i++)
		n += tree->at[i].kind == ENTITY_LEAF;
	return n;
}

static void trees_are_as_the_grammar_says_and_doubt_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct tree_case *c = &cases[i];
		struct span bytes = mail_corpus_read(c->name);
		struct entity_tree tree;
		struct message m;
		int fd = mail_corpus_open(bytes, &m);
		bool agreed;

		entity_read(m.fields, m.body, &tree);
		agreed = agreement_on(&m, &tree, NULL);
		if (leaves(&tree) != c->leaves || tree.exact != c->exact || agreed != c->agreed)
			fail_msg("%s: %zu leaves, exact %d, agreed %d", c->name, leaves(&tree),
				 tree.exact, agreed);
		entity_free(&tree);
		message_close(&m);
		close(fd);
		free((char *)bytes.at);
	}
}

/* What is inside lies inside, and in order; nothing is counted twice. */
static void parts_lie_inside_their_parents_in_order(void **state)
{
	struct strs names = { 0 };

	(void)state;
	mail_corpus_names(&names);
	for (size_t n = 0; n < names.n; n++) {
		struct span bytes = mail_corpus_read(names.at[n]);
		struct entity_tree tree;
		struct message m;
		int fd = mail_corpus_open(bytes, &m);

		entity_read(m.fields, m.body, &tree);
		for (size_t i = 0; i < tree.n; i++) {
			const struct entity *e = &tree.at[i];

			assert_true(e->next > i && e->next <= tree.n);
			for (size_t k = i + 1; k < e->next; k++) {
				const struct entity *inside = &tree.at[k];

				assert_true(inside->depth > e->depth);
				assert_true(inside->fields.at >= e->body.at);
				assert_true(inside->body.at + inside->body.len <=
					    e->body.at + e->body.len);
			}
		}
		entity_free(&tree);
		message_close(&m);
		close(fd);
		free((char *)bytes.at);
	}
	strs_free(&names);
}

/* THREATS 108: depth and number are bounded, and so is the time. */
static void what_is_too_deep_or_too_many_is_inexact(void **state)
{
	static const char type[] = "Content-Type: multipart/mixed; boundary=b\r\n";
	struct entity_tree tree;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 24);
	for (int i = 0; i < 100000; i++)
		buf_puts(&text, "--b\r\n\r\nx\r\n");
	buf_puts(&text, "--b--\r\n");
	entity_read(span_str(type), buf_span(&text), &tree);
	assert_false(tree.exact);
	assert_true(tree.n <= ENTITY_PARTS_MAX);
	entity_free(&tree);

	buf_clear(&text);
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i,
			   i + 1);
	entity_read(span_str("Content-Type: multipart/mixed; boundary=b0\r\n"), buf_span(&text),
		    &tree);
	assert_false(tree.exact);
	assert_true(tree.n <= ENTITY_DEPTH_MAX + 1);
	entity_free(&tree);

	buf_clear(&text);
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "Content-Type: message/rfc822\r\n\r\n");
	entity_read(span_str("Content-Type: message/rfc822\r\n"), buf_span(&text), &tree);
	assert_false(tree.exact);
	assert_true(tree.n <= ENTITY_DEPTH_MAX + 2);
	entity_free(&tree);
	buf_free(&text);
}

static void the_root_alone_is_read_with_its_children(void **state)
{
	struct span bytes = mail_corpus_read("nested");
	struct entity_tree tree;
	struct message m;
	int fd = mail_corpus_open(bytes, &m);

	(void)state;
	entity_read_root(m.fields, m.body, &tree);
	assert_int_equal(tree.n, 3);
	assert_true(tree.exact);
	assert_string_equal(entity_type(&tree.at[1]), "multipart/alternative");
	assert_int_equal(tree.at[1].kind, ENTITY_LEAF);
	entity_free(&tree);
	message_close(&m);
	close(fd);
	free((char *)bytes.at);
}

/* A line end of one octet takes no octet of the text with it. */
static void only_a_line_end_belongs_to_a_delimiter(void **state)
{
	static const char *const ends[] = { "\r\n", "\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct entity_tree tree;
		char body[100];

		snprintf(body, sizeof(body), "--b\r\n\r\ntext%s--b\r\n\r\ntext%s--b--\r\n",
			 ends[i], ends[i]);
		entity_read(span_str("Content-Type: multipart/mixed; boundary=b\r\n"),
			    span_str(body), &tree);
		assert_int_equal(tree.n, 3);
		assert_true(span_is(tree.at[1].body, "text"));
		assert_true(span_is(tree.at[2].body, "text"));
		assert_int_equal(tree.exact, i == 0);
		entity_free(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_are_as_the_grammar_says_and_doubt_is_told),
		cmocka_unit_test(parts_lie_inside_their_parents_in_order),
		cmocka_unit_test(what_is_too_deep_or_too_many_is_inexact),
		cmocka_unit_test(only_a_line_end_belongs_to_a_delimiter),
		cmocka_unit_test(the_root_alone_is_read_with_its_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
