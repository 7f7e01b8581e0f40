#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <letterlock/header.h>

#include "policy/job/open_fields.h"

#define HOST "gw.example.org"

static void only_the_root_s_own_type_protects(void **state)
{
	static const struct {
		const char *inner;
		enum open_protection want;
	} cases[] = {
		{ "Content-Type: text/plain; hp=\"cipher\"\r\n", OPEN_PROTECTED },
		{ "Content-Type: text/plain; HP=clear\r\n", OPEN_PROTECTED },
		{ "Content-Type: text/plain; protected-headers=\"v1\"\r\n", OPEN_SUBJECT_ONLY },
		{ "Content-Type: text/plain; hp=\"other\"\r\n", OPEN_UNPROTECTED },
		{ "Content-Type: text/plain; hp=clear; hp=cipher\r\n", OPEN_UNPROTECTED },
		{ "Content-Type: text/plain\r\nHP-Outer: Subject: x\r\n", OPEN_UNPROTECTED },
		{ "Content-Type: text/plain; hp*=utf-8''clear\r\n", OPEN_UNPROTECTED },
		{ "Content-Type: text/plain; hp=clear\r\nContent-Type: text/plain\r\n",
		  OPEN_UNPROTECTED },
		{ "", OPEN_UNPROTECTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(open_fields_protection(span_str(cases[i].inner)), cases[i].want);
}

static void verdicts_from_outside_are_known(void **state)
{
	static const struct {
		const char *name, *body;
		bool forged;
	} cases[] = {
		{ "X-Letterlock", " anything", true },
		{ "x-LETTERLOCK", "", true },
		{ "X-Letterlock-Other", "", false },
		{ "Authentication-Results", " gw.example.org; openpgp=pass", true },
		{ "AUTHENTICATION-results", "\r\n (gw) GW.Example.Org 1; x=y", true },
		{ "Authentication-Results", " \"gw.example.org\"; x=y", true },
		{ "Authentication-Results", " gw.example.org", true },
		{ "Authentication-Results", " (a;b) gw.example.org; x=y", true },
		{ "Authentication-Results", " \"gw.exam\\ple.org\"; x=y", true },
		{ "Authentication-Results", " mx.example.org; comment=gw.example.org", false },
		{ "Authentication-Results", " notgw.example.org; x=y", false },
		{ "Authentication-Results", " gw.example.org.evil; x=y", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(open_fields_forged(span_str(cases[i].name),
						    span_str(cases[i].body), HOST),
				 cases[i].forged);
}

static void joined(const struct open_fields *fields, const char *want)
{
	struct buf out;
	char *got;

	buf_init(&out, 4096);
	assert_int_equal(open_fields_join(fields, &out), 0);
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	free(got);
}

static void what_is_protected_replaces_what_is_outside(void **state)
{
	struct open_fields fields = {
		.outer = span_str("Received: a\r\nFrom: a@x\r\nSubject: [...]\r\n"
				  "Reply-To: eve@x\r\nList-Id: l\r\nMIME-Version: 1.0\r\n"
				  "Content-Type: multipart/encrypted\r\n"),
		.inner = span_str("Content-Type: text/plain; hp=\"cipher\"\r\nFrom: A <a@x>\r\n"
				  "Subject: real\r\nHP-Outer: Subject: [...]\r\n"
				  "X-Letterlock: forged\r\n"),
		.protection = OPEN_PROTECTED, .inner_from = true,
		.hostname = HOST,
	};

	(void)state;
	fields.structure = fields.inner;
	joined(&fields, "Received: a\r\nList-Id: l\r\nContent-Type: text/plain; hp=\"cipher\"\r\n"
	       "From: A <a@x>\r\nSubject: real\r\nMIME-Version: 1.0\r\n");
	fields.inner_from = false;
	joined(&fields, "Received: a\r\nFrom: a@x\r\nList-Id: l\r\n"
	       "Content-Type: text/plain; hp=\"cipher\"\r\nSubject: real\r\nMIME-Version: 1.0\r\n");
	fields.protection = OPEN_SUBJECT_ONLY;
	joined(&fields, "Received: a\r\nFrom: a@x\r\nReply-To: eve@x\r\nList-Id: l\r\n"
	       "Content-Type: text/plain; hp=\"cipher\"\r\nSubject: real\r\nMIME-Version: 1.0\r\n");
	fields.protection = OPEN_UNPROTECTED;
	joined(&fields, "Received: a\r\nFrom: a@x\r\nSubject: [...]\r\nReply-To: eve@x\r\n"
	       "List-Id: l\r\nContent-Type: text/plain; hp=\"cipher\"\r\nMIME-Version: 1.0\r\n");
}

static void what_is_signed_within_is_shown_in_the_structure_around_it(void **state)
{
	struct open_fields fields = {
		.outer = span_str("From: a@x\r\nSubject: [...]\r\nContent-Type: a/b\r\n"),
		.structure = span_str("Content-Type: multipart/signed\r\nSubject: forged\r\n"
				      "MIME-Version: 1.0\r\n"),
		.inner = span_str("From: a@x\r\nSubject: real\r\n"
				  "Content-Type: text/plain; hp=clear\r\n"),
		.protection = OPEN_PROTECTED, .inner_from = true, .hostname = HOST,
	};

	(void)state;
	joined(&fields, "Content-Type: multipart/signed\r\nMIME-Version: 1.0\r\nFrom: a@x\r\n"
	       "Subject: real\r\n");
}

/* Where nothing is decrypted: a part's own type is not that of the whole. */
static void what_is_signed_outside_keeps_the_structure_around_it(void **state)
{
	struct open_fields fields = {
		.outer = span_str("From: a@x\r\nMIME-Version: 1.0\r\n"
				  "Content-Type: multipart/signed\r\nContent-Language: en\r\n"),
		.inner = span_str("From: a@x\r\nSubject: real\r\nContent-Language: de\r\n"
				  "Content-Type: text/plain; hp=clear\r\n"),
		.protection = OPEN_PROTECTED, .inner_from = true, .hostname = HOST,
	};

	(void)state;
	joined(&fields, "MIME-Version: 1.0\r\nContent-Type: multipart/signed\r\n"
	       "Content-Language: en\r\nFrom: a@x\r\nSubject: real\r\n");
}

/* THREATS 137: a provider that found a message to be false is not overruled in it. */
static void what_servers_said_is_not_said_inside(void **state)
{
	static const char outer[] = "Received: a\r\nAuthentication-Results: mx.y; dmarc=fail\r\n"
				    "ARC-Seal: i=1\r\nX-Spam-Status: Yes\r\nReturn-Path: <e@x>\r\n";
	struct open_fields fields = {
		.outer = span_str(outer),
		.inner = span_str("Content-Type: a/b; hp=cipher\r\nRECEIVED: b\r\n"
				  "authentication-results : mx.y; dmarc=pass\r\n"
				  "Authentication-Results: other; dmarc=pass\r\nARC-Seal: i=2\r\n"
				  "arc-authentication-results: i=1; mx.y; spf=pass\r\n"
				  "X-Spam-Status: No\r\nReturn-Path: <a@x>\r\n"
				  "Received-SPF: pass\r\nDelivered-To: b@y\r\n"
				  "DKIM-Signature: x\r\n"),
		.protection = OPEN_PROTECTED, .hostname = HOST,
	};

	(void)state;
	joined(&fields, outer);
}

static void an_outer_header_of_another_message_contradicts(void **state)
{
	static const char inner[] = "From: a@x\r\nTo: b@y\r\nDate: today\r\nMessage-ID: <1@x>\r\n";
	static const struct {
		const char *outer, *inner;
		bool contradicts;
	} cases[] = {
		{ "From: a@x\r\nTo:\r\n b@y\r\nDate: today\r\nMessage-ID: <1@x>\r\n",
		  inner, false },
		{ "From: a@x\r\nTo: c@y\r\n", inner, true },
		{ "Message-ID: <2@x>\r\n", inner, true },
		{ "To: b@y\r\nTo: b@y\r\n", inner, true },
		{ "Subject: [list] x\r\n", inner, false },
		{ "Date: noon\r\n", "Date: today\r\nHP-Outer: Date: noon\r\n", false },
		{ "Date: today\r\n", "Date: today\r\nHP-Outer: Date: noon\r\n", true },
		{ "Message-ID: <added@x>\r\n", "HP-Outer: Date: noon\r\n", false },
		/* what is said outside of the outside says nothing (THREATS 140) */
		{ "To: c@y\r\nHP-Outer: To: c@y\r\n", inner, true },
		{ "To: b@y\r\nHP-Outer: To: c@y\r\n", inner, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(open_fields_contradict(span_str(cases[i].outer),
							span_str(cases[i].inner)),
				 cases[i].contradicts);
}

/* As many fields outside as a message may have, and one inside that is as long as it
 * may be and costs much to read: a sealer has no minute for them. */
static void thousands_of_fields_are_joined_soon(void **state)
{
	static const enum open_protection protections[] = { OPEN_PROTECTED, OPEN_SUBJECT_ONLY };
	clock_t begin = clock();
	struct buf outer, inner, out;

	(void)state;
	buf_init(&outer, HEADER_BLOCK_MAX);
	buf_init(&inner, HEADER_BLOCK_MAX);
	buf_init(&out, 4 * HEADER_BLOCK_MAX);
	for (unsigned i = 0; i < HEADER_FIELDS_MAX / 2; i++)
		(void)buf_puts(&outer, "X-A: b\r\nSubject: c\r\n");
	(void)buf_puts(&inner, "x-a: ");
	while (inner.len < 1000 * 1000)
		(void)buf_puts(&inner, "\r\r\r\r\r\r\r\r\r\r");
	(void)buf_puts(&inner, "\r\n");
	for (size_t i = 0; i < sizeof(protections) / sizeof(*protections); i++) {
		struct open_fields fields = { .outer = buf_span(&outer), .inner = buf_span(&inner),
					      .hostname = HOST, .protection = protections[i] };

		buf_clear(&out);
		assert_int_equal(open_fields_join(&fields, &out), 0);
	}
	assert_true((clock() - begin) / CLOCKS_PER_SEC < 10);
	buf_free(&outer);
	buf_free(&inner);
	buf_free(&out);
}

static void from_is_one_field_with_one_address(void **state)
{
	char *from = open_fields_from(span_str("From: A <A@X.example>\r\n"));

	(void)state;
	assert_string_equal(from, "a@x.example");
	free(from);
	assert_null(open_fields_from(span_str("From: a@x, b@x\r\n")));
	assert_null(open_fields_from(span_str("From: a@x\r\nFrom: a@x\r\n")));
	assert_null(open_fields_from(span_str("Subject: none\r\n")));
}

static void a_stray_line_end_begins_no_field(void **state)
{
	static const char fields[] = "Subject: a\nX-Letterlock: b\rX-Letterlock: c\r\n d\r\n";
	struct buf out;
	char *got;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(open_fields_clean(span_str(fields), HOST, &out), 0);
	got = buf_take_string(&out);
	assert_string_equal(got, "Subject: a X-Letterlock: b X-Letterlock: c\r\n d\r\n");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_root_s_own_type_protects),
		cmocka_unit_test(verdicts_from_outside_are_known),
		cmocka_unit_test(what_is_protected_replaces_what_is_outside),
		cmocka_unit_test(what_is_signed_within_is_shown_in_the_structure_around_it),
		cmocka_unit_test(what_is_signed_outside_keeps_the_structure_around_it),
		cmocka_unit_test(what_servers_said_is_not_said_inside),
		cmocka_unit_test(an_outer_header_of_another_message_contradicts),
		cmocka_unit_test(thousands_of_fields_are_joined_soon),
		cmocka_unit_test(from_is_one_field_with_one_address),
		cmocka_unit_test(a_stray_line_end_begins_no_field),
	};

	return cmocka_run_group_tests_name("open_fields", tests, NULL, NULL);
}
