#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_fetch_items.h"

/* All items: name, kind, text and path, ! where \Seen is set. */
static void reads(const char *args, const char *want)
{
	struct imap_fetch_items items;
	struct span set;
	struct buf out;
	char *got;

	buf_init(&out, 8192);
	if (imap_fetch_items_read(span_str(args), &set, &items) < 0) {
		assert_null(want);
		return;
	}
	(void)buf_put(&out, set);
	for (size_t i = 0; i < items.n; i++) {
		const struct imap_fetch_item *item = &items.at[i];

		(void)buf_puts(&out, " ");
		assert_int_equal(0, imap_fetch_items_put_name(item, &out));
		if (item->kind < IMAP_FETCH_SECTION)
			continue;
		(void)buf_printf(&out, "{%d", (int)item->text);
		for (size_t k = 0; k < item->path_n; k++)
			(void)buf_printf(&out, ",%u", item->path[k]);
		(void)buf_puts(&out, item->seen ? "!}" : "}");
	}
	imap_fetch_items_free(&items);
	got = buf_take_string(&out);
	if (!want)
		fail_msg("%s was read: %s", args, got);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
}

static void items_are_read_and_named_as_answers_name_them(void **state)
{
	(void)state;
	reads(" 1:* FLAGS", "1:* FLAGS");
	reads(" 1:* (uid Flags)", "1:* UID FLAGS");
	reads(" 1 ALL", "1 FLAGS INTERNALDATE RFC822.SIZE ENVELOPE");
	reads(" 1 full", "1 FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY");
	reads(" 1 BODY[]", "1 BODY[]{0!}");
	reads(" 1 (BODY.PEEK[1.2.MIME] BODY BODYSTRUCTURE)",
	      "1 BODY[1.2.MIME]{5,1,2} BODY BODYSTRUCTURE");
	reads(" 1 (BODY.PEEK[1]<5.10>)", "1 BODY[1]<5>{0,1}");
	reads(" 1 BODY[3.HEADER.FIELDS.NOT (a \"b c\")]<0.1>",
	      "1 BODY[3.HEADER.FIELDS.NOT (a \"b c\")]<0>{3,3!}");
	reads(" 1 (RFC822 RFC822.HEADER RFC822.TEXT)",
	      "1 RFC822{0!} RFC822.HEADER{1} RFC822.TEXT{4!}");
	reads(" 1 FLAGS (CHANGEDSINCE 5)", "1 FLAGS MODSEQ");
	reads(" 1 (MODSEQ FLAGS) (changedsince 12345678901234567890)", "1 MODSEQ FLAGS");
	reads(" 1 FLAGS (CHANGEDSINCE 5 vanished)", "1 FLAGS MODSEQ");
	reads(" 1 ALL (CHANGEDSINCE 5)", "1 FLAGS INTERNALDATE RFC822.SIZE ENVELOPE MODSEQ");
	reads(" 1 (BODY.PEEK[HEADER.FIELDS (CHANGEDSINCE 5)])",
	      "1 BODY[HEADER.FIELDS (CHANGEDSINCE 5)]{2}");
	reads(" $ BODY[TEXT]", "$ BODY[TEXT]{4!}");
	reads(" 1 BINARY[]", "1 BINARY[]{0!}");
	reads(" 1 (binary[1.2] BINARY.PEEK[3]<5.10> BINARY.size[2])",
	      "1 BINARY[1.2]{0,1,2!} BINARY[3]<5>{0,3} BINARY.SIZE[2]{0,2}");
	reads(" 1 BINARY.SIZE[]", "1 BINARY.SIZE[]{0}");
}

static void what_is_not_known_is_refused(void **state)
{
	static const char *const cases[] = {
		"", " 1", " 1 ", " 1 ()", " 1 (FLAGS", " 1 FLAGS)", " 1 (FLAGS  UID)",
		" 1 BINARY", " 1 BINARY.PEEK", " 1 BINARY.SIZE", " 1 BINARY[1.MIME]",
		" 1 BINARY[HEADER]", " 1 BINARY[TEXT]", " 1 BINARY.SIZE[1]<0.1>", " 1 BINARY[0]",
		" 1 BINARY.PEEK.SIZE[1]", " 1 BINARY[1]<0.0>", " 1 BINARY[1", " 1 BINARY.X[1]",
		" 1 BODY.SIZE[1]", " 1 PREVIEW", " 1 X",
		" 1 BODY[", " 1 BODY[0]", " 1 BODY[1.]", " 1 BODY[.1]", " 1 BODY[MIME]",
		" 1 BODY[1..2]", " 1 BODY[01]", " 1 BODY[]<0>", " 1 BODY[]<0.0>",
		" 1 BODY[]<1.2", " 1 BODY[]<-1.2>", " 1 BODY[]<4294967296.1>",
		" 1 BODY[HEADER.FIELDS]", " 1 BODY[HEADER.FIELDS ()]",
		" 1 BODY[HEADER.FIELDS (a]", " 1 BODY[HEADER.FIELDS(a)]",
		" 1 BODY[HEADER.FIELDS (a (b))]", " 1 BODY.PEEK", " 1 (FLAGS ALL)",
		" 1 FLAGS (CHANGEDSINCE 5 GONE)", " 1 FLAGS (CHANGEDSINCE VANISHED)",
		" 1 FLAGS (VANISHED)", " 1 FLAGS (CHANGEDSINCE 5VANISHED)", " 1 (CHANGEDSINCE 5)",
		" 1 FLAGS (CHANGEDSINCE )", " 1 FLAGS (CHANGEDSINCE 5", " 1 FLAGS(CHANGEDSINCE 5)",
		" 1 FLAGS (CHANGEDSINCE 123456789012345678901)", " 1 (", " 1 )",
		" 1 FLAGS (CHANGEDSINCE 5) (CHANGEDSINCE 5)", " 1 BODY[TEXT.1]",
		" 1 BODY[1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		reads(cases[i], NULL);
}

/* Each is looked for in each header. */
static void names_of_fields_are_limited(void **state)
{
	struct imap_fetch_items items;
	struct span set;
	struct buf args;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		buf_init(&args, 8 * IMAP_FETCH_NAMES_MAX);
		(void)buf_puts(&args, " 1 (BODY[1.HEADER.FIELDS (A)] BODY[HEADER.FIELDS (");
		for (size_t i = 2; i < IMAP_FETCH_NAMES_MAX + more; i++)
			(void)buf_puts(&args, "abc ");
		(void)buf_puts(&args, "d)])");
		assert_int_equal(more ? -1 : 0,
				 imap_fetch_items_read(buf_span(&args), &set, &items));
		assert_int_equal(items.names, more ? 0 : IMAP_FETCH_NAMES_MAX);
		imap_fetch_items_free(&items);
		buf_free(&args);
	}
}

static void it_is_known_whether_a_message_must_be_looked_at(void **state)
{
	struct imap_fetch_items items;
	struct span set;

	(void)state;
	assert_int_equal(0, imap_fetch_items_read(
			 span_str(" 1 (UID FLAGS INTERNALDATE)"), &set, &items));
	assert_false(items.content || items.seen);
	imap_fetch_items_free(&items);
	assert_int_equal(0, imap_fetch_items_read(span_str(" 1 RFC822.SIZE"), &set, &items));
	assert_true(items.content && !items.seen);
	imap_fetch_items_free(&items);
	assert_int_equal(0, imap_fetch_items_read(span_str(" 1 BODY[1]"), &set, &items));
	assert_true(items.content && items.seen && !items.binary);
	imap_fetch_items_free(&items);
	assert_int_equal(0, imap_fetch_items_read(span_str(" 1 BINARY.SIZE[1]"), &set, &items));
	assert_true(items.content && !items.seen && items.binary);
	imap_fetch_items_free(&items);
	assert_int_equal(0, imap_fetch_items_read(span_str(" 1 (UID BINARY[1])"), &set, &items));
	assert_true(items.content && items.seen && items.binary);
	imap_fetch_items_free(&items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_read_and_named_as_answers_name_them),
		cmocka_unit_test(what_is_not_known_is_refused),
		cmocka_unit_test(names_of_fields_are_limited),
		cmocka_unit_test(it_is_known_whether_a_message_must_be_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
