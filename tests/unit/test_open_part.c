#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/job/open_part.h"

#define ARMOR "-----BEGIN PGP MESSAGE-----\r\n"
#define ARMOR64 "LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0tDQo=\r\n"

static void a_part_is_read_only_where_all_read_the_same(void **state)
{
	static const struct {
		const char *encoding, *body, *want;	/* NULL: it cannot be read */
	} cases[] = {
		{ "7bit", ARMOR, ARMOR },
		{ "8bit", "a=20b", "a=20b" },
		{ "Base64", ARMOR64, ARMOR },
		{ "base64", "LS0tLS1CRUdJTiBQR1A\r\ngTUVTU0FHRS0tLS0tDQo=", ARMOR },
		{ "base64", "", "" },
		{ "base64", "LS0t*LS1C", NULL },
		{ "base64", "LS0=LS1C", NULL },
		{ "quoted-printable", "a=3Db\r\n", "a=b\r\n" },
		{ "quoted-printable", "a=\r\nb\r\n", "ab\r\n" },
		{ "quoted-printable", "a=b\r\n", NULL },
		{ "x-uuencode", ARMOR, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entity_tree tree;
		struct buf fields, room;
		struct span octets;
		bool got;

		buf_init(&fields, 1000);
		(void)buf_printf(&fields, "Content-Transfer-Encoding: %s\r\n",
				 cases[i].encoding);
		entity_read_root(buf_span(&fields), span_str(cases[i].body), &tree);
		buf_init(&room, tree.at[0].body.len + 1);
		got = open_part_octets(&tree.at[0], &room, &octets);
		if (got != (cases[i].want != NULL) || (got && !span_is(octets, cases[i].want)))
			fail_msg("%s: %s", cases[i].encoding, cases[i].body);
		buf_free(&room);
		buf_free(&fields);
		entity_free(&tree);
	}
}

static void inline_content_is_seen_wherever_a_reader_sees_it(void **state)
{
	static const struct {
		const char *fields, *body;
		bool want;
	} cases[] = {
		{ "", ARMOR, true },
		{ "", "hi\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n", true },
		{ "", "> " ARMOR, false },
		{ "", "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n", false },
		{ "", ARMOR64, false },
		{ "Content-Transfer-Encoding: base64\r\n", ARMOR64, true },
		{ "Content-Transfer-Encoding: quoted-printable\r\n",
		  "=2D----BEGIN PGP MESSAGE-----\r\n", true },
		{ "Content-Type: application/octet-stream\r\n", ARMOR, false },
		{ "Content-Type: application/pgp; x-action=encrypt\r\n", ARMOR, true },
		{ "Content-Type: multipart/mixed; boundary=b\r\n",
		  "--b\r\n\r\n" ARMOR "--b\r\n\r\nfooter\r\n--b--\r\n", true },
		{ "Content-Type: multipart/mixed; boundary=b\r\n",
		  "--b\r\n\r\nhi\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n"
		  ARMOR "--b--\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entity_tree tree;

		entity_read_root(span_str(cases[i].fields), span_str(cases[i].body), &tree);
		if (open_part_inline(&tree) != cases[i].want)
			fail_msg("%s | %s", cases[i].fields, cases[i].body);
		entity_free(&tree);
	}
}

#define TWO "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n"

/* THREATS 130: no reader has a reason to show three parts. */
static void two_parts_are_two_to_everybody(void **state)
{
	static const struct {
		const char *body;
		bool want;
	} cases[] = {
		{ TWO, true },
		{ "preamble --b\r\n" TWO " --b\r\nepilogue", true },
		{ "--b\n\nthree\r\n" TWO, false },
		{ "preamble\n--b\r\n\r\nthree\r\n" TWO, false },
		{ "preamble\r--b\r\r\rthree\r\n" TWO, false },
		{ "--bb\r\n\r\nthree\r\n" TWO, false },
		{ "--b \tx\r\n\r\nthree\r\n" TWO, false },
		{ TWO "--b\r\n\r\nthree\r\n--b--\r\n", false },
		{ TWO "\n--b--", false },
		{ "--b\r\n\r\none\r\n--b\r\nX: y\n--b\n\nthree\r\n\r\ntwo\r\n--b--\r\n", false },
		{ "--b\r\n\r\none\r\n--b--\r\n", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entity_tree tree;

		entity_read_root(span_str("Content-Type: multipart/signed; boundary=b\r\n"),
				 span_str(cases[i].body), &tree);
		if (open_part_delimited(&tree.at[0], 3) != cases[i].want)
			fail_msg("%s", cases[i].body);
		entity_free(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_is_read_only_where_all_read_the_same),
		cmocka_unit_test(two_parts_are_two_to_everybody),
		cmocka_unit_test(inline_content_is_seen_wherever_a_reader_sees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
