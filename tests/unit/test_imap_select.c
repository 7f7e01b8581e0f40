#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_select.h"

static bool in_order(const char *text, bool qresync)
{
	return imap_select_in_order(span_str(text), qresync);
}

static void parameters_of_a_select_are_known_ones_in_order(void **state)
{
	static const char *const good[] = {
		"", " (CONDSTORE)", " (condstore)", " (QRESYNC (67 90))",
		" (QRESYNC (67 90 41,43:211))", " (QRESYNC (67 90 1:* (1:3 2:5)))",
		" (QRESYNC (67 90 (1 2)))", " (CONDSTORE QRESYNC (67 90))",
		" (QRESYNC (67 9223372036854775807))",
	};
	static const char *const bad[] = {
		" ", " ()", " (X)", " CONDSTORE", " (CONDSTORE", " (CONDSTORE))",
		" (CONDSTORE) x", " (QRESYNC)", " (QRESYNC 67 90)", " (QRESYNC ())",
		" (QRESYNC (67))", " (QRESYNC (67 x))", " (QRESYNC (67 90 x))",
		" (QRESYNC (67 90 1:3 4))", " (QRESYNC (67 90 1:3 (1)))",
		" (QRESYNC (67 90 1:3 (1 2 3)))", " (QRESYNC (67 90 1:3 (1 2)) x)",
		" (QRESYNC (\"67\" 90))", " (QRESYNC (67 90)", " (QRESYNC ((67 90)))",
		" (QRESYNC (67 90 {1}\r\n1))",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!in_order(good[i], true))
			fail_msg("\"%s\" is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (in_order(bad[i], true))
			fail_msg("\"%s\" passes", bad[i]);
}

static void qresync_is_none_where_it_is_not_enabled(void **state)
{
	(void)state;
	assert_true(in_order(" (CONDSTORE)", false));
	assert_false(in_order(" (QRESYNC (67 90))", false));
}

static void what_vanished_is_read(void **state)
{
	static const char *const no[] = {
		"VANISHED", "VANISHED ", "VANISHED x", "VANISHED *", "VANISHED 1:*x",
		"VANISHED (LATER) 1", "VANISHED (EARLIER)", "VANISHED (EARLIER) x",
		"VANISHED 0", "EXPUNGE 1",
	};
	struct imap_set uids = { 0 };

	(void)state;
	assert_int_equal(imap_select_vanished(span_str("vanished 405,407:409"), &uids),
			 IMAP_VANISHED_NOW);
	assert_int_equal(imap_set_count(&uids), 4);
	imap_set_free(&uids);
	assert_int_equal(imap_select_vanished(span_str("VANISHED (EARLIER) 41,43:116"), &uids),
			 IMAP_VANISHED_EARLIER);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (imap_select_vanished(span_str(no[i]), &uids) != IMAP_VANISHED_NOT)
			fail_msg("\"%s\" is taken", no[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_of_a_select_are_known_ones_in_order),
		cmocka_unit_test(qresync_is_none_where_it_is_not_enabled),
		cmocka_unit_test(what_vanished_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
