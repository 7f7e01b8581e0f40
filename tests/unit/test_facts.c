#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/job/facts.h"

static const struct rule_needs all = { true, true, true, true, true, true };

static struct message_facts facts_of(struct span bytes, const struct rule_needs *needs)
{
	struct message_facts facts;
	struct message m;
	int fd = mail_corpus_open(bytes, &m);

	facts_read(&m, needs, &facts);
	message_close(&m);
	close(fd);
	return facts;
}

static struct message_facts facts_of_file(const char *name)
{
	struct span bytes = mail_corpus_read(name);
	struct message_facts facts = facts_of(bytes, &all);

	assert_int_equal(facts.size, bytes.len);
	free((char *)bytes.at);
	return facts;
}

struct name_case {
	const char *message;
	const char *name;
};

static void file_names_are_seen_however_they_are_written(void **state)
{
	static const struct name_case cases[] = {
		{ "mixed", "a b.png" },
		{ "mixed", "\xe2\x82\xac.png" },
		{ "raw-8bit-name", "B\xc3\xbcro.pdf" },
		{ "encoded-word-name", "B\xc3\xbcro.pdf" },
		{ "continued-name", "invoice.exe" },
		{ "message-rfc822", "forward.eml" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message_facts facts = facts_of_file(cases[i].message);

		assert_true(facts.parts_exact);
		if (!strs_has_nocase(&facts.attachments, span_str(cases[i].name)))
			fail_msg("%s: no %s", cases[i].message, cases[i].name);
		facts_free(&facts);
	}
}

static bool some_text_has(const struct message_facts *facts, const char *word)
{
	for (size_t i = 0; i < facts->texts.n; i++)
		if (strstr(facts->texts.at[i], word))
			return true;
	return false;
}

static void texts_are_decoded_to_utf8(void **state)
{
	static const struct name_case cases[] = {
		{ "utf8-8bit", "Gr\xc3\xbc\xc3\x9f" "e aus K\xc3\xb6ln" },
		{ "latin1-8bit", "Gr\xc3\xbc\xc3\x9f" "e" },
		{ "base64-text", "Gr\xc3\xbc\xc3\x9f" "e" },
		{ "quoted-printable", "Gr\xc3\xbc\xc3\x9f" "e" },
		{ "nested", "<b>From</b>" },
		{ "message-rfc822", "caf\xc3\xa9 = soft" },
		{ "calendar", "SUMMARY:Gr\xc3\xbc\xc3\x9f" "e" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message_facts facts = facts_of_file(cases[i].message);

		assert_true(facts.parts_exact);
		if (!some_text_has(&facts, cases[i].name))
			fail_msg("%s: no \"%s\"", cases[i].message, cases[i].name);
		facts_free(&facts);
	}
}

static void what_readers_could_see_differently_is_not_exact(void **state)
{
	static const char *const names[] = {
		"boundary-unclosed", "boundary-missing", "two-types", "two-ctes", "broken-type",
		"part-ragged", "ragged", "unknown-cte", "no-mime-latin1", "message-base64",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct message_facts facts = facts_of_file(names[i]);

		if (facts.parts_exact)
			fail_msg("%s is exact", names[i]);
		facts_free(&facts);
	}
}

static void a_part_that_is_no_text_may_hold_some(void **state)
{
	static const struct {
		const char *type, *body;
		bool unsure;
		const char *text;	/* that is read, or NULL */
	} cases[] = {
		{ "text/plain", "Hello", false, "Hello" },
		{ "application/octet-stream", "Hello", false, "Hello" },
		{ "application/octet-stream", "Gr\xc3\xbc\xc3\x9f" "e", false,
		  "Gr\xc3\xbc\xc3\x9f" "e" },
		{ "application/octet-stream", "Gr\xfc\xdf" "e", true, NULL },
		{ "image/png", "Hello", false, "Hello" },
		{ "image/png", "\x89PNG\x01", false, NULL },
		{ "application/pdf", "%PDF\x01", true, NULL },
		{ "x-new/thing", "\x01", true, NULL },
		{ "message/partial; id=1; number=1", "Hello", true, "Hello" },
		{ "message/external-body; access-type=URL; URL=\"http://x.example/\"",
		  "Content-Type: text/plain\r\n\r\n", true, NULL },
		{ "message/delivery-status", "Action: failed", false, "Action: failed" },
		{ "text/plain", "-----BEGIN PGP MESSAGE-----\r\n", true, "BEGIN" },
		{ "application/pkcs7-mime", "0\x82\x01", true, NULL },
		{ "application/pkcs7-signature", "0\x82\x01", false, NULL },
		{ "image/svg+xml", "\xff\xfe<", true, NULL },
		{ "application/pdf", "%PDF-1.4 <48656c6c6f>", true, "%PDF" },
		{ "text/rtf", "{\\rtf1 Hel\\'6co}", true, "rtf1" },
		{ "application/octet-stream", "%!PS-Adobe-3.0\r\n", true, "%!PS" },
		{ "text/plain", "=ybegin line=128 size=3 name=a\r\n", true, "=ybegin" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = mem_printf("Content-Type: %s\r\nMIME-Version: 1.0\r\n"
					"Content-Transfer-Encoding: 8bit\r\n\r\n%s",
					cases[i].type, cases[i].body);
		struct message_facts facts = facts_of(span_str(text), &all);

		assert_true(facts.parts_exact);
		if (facts.texts_unsure != cases[i].unsure ||
		    (cases[i].text && !some_text_has(&facts, cases[i].text)))
			fail_msg("%s: %s", cases[i].type, cases[i].body);
		facts_free(&facts);
		free(text);
	}
}

static struct message_facts facts_of_part(const char *type, const char *body)
{
	char *text = mem_printf("Content-Type: %s\r\nMIME-Version: 1.0\r\n"
				"Content-Transfer-Encoding: 8bit\r\n\r\n%s", type, body);
	struct message_facts facts = facts_of(span_str(text), &all);

	free(text);
	return facts;
}

static void names_that_were_not_read_are_told(void **state)
{
	static const struct {
		const char *type, *body;
		bool unsure;
	} cases[] = {
		{ "text/plain", "Hello", false },
		{ "application/pdf; name=a.pdf", "x", false },
		{ "application/x; name*=utf-16''a", "x", true },
		{ "application/x\r\nContent-Disposition: attachment filename=a.pdf", "x", true },
		{ "application/x\r\nContent-Disposition: (", "x", true },
		{ "application/ms-tnef; name=winmail.dat", "x", true },
		{ "application/pkcs7-mime; name=smime.p7m", "x", true },
		{ "application/pkcs7-signature; name=smime.p7s", "x", false },
		{ "message/partial; id=1; number=1", "x", true },
		{ "text/plain", "(This file must be converted with BinHex 4.0)\r\n", true },
		{ "text/plain", "begin 644 a.pdf\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message_facts facts = facts_of_part(cases[i].type, cases[i].body);

		if (facts.attachments_unsure != cases[i].unsure)
			fail_msg("%s: %s", cases[i].type, cases[i].body);
		facts_free(&facts);
	}
}

static void a_file_in_a_text_has_its_name_and_hides_its_content(void **state)
{
	struct message_facts facts = facts_of_part("text/plain", "x\r\nbegin 644 a.pdf\r\n");

	(void)state;
	assert_true(strs_has_nocase(&facts.attachments, span_str("a.pdf")));
	assert_true(facts.texts_unsure);
	facts_free(&facts);
}

static void what_says_its_charset_or_boundary_twice_is_not_exact(void **state)
{
	static const char *const types[] = {
		"text/plain; charset=utf-8; charset*=''utf-16", "text/plain; charset*0=utf-8",
		"multipart/mixed; boundary=b; boundary*=''c",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct message_facts facts =
			facts_of_part(types[i], "--b\r\n\r\nx\r\n--b--\r\n");

		if (facts.parts_exact)
			fail_msg("%s", types[i]);
		facts_free(&facts);
	}
}

static void a_text_is_read_as_it_is_shown_too(void **state)
{
	static const struct {
		const char *type, *body;
	} cases[] = {
		{ "text/html", "<p>conf<b>id</b>enti&#97;l" },
		{ "text/html", "conf<b>id</b>enti&#97;l" },
		{ "application/octet-stream", "\r\n<p>conf<b>id</b>enti&#97;l" },
		{ "image/svg+xml", "<svg><text>conf&#105;dential" },
		{ "text/plain; format=Flowed; delsp=YES", "confi \r\ndential\r\n" },
		{ "text/plain; charset=utf-8", "confi\xc2\xad" "dential" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message_facts facts = facts_of_part(cases[i].type, cases[i].body);

		assert_true(facts.parts_exact);
		assert_int_equal(facts.texts.n, 2);
		assert_string_equal(facts.texts.at[0], cases[i].body);
		if (!some_text_has(&facts, "confidential"))
			fail_msg("%s: %s", cases[i].type, cases[i].body);
		facts_free(&facts);
	}
}

static void base64_is_not_cut_at_an_inner_padding(void **state)
{
	static const char text[] = "Content-Transfer-Encoding: base64\r\n\r\nVkk=UlVTISE=\r\n";
	struct message_facts facts = facts_of(span_str(text), &all);

	(void)state;
	assert_true(some_text_has(&facts, "VIRUS!!"));
	assert_false(facts.parts_exact);
	facts_free(&facts);
}

static void subjects_and_fields_are_decoded(void **state)
{
	static const char text[] = "Subject: =?utf-8?q?_[sec?=\r\n =?utf-8?q?ure]?= x\r\n"
				   "SUBJECT: two\r\nX-Class: confi\r\n dential\r\n\r\n";
	struct message_facts facts = facts_of(span_str(text), &all);

	(void)state;
	assert_int_equal(facts.subjects.n, 2);
	assert_string_equal(facts.subjects.at[0], "[secure] x");
	assert_true(facts.subject_exact);
	assert_int_equal(facts.header_names.n, 3);
	assert_string_equal(facts.header_values.at[2], "confi dential");
	facts_free(&facts);
	facts = facts_of(span_str("Subject: =?x-no-such?q?a?=\r\n\r\n"), &all);
	assert_false(facts.subject_exact);
	facts_free(&facts);
}

static void nothing_is_decoded_that_no_rule_looks_at(void **state)
{
	static const struct rule_needs nothing;
	struct span bytes = mail_corpus_read("mixed");
	struct message_facts facts = facts_of(bytes, &nothing);

	(void)state;
	assert_int_equal(facts.size, bytes.len);
	assert_int_equal(facts.subjects.n + facts.attachments.n + facts.texts.n, 0);
	assert_true(facts.parts_exact && facts.subject_exact);
	facts_free(&facts);
	free((char *)bytes.at);
}

static void more_text_than_is_read_is_not_exact(void **state)
{
	size_t len = FACTS_TEXT_MAX + 1000;
	char *text = malloc(len);
	struct message_facts facts;

	(void)state;
	memset(text, 'x', len);
	memcpy(text, "A: b\r\n\r\n", 8);
	facts = facts_of(span_of(text, len), &all);
	assert_false(facts.parts_exact);
	facts_free(&facts);
	facts = facts_of(span_of(text, FACTS_TEXT_MAX), &all);
	assert_true(facts.parts_exact);
	facts_free(&facts);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_names_are_seen_however_they_are_written),
		cmocka_unit_test(texts_are_decoded_to_utf8),
		cmocka_unit_test(what_readers_could_see_differently_is_not_exact),
		cmocka_unit_test(a_part_that_is_no_text_may_hold_some),
		cmocka_unit_test(a_text_is_read_as_it_is_shown_too),
		cmocka_unit_test(names_that_were_not_read_are_told),
		cmocka_unit_test(a_file_in_a_text_has_its_name_and_hides_its_content),
		cmocka_unit_test(what_says_its_charset_or_boundary_twice_is_not_exact),
		cmocka_unit_test(base64_is_not_cut_at_an_inner_padding),
		cmocka_unit_test(subjects_and_fields_are_decoded),
		cmocka_unit_test(nothing_is_decoded_that_no_rule_looks_at),
		cmocka_unit_test(more_text_than_is_read_is_not_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
