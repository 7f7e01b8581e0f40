#include "tests/session/imap_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct fake_options plain = { .protocol = PROTOCOL_IMAP,
					   .upstream_tls = UPSTREAM_NONE };

void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

void is(const char *text, const char *want)
{
	assert_string_equal(text, want);
}

/* A session whose upstream offers `words` besides IMAP4rev1. */
struct fake *greeted(const struct fake_options *options, const char *words)
{
	struct fake *fake = fake_new(options);
	char line[400];

	is(fake_to_client(fake), "");
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "* OK upstream here\r\n");
	is(fake_to_upstream(fake), "L1 CAPABILITY\r\n");
	is(fake_to_client(fake), "");
	snprintf(line, sizeof(line), "* CAPABILITY IMAP4rev1 %s\r\nL1 OK\r\n", words);
	fake_upstream_says(fake, line);
	return fake;
}

struct fake *logged_in(const char *words)
{
	struct fake *fake = greeted(&plain, words);
	char line[400];

	has(fake_to_client(fake), "* OK [CAPABILITY IMAP4rev1");
	fake_client_says(fake, "a LOGIN alice \"s e\"\r\n");
	is(fake_to_upstream(fake), "L2 LOGIN \"alice\" \"s e\"\r\n");
	is(fake_to_client(fake), "");
	snprintf(line, sizeof(line), "L2 OK [CAPABILITY IMAP4rev1 %s] in\r\n", words);
	fake_upstream_says(fake, line);
	has(fake_to_client(fake), "a OK [CAPABILITY IMAP4rev1 LITERAL+ ");
	return fake;
}

struct fake *selected(const char *words)
{
	struct fake *fake = logged_in(words);

	fake_client_says(fake, "b SELECT inbox\r\n");
	is(fake_to_upstream(fake), "L3 SELECT inbox\r\n");
	fake_upstream_says(fake, "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n"
			   "L3 OK [READ-WRITE] in\r\n");
	is(fake_to_client(fake), "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n"
	   "b OK [READ-WRITE] in\r\n");
	return fake;
}
