#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/codec.h>

#include "policy/crypto/openpgp_select.h"

#define MINE "C1 0C 03 1122334455667788 12 0102 "
#define OTHER "C1 0C 03 99AABBCCDDEEFF00 12 0304 "
#define HIDDEN "C1 0C 03 0000000000000000 12 0506 "
#define SECOND "C1 0C 03 2222222222222222 12 0506 "
#define FIRST "C1 0C 03 1122334455667788 12 0506 "
#define OLD "84 0C 03 1122334455667788 12 0102 "
#define NEWER "C1 0C 06 1122334455667788 12 0102 "
#define SKESK "C3 04 04 09 00 02 "
#define SEIPD "D2 04 01 AABBCC "
#define PARTIAL "D2 E1 01 AA 02 BB CC "
#define SED "C9 04 01 AABBCC "
#define MARKER "CA 03 504750 "

static const uint64_t ids[] = { UINT64_C(0x1122334455667788), UINT64_C(0x2222222222222222) };

static size_t octets(const char *hex, char *to)
{
	size_t n = 0;

	while (*hex) {
		if (isspace((unsigned char)*hex)) {
			hex++;
			continue;
		}
		assert_true(codec_unhex(span_of(hex, 2), (unsigned char *)to + n++, 1));
		hex += 2;
	}
	return n;
}

static const struct {
	const char *in, *out;	/* out NULL: refused */
} selections[] = {
	{ MINE SEIPD, MINE SEIPD },
	{ OTHER MINE OTHER SEIPD, MINE SEIPD },
	{ MARKER OLD SEIPD, OLD SEIPD },
	{ MINE PARTIAL, MINE PARTIAL },
	{ HIDDEN SEIPD, FIRST SECOND SEIPD },
	{ NEWER MINE SEIPD, MINE SEIPD },
	{ MINE "D2 E0 01 E0 AA 01 BB", MINE "D2 E0 01 E0 AA 01 BB" },
	{ MINE "D2 E0 01 FF 00 00 00 02 AA BB", MINE "D2 E0 01 FF 00 00 00 02 AA BB" },
	/* something behind it, or less than it says (THREATS 117, 120) */
	{ MINE SEIPD SEIPD, NULL },
	{ MINE SEIPD MINE, NULL },
	{ MINE SEIPD "CB 06 62 00 00 00 00 00", NULL },
	{ MINE SEIPD MARKER, NULL },
	{ MINE SEIPD "00", NULL },
	{ MINE PARTIAL MINE, NULL },
	{ MINE PARTIAL "00", NULL },
	{ MINE "D2 E1 01 AA 02 BB", NULL },
	{ MINE "D2 E1 01 AA", NULL },
	{ MINE "D2 E1 01", NULL },
	{ MINE "D2 E1", NULL },
	{ MINE "D2 05 01 AA BB CC", NULL },
	{ MINE "D2", NULL },
	{ OTHER SEIPD, NULL },
	{ NEWER SEIPD, NULL },
	{ MINE SKESK SEIPD, NULL },
	{ MINE SED, NULL },
	{ MINE, NULL },
	{ SEIPD, NULL },
	{ "", NULL },
	{ "00 11", NULL },
	{ "C1 FF 7F FF FF FF 03", NULL },
	{ "C1 0C 03 11", NULL },
	{ "CB 03 62 00 00 " SEIPD, NULL },
	{ "87 00 03 11", NULL },
};

static void session_keys_of_others_are_cut_out(void **state)
{
	char in[256], out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(selections) / sizeof(*selections); i++) {
		struct err err = { 0 };
		struct buf got;
		size_t n = octets(selections[i].in, in), want;
		int result;

		buf_init(&got, 4096);
		result = openpgp_select_for(span_of(in, n), ids, 2, &got, &err);
		if (result != (selections[i].out ? 0 : -1))
			print_error("case %zu: %s\n", i, err.text);
		assert_int_equal(result, selections[i].out ? 0 : -1);
		if (selections[i].out) {
			want = octets(selections[i].out, out);
			assert_int_equal(buf_span(&got).len, want);
			assert_memory_equal(buf_span(&got).at, out, want);
		} else {
			assert_int_equal(err.kind, ERR_REFUSED);
		}
		buf_free(&got);
	}
}

/* THREATS 127: however many there are, and if they are all to the login's own key. */
static void session_keys_are_tried_a_few_times_only(void **state)
{
	static const struct {
		const char *one;
		size_t tries;
	} floods[] = {
		{ HIDDEN, 2 * OPENPGP_SELECT_HIDDEN },
		{ MINE, OPENPGP_SELECT_NAMED },
	};
	static char in[1024 * 1024];

	(void)state;
	for (size_t i = 0; i < sizeof(floods) / sizeof(*floods); i++) {
		size_t n = 0, len = 0;
		struct err err = { 0 };
		struct buf got;

		for (int k = 0; k < 1000; k++, n += len)
			len = octets(floods[i].one, in + n);
		n += octets(SEIPD, in + n);
		buf_init(&got, 64 * 1024);
		assert_int_equal(openpgp_select_for(span_of(in, n), ids, 2, &got, &err), 0);
		assert_int_equal(buf_span(&got).len, floods[i].tries * len + 6);
		buf_free(&got);
	}
}

static void only_signatures_over_documents_pass(void **state)
{
	static const struct {
		const char *in;
		int result;
	} cases[] = {
		{ "C2 04 04 00 16 08", 0 },
		{ "C2 04 04 01 16 08 C2 04 04 00 16 08", 0 },
		{ "C2 04 03 05 00 08", 0 },
		{ "C2 04 04 13 16 08", -1 },	/* of a user id */
		{ "C2 04 04 02 16 08", -1 },	/* standalone (THREATS 133) */
		{ "C2 04 04 10 16 08", -1 },	/* generic certification */
		{ "C2 04 04 1F 16 08", -1 },	/* directly on a key */
		{ "C2 04 04 40 16 08", -1 },	/* timestamp */
		{ "C2 04 04 50 16 08", -1 },	/* of a signature */
		{ "C2 04 04 FF 16 08", -1 },
		{ "C2 04 03 05 40 08", -1 },
		{ "C2 04 04 00 16 08 C2 04 04 40 16 08", -1 },
		{ "C2 04 04 00 16 08 CB 03 62 00 00", -1 },
		{ "CB 03 62 00 00", -1 },
		{ "", -1 },
	};
	char in[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		size_t n = octets(cases[i].in, in);

		assert_int_equal(openpgp_select_document(span_of(in, n), &err), cases[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_keys_of_others_are_cut_out),
		cmocka_unit_test(session_keys_are_tried_a_few_times_only),
		cmocka_unit_test(only_signatures_over_documents_pass),
	};

	return cmocka_run_group_tests_name("openpgp_select", tests, NULL, NULL);
}
