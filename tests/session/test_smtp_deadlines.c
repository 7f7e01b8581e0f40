/* The times that a session gives to each of its two peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proxy/session/pace.h"
#include "proxy/session/smtp_state.h"
#include "tests/session/fake.h"

static const struct fake_options plain = { .upstream_tls = UPSTREAM_NONE };

static void slow_bytes_do_not_stretch_a_deadline(void **state)
{
	struct fake *fake = fake_new(&plain);

	(void)state;
	assert_int_equal(SMTP_COMMAND_WAIT, fake_client_deadline(fake));
	fake_client_says(fake, "EH");
	fake_client_times_out(fake);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* Says `text` (all but its last character) an octet at a time: the deadline
 * that runs does so all the while, and none of the octets begins it anew. */
static void drip(struct fake *fake, bool client, const char *text)
{
	unsigned (*count)(const struct fake *) =
		client ? fake_client_deadlines : fake_upstream_deadlines;
	uint64_t (*runs)(const struct fake *) =
		client ? fake_client_deadline : fake_upstream_deadline;
	unsigned before = count(fake);

	for (const char *at = text; at[1]; at++) {
		char octet[2] = { *at, '\0' };

		if (runs(fake) == 0 || runs(fake) > SMTP_DOT_WAIT || count(fake) != before)
			fail_msg("at \"%s\" of \"%s\": deadline %llu, begun anew %u times", at,
				 text, (unsigned long long)runs(fake), count(fake) - before);
		client ? fake_client_says(fake, octet) : fake_upstream_says(fake, octet);
	}
	client ? fake_client_says(fake, text + strlen(text) - 1)
	       : fake_upstream_says(fake, text + strlen(text) - 1);
}

static void each_step_has_its_time_however_the_bytes_drip(void **state)
{
	uint16_t all[] = { 0 };
	struct answer_copy one = { .size = 5, .encrypted = true, .recipients = { all, 1 } };
	struct fake *fake = fake_new(&plain);

	(void)state;
	drip(fake, true, "EHLO client\r\n");
	fake_upstream_ready(fake);
	drip(fake, false, "220-up\r\n220 up\r\n");
	drip(fake, false, "250-up\r\n250-DSN\r\n250 AUTH PLAIN LOGIN\r\n");
	drip(fake, true, "AUTH LOGIN\r\n");
	drip(fake, false, "334 VXNlcm5hbWU6\r\n");
	drip(fake, true, "YUB4\r\n");
	drip(fake, false, "334 UGFzc3dvcmQ6\r\n");
	drip(fake, true, "cHc=\r\n");
	drip(fake, false, "235 welcome\r\n");
	drip(fake, true, "MAIL FROM:<a@x>\r\n");
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	drip(fake, false, "250-ok\r\n250 ok\r\n");
	drip(fake, true, "RCPT TO:<b@y>\r\n");
	fake_policy_says(fake, ANSWER_WAIT, 0, NULL, NULL);
	drip(fake, false, "250 ok\r\n");
	drip(fake, true, "DATA\r\n");
	drip(fake, true, "From: a@x\r\n\r\ntext\r\n.\r\n");
	fake_policy_seals(fake, &one, 1, false, "one\r\n");
	drip(fake, false, "354 go\r\n");
	drip(fake, false, "250 queued\r\n");
	drip(fake, true, "NOOP\r\n");
	drip(fake, true, "RSET\r\n");
	drip(fake, true, "QUIT\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void a_client_that_is_silent_after_an_answer_is_cut_off(void **state)
{
	struct fake *fake = fake_new(&plain);

	(void)state;
	fake_client_says(fake, "EHLO client\r\n");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "220 up\r\n");
	assert_int_equal(0, fake_client_deadline(fake));
	fake_upstream_says(fake, "250 up\r\n");
	assert_int_equal(SMTP_COMMAND_WAIT, fake_client_deadline(fake));
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	assert_int_equal(0, fake_client_deadline(fake));
	fake_upstream_says(fake, "250 ok\r\n");
	assert_int_equal(SMTP_COMMAND_WAIT, fake_client_deadline(fake));
	fake_client_times_out(fake);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* A session in which the client was told to go ahead with its message. */
static struct fake *in_data(const struct fake_options *options)
{
	struct fake *fake = fake_new(options);

	fake_client_says(fake, "EHLO client\r\n");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "220 up\r\n");
	fake_upstream_says(fake, "250 up\r\n");
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	fake_client_says(fake, "RCPT TO:<b@y>\r\n");
	fake_policy_says(fake, ANSWER_WAIT, 0, NULL, NULL);
	fake_upstream_says(fake, "250 ok\r\n");
	(void)fake_to_upstream(fake);
	(void)fake_to_client(fake);
	fake_client_says(fake, "DATA\r\n");
	assert_non_null(strstr(fake_to_client(fake), "354 "));
	return fake;
}

/* 1 KiB in lines. */
static const char *kilobyte(void)
{
	static char text[1025];

	for (size_t i = 0; i < 1024; i++)
		text[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'x';
	return text;
}

static void nothing_went(struct fake *fake)
{
	assert_true(fake_session_over(fake));
	assert_int_equal(0, fake_asked(fake, ASK_SEAL));
	assert_null(strstr(fake_to_upstream(fake), "DATA"));
	fake_free(fake);
}

static void who_begins_no_message_is_cut_off(void **state)
{
	struct fake *fake = in_data(&plain);

	(void)state;
	fake_time_passes(fake, SMTP_DATA_WAIT - 1);
	assert_false(fake_session_over(fake));
	fake_client_says(fake, "x");
	fake_time_passes(fake, 1);
	nothing_went(fake);
}

static void each_block_of_time_brings_a_kilobyte(void **state)
{
	struct fake *fake = in_data(&plain);

	(void)state;
	fake_client_says(fake, kilobyte());
	for (unsigned i = 0; i < 100; i++) {
		fake_time_passes(fake, PACE_BLOCK / 100);
		if (i < 99)
			fake_client_says(fake, i % 2 ? "\r\n" : "Octets:");
	}
	nothing_went(fake);
}

/* A kilobyte just before each block ends: RFC 5321's time-outs never pass. */
static void a_message_has_ten_minutes_and_a_second_for_each_kilobyte(void **state)
{
	struct fake *fake = in_data(&plain);
	uint64_t now = 0, end = PACE_TOTAL;

	(void)state;
	while (now + PACE_BLOCK - 1 < end) {
		fake_client_says(fake, kilobyte());
		end += 1024;
		fake_time_passes(fake, PACE_BLOCK - 1);
		now += PACE_BLOCK - 1;
		assert_false(fake_session_over(fake));
	}
	assert_in_range(end, PACE_TOTAL + 3 * 1024, PACE_TOTAL + 4 * 1024);
	fake_client_says(fake, kilobyte());
	end += 1024;
	fake_time_passes(fake, end - now - 1);
	assert_false(fake_session_over(fake));
	fake_client_says(fake, "\r\n");		/* less than a kilobyte gives no more time */
	fake_time_passes(fake, 1);
	nothing_went(fake);
}

static void who_is_steady_may_take_hours(void **state)
{
	static const struct fake_options large = {
		.upstream_tls = UPSTREAM_NONE, .max_message_size = 16 << 20,
		.spool_memory = 64 << 20,
	};
	struct fake *fake = in_data(&large);

	(void)state;
	for (unsigned i = 1; i <= 8 * 1024; i++) {	/* 8 MiB in 2.2 hours */
		fake_time_passes(fake, 1000);
		fake_client_says(fake, kilobyte());
		assert_false(fake_session_over(fake));
		if (i % 60)
			continue;
		assert_string_equal(fake_to_upstream(fake), "NOOP\r\n");
		fake_upstream_says(fake, "250 ok\r\n");
	}
	assert_string_equal(fake_to_upstream(fake), "");
	fake_client_says(fake, ".\r\n");
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	assert_int_equal(8 << 20, fake_question(fake)->message_size);
	assert_int_equal(0, fake_client_deadline(fake));	/* now others work */
	fake_time_passes(fake, 24 * 3600 * 1000);
	assert_true(fake_client_open(fake));
	fake_free(fake);
}

/* What comes behind a NOOP waits for its answer, so that none is taken for
 * another's. */
static void upstream_is_kept_awake_and_heard_in_order(void **state)
{
	struct fake *fake = in_data(&plain);

	(void)state;
	fake_time_passes(fake, SMTP_KEEP_EVERY);
	fake_client_says(fake, kilobyte());
	assert_string_equal(fake_to_upstream(fake), "NOOP\r\n");
	fake_client_says(fake, "end\r\n.\r\n");
	assert_null(fake_question(fake));
	fake_upstream_says(fake, "250 ok\r\n");
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	fake_policy_says(fake, ANSWER_REFUSED, 550, "5.7.1", "no");
	assert_string_equal(fake_to_upstream(fake), "RSET\r\n");
	fake_upstream_says(fake, "250 ok\r\n");
	fake_client_says(fake, "NOOP\r\nQUIT\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void an_upstream_that_sleeps_all_the_same_is_told_at_the_end(void **state)
{
	(void)state;
	for (int says = 0; says < 2; says++) {
		struct fake *fake = in_data(&plain);

		fake_time_passes(fake, SMTP_KEEP_EVERY);
		fake_client_says(fake, kilobyte());
		if (says) {
			fake_upstream_says(fake, "421 4.4.2 timeout\r\n");
			fake_upstream_leaves(fake, ERR_NONE, "");
		} else {
			fake_time_passes(fake, SMTP_KEEP_EVERY);
		}
		assert_string_equal(fake_to_client(fake), "");
		assert_true(fake_client_open(fake));
		fake_client_says(fake, "end\r\n.\r\n");
		assert_int_equal(strncmp(fake_to_client(fake), "421 4.4.1 ", 10), 0);
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_bytes_do_not_stretch_a_deadline),
		cmocka_unit_test(each_step_has_its_time_however_the_bytes_drip),
		cmocka_unit_test(a_client_that_is_silent_after_an_answer_is_cut_off),
		cmocka_unit_test(who_begins_no_message_is_cut_off),
		cmocka_unit_test(each_block_of_time_brings_a_kilobyte),
		cmocka_unit_test(a_message_has_ten_minutes_and_a_second_for_each_kilobyte),
		cmocka_unit_test(who_is_steady_may_take_hours),
		cmocka_unit_test(upstream_is_kept_awake_and_heard_in_order),
		cmocka_unit_test(an_upstream_that_sleeps_all_the_same_is_told_at_the_end),
	};

	return cmocka_run_group_tests_name("smtp_deadlines", tests, NULL, NULL);
}
