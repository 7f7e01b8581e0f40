#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/job/output.h"

static void what_is_put_is_in_the_file_behind_what_was_there(void **state)
{
	static char big[3 * OUTPUT_BUFFER];
	struct output out;
	size_t len;
	char *got;
	int fd = output_memory(NULL);

	(void)state;
	memset(big, 'b', sizeof(big));
	assert_int_equal(write(fd, "before", 6), 6);
	output_init(&out, fd, UINT64_MAX);
	output_puts(&out, "one ");
	output_printf(&out, "%d ", 2);
	output_put(&out, span_of(big, sizeof(big)));
	output_puts(&out, "end");
	assert_int_equal(output_flush(&out, NULL), 0);
	assert_int_equal(out.begin, 6);
	assert_int_equal(out.written, 6 + sizeof(big) + 3);
	got = mail_corpus_slurp(fd, &len);
	assert_int_equal(len, 6 + out.written);
	assert_memory_equal(got, "beforeone 2 bbb", 15);
	assert_memory_equal(got + len - 4, "bend", 4);
	free(got);
	close(fd);
}

static void the_limit_is_never_passed(void **state)
{
	struct output out;
	struct err err = { 0 };
	size_t len;
	int fd = output_memory(NULL);

	(void)state;
	output_init(&out, fd, 5);
	output_puts(&out, "12345");
	assert_int_equal(output_flush(&out, &err), 0);
	output_puts(&out, "6");
	assert_int_equal(output_flush(&out, &err), -1);
	assert_true(out.full);
	assert_int_equal(err.kind, ERR_TEMP);
	free(mail_corpus_slurp(fd, &len));
	assert_int_equal(len, 5);
	close(fd);
}

static void a_failed_write_is_told_at_the_end(void **state)
{
	struct output out;
	struct err err = { 0 };
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	output_init(&out, fd, 100);
	output_puts(&out, "x");
	assert_int_equal(output_flush(&out, &err), -1);
	assert_true(out.full);
	close(fd);
	output_init(&out, -1, 100);
	output_puts(&out, "x");
	assert_int_equal(output_flush(&out, &err), -1);
	assert_false(out.full);
}

/* As pgp writes it: behind what was flushed, past the output. */
static void armor(size_t lines, uint64_t max, int want)
{
	static const char line[] = "a line of armour\r\n";
	struct output out;
	struct err err = { 0 };
	size_t len, n = lines * strlen(line);
	char *got;
	int fd = output_memory(NULL);

	output_init(&out, fd, max);
	output_puts(&out, "head\r\n");
	assert_int_equal(output_flush(&out, NULL), 0);
	for (size_t i = 0; i < lines; i++)
		assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	assert_int_equal(output_take_armor(&out, &err), want);
	if (want == 0) {
		output_puts(&out, "tail");
		assert_int_equal(output_flush(&out, NULL), 0);
		got = mail_corpus_slurp(fd, &len);
		assert_int_equal(len, 6 + n + 4);
		assert_int_equal(out.written, len);
		assert_memory_equal(got, "head\r\n", 6);
		assert_string_equal(got + len - 4, "tail");
		free(got);
	} else {
		assert_int_equal(err.kind, ERR_TEMP);
	}
	close(fd);
}

static void armour_is_counted_in_and_what_comes_stands_behind_it(void **state)
{
	(void)state;
	armor(0, 1000, 0);
	armor(1, 1000, 0);
	armor(5000, UINT64_MAX, 0);
	armor(5, 100, 0);
	armor(5, 100 - 5, -1);
	armor(5000, 90000, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_in_the_file_behind_what_was_there),
		cmocka_unit_test(the_limit_is_never_passed),
		cmocka_unit_test(a_failed_write_is_told_at_the_end),
		cmocka_unit_test(armour_is_counted_in_and_what_comes_stands_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
