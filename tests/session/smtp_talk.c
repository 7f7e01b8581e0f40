#include "tests/session/smtp_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

const struct fake_options plain = { .upstream_tls = UPSTREAM_NONE };

struct fake *greeted(const struct fake_options *options, const char *extensions)
{
	struct fake *fake = fake_new(options);

	has(fake_to_client(fake), "220 gw.example.org");
	fake_client_says(fake, "EHLO client\r\n");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "220 up\r\n");
	is(fake_to_upstream(fake), "EHLO gw.example.org\r\n");
	fake_upstream_says(fake, "250-up\r\n");
	fake_upstream_says(fake, extensions);
	fake_upstream_says(fake, "250 HELP\r\n");
	has(fake_to_client(fake), "250");
	return fake;
}

void mail(struct fake *fake)
{
	fake_client_says(fake, "MAIL FROM:<a@x>\r\n");
	is(fake_to_upstream(fake), "MAIL FROM:<a@x>\r\n");
	fake_upstream_says(fake, "250 2.1.0 sender fine\r\n");
	is(fake_to_client(fake), "250 2.1.0 sender fine\r\n");
}

void rcpt(struct fake *fake, const char *line, const char *code)
{
	char want[200];

	snprintf(want, sizeof(want), "%s\r\n", line);
	fake_client_says(fake, want);
	assert_int_equal(ASK_RCPT, fake_question(fake)->kind);
	fake_policy_says(fake, ANSWER_WAIT, 0, NULL, NULL);
	is(fake_to_upstream(fake), want);
	fake_upstream_says(fake, code);
	is(fake_to_client(fake), code);
}
