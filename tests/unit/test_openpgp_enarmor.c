#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/openpgp_armor.h"
#include "policy/crypto/openpgp_enarmor.h"

enum { LONGEST = 400 };

/* The armour of `len` octets given in runs of `step`, on the heap. */
static char *armored(const unsigned char *octets, size_t len, size_t step)
{
	struct openpgp_enarmor *armor = mem_new(sizeof(*armor));
	char *text = mem_new(openpgp_enarmor_size(len) + 3 * OPENPGP_ENARMOR_EDGE);
	size_t n;

	openpgp_enarmor_init(armor, "PGP MESSAGE");
	n = openpgp_enarmor_begin(armor, text);
	assert_true(n <= OPENPGP_ENARMOR_EDGE);
	for (size_t at = 0; at < len; at += step) {
		size_t run = len - at < step ? len - at : step;
		size_t made = openpgp_enarmor_put(armor, span_of((const char *)octets + at, run),
						  text + n);

		assert_true(made <= openpgp_enarmor_size(run));
		n += made;
	}
	n += openpgp_enarmor_end(armor, text + n);
	text[n] = '\0';
	free(armor);
	return text;
}

static void some(unsigned char *octets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		octets[i] = (unsigned char)(i * 167 + i / 7);
}

static void what_was_armored_comes_out_again_at_every_length(void **state)
{
	unsigned char octets[LONGEST], back[LONGEST + 8];

	(void)state;
	some(octets, sizeof(octets));
	for (size_t len = 0; len <= LONGEST; len++) {
		char *text = armored(octets, len, LONGEST);
		struct openpgp_armor armor;
		struct span rest = span_str(text);
		size_t n;

		openpgp_armor_init(&armor);
		n = openpgp_armor_take(&armor, &rest, back, sizeof(back));
		assert_int_equal(rest.len, 0);
		if (!openpgp_armor_end(&armor))
			fail_msg("%zu octets: %s", len, armor.why);
		assert_int_equal(n, len);
		assert_memory_equal(back, octets, len);
		assert_true(armor.checked);
		free(text);
	}
}

static void it_is_the_same_however_the_octets_come(void **state)
{
	unsigned char octets[LONGEST];

	(void)state;
	some(octets, sizeof(octets));
	for (size_t len = LONGEST - 50; len <= LONGEST; len++) {
		char *whole = armored(octets, len, LONGEST);

		for (size_t step = 1; step < 100; step++) {
			char *text = armored(octets, len, step);

			assert_string_equal(text, whole);
			free(text);
		}
		free(whole);
	}
}

static void lines_have_64_characters_and_crlf(void **state)
{
	unsigned char octets[LONGEST];
	char *text, *line;

	(void)state;
	some(octets, sizeof(octets));
	text = armored(octets, 97, LONGEST);
	assert_int_equal(strncmp(text, "-----BEGIN PGP MESSAGE-----\r\n\r\n", 31), 0);
	line = text + 31;
	assert_memory_equal(line + 64, "\r\n", 2);
	assert_memory_equal(line + 66 + 64, "\r\n", 2);
	assert_memory_equal(line + 132 + 2, "==\r\n=", 5);
	assert_string_equal(line + 132 + 4 + 2 + 5, "\r\n-----END PGP MESSAGE-----\r\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_armored_comes_out_again_at_every_length),
		cmocka_unit_test(it_is_the_same_however_the_octets_come),
		cmocka_unit_test(lines_have_64_characters_and_crlf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
