#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/run/snapshot.h"

/* A directory with "conf", "gw.key" and a sub-directory "dir". */
static int set_up(void **state)
{
	char *dir = mem_strdup("/tmp/llsnapXXXXXX");
	char *path;

	if (!mkdtemp(dir))
		return -1;
	for (int i = 0; i < 2; i++) {
		FILE *file;

		path = mem_printf("%s/%s", dir, i ? "gw.key" : "conf");
		file = fopen(path, "w");
		fputs(i ? "-----PRIVATE-----" : "[gateway]\n", file);
		fclose(file);
		free(path);
	}
	path = mem_printf("%s/dir", dir);
	mkdir(path, 0700);
	free(path);
	*state = dir;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "conf", "gw.key", "big" };
	char *path;

	for (size_t i = 0; i < 3; i++) {
		path = mem_printf("%s/%s", (char *)*state, names[i]);
		unlink(path);
		free(path);
	}
	path = mem_printf("%s/dir", (char *)*state);
	rmdir(path);
	free(path);
	rmdir(*state);
	free(*state);
	return 0;
}

/* Reads NAME of the directory through `snapshot`; the text is the caller's. */
static int read_name(struct snapshot *snapshot, const char *dir,
		     const char *name, char **text)
{
	struct source source = snapshot_source(snapshot);
	char *path = mem_printf("%s/%s", dir, name);
	struct err err = { 0 };
	struct buf bytes;
	int result;

	buf_init(&bytes, SOURCE_FILE_MAX);
	result = source.read(source.data, path, &bytes, &err);
	*text = result < 0 ? mem_strdup(err.text) : buf_take_string(&bytes);
	buf_free(&bytes);
	free(path);
	return result;
}

static void expect(struct snapshot *snapshot, const char *dir, const char *name,
		   int want, const char *part)
{
	char *text;

	assert_int_equal(read_name(snapshot, dir, name, &text), want);
	assert_non_null(strstr(text, part));
	free(text);
}

static void write_conf(const char *dir, const char *text)
{
	char *path = mem_printf("%s/conf", dir);
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	free(path);
}

static void the_disk_is_read_once(void **state)
{
	struct snapshot *snapshot = snapshot_new();

	expect(snapshot, *state, "conf", SOURCE_READ, "[gateway]");
	write_conf(*state, "changed");
	expect(snapshot, *state, "conf", SOURCE_READ, "[gateway]");
	expect(snapshot, *state, "none", SOURCE_MISSING, "No such file");
	expect(snapshot, *state, "dir", SOURCE_FAILED, "is no regular file");
	snapshot_free(snapshot);
	snapshot_free(NULL);
}

static void a_child_reads_what_the_master_read(void **state)
{
	char *key = mem_printf("%s/gw.key", (char *)*state);
	struct listener_settings listener = { .private_key = key };
	struct settings settings = { .listeners = &listener, .listeners_n = 1 };

	for (int with_keys = 0; with_keys < 2; with_keys++) {
		struct snapshot *master = snapshot_new(), *child;
		struct source ours, theirs;
		struct err err = { 0 };
		int fd = memfd_create("test", MFD_CLOEXEC);

		expect(master, *state, "conf", SOURCE_READ, "");
		expect(master, *state, "gw.key", SOURCE_READ, "PRIVATE");
		expect(master, *state, "none", SOURCE_MISSING, "");
		expect(master, *state, "dir", SOURCE_FAILED, "");
		assert_int_equal(snapshot_write(master, &settings, with_keys, fd, &err), 0);
		write_conf(*state, "changed after");
		child = snapshot_read(fd, &err);
		assert_non_null(child);
		expect(child, *state, "conf", SOURCE_READ, with_keys ? "changed" : "[gateway]");
		expect(child, *state, "gw.key", with_keys ? SOURCE_READ : SOURCE_WITHHELD,
		       with_keys ? "PRIVATE" : "");
		expect(child, *state, "none", SOURCE_MISSING, "No such file");
		expect(child, *state, "dir", SOURCE_FAILED, "is no regular file");
		expect(child, *state, "other", SOURCE_MISSING, "not in the snapshot");
		ours = snapshot_source(master);
		theirs = snapshot_source(child);
		assert_string_equal(ours.host.hostname, theirs.host.hostname);
		assert_string_equal(ours.host.directory, theirs.host.directory);
		assert_int_equal(ours.host.cores, theirs.host.cores);
		assert_int_equal(!ours.host.runtime_dir, !theirs.host.runtime_dir);
		snapshot_free(master);
		snapshot_free(child);
		close(fd);
	}
	free(key);
}

static void no_private_key_is_in_what_others_are_given(void **state)
{
	char *key = mem_printf("%s/gw.key", (char *)*state), bytes[4096];
	struct listener_settings listener = { .private_key = key };
	struct settings settings = { .listeners = &listener, .listeners_n = 1 };
	struct snapshot *snapshot = snapshot_new();
	struct err err = { 0 };
	int fd = memfd_create("test", MFD_CLOEXEC);
	ssize_t n;

	expect(snapshot, *state, "gw.key", SOURCE_READ, "PRIVATE");
	assert_int_equal(snapshot_write(snapshot, &settings, false, fd, &err), 0);
	n = pread(fd, bytes, sizeof(bytes), 0);
	assert_true(n > 0 && n < (ssize_t)sizeof(bytes));
	assert_null(memmem(bytes, (size_t)n, "PRIVATE", 7));
	snapshot_free(snapshot);
	close(fd);
	free(key);
}

static void a_damaged_snapshot_is_refused(void **state)
{
	static const struct settings none;
	struct snapshot *snapshot = snapshot_new();
	char bytes[4096];
	struct err err = { 0 };
	int fd = memfd_create("test", MFD_CLOEXEC);
	ssize_t n;

	expect(snapshot, *state, "conf", SOURCE_READ, "");
	assert_int_equal(snapshot_write(snapshot, &none, true, fd, &err), 0);
	snapshot_free(snapshot);
	n = pread(fd, bytes, sizeof(bytes), 0);
	for (ssize_t len = 0; len < n; len++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, bytes, (size_t)len, 0), len);
		assert_null(snapshot_read(fd, &err));
		assert_int_equal(err.kind, ERR_BUG);
	}
	assert_int_equal(pwrite(fd, bytes, (size_t)n, 0), n);
	snapshot = snapshot_read(fd, &err);
	assert_non_null(snapshot);
	snapshot_free(snapshot);
	assert_int_equal(pwrite(fd, "x", 1, n), 1);
	assert_null(snapshot_read(fd, &err));
	close(fd);
}

static void a_file_beyond_the_limit_is_refused(void **state)
{
	char *path = mem_printf("%s/big", (char *)*state);
	struct snapshot *snapshot = snapshot_new();
	FILE *file = fopen(path, "w");

	assert_int_equal(ftruncate(fileno(file), SOURCE_FILE_MAX + 1), 0);
	expect(snapshot, *state, "big", SOURCE_FAILED, "is larger than");
	snapshot_free(snapshot);
	snapshot = snapshot_new();
	assert_int_equal(ftruncate(fileno(file), SOURCE_FILE_MAX), 0);
	expect(snapshot, *state, "big", SOURCE_READ, "");
	snapshot_free(snapshot);
	fclose(file);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_disk_is_read_once),
		TEST(a_child_reads_what_the_master_read),
		TEST(no_private_key_is_in_what_others_are_given),
		TEST(a_damaged_snapshot_is_refused),
		TEST(a_file_beyond_the_limit_is_refused),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
