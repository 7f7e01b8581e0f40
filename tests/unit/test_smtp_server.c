#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/smtp_reply.h"
#include "proxy/engine/smtp_server.h"

enum { ROOM = 1024 * 1024 };

struct side {
	struct smtp_server *server;
	struct buf in, out;
	struct smtp_server_event event;
};

static const struct smtp_server_setup usual = {
	.hostname = "gw.example",
	.tls = LEG_TLS_OFFERED,
	.plaintext_auth = true,
	.limits = { .message_size = 1000000, .text_line = 2000,
		    .recipients = 1000, .bad_commands = 20 },
};

static void begin(struct side *s, const struct smtp_server_setup *setup)
{
	s->server = smtp_server_new(setup);
	buf_init(&s->in, ROOM);
	buf_init(&s->out, ROOM);
}

static void end(struct side *s)
{
	smtp_server_free(s->server);
	buf_free(&s->in);
	buf_free(&s->out);
}

static enum smtp_server_event_kind say(struct side *s, const char *text)
{
	buf_puts(&s->in, text);
	return smtp_server_next(s->server, &s->in, &s->out, &s->event);
}

static void accept_event(struct side *s)
{
	struct reply reply;

	reply_set(&reply, 250, "2.0.0", "ok");
	smtp_server_reply(s->server, &s->out, &reply);
}

static void hello(struct side *s)
{
	struct smtp_server_offer offer = { .size = 1000, .eight_bit = true,
					   .auth = "PLAIN" };

	assert_int_equal(say(s, "EHLO client.example\r\n"), SMTP_SERVER_HELLO);
	smtp_server_hello(s->server, &s->out, &offer);
}

static void up_to_data(struct side *s)
{
	hello(s);
	assert_int_equal(say(s, "MAIL FROM:<a@b.example>\r\n"), SMTP_SERVER_MAIL);
	accept_event(s);
	assert_int_equal(say(s, "RCPT TO:<c@d.example>\r\n"), SMTP_SERVER_RCPT);
	accept_event(s);
	assert_int_equal(say(s, "DATA\r\n"), SMTP_SERVER_DATA);
	smtp_server_go_ahead(s->server, &s->out);
}

static void it_greets_by_its_name(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	smtp_server_greet(s.server, &s.out);
	assert_true(span_is(buf_span(&s.out), "220 gw.example ESMTP Letterlock\r\n"));
	end(&s);
	smtp_server_free(NULL);
}

static void nothing_goes_on_before_an_event_is_answered(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	assert_int_equal(say(&s, "EHLO a.example\r\nNOOP\r\n"), SMTP_SERVER_HELLO);
	assert_int_equal(say(&s, ""), SMTP_SERVER_MORE);
	assert_int_equal(s.in.len, 6);
	assert_int_equal(s.out.len, 0);
	end(&s);
}

static void what_an_event_lends_outlives_the_queue(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	hello(&s);
	assert_int_equal(say(&s, "MAIL FROM:<a@b.example> SIZE=5\r\nRSET\r\n"),
			 SMTP_SERVER_MAIL);
	memset(s.in.data, 'x', s.in.cap);
	assert_true(span_is(s.event.text, "a@b.example"));
	assert_true(span_is(s.event.parameters[0].raw, "SIZE=5"));
	end(&s);
}

static void body_is_handed_out_of_the_queue_itself(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	up_to_data(&s);
	assert_int_equal(say(&s, "one\r\ntwo\r\nthr"), SMTP_SERVER_BODY);
	assert_true(span_is(s.event.body, "one\r\ntwo\r\nthr"));
	assert_ptr_equal(s.event.body.at, buf_span(&s.in).at);
	assert_int_equal(say(&s, "ee\r\n.\r\n"), SMTP_SERVER_BODY);
	assert_true(span_is(s.event.body, "ee\r\n"));
	assert_int_equal(say(&s, ""), SMTP_SERVER_BODY_END);
	assert_int_equal(s.in.len, 0);
	end(&s);
}

static void a_message_that_is_refused_takes_no_memory(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	up_to_data(&s);
	assert_int_equal(say(&s, "bare\nLF\r\n"), SMTP_SERVER_MORE);
	for (size_t i = 0; i < 10000; i++) {
		assert_int_equal(say(&s, "and so on\r\n.."), SMTP_SERVER_MORE);
		assert_true(s.in.len <= 3);
	}
	buf_clear(&s.out);
	assert_int_equal(say(&s, "\r\n.\r\n"), SMTP_SERVER_BODY_BAD);
	assert_true(span_is(buf_span(&s.out),
			    "550 5.6.11 bare CR or LF in the message\r\n"));
	end(&s);
}

static bool holds(const struct buf *buf, const char *text)
{
	return memmem(buf->data, buf->cap, text, strlen(text));
}

static void passwords_are_erased_where_they_came_in(void **state)
{
	char *lines[] = { "5.7.8 no" };
	struct smtp_reply no = { 535, { lines, 1 } };
	struct side s;

	(void)state;
	begin(&s, &usual);
	hello(&s);
	assert_int_equal(say(&s, "AUTH PLAIN AGEAc2VjcmV0\r\n"), SMTP_SERVER_AUTH);
	assert_true(span_is(s.event.line, "AGEAc2VjcmV0"));
	assert_false(holds(&s.in, "AGEAc2VjcmV0"));
	smtp_server_auth_continue(s.server, &s.out, span_str(""));
	assert_int_equal(say(&s, "AGEAMTIzNDU2\r\n"), SMTP_SERVER_AUTH_LINE);
	assert_true(span_is(s.event.line, "AGEAMTIzNDU2"));
	assert_false(holds(&s.in, "AGEAMTIzNDU2"));
	smtp_server_auth_done(s.server, &s.out, &no);
	end(&s);
}

static void who_never_reads_is_let_go(void **state)
{
	struct buf small;
	struct side s;

	(void)state;
	begin(&s, &usual);
	buf_init(&small, 64 * 1024);
	for (size_t i = 0; i < 50000; i++)
		buf_puts(&s.in, "NOOP\r\n");
	assert_int_equal(smtp_server_next(s.server, &s.in, &small, &s.event),
			 SMTP_SERVER_FATAL);
	assert_string_equal(s.event.why, "answers were not read");
	assert_true(small.len < 64 * 1024);
	assert_true(span_is(span_skip(buf_span(&small), small.len - 33),
			    "421 4.7.0 answers were not read\r\n"));
	buf_free(&small);
	end(&s);
}

static void a_thousand_recipients_are_served_and_no_more(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	hello(&s);
	assert_int_equal(say(&s, "MAIL FROM:<>\r\n"), SMTP_SERVER_MAIL);
	accept_event(&s);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(say(&s, "RCPT TO:<c@d.example>\r\n"),
				 SMTP_SERVER_RCPT);
		accept_event(&s);
	}
	buf_clear(&s.out);
	assert_int_equal(say(&s, "RCPT TO:<c@d.example>\r\n"), SMTP_SERVER_MORE);
	assert_true(span_is(buf_span(&s.out), "452 4.5.3 too many recipients\r\n"));
	assert_int_equal(say(&s, "DATA\r\n"), SMTP_SERVER_DATA);
	end(&s);
}

/* Row 44, where the answer to DATA takes its time. */
static void bytes_that_come_while_data_waits_are_early(void **state)
{
	struct side s;

	(void)state;
	begin(&s, &usual);
	hello(&s);
	assert_int_equal(say(&s, "MAIL FROM:<>\r\n"), SMTP_SERVER_MAIL);
	accept_event(&s);
	assert_int_equal(say(&s, "RCPT TO:<c@d.example>\r\n"), SMTP_SERVER_RCPT);
	accept_event(&s);
	assert_int_equal(say(&s, "DATA\r\n"), SMTP_SERVER_DATA);
	assert_int_equal(say(&s, "RSET\r\n"), SMTP_SERVER_MORE);
	buf_clear(&s.out);
	smtp_server_go_ahead(s.server, &s.out);
	assert_true(span_is(buf_span(&s.out),
			    "421 4.7.0 bytes came before the 354\r\n"));
	assert_int_equal(say(&s, ""), SMTP_SERVER_FATAL);
	end(&s);
}

static void what_is_over_stays_over(void **state)
{
	struct side s;
	struct reply reply;

	(void)state;
	begin(&s, &usual);
	assert_int_equal(say(&s, "GET / HTTP/1.0\r\n"), SMTP_SERVER_FATAL);
	buf_clear(&s.out);
	assert_int_equal(say(&s, "EHLO a.example\r\n"), SMTP_SERVER_FATAL);
	reply_set(&reply, 421, "4.3.2", "shutting down");
	smtp_server_end(s.server, &s.out, &reply);
	assert_int_equal(s.out.len, 0);
	end(&s);
	begin(&s, &usual);
	assert_int_equal(say(&s, "QUIT\r\nNOOP\r\n"), SMTP_SERVER_QUIT);
	assert_int_equal(say(&s, ""), SMTP_SERVER_FATAL);
	assert_true(span_is(buf_span(&s.out), "221 2.0.0 goodbye\r\n"));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_greets_by_its_name),
		cmocka_unit_test(nothing_goes_on_before_an_event_is_answered),
		cmocka_unit_test(what_an_event_lends_outlives_the_queue),
		cmocka_unit_test(body_is_handed_out_of_the_queue_itself),
		cmocka_unit_test(a_message_that_is_refused_takes_no_memory),
		cmocka_unit_test(passwords_are_erased_where_they_came_in),
		cmocka_unit_test(who_never_reads_is_let_go),
		cmocka_unit_test(a_thousand_recipients_are_served_and_no_more),
		cmocka_unit_test(bytes_that_come_while_data_waits_are_early),
		cmocka_unit_test(what_is_over_stays_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
