#include "tests/session/imap_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

static const struct fake_options plain = { .protocol = PROTOCOL_IMAP,
					   .upstream_tls = UPSTREAM_NONE };

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

struct fake *fetching(const char *command, const char *kinds)
{
	struct fake *fake = selected("");

	fake_client_says(fake, command);
	has(fake_to_upstream(fake), " " KINDS);
	fake_upstream_says(fake, kinds);
	fake_upstream_says(fake, "L4 OK x\r\n");
	return fake;
}

void names_are(struct fake *fake, enum ask_kind kind, const char *first,
		      size_t n)
{
	const struct ask *ask = fake_question(fake);

	assert_non_null(ask);
	assert_int_equal(ask->kind, kind);
	is(ask->envelope.login, "alice");
	is(ask->place.upstream, "provider");
	is(ask->place.mailbox, "INBOX");
	assert_int_equal(77, ask->place.uidvalidity);
	assert_int_equal(n, ask->place.names.n);
	is(ask->place.names.at[0], first);
}

void entry_comes(struct fake *fake, enum answer_kind answer,
			enum shape_kind kind)
{
	struct shape_entry entry = { .kind = kind };
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_policy_shows(fake, answer, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

char *text_of(const char *begin, size_t n)
{
	size_t len = strlen(begin);
	char *text = mem_new(len + n + 1);

	memcpy(text, begin, len);
	for (size_t i = 0; i < n; i++)
		text[len + i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : 'x';
	return text;
}

void upstream_says_big(struct fake *fake, const char *before,
			      const char *literal, const char *behind)
{
	struct buf text;
	size_t step = 40 * 1000;

	buf_init(&text, 2 << 20);
	assert_int_equal(0, buf_printf(&text, "%s {%zu}\r\n%s%s%c", before,
				       strlen(literal), literal, behind, 0));
	while (text.len > 1) {
		char piece[40 * 1000 + 1] = "";
		size_t n = text.len - 1 < step ? text.len - 1 : step;

		memcpy(piece, buf_span(&text).at, n);
		buf_drop(&text, n);
		fake_upstream_says(fake, piece);
	}
	buf_free(&text);
}
