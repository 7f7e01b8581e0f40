#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/page.h>

static void what_one_writes_the_other_reads(void **state)
{
	struct err err = { 0 };
	int fd = page_new("test", 100, &err);
	size_t size, other_size;
	char *one = page_map(fd, 100, &size, &err);
	char *other = page_map(fd, 1, &other_size, &err);

	(void)state;
	assert_non_null(one);
	assert_non_null(other);
	assert_int_equal(size, 100);
	assert_int_equal(other_size, 100);
	assert_int_equal(other[99], 0);
	memcpy(one, "here", 5);
	assert_string_equal(other, "here");
	munmap(one, size);
	munmap(other, other_size);
	close(fd);
}

static void its_size_stays(void **state)
{
	struct err err = { 0 };
	int fd = page_new("test", 8192, &err);

	(void)state;
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 16384), -1);
	close(fd);
}

static void less_than_is_needed_is_not_mapped(void **state)
{
	struct err err = { 0 };
	int fd = page_new("test", 100, &err);
	size_t size;

	(void)state;
	assert_null(page_map(fd, 101, &size, &err));
	assert_string_equal(err.text, "shared memory of less than 101 bytes");
	assert_int_equal(err.kind, ERR_BUG);
	close(fd);
	assert_null(page_map(fd, 1, &size, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_writes_the_other_reads),
		cmocka_unit_test(its_size_stays),
		cmocka_unit_test(less_than_is_needed_is_not_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
