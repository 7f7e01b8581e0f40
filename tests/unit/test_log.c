#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include <letterlock/log.h>

static int saved;
static int ends[2];
static char got[8192];

static int catch_stderr(void **state)
{
	(void)state;
	saved = dup(STDERR_FILENO);
	return pipe2(ends, O_NONBLOCK) < 0 || dup2(ends[1], STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
	(void)state;
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* What one write(2) brought; a second one would need a second read. */
static const char *line(void)
{
	ssize_t len = read(ends[0], got, sizeof(got) - 1);

	got[len < 0 ? 0 : len] = '\0';
	return got;
}

static void an_event_is_one_line_with_its_facts(void **state)
{
	struct log log = { .least = LOG_LEVEL_INFO, .fields = "session=7" };

	(void)state;
	log_info(&log, "message sealed", "recipients=%d rule=%s", 2, "partners");
	assert_string_equal(line(), "letterlock: info: message sealed recipients=2 "
				    "rule=partners session=7\n");
	log_debug(&log, "not this", NULL);
	assert_string_equal(line(), "");
	log.fields = NULL;
	log_warning(&log, "drained", NULL);
	assert_string_equal(line(), "letterlock: warning: drained\n");
	log_error(&log, "failed", NULL);
	assert_string_equal(line(), "letterlock: error: failed\n");
	log.least = LOG_LEVEL_DEBUG;
	log_debug(&log, "this", NULL);
	assert_string_equal(line(), "letterlock: debug: this\n");
}

static void no_value_can_forge_a_line(void **state)
{
	struct log log = { .fields = "login=\x1b]0;a\x07\x7f\x90" };

	(void)state;
	log_info(&log, "greeted", "name=%s", "a\r\nletterlock: info: b\x1b[2J\xff\xc2\x85\xc3\xa9");
	assert_string_equal(line(), "letterlock: info: greeted name=\"a\\x0d\\x0aletterlock: info: "
				    "b\\x1b[2J\\xff\\xc2\\x85\xc3\xa9\" "
				    "login=\\x1b]0;a\\x07\\x7f\\x90\n");
}

static void no_value_can_forge_a_field(void **state)
{
	char fields[64];
	struct log log = { .fields = fields };

	(void)state;
	log_fields(fields, sizeof(fields), "session=%016llx login=%s", 7ULL, "a rule=b");
	log_info(&log, "refused", "to=%s rule=%s code=%u n=%zu of=%llu", "\"x code=250\"@y.example",
		 "", 550U, (size_t)3, 9ULL);
	assert_string_equal(line(), "letterlock: info: refused to=\"\\\"x code=250\\\"@y.example\" "
				    "rule= code=550 n=3 of=9 session=0000000000000007 "
				    "login=\"a rule=b\"\n");
	log.fields = NULL;
	log_info(&log, "failed", "reason=\"%s\" pid=%d", "said \\\" rule=x", -1);
	assert_string_equal(line(), "letterlock: info: failed reason=\"said \\\\\\\" rule=x\" "
				    "pid=-1\n");
	log_info(&log, "odd", "a=%5d b=%s", 3, "x y");	/* a conversion it does not know */
	assert_string_equal(line(), "letterlock: info: odd a=    3 b=x y\n");
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
	static char value[10000];
	struct log log = { 0 };
	size_t len;

	(void)state;
	memset(value, '\x01', sizeof(value) - 1);
	log_info(&log, "long", "value=%s", value);
	len = strlen(line());
	assert_true(len > 4000 && len <= 4096);
	assert_int_equal(got[len - 1], '\n');
	assert_memory_equal(got + len - 5, "\\x01\n", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_event_is_one_line_with_its_facts,
						catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(no_value_can_forge_a_line,
						catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(no_value_can_forge_a_field,
						catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(a_long_line_is_cut_and_still_ends,
						catch_stderr, release_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
