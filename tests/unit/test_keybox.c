#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/buf.h>
#include <letterlock/codec.h>

#include "policy/keys/keybox.h"

static void number(struct buf *out, uint32_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++) {
		char octet = (char)(value >> 8 * (octets - 1 - i));

		(void)buf_put(out, span_of(&octet, 1));
	}
}

static void head(struct buf *out)
{
	static const char rest[20];

	number(out, 32, 4);
	number(out, 0x01010002, 4);
	(void)buf_puts(out, "KBXf");
	(void)buf_put(out, span_of(rest, 20));
}

/* A blob of `type` whose fingerprint is twenty times `letter`, as gpg makes it:
 * one key, its packets (10 octets) behind the entry. */
static void blob(struct buf *out, unsigned type, unsigned flags, char letter)
{
	char fingerprint[20];

	memset(fingerprint, letter, sizeof(fingerprint));
	number(out, 68, 4);
	number(out, type << 8 | 1, 2);
	number(out, flags, 2);
	number(out, 48, 4);
	number(out, 10, 4);
	number(out, 1, 2);
	number(out, 28, 2);
	(void)buf_put(out, span_of(fingerprint, 20));
	for (size_t i = 0; i < 28; i++)
		number(out, 0, 1);
}

static void start(struct buf *out)
{
	buf_init(out, 100000);
	head(out);
}

static const char *hex(char letter)
{
	static char text[41];
	unsigned char octets[20];

	memset(octets, letter, sizeof(octets));
	codec_hex(octets, sizeof(octets), text);
	return text;
}

static void each_key_is_found_where_it_is(void **state)
{
	static const char letters[] = "qaxbma";
	struct keybox keybox;
	struct buf out;

	(void)state;
	start(&out);
	for (const char *c = letters; *c; c++)
		blob(&out, 2, 0, *c);
	assert_int_equal(keybox_read(buf_span(&out), &keybox), 0);
	assert_int_equal(keybox.n, 6);
	assert_int_equal(keybox.head.len, 32);
	for (const char *c = "qxbm"; *c; c++) {
		const struct keybox_place *place = keybox_find(&keybox, hex(*c));

		assert_non_null(place);
		assert_int_equal(place->size, 68);
		assert_int_equal(place->offset, 32 + 68 * (strchr(letters, *c) - letters));
	}
	assert_null(keybox_find(&keybox, hex('z')));
	assert_null(keybox_find(&keybox, ""));
	assert_null(keybox_find(&keybox, "71"));
	assert_null(keybox_find(&keybox, "q"));
	keybox_free(&keybox);
	buf_free(&out);
}

static void what_is_deleted_or_no_openpgp_key_is_passed_over(void **state)
{
	struct keybox keybox;
	struct buf out;

	(void)state;
	start(&out);
	blob(&out, 0, 0, 'a');
	blob(&out, 3, 0, 'b');
	blob(&out, 2, 2, 'c');
	number(&out, 5, 4);
	number(&out, 0, 1);
	blob(&out, 2, 0, 'd');
	assert_int_equal(keybox_read(buf_span(&out), &keybox), 0);
	assert_int_equal(keybox.n, 1);
	assert_non_null(keybox_find(&keybox, hex('d')));
	keybox_free(&keybox);
	buf_free(&out);
}

static void an_empty_keybox_has_no_keys(void **state)
{
	struct keybox keybox;
	struct buf out;

	(void)state;
	start(&out);
	assert_int_equal(keybox_read(buf_span(&out), &keybox), 0);
	assert_int_equal(keybox.n, 0);
	assert_null(keybox_find(&keybox, hex('a')));
	keybox_free(&keybox);
	buf_free(&out);
}

static void what_is_cut_is_refused(void **state)
{
	struct keybox keybox;
	struct buf out;

	(void)state;
	start(&out);
	blob(&out, 2, 0, 'a');
	blob(&out, 2, 0, 'b');
	for (size_t len = 0; len < out.len; len++) {
		int whole = len == 32 || len == 100 ? 0 : -1;

		assert_int_equal(keybox_read(span_of(buf_span(&out).at, len), &keybox), whole);
		keybox_free(&keybox);
	}
	buf_free(&out);
}

static void what_is_no_keybox_or_points_out_of_itself_is_refused(void **state)
{
	/* octet to change, and what to */
	static const struct {
		size_t at;
		unsigned char to;
	} faults[] = {
		{ 3, 33 }, { 4, 2 }, { 8, 'X' },	/* the head */
		{ 35, 4 }, { 35, 0 }, { 32, 1 },	/* size of the blob */
		{ 37, 9 },				/* version */
		{ 43, 69 }, { 40, 1 }, { 47, 21 }, { 44, 255 },	/* packets */
		{ 49, 0 }, { 51, 27 },			/* entries */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct keybox keybox;
		struct buf out;

		start(&out);
		blob(&out, 2, 0, 'a');
		out.data[out.head + faults[i].at] = (char)faults[i].to;
		if (keybox_read(buf_span(&out), &keybox) != -1)
			fail_msg("fault %zu was not seen", i);
		assert_null(keybox.places);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_found_where_it_is),
		cmocka_unit_test(what_is_deleted_or_no_openpgp_key_is_passed_over),
		cmocka_unit_test(an_empty_keybox_has_no_keys),
		cmocka_unit_test(what_is_cut_is_refused),
		cmocka_unit_test(what_is_no_keybox_or_points_out_of_itself_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
