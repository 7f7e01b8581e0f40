#include "tests/session/pop3_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <letterlock/mem.h>

const struct fake_options plain = { .protocol = PROTOCOL_POP3, .upstream_tls = UPSTREAM_NONE };

struct fake *greeted(const struct fake_options *options, const char *capabilities)
{
	struct fake *fake = fake_new(options);

	fake_upstream_ready(fake);
	fake_upstream_says(fake, "+OK upstream <1.2@x>\r\n");
	is(fake_to_upstream(fake), "CAPA\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "+OK\r\n");
	fake_upstream_says(fake, capabilities);
	fake_upstream_says(fake, ".\r\n");
	is(fake_to_client(fake), "+OK gw.example.org Letterlock ready\r\n");
	return fake;
}

struct fake *logged_in(const struct fake_options *options, const char *capabilities)
{
	struct fake *fake = greeted(options, capabilities);

	fake_client_says(fake, "USER alice\r\n");
	is(fake_to_client(fake), "+OK\r\n");
	is(fake_to_upstream(fake), "");
	fake_client_says(fake, "PASS s e  cret\r\n");
	is(fake_to_upstream(fake), "USER alice\r\n");
	fake_upstream_says(fake, "+OK\r\n");
	is(fake_to_upstream(fake), "PASS s e  cret\r\n");
	fake_upstream_says(fake, "+OK in\r\n");
	is(fake_to_client(fake), "+OK logged in\r\n");
	return fake;
}

void policy_knows(struct fake *fake, const enum shape_kind *kinds, size_t n, const char *view)
{
	struct buf entries;

	assert_int_equal(fake_question(fake)->kind, ASK_SHAPES);
	assert_int_equal(fake_question(fake)->place.names.n, n);
	buf_init(&entries, SHAPE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct shape_entry entry = { .kind = kinds[i] };

		if (kinds[i] == SHAPE_VIEW)
			fake_text_entry(view, &entries);
		else
			assert_int_equal(shape_entry_encode(&entry, &entries), 0);
	}
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

void policy_knows_each(struct fake *fake, enum shape_kind kind, size_t n)
{
	enum shape_kind *kinds = mem_new(n * sizeof(*kinds));

	for (size_t i = 0; i < n; i++)
		kinds[i] = kind;
	policy_knows(fake, kinds, n, "");
	free(kinds);
}
