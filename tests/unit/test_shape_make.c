#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/shape_make.h"
#include "mail_corpus.h"

/* A shape, its text, and a view on the heap so that a read past it is seen. */
struct made {
	struct span view;
	struct shape shape;
	struct buf text;
};

static void make(struct made *m, struct span bytes)
{
	char *copy = malloc(bytes.len + 1);

	memcpy(copy, bytes.at, bytes.len);
	copy[bytes.len] = '\0';
	m->view = span_of(copy, bytes.len);
	buf_init(&m->text, SHAPE_MAX);
	shape_make(m->view, &m->shape, &m->text);
}

static void drop(struct made *m)
{
	free(m->shape.parts);
	buf_free(&m->text);
	free((char *)(uintptr_t)m->view.at);
}

static void same(struct span got, const char *want)
{
	char *text = span_dup(got);

	assert_string_equal(text, want);
	free(text);
}

static void cut_is(const struct made *m, struct shape_range range, const char *want)
{
	assert_true(range.offset <= m->view.len && range.size <= m->view.len - range.offset);
	same(span_of(m->view.at + range.offset, (size_t)range.size), want);
}

static const struct shape_part *part(const struct made *m, uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t path[] = { a, b, c };

	return shape_find(&m->shape, path, c ? 3 : b ? 2 : 1);
}

static void a_message_without_parts_is_part_one(void **state)
{
	struct made m;

	(void)state;
	make(&m, span_str("Subject: s\r\n\r\none\r\ntwo"));
	assert_int_equal(m.shape.size, 22);
	cut_is(&m, m.shape.header, "Subject: s\r\n\r\n");
	cut_is(&m, m.shape.text, "one\r\ntwo");
	same(m.shape.header_bytes, "Subject: s\r\n\r\n");
	same(m.shape.body, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 8 1)");
	same(m.shape.bodystructure, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	     "\"7bit\" 8 1 NIL NIL NIL NIL)");
	same(m.shape.envelope, "(NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_int_equal(m.shape.parts_n, 1);
	cut_is(&m, part(&m, 1, 0, 0)->body, "one\r\ntwo");
	assert_false(part(&m, 1, 0, 0)->message);
	drop(&m);
}

static const char nested[] =
	"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
	"--o\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n"
	"--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n"
	"--o\r\nContent-Type: message/rfc822\r\n\r\n"
	"Content-Type: multipart/mixed; boundary=i\r\n\r\n"
	"--i\r\n\r\nfirst\r\n--i\r\n\r\nsecond\r\n--i--\r\n--o--\r\n";

static void parts_are_where_their_numbers_lead(void **state)
{
	struct made m;

	(void)state;
	make(&m, span_str(nested));
	cut_is(&m, part(&m, 1, 0, 0)->body, "YQ==");
	cut_is(&m, part(&m, 1, 0, 0)->mime, "Content-Transfer-Encoding: base64\r\n\r\n");
	assert_int_equal(part(&m, 1, 0, 0)->encoding, SHAPE_BASE64);
	assert_true(part(&m, 2, 0, 0)->message);
	cut_is(&m, part(&m, 2, 0, 0)->mime, "Content-Type: message/rfc822\r\n\r\n");
	cut_is(&m, part(&m, 2, 0, 0)->body, "Subject: in\r\n\r\nbody");
	cut_is(&m, part(&m, 2, 0, 0)->header, "Subject: in\r\n\r\n");
	cut_is(&m, part(&m, 2, 0, 0)->text, "body");
	cut_is(&m, part(&m, 2, 1, 0)->body, "body");
	cut_is(&m, part(&m, 3, 1, 0)->body, "first");
	cut_is(&m, part(&m, 3, 1, 0)->mime, "\r\n");
	cut_is(&m, part(&m, 3, 2, 0)->body, "second");
	assert_null(part(&m, 3, 3, 0));
	assert_null(part(&m, 3, 1, 1));
	assert_null(part(&m, 4, 0, 0));
	drop(&m);
}

static const struct {
	const char *to, *want;
} addresses[] = {
	{ "a@b", "((NIL NIL \"a\" \"b\"))" },
	{ "A  B <a@b>, \"C, \\\"D\\\"\" <c@d>",
	  "((\"A B\" NIL \"a\" \"b\")(\"C, \\\"D\\\"\" NIL \"c\" \"d\"))" },
	{ "a@b (N (n))", "((\"N (n)\" NIL \"a\" \"b\"))" },
	{ "(before) a@b", "((NIL NIL \"a\" \"b\"))" },
	{ "<@x,@y:a@b>", "((NIL \"@x,@y\" \"a\" \"b\"))" },
	{ "g: a@b, c@d;, e@f", "((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")"
	  "(NIL NIL NIL NIL)(NIL NIL \"e\" \"f\"))" },
	{ "none:;", "((NIL NIL \"none\" NIL)(NIL NIL NIL NIL))" },
	{ "open: a@b", "((NIL NIL \"open\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))" },
	{ "\"x y\"@b", "((NIL NIL \"x y\" \"b\"))" },
	{ "=?utf-8?Q?=C3=BC?= <a@b>", "((\"=?utf-8?Q?=C3=BC?=\" NIL \"a\" \"b\"))" },
	{ "\xc3\xbc <a@b>", "(({2}\r\n\xc3\xbc NIL \"a\" \"b\"))" },
	{ "alone", "((NIL NIL \"alone\" \"MISSING_DOMAIN\"))" },
	{ "<>", "((NIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"))" },
	{ "\"open", "((NIL NIL \"open\" \"MISSING_DOMAIN\"))" },
	{ " ", "NIL" },
};

static void addresses_are_read_as_servers_do(void **state)
{
	char view[300], want[400];
	struct made m;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		snprintf(view, sizeof(view), "To: %s\r\n\r\n", addresses[i].to);
		snprintf(want, sizeof(want), "(NIL NIL NIL NIL NIL %s NIL NIL NIL NIL)",
			 addresses[i].want);
		make(&m, span_str(view));
		same(m.shape.envelope, want);
		drop(&m);
	}
	make(&m, span_str("From: a@b\r\nSender:\r\nReply-To: r@s\r\n\r\n"));
	same(m.shape.envelope, "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
	     "((NIL NIL \"r\" \"s\")) NIL NIL NIL NIL NIL)");
	drop(&m);
}

static const struct {
	const char *params, *want;
} params[] = {
	{ "a=1; B=\"x \\\"y\\\"\"", "(\"a\" \"1\" \"B\" \"x \\\"y\\\"\")" },
	{ "n*1=b; a=1; n*0=\"a \"", "(\"a\" \"1\" \"n\" \"a b\")" },
	{ "n*0*=utf-8''%C3; n*1=\"%;\"", "(\"n*\" \"utf-8''%C3%25;\")" },
	{ "n*=utf-8''x", "(\"n*\" \"utf-8''x\")" },
	{ "n*0=a; n*2=c", "(\"n*0\" \"a\" \"n*2\" \"c\")" },
	{ "n*0=a; n*0=b", "(\"n*0\" \"a\" \"n*0\" \"b\")" },
	{ "n*x=a; n*1*2=b", "(\"n*x\" \"a\" \"n*1*2\" \"b\")" },
};

static void parameters_in_pieces_are_put_together(void **state)
{
	char view[300], want[400];
	struct made m;

	(void)state;
	for (size_t i = 0; i < sizeof(params) / sizeof(*params); i++) {
		snprintf(view, sizeof(view), "Content-Type: a/b; %s\r\n\r\n", params[i].params);
		snprintf(want, sizeof(want), "(\"a\" \"b\" %s NIL NIL \"7bit\" 0)",
			 params[i].want);
		make(&m, span_str(view));
		same(m.shape.body, want);
		drop(&m);
	}
}

static void what_is_too_deep_is_one_text(void **state)
{
	struct made m;
	struct buf view;

	(void)state;
	buf_init(&view, 1 << 20);
	for (int i = 0; i < SHAPE_PATH_MAX + 1; i++)
		assert_int_equal(buf_printf(&view, "Content-Type: multipart/mixed; boundary=%d\r\n"
					    "\r\n--%d\r\n", i + 100, i + 100), 0);
	assert_int_equal(buf_puts(&view, "\r\nx\r\n"), 0);
	make(&m, buf_span(&view));
	assert_int_equal(m.shape.parts_n, 1);
	assert_int_equal(m.shape.parts[0].body.size, view.len);
	assert_int_equal(m.shape.header.size, 0);
	assert_int_equal(m.shape.text.size, view.len);
	same(m.shape.envelope, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
	drop(&m);
	buf_free(&view);
}

static void round_trip(const struct made *m)
{
	struct shape_entry sent = { .kind = SHAPE_VIEW, .shape = m->shape }, got;
	struct span wire;
	struct buf out;
	struct err err;

	buf_init(&out, SHAPE_MAX);
	assert_int_equal(shape_entry_encode(&sent, &out), 0);
	wire = buf_span(&out);
	assert_int_equal(shape_entry_decode(&wire, &got, &err), 0);
	assert_int_equal(wire.len, 0);
	assert_int_equal(got.shape.parts_n, m->shape.parts_n);
	assert_true(span_eq(got.shape.bodystructure, m->shape.bodystructure));
	shape_entry_free(&got);
	buf_free(&out);
}

static void every_beginning_of_every_message_has_a_shape(void **state)
{
	struct strs names = { 0 };
	struct made m;

	(void)state;
	mail_corpus_names(&names);
	for (size_t i = 0; i < names.n; i++) {
		struct span bytes = mail_corpus_read(names.at[i]);
		size_t step = bytes.len / 200 + 1;

		for (size_t len = 0; len <= bytes.len; len += step) {
			make(&m, span_of(bytes.at, len));
			assert_int_equal(m.shape.header.size + m.shape.text.size, len);
			assert_true(m.shape.parts_n > 0);
			round_trip(&m);
			drop(&m);
		}
		free((char *)(uintptr_t)bytes.at);
	}
	strs_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_parts_is_part_one),
		cmocka_unit_test(parts_are_where_their_numbers_lead),
		cmocka_unit_test(addresses_are_read_as_servers_do),
		cmocka_unit_test(parameters_in_pieces_are_put_together),
		cmocka_unit_test(what_is_too_deep_is_one_text),
		cmocka_unit_test(every_beginning_of_every_message_has_a_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
