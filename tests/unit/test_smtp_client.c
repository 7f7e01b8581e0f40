#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/smtp_capabilities.h"
#include "proxy/engine/smtp_client.h"

enum { ROOM = 1024 * 1024 };

struct side {
	struct smtp_client *client;
	struct buf in, out;
	struct smtp_client_event event;
	struct err err;
};

static enum smtp_client_event_kind hear(struct side *s, const char *text)
{
	buf_puts(&s->in, text);
	return smtp_client_next(s->client, &s->in, &s->out, &s->event, &s->err);
}

/* Up to READY. */
static void begin(struct side *s)
{
	s->err = (struct err){ ERR_NONE, "" };
	s->client = smtp_client_new("gw.example", false);
	buf_init(&s->in, ROOM);
	buf_init(&s->out, ROOM);
	assert_int_equal(hear(s, "220 mail.example\r\n"), SMTP_CLIENT_MORE);
	assert_int_equal(hear(s, "250-mail.example\r\n250 DSN\r\n"),
			 SMTP_CLIENT_READY);
	buf_clear(&s->out);
}

static void end(struct side *s)
{
	smtp_client_free(s->client);
	buf_free(&s->in);
	buf_free(&s->out);
}

static void no_line_of_ours_becomes_two(void **state)
{
	static const struct span bad[] = {
		{ "NOOP\r\nRSET", 10 }, { "NOOP\n", 5 }, { "NOOP\r", 5 },
		{ "NO\0OP", 5 },
	};
	struct side s;

	(void)state;
	begin(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(smtp_client_command(s.client, &s.out, bad[i]), -1);
		assert_int_equal(s.out.len, 0);
	}
	assert_int_equal(smtp_client_waiting(s.client), 0);
	assert_int_equal(smtp_client_command(s.client, &s.out,
					     span_str("AUTH LOGIN")), 0);
	assert_int_equal(hear(&s, "334 x\r\n"), SMTP_CLIENT_REPLY);
	buf_clear(&s.out);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(smtp_client_auth_line(s.client, &s.out, bad[i]),
				 -1);
	assert_int_equal(s.out.len, 0);
	end(&s);
	smtp_client_free(NULL);
}

static void without_room_nothing_is_said(void **state)
{
	struct buf small;
	struct side s;

	(void)state;
	begin(&s);
	for (size_t room = 0; room < 6; room++) {
		buf_init(&small, room);
		assert_int_equal(smtp_client_command(s.client, &small,
						     span_str("NOOP")), -1);
		assert_int_equal(small.len, 0);
		buf_free(&small);
	}
	assert_int_equal(smtp_client_waiting(s.client), 0);
	buf_init(&small, 6);
	assert_int_equal(smtp_client_command(s.client, &small, span_str("NOOP")), 0);
	assert_int_equal(smtp_client_waiting(s.client), 1);
	buf_free(&small);
	end(&s);
}

static void a_body_without_room_may_be_tried_again(void **state)
{
	struct buf small;
	struct side s;

	(void)state;
	begin(&s);
	assert_int_equal(smtp_client_command(s.client, &s.out, span_str("DATA")), 0);
	assert_int_equal(hear(&s, "354 go\r\n"), SMTP_CLIENT_REPLY);
	buf_init(&small, 8);
	assert_int_equal(smtp_client_body(s.client, &small,
					  span_str("12345678")), -1);
	assert_int_equal(small.len, 0);
	assert_int_equal(smtp_client_body(s.client, &small, span_str(".a\r\n")), 0);
	assert_true(span_is(buf_span(&small), "..a\r\n"));
	assert_int_equal(smtp_client_body_end(s.client, &small), 0);
	buf_free(&small);
	end(&s);
}

static void a_message_of_bare_line_ends_fails_for_good(void **state)
{
	struct side s;

	(void)state;
	begin(&s);
	assert_int_equal(smtp_client_command(s.client, &s.out, span_str("DATA")), 0);
	assert_int_equal(hear(&s, "354 go\r\n"), SMTP_CLIENT_REPLY);
	assert_int_equal(smtp_client_body(s.client, &s.out,
					  span_str("a\n.\nMAIL")), -1);
	assert_int_equal(smtp_client_body_end(s.client, &s.out), -1);
	assert_int_equal(hear(&s, ""), SMTP_CLIENT_FAILED);
	assert_int_equal(s.err.kind, ERR_BUG);
	end(&s);
}

static void a_reply_ahead_of_what_it_answers_fails_for_good(void **state)
{
	static const char *const ask[] = { "DATA", "AUTH PLAIN" };
	static const char *const reply[] = {
		"354 go\r\n250 early\r\n", "334 \r\n235 early\r\n",
	};
	struct side s;

	(void)state;
	for (size_t i = 0; i < sizeof(ask) / sizeof(*ask); i++) {
		begin(&s);
		assert_int_equal(smtp_client_command(s.client, &s.out,
						     span_str(ask[i])), 0);
		assert_int_equal(hear(&s, reply[i]), SMTP_CLIENT_FAILED);
		assert_int_equal(s.err.kind, ERR_PEER);
		assert_int_equal(smtp_client_body(s.client, &s.out,
						  span_str("a\r\n")), -1);
		assert_int_equal(smtp_client_body_end(s.client, &s.out), -1);
		end(&s);
	}
}

static void commands_that_wait_are_bounded(void **state)
{
	struct side s;
	unsigned n = 0;

	(void)state;
	begin(&s);
	while (smtp_client_command(s.client, &s.out, span_str("NOOP")) == 0)
		n++;
	assert_true(n >= 1002);		/* MAIL, 1,000 RCPT, DATA */
	assert_true(n <= 10000);
	assert_int_equal(smtp_client_waiting(s.client), n);
	end(&s);
}

static void what_was_said_before_tls_is_forgotten(void **state)
{
	struct side s = { .client = smtp_client_new("gw.example", true) };

	(void)state;
	buf_init(&s.in, ROOM);
	buf_init(&s.out, ROOM);
	assert_int_equal(hear(&s, "220 x\r\n"), SMTP_CLIENT_MORE);
	assert_int_equal(hear(&s, "250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"),
			 SMTP_CLIENT_MORE);
	assert_int_equal(hear(&s, "220 go\r\n"), SMTP_CLIENT_STARTTLS);
	buf_clear(&s.out);
	smtp_client_secured(s.client, &s.out);
	assert_int_equal(smtp_client_capabilities(s.client)->auth.n, 0);
	assert_true(span_is(buf_span(&s.out), "EHLO gw.example\r\n"));
	smtp_client_secured(s.client, &s.out);
	assert_true(span_is(buf_span(&s.out), "EHLO gw.example\r\n"));
	end(&s);
}

static void capabilities_are_read_below_the_first_line(void **state)
{
	char *lines[] = { "DSN", "SIZE 18446744073709551615", "8bitmime",
			  "AUTH plain  LOGIN plain x$", "PIPELINING x" };
	struct smtp_reply reply = { 250, { lines, 5 } };
	struct smtp_client_capabilities c = { 0 };

	(void)state;
	smtp_capabilities_read(&c, &reply);
	assert_false(c.dsn);
	assert_false(c.size_known);	/* 20 digits: no number of ours */
	assert_true(c.eight_bit);
	assert_false(c.pipelining);
	assert_int_equal(c.auth.n, 2);
	assert_string_equal(c.auth.at[0], "PLAIN");
	assert_string_equal(c.auth.at[1], "LOGIN");
	smtp_capabilities_free(&c);
	assert_int_equal(c.auth.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_of_ours_becomes_two),
		cmocka_unit_test(without_room_nothing_is_said),
		cmocka_unit_test(a_body_without_room_may_be_tried_again),
		cmocka_unit_test(a_message_of_bare_line_ends_fails_for_good),
		cmocka_unit_test(a_reply_ahead_of_what_it_answers_fails_for_good),
		cmocka_unit_test(commands_that_wait_are_bounded),
		cmocka_unit_test(what_was_said_before_tls_is_forgotten),
		cmocka_unit_test(capabilities_are_read_below_the_first_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
