#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/header.h>

#include "policy/job/header_guard.h"
#include "policy/rules/rule_match.h"

#define CLIENT                                        \
	"From: Alice <alice@example.org>\r\n"         \
	"to: bob@example.org\r\n"                     \
	"BCC: eve@example.org,\r\n\tmallory@x.example\r\n" \
	"Subject: [secure] Plans\r\n"                 \
	"Comments: about plans\r\n"                   \
	"keyWords: plans, dawn\r\n"                  \
	"HP-Outer: Subject: faked\r\n"                \
	"DKIM-Signature: v=1; b=x\r\n"                \
	"Content-Type: text/plain; charset=utf-8\r\n" \
	"mime-version: 1.0\r\n"                       \
	"Thread-Topic: Plans\r\n"                     \
	"resent-bcc: z@example.org\r\n"               \
	"X-Odd : spaced  \r\n \r\n\tfolded\r\n"

static const struct strs none;

static struct header_guard guard(const char *fields, enum header_guard_kind kind,
				 const struct decision *given)
{
	struct decision plain = { .protect_subject = true, .add_header = &none };
	struct header_guard_wish wish = {
		.kind = kind,
		.decision = given ? given : &plain,
		.hostname = "gw.example.org",
		.seven_bit = kind != HEADER_GUARD_CLEAR,
		.rewritten = kind != HEADER_GUARD_CLEAR,
	};
	struct header_guard made;

	assert_int_equal(header_guard_make(span_str(fields), &wish, &made), 0);
	return made;
}

static void holds(struct buf *text, const char *want)
{
	char *got = buf_take_string(text);

	assert_string_equal(got, want);
	free(got);
}

static void an_encrypted_copy_hides_and_says_what_it_does_not_hide(void **state)
{
	struct header_guard g = guard(CLIENT, HEADER_GUARD_ENCRYPTED, NULL);

	(void)state;
	holds(&g.outer, "From: Alice <alice@example.org>\r\n"
			"to: bob@example.org\r\n"
			"Subject: [...]\r\n"
			"X-Odd: spaced\r\n\tfolded\r\n");
	holds(&g.inner, "From: Alice <alice@example.org>\r\n"
			"to: bob@example.org\r\n"
			"Subject: [secure] Plans\r\n"
			"Comments: about plans\r\n"
			"keyWords: plans, dawn\r\n"
			"Thread-Topic: Plans\r\n"
			"X-Odd: spaced\r\n\tfolded\r\n");
	holds(&g.hp_outer, "HP-Outer: From: Alice <alice@example.org>\r\n"
			   "HP-Outer: to: bob@example.org\r\n"
			   "HP-Outer: Subject: [...]\r\n"
			   "HP-Outer: X-Odd: spaced\r\n\tfolded\r\n");
	header_guard_free(&g);
}

static void the_subject_stays_outside_where_the_rule_says_so(void **state)
{
	struct decision d = { .protect_subject = false, .add_header = &none };
	struct header_guard g = guard(CLIENT, HEADER_GUARD_ENCRYPTED, &d);
	struct header_field field;

	(void)state;
	assert_int_equal(header_find(buf_span(&g.outer), "Subject", &field), 1);
	assert_true(span_is(field.body, " [secure] Plans"));
	assert_int_equal(header_find(buf_span(&g.outer), "Comments", NULL), 0);
	assert_int_equal(header_find(buf_span(&g.outer), "Keywords", NULL), 0);
	header_guard_free(&g);
}

static void a_signed_copy_is_the_same_outside_and_inside(void **state)
{
	struct header_guard g = guard(CLIENT, HEADER_GUARD_SIGNED, NULL);
	char *outer = buf_take_string(&g.outer);

	(void)state;
	holds(&g.inner, outer);
	assert_non_null(strstr(outer, "Subject: [secure] Plans\r\n"));
	assert_null(strstr(outer, "DKIM"));
	assert_int_equal(g.hp_outer.len, 0);
	free(outer);
	header_guard_free(&g);
}

static void around_a_signed_part_only_what_is_hidden_goes_inside(void **state)
{
	struct header_guard g = guard(CLIENT, HEADER_GUARD_AROUND, NULL);

	(void)state;
	holds(&g.inner, "Subject: [secure] Plans\r\nComments: about plans\r\n"
			"keyWords: plans, dawn\r\nThread-Topic: Plans\r\n");
	assert_int_equal(g.hp_outer.len, 0);
	header_guard_free(&g);
}

static void a_clear_copy_loses_bcc_and_nothing_else(void **state)
{
	struct header_guard g = guard(CLIENT, HEADER_GUARD_CLEAR, NULL);

	(void)state;
	assert_true(g.changed);
	holds(&g.outer, "From: Alice <alice@example.org>\r\n"
			"to: bob@example.org\r\n"
			"Subject: [secure] Plans\r\n"
			"Comments: about plans\r\n"
			"keyWords: plans, dawn\r\n"
			"HP-Outer: Subject: faked\r\n"
			"DKIM-Signature: v=1; b=x\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"mime-version: 1.0\r\n"
			"Thread-Topic: Plans\r\n"
			"X-Odd : spaced  \r\n \r\n\tfolded\r\n");
	header_guard_free(&g);
	g = guard("From: a@b.example\r\nX:  odd  \r\n", HEADER_GUARD_CLEAR, NULL);
	assert_false(g.changed);
	header_guard_free(&g);
}

static void a_tag_is_taken_off_and_fields_are_added(void **state)
{
	struct strs added = { 0 };
	struct decision d = { .protect_subject = true, .strip_tag = true,
			      .subject_glob = "[secure]*", .add_header = &added };
	struct header_guard g;

	(void)state;
	strs_add(&added, span_str("X-Way: ours"));
	g = guard("Subject: =?utf-8?Q?[secure]_Pl=C3=A4ne?=\r\n", HEADER_GUARD_ENCRYPTED, &d);
	holds(&g.outer, "X-Way: ours\r\nSubject: [...]\r\n");
	holds(&g.inner, "X-Way: ours\r\nSubject: =?utf-8?q?Pl=C3=A4ne?=\r\n");
	holds(&g.hp_outer, "HP-Outer: X-Way: ours\r\nHP-Outer: Subject: [...]\r\n");
	header_guard_free(&g);
	g = guard("Subject: [secure] Plans\r\n", HEADER_GUARD_CLEAR, &d);
	assert_true(g.changed);
	holds(&g.outer, "X-Way: ours\r\nSubject: Plans\r\n");
	header_guard_free(&g);
	strs_free(&added);
}

static void utf8_becomes_words_except_in_addresses(void **state)
{
	struct header_guard g;

	(void)state;
	g = guard("X-A: Gr\xc3\xbc\xc3\x9f" "e\r\nFrom: J\xc3\xbcrgen <j@example.org>\r\n",
		  HEADER_GUARD_SIGNED, NULL);
	assert_false(g.eight_bit || g.utf8);
	header_guard_free(&g);
	g = guard("From: <j\xc3\xbcrgen@example.org>\r\n", HEADER_GUARD_SIGNED, NULL);
	assert_true(g.eight_bit && g.utf8);
	header_guard_free(&g);
	g = guard("X: raw \xfc\r\n", HEADER_GUARD_CLEAR, NULL);
	assert_true(g.eight_bit && !g.utf8);
	header_guard_free(&g);
}

static void two_subjects_are_both_hidden_behind_one(void **state)
{
	struct header_guard g = guard("Subject: one\r\nsubject: two\r\n",
				      HEADER_GUARD_ENCRYPTED, NULL);

	(void)state;
	holds(&g.outer, "Subject: [...]\r\n");
	holds(&g.inner, "Subject: one\r\nsubject: two\r\n");
	header_guard_free(&g);
}

struct structure_case {
	const char *fields, *body, *hp, *encoding, *want;
};

static const struct structure_case structures[] = {
	{ "From: x\r\n", "hi", "cipher", NULL,
	  "Content-Type: text/plain; charset=us-ascii; hp=\"cipher\"\r\n" },
	{ "", "caf\xc3\xa9", "cipher", NULL,
	  "Content-Type: text/plain; charset=utf-8; hp=\"cipher\"\r\n"
	  "Content-Transfer-Encoding: 8bit\r\n" },
	{ "", "caf\xe9", "clear", "quoted-printable",
	  "Content-Type: text/plain; charset=unknown-8bit; hp=\"clear\"\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n" },
	{ "Content-Type: text/html;\r\n charset=x\r\nMIME-Version: 1.0\r\nContent-ID: <1>\r\n",
	  "", "cipher", NULL,
	  "Content-Type: text/html;\r\n charset=x;\r\n\thp=\"cipher\"\r\nContent-ID: <1>\r\n" },
	{ "Content-Type: text\r\nContent-Type: text/html\r\nContent-Type: a/b\r\n", "", "cipher",
	  NULL, "Content-Type: text/html;\r\n\thp=\"cipher\"\r\n" },
	{ "Content-Type: text\r\n", "", "cipher", NULL,
	  "Content-Type: text/plain; charset=us-ascii; hp=\"cipher\"\r\n" },
	{ "Content-Type: text/plain; hp=\"clear\"\r\nContent-Length: 5\r\n"
	  "content-transfer-encoding: 8bit\r\n", "", "clear", "base64",
	  "Content-Type: text/plain;\r\n\thp=\"clear\"\r\nContent-Transfer-Encoding: base64\r\n" },
	/* what the client says of it is not what was done (THREATS 139) */
	{ "Content-Type: text/plain; hp=cipher\r\n", "", "clear", NULL,
	  "Content-Type: text/plain;\r\n\thp=\"clear\"\r\n" },
	{ "Content-Type: text/plain; HP=\"clear\"; hp=clear; charset=x\r\n", "", "cipher", NULL,
	  "Content-Type: text/plain; charset=x;\r\n\thp=\"cipher\"\r\n" },
	{ "Content-Type: text/plain; hp*0=cl; hp*1=ear\r\n", "", "cipher", NULL,
	  "Content-Type: text/plain;\r\n\thp=\"cipher\"\r\n" },
	{ "Content-Type: text/plain; hp*=us-ascii''clear; hp*0*=us-ascii''clear\r\n", "",
	  "cipher", NULL, "Content-Type: text/plain;\r\n\thp=\"cipher\"\r\n" },
	{ "Content-Type: multipart/signed; boundary=b\r\n", "", NULL, NULL,
	  "Content-Type: multipart/signed; boundary=b\r\n" },
	{ "Content-Disposition: attachment; filename=\"\xc3\xbc\"\r\n", "", NULL, NULL,
	  "Content-Disposition: attachment;\r\n\tfilename*=utf-8''%C3%BC\r\n"
	  "Content-Type: text/plain; charset=us-ascii\r\n" },
};

static void a_payload_has_one_type_with_its_mark(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(structures) / sizeof(*structures); i++) {
		const struct structure_case *c = &structures[i];
		struct buf out;

		buf_init(&out, 10000);
		assert_int_equal(header_guard_structure(span_str(c->fields), span_str(c->body),
							c->hp, c->encoding, true, &out), 0);
		holds(&out, c->want);
	}
}

static void no_line_of_a_field_is_too_long_where_it_can_be_folded(void **state)
{
	struct buf body, out;
	struct span rest, line;

	(void)state;
	buf_init(&body, 100000);
	buf_init(&out, 100000);
	for (int i = 0; i < 1000; i++)
		buf_puts(&body, " word");
	assert_int_equal(header_guard_put(span_str("References"), buf_span(&body), &out), 0);
	rest = buf_span(&out);
	while (span_split(&rest, '\n', &line))
		assert_true(line.len <= 999);
	buf_free(&body);
	buf_free(&out);
}

static void what_we_said_to_a_reader_goes_into_no_copy(void **state)
{
	static const char fields[] =
		"Authentication-Results: gw.example.org; openpgp=pass (signed)\r\n"
		"X-LETTERLOCK: decrypted; signature=good\r\n\tby \"Bob\"\r\n"
		"Authentication-Results: mx.example.net; spf=pass\r\n"
		"From: a@example.org\r\n";
	static const char kept[] = "Authentication-Results: mx.example.net; spf=pass\r\n"
				   "From: a@example.org\r\n";

	(void)state;
	for (int kind = HEADER_GUARD_CLEAR; kind <= HEADER_GUARD_AROUND; kind++) {
		bool inside = kind == HEADER_GUARD_SIGNED || kind == HEADER_GUARD_ENCRYPTED;
		struct header_guard g = guard(fields, (enum header_guard_kind)kind, NULL);

		holds(&g.outer, kept);
		holds(&g.inner, inside ? kept : "");
		assert_true(kind != HEADER_GUARD_CLEAR || g.changed);
		header_guard_free(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_encrypted_copy_hides_and_says_what_it_does_not_hide),
		cmocka_unit_test(the_subject_stays_outside_where_the_rule_says_so),
		cmocka_unit_test(a_signed_copy_is_the_same_outside_and_inside),
		cmocka_unit_test(around_a_signed_part_only_what_is_hidden_goes_inside),
		cmocka_unit_test(a_clear_copy_loses_bcc_and_nothing_else),
		cmocka_unit_test(a_tag_is_taken_off_and_fields_are_added),
		cmocka_unit_test(utf8_becomes_words_except_in_addresses),
		cmocka_unit_test(two_subjects_are_both_hidden_behind_one),
		cmocka_unit_test(a_payload_has_one_type_with_its_mark),
		cmocka_unit_test(what_we_said_to_a_reader_goes_into_no_copy),
		cmocka_unit_test(no_line_of_a_field_is_too_long_where_it_can_be_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
