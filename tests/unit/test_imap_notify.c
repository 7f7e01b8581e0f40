#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_notify.h"

/* What `args` become upstream, or "BAD", or "CONTENT"; the caller's. */
static char *put(const char *args)
{
	enum imap_notify result;
	struct buf out;

	buf_init(&out, 4096);
	result = imap_notify_put(span_str(args), &out);
	if (result != IMAP_NOTIFY_FINE)
		buf_clear(&out);
	if (result == IMAP_NOTIFY_BAD)
		(void)buf_puts(&out, "BAD");
	else if (result == IMAP_NOTIFY_CONTENT)
		(void)buf_puts(&out, "CONTENT");
	return buf_take_string(&out);
}

static void it_is_said_upstream_as_it_stands_but_for_expunges_in_the_midst(void **state)
{
	static const char *const cases[][2] = {
		{ " NONE", "NOTIFY NONE" },
		{ " SET STATUS (selected MessageNew (uid) MessageExpunge) (personal FlagChange)",
		  "NOTIFY SET STATUS (selected-delayed MessageNew (uid) MessageExpunge) "
		  "(personal FlagChange)" },
		{ " SET (SELECTED (MessageNew (UID FLAGS MODSEQ) MessageExpunge))",
		  "NOTIFY SET (selected-delayed (MessageNew (UID FLAGS MODSEQ) MessageExpunge))" },
		{ " SET (selected-delayed NONE)", "NOTIFY SET (selected-delayed NONE)" },
		{ " SET (mailboxes (selected INBOX) (MessageNew MessageExpunge))",
		  "NOTIFY SET (mailboxes (selected INBOX) (MessageNew MessageExpunge))" },
		{ " SET (subtree \"a (b\" {3}\r\n)) ( NONE)", "BAD" },
		{ " SET (subtree \"a (b\" NONE)", "NOTIFY SET (subtree \"a (b\" NONE)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = put(cases[i][0]);

		assert_string_equal(got, cases[i][1]);
		free(got);
	}
}

static void what_new_messages_look_like_is_told_by_fetch_alone(void **state)
{
	static const char *const cases[] = {
		" SET (selected MessageNew (BODY.PEEK[]) MessageExpunge)",
		" SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (FROM)]) MessageExpunge))",
		" SET (selected-delayed (messagenew (UID RFC822.SIZE) MessageExpunge))",
		" SET (inboxes (MessageNew (ENVELOPE)))",
		" SET (selected (MessageNew (UID (FLAGS))))",
		" SET (selected (MessageNew (PREVIEW)))",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = put(cases[i]);

		if (strcmp(got, "CONTENT") != 0)
			fail_msg("\"%s\": %s", cases[i], got);
		free(got);
	}
}

static void what_is_not_in_order_is_refused(void **state)
{
	static const char *const cases[] = {
		"", " SET (", " SET )", " SET (selected (MessageNew)", " SET ())",
		" SET (selected (MessageNew (\"UID\")))", " SET (selected (MessageNew (UID",
		" SET \"x", " SET ~{3}\r\nabc",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = put(cases[i]);

		if (strcmp(got, "BAD") != 0)
			fail_msg("\"%s\": %s", cases[i], got);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_said_upstream_as_it_stands_but_for_expunges_in_the_midst),
		cmocka_unit_test(what_new_messages_look_like_is_told_by_fetch_alone),
		cmocka_unit_test(what_is_not_in_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
