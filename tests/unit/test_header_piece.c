#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/header_piece.h"

static void a_piece_ends_where_the_last_field_begins(void **state)
{
	static const struct {
		const char *held;
		const char *rest;	/* ... of it, with its mark */
		bool inside, claims;
	} cases[] = {
		{ "A: b\r\nC: d\r\n", "C: d\r\n", false, false },
		{ "A: b\r\nC: d\r\n e\r\n\tf", "C: d\r\n e\r\n\tf", false, false },
		{ "A: b\nC", "C", false, false },
		{ "A: b\rC", "C", false, false },
		{ "A: b\r\n\r", "_\r\n\r", true, false },
		{ "A: b\r\n", "_b\r\n", true, false },
		{ "A: b\r\n c", "_\n c", true, false },
		{ "_b\r\n\r\r\nX: y", "X: y", false, false },
		{ "_ccccc", "_ccc", true, false },
		{ "X-Letterlock: y", "_: y", true, true },
		{ "authentication-results: mx", "_ mx", true, true },
		{ "_uthentication-results: mx", "_ mx", true, false },
		{ "auth", "_uth", true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct header_piece piece = header_piece_of(span_str(cases[i].held));
		size_t marks = 7;
		struct buf held;

		buf_init(&held, 100);
		assert_int_equal(buf_puts(&held, cases[i].held), 0);
		header_piece_drop(&held, &piece, &marks);
		if (!span_is(buf_span(&held), cases[i].rest) || piece.inside != cases[i].inside ||
		    piece.claims != cases[i].claims || marks != piece.inside)
			fail_msg("%s: %.*s", cases[i].held, (int)held.len, buf_span(&held).at);
		/* nothing is lost, nothing twice */
		assert_int_equal(piece.passes + held.len - marks, strlen(cases[i].held));
		buf_free(&held);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_ends_where_the_last_field_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
