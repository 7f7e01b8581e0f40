#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/smtp_parameters.h"

/* The code that is said to these parameters; 0 when they are in order. */
static unsigned code_of(enum smtp_server_event_kind kind, bool utf8,
			const char *text, struct smtp_server_event *event)
{
	const struct smtp_syntax_fault *fault;

	*event = (struct smtp_server_event){ .kind = kind };
	event->smtputf8 = kind == SMTP_SERVER_RCPT && utf8;
	assert_true(smtp_syntax_parameters(span_str(text), event));
	fault = smtp_parameters_read(event);
	return fault ? fault->code : 0;
}

struct parameter_case {
	const char *text;
	unsigned code;
};

static const struct parameter_case of_mail[] = {
	{ "", 0 },
	{ "SIZE=0", 0 }, { "SIZE=12345678901234567890", 0 }, { "SIZE=x", 501 },
	{ "SIZE", 501 }, { "SIZE=+1", 501 }, { "SIZE=123456789012345678901", 501 },
	{ "BODY=7bit", 0 }, { "BODY=8BITMIME", 0 }, { "BODY=BINARYMIME", 501 },
	{ "BODY", 501 },
	{ "SMTPUTF8", 0 }, { "SMTPUTF8=1", 501 },
	{ "RET=FULL", 0 }, { "RET=hdrs", 0 }, { "RET=NONE", 501 },
	{ "ENVID=abc+2B", 0 }, { "ENVID=+0A", 501 }, { "ENVID", 501 },
	{ "AUTH=<>", 0 }, { "AUTH=a@b.example", 0 }, { "AUTH=a+0Db", 501 },
	{ "AUTH", 501 },
	{ "REQUIRETLS", 0 }, { "REQUIRETLS=yes", 501 },
	{ "NOTIFY=NEVER", 555 }, { "ORCPT=rfc822;a@b", 555 }, { "X", 555 },
	{ "SIZE=1 SIZE=1", 501 }, { "SIZE=1 size=2", 501 },
	{ "SIZE=1 X=1", 555 },
};

static const struct parameter_case of_rcpt[] = {
	{ "", 0 },
	{ "NOTIFY=NEVER", 0 }, { "NOTIFY=success,FAILURE,delay", 0 },
	{ "NOTIFY=SUCCESS,NEVER", 501 }, { "NOTIFY=,SUCCESS", 501 },
	{ "NOTIFY", 501 }, { "NOTIFY=ALWAYS", 501 },
	{ "ORCPT=rfc822;a+40b.example", 0 }, { "ORCPT=rfc822;a+0Ab", 501 },
	{ "ORCPT=rfc822", 501 }, { "ORCPT=;a@b", 501 }, { "ORCPT=rfc822;", 501 },
	{ "ORCPT=rf+c;a", 501 }, { "ORCPT=rfc822;caf\xc3\xa9@b", 501 },
	{ "ORCPT=utf-8;caf\xc3\xa9@b", 501 },
	{ "SIZE=1", 555 }, { "BODY=7BIT", 555 },
	{ "NOTIFY=NEVER NOTIFY=NEVER", 501 },
};

static void each_command_knows_its_own_parameters(void **state)
{
	struct smtp_server_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(of_mail) / sizeof(*of_mail); i++)
		assert_int_equal(code_of(SMTP_SERVER_MAIL, false, of_mail[i].text,
					 &event), of_mail[i].code);
	for (size_t i = 0; i < sizeof(of_rcpt) / sizeof(*of_rcpt); i++)
		assert_int_equal(code_of(SMTP_SERVER_RCPT, false, of_rcpt[i].text,
					 &event), of_rcpt[i].code);
}

static void what_they_say_is_read(void **state)
{
	struct smtp_server_event event;

	(void)state;
	assert_int_equal(code_of(SMTP_SERVER_MAIL, false,
				 "SIZE=77 BODY=8BITMIME SMTPUTF8", &event), 0);
	assert_int_equal(event.size, 77);
	assert_true(event.eight_bit);
	assert_true(event.smtputf8);
	assert_int_equal(code_of(SMTP_SERVER_MAIL, false, "BODY=7BIT", &event), 0);
	assert_false(event.eight_bit);
	assert_false(event.smtputf8);
}

static void a_size_that_no_number_holds_is_the_greatest(void **state)
{
	struct smtp_server_event event;

	(void)state;
	assert_int_equal(code_of(SMTP_SERVER_MAIL, false,
				 "SIZE=99999999999999999999", &event), 0);
	assert_true(event.size == UINT64_MAX);
	assert_int_equal(code_of(SMTP_SERVER_MAIL, false,
				 "SIZE=00000000000000000050", &event), 0);
	assert_int_equal(event.size, 50);
}

static void original_recipients_may_be_utf8_where_the_mail_is(void **state)
{
	struct smtp_server_event event;

	(void)state;
	assert_int_equal(code_of(SMTP_SERVER_RCPT, true,
				 "ORCPT=utf-8;caf\xc3\xa9@b", &event), 0);
	assert_int_equal(code_of(SMTP_SERVER_RCPT, true,
				 "ORCPT=rfc822;caf\xc3\xa9@b", &event), 501);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_knows_its_own_parameters),
		cmocka_unit_test(what_they_say_is_read),
		cmocka_unit_test(a_size_that_no_number_holds_is_the_greatest),
		cmocka_unit_test(original_recipients_may_be_utf8_where_the_mail_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
