/* What a reader is shown of messages that are, or only resemble, PGP/MIME. */
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

#include "open_world.h"

static char *armor;	/* of INNER, for bob */

static int set_up(void **state)
{
	struct octets made;

	open_world_make(state);
	made = open_world_gpg("-e -r " BOB, span_str(INNER));
	armor = open_world_armor(octets_span(&made));
	free(made.at);
	return 0;
}

static int tear_down(void **state)
{
	free(armor);
	return open_world_end(state);
}

/* `text` on the heap, with the armour for each `%`. */
static char *filled(const char *text)
{
	struct buf out;

	buf_init(&out, 1024 * 1024);
	for (; *text; text++)
		assert_int_equal(buf_put(&out, *text == '%' ? span_str(armor) :
							      span_of(text, 1)), 0);
	return buf_take_string(&out);
}

#define PROTOCOL " protocol=\"application/pgp-encrypted\"\r\n"
#define TYPE "Content-Type: multipart/encrypted; boundary=b"
#define PARTS CONTROL DATA "%" END
#define PLAIN "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"

/* THREATS 109, 111, 112 */
static void only_a_message_by_rfc_3156_is_opened(void **state)
{
	static const struct {
		const char *what, *text;
		const char *reason;	/* NULL: it is opened */
	} cases[] = {
		{ "by the RFC", LETTER ROOT "\r\n" PARTS, NULL },
		{ "a preamble and an epilogue",
		  LETTER ROOT "\r\nhello\r\n" PARTS "bye\r\n", NULL },
		{ "7bit on the root",
		  LETTER "Content-Transfer-Encoding: 7bit\r\n" ROOT "\r\n" PARTS, NULL },
		{ "base64 on the root",
		  LETTER "Content-Transfer-Encoding: base64\r\n" ROOT "\r\n" PARTS, NO_MIME },
		{ "quoted-printable on the root",
		  LETTER "Content-Transfer-Encoding: quoted-printable\r\n" ROOT "\r\n" PARTS,
		  NO_MIME },
		{ "an unknown encoding on the root",
		  LETTER "Content-Transfer-Encoding: x-none\r\n" ROOT "\r\n" PARTS, NO_MIME },
		{ "two encodings", LETTER "Content-Transfer-Encoding: 7bit\r\n"
		  "Content-Transfer-Encoding: 7bit\r\n" ROOT "\r\n" PARTS, NO_MIME },
		{ "two types", LETTER ROOT "Content-Type: text/html\r\n\r\n" PARTS, NO_MIME },
		{ "one part", LETTER ROOT "\r\n" DATA "%" END, NO_MIME },
		{ "the control part alone", LETTER ROOT "\r\n" CONTROL END, NO_MIME },
		{ "three parts", LETTER ROOT "\r\n" CONTROL DATA "%\r\n" PLAIN END, NO_MIME },
		{ "three, the text in front",
		  LETTER ROOT "\r\n" PLAIN CONTROL DATA "%" END, NO_MIME },
		{ "swapped", LETTER ROOT "\r\n" DATA "%\r\n" CONTROL END, NO_MIME },
		{ "no part", LETTER ROOT "\r\n%", NO_MIME },
		{ "no protocol", LETTER TYPE "\r\n\r\n" PARTS, NO_MIME },
		{ "another protocol", LETTER TYPE "; protocol=\"application/pgp\"\r\n\r\n" PARTS,
		  NO_MIME },
		{ "two protocols", LETTER TYPE "; protocol=x;\r\n" PROTOCOL "\r\n" PARTS, NO_MIME },
		{ "a protocol without quotes",
		  LETTER TYPE "; protocol=application/pgp-encrypted\r\n\r\n" PARTS, NULL },
		{ "another version", LETTER ROOT "\r\n--b\r\nContent-Type: "
		  "application/pgp-encrypted\r\n\r\nVersion: 2\r\n\r\n" DATA "%" END, NO_MIME },
		{ "no version", LETTER ROOT "\r\n--b\r\nContent-Type: "
		  "application/pgp-encrypted\r\n\r\n\r\n" DATA "%" END, NO_MIME },
		{ "a control part of another type", LETTER ROOT "\r\n--b\r\n\r\nVersion: 1\r\n\r\n"
		  DATA "%" END, NO_MIME },
		{ "data of another type", LETTER ROOT "\r\n" CONTROL
		  "--b\r\nContent-Type: text/plain\r\n\r\n%" END, NO_MIME },
		{ "no armour", LETTER ROOT "\r\n" CONTROL DATA "hello" END, NO_KEY },
		{ "two blocks", LETTER ROOT "\r\n" CONTROL DATA "%%" END, NO_KEY },
		{ "text in front of the block", LETTER ROOT "\r\n" CONTROL DATA "hello\r\n%" END,
		  NO_KEY },
		{ "text behind the block", LETTER ROOT "\r\n" CONTROL DATA "%hello" END, NO_KEY },
		{ "never closed", LETTER ROOT "\r\n" CONTROL DATA "%\r\n", NO_MIME },
		{ "no boundary",
		  LETTER "Content-Type: multipart/encrypted;\r\n" PROTOCOL "\r\n" PARTS, NO_MIME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (cases[i].reason)
			open_world_refused(cases[i].what, cases[i].reason, filled(cases[i].text));
		else
			open_world_opened(cases[i].what, filled(cases[i].text));
}

#define HTML "--o\r\nContent-Type: text/html\r\n\r\n"
#define NESTED ROOT "\r\n" PARTS
#define IN(type) LETTER "Content-Type: " type "; boundary=o\r\n\r\n"

/*
 * Who opens what stands beside other text gives it to whoever wrote that (EFAIL), or
 * to whoever is answered (THREATS 113, 123, 124).
 */
static void what_is_encrypted_beside_other_parts_stays_so(void **state)
{
	static const struct {
		const char *what, *text;
	} cases[] = {
		{ "between html", IN("multipart/mixed")
		  HTML "<img src=\"http://x.example/\r\n--o\r\n" NESTED
		  "\r\n" HTML "\">\r\n--o--\r\n" },
		{ "mixed", IN("multipart/mixed") "--o\r\n" NESTED "\r\n--o--\r\n" },
		{ "a list's footer", IN("multipart/mixed") "--o\r\n" NESTED
		  "\r\n--o\r\n\r\nthe list\r\n--o--\r\n" },
		{ "alternative", IN("multipart/alternative") "--o\r\n\r\nhi\r\n--o\r\n" NESTED
		  "\r\n--o--\r\n" },
		{ "related", IN("multipart/related") "--o\r\nContent-Type: text/html\r\n\r\n"
		  "<iframe src=cid:x>\r\n--o\r\nContent-ID: <x>\r\n" NESTED "\r\n--o--\r\n" },
		{ "report", IN("multipart/report; report-type=delivery-status") "--o\r\n\r\nhi\r\n"
		  "--o\r\nContent-Type: message/rfc822\r\n\r\n" NESTED "\r\n--o--\r\n" },
		{ "a message", LETTER "Content-Type: message/rfc822\r\n\r\n" LETTER NESTED },
		{ "a message in mixed", IN("multipart/mixed") "--o\r\nContent-Type: message/rfc822"
		  "\r\n\r\n" LETTER NESTED "\r\n--o--\r\n" },
		{ "as Exchange mangles it",
		  LETTER "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		  "--b\r\nContent-Type: text/plain\r\n\r\n\r\n" PARTS },
		{ "the same, without the text",
		  LETTER "Content-Type: multipart/mixed; boundary=b\r\n\r\n" PARTS },
		{ "attached", IN("multipart/mixed") "--o\r\n\r\nhi\r\n--o\r\nContent-Type: "
		  "application/pgp-encrypted; name=a.asc\r\n\r\n%\r\n--o--\r\n" },
		{ "alone, attached", LETTER "Content-Type: application/octet-stream\r\n\r\n%" },
		{ "quoted", LETTER "\r\n> -----BEGIN PGP MESSAGE-----\r\n>\r\n> hF4D\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		open_world_untouched(cases[i].what, filled(cases[i].text));
}

/* THREATS 114: it gets its openpgp=none, and is not touched. */
static void inline_content_is_shown_as_it_is(void **state)
{
	static const char head[] = "Authentication-Results: gw.test; openpgp=none (inline content "
				   "is not looked at)\r\n";
	static const char *const texts[] = {
		LETTER "\r\n%", LETTER "\r\nHello,\r\n\r\n%\r\nbye\r\n",
		LETTER "Content-Type: text/html\r\n\r\n<p>\r\n%</p>\r\n",
		IN("multipart/mixed") "--o\r\n\r\n%" HTML "<p>\r\n--o--\r\n",
		IN("multipart/alternative") "--o\r\n\r\nhi\r\n" HTML "%--o--\r\n",
		LETTER "Content-Type: application/pgp\r\n\r\n%",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *stored = filled(texts[i]);
		struct shown s = open_world_shown(BOB, stored);

		assert_int_equal(s.outcome, OPEN_CLEAR);
		assert_memory_equal(s.view, head, sizeof(head) - 1);
		assert_string_equal(s.view + sizeof(head) - 1, stored);
		free(s.view);
		free(stored);
	}
}

/* Encrypted to bob, then shown: what is there from the first empty line on. */
static char *shown_body(const char *payload, size_t len)
{
	struct octets made = open_world_gpg("-e -r " BOB, span_of(payload, len));
	char *text = open_world_letter(octets_span(&made)), *body;
	struct shown s = open_world_shown(BOB, text);

	assert_int_equal(s.outcome, OPEN_DECRYPTED);
	body = mem_strdup(strstr(s.view, "\r\n\r\n") + 4);
	free(s.view);
	free(text);
	free(made.at);
	return body;
}

/* THREATS 103: neither POP3 nor a literal carries a NUL, and all lines end the same. */
static void octets_that_mail_does_not_know_are_made_good(void **state)
{
	static const struct {
		const char *text, *want;
		size_t len;
	} cases[] = {
		{ "\r\n\r\na\0b\r\n\0\r\n", "\r\na b\r\n \r\n", 12 },
		{ "\n\na\nb\r\nc\n", "\r\na\r\nb\r\nc\r\n", 9 },
		{ "\r\n\r\na\rb\r\r\nc\r", "\r\na\rb\r\r\nc\r\r\n", 12 },
		{ "\r\n\r\n.\r\n..\r\n.x", "\r\n.\r\n..\r\n.x\r\n", 13 },
		{ "\r\n\r\n\x1a\xff\x7f", "\r\n\x1a\xff\x7f\r\n", 7 },
		{ "\n", "", 1 },
		{ "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *body = shown_body(cases[i].text, cases[i].len);

		assert_string_equal(body, cases[i].want);
		free(body);
	}
}

/* THREATS 125; further kinds are in a scenario. */
static void one_layer_is_opened(void **state)
{
	char *inner = filled("\r\n\r\n" LETTER NESTED);
	char *message = filled("Content-Type: message/rfc822\r\n\r\n" LETTER NESTED);
	char *layer = filled(NESTED), *body;

	(void)state;
	body = shown_body(message, strlen(message));
	assert_string_equal(body, inner + 4);
	free(body);
	body = shown_body(layer, strlen(layer));
	assert_string_equal(body, strstr(layer, "\r\n\r\n") + 4);
	free(body);
	free(layer);
	free(message);
	free(inner);
}

/* --- who is named --- */

/* THREATS 110: signed by alice, who is in From by the grammar alone. */
static void a_signature_is_held_against_one_plain_from(void **state)
{
	static const struct {
		const char *from;
		bool pass;
	} cases[] = {
		{ "From: " ALICE "\r\n", true },
		{ "from:\r\n Alice\r\n <" ALICE ">\r\n", true },
		{ "From: eve@x.example\r\n", false },
		{ "From: " ALICE "\r\nFrom: eve@x.example\r\n", false },
		{ "From: eve@x.example\r\nFrom: " ALICE "\r\n", false },
		{ "From : eve@x.example\r\nFrom: " ALICE "\r\n", false },
		{ "From: " ALICE "\r\nFrom\t: eve@x.example\r\n", false },
		{ "From: " ALICE ", eve@x.example\r\n", false },
		{ "From: us: " ALICE ", eve@x.example;\r\n", false },
		{ "From: \"" ALICE "\" <eve@x.example>\r\n", false },
		{ "From: eve@x.example (" ALICE ")\r\n", false },
		{ "From: (" ALICE ") eve@x.example\r\n", false },
		{ "From: =?utf-8?q?" ALICE "?= <eve@x.example>\r\n", false },
		{ "From: =?utf-8?q?alice=40example.org?=\r\n", false },
		{ "From: " ALICE "\\\r\n", false },
		{ "From: <" ALICE "\r\n", false },
		{ "From: " ALICE ".x.example\r\n", false },
		{ "From: x" ALICE "\r\n", false },
		{ "From: " ALICE "\nFrom: eve@x.example\r\n", false },
		{ "From: " ALICE "\rFrom: eve@x.example\r\n", false },
		{ "From:\r\n", false },
		{ "Subject: x\r\nSender: " ALICE "\r\n", false },
		/* no field at all, so what follows is text */
		{ " From: " ALICE "\r\n", false },
	};
	struct octets made = open_world_gpg("--armor -b -u " ALICE, span_str(INNER));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *stored = mem_printf("%sContent-Type: multipart/signed; boundary=b;\r\n"
					  " protocol=\"application/pgp-signature\"\r\n\r\n--b\r\n"
					  INNER "\r\n--b\r\nContent-Type: "
					  "application/pgp-signature\r\n\r\n%s" END,
					  cases[i].from, made.at);
		struct shown s = open_world_shown(BOB, stored);

		if ((strstr(s.view, "=pass") != NULL) != cases[i].pass ||
		    (strstr(s.view, "signature=good") != NULL) != cases[i].pass)
			fail_msg("%s: %.300s", cases[i].from, s.view);
		free(s.view);
		free(stored);
	}
	free(made.at);
}

/* THREATS 111: an encoding of the whole is none that a signature can be over. */
static void a_signed_message_in_an_encoding_is_not_good(void **state)
{
	static const char *const encodings[] = { "base64", "quoted-printable", "x-none" };
	struct octets made = open_world_gpg("--armor -b -u " ALICE, span_str(INNER));

	(void)state;
	for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++) {
		char *stored = mem_printf(LETTER "Content-Transfer-Encoding: %s\r\nContent-Type: "
					  "multipart/signed; boundary=b;\r\n"
					  " protocol=\"application/pgp-signature\"\r\n\r\n--b\r\n"
					  INNER "\r\n--b\r\nContent-Type: "
					  "application/pgp-signature\r\n\r\n%s" END,
					  encodings[i], made.at);
		struct shown s = open_world_shown(BOB, stored);

		assert_null(strstr(s.view, "=pass"));
		assert_null(strstr(s.view, "signature=good"));
		free(s.view);
		free(stored);
	}
	free(made.at);
}

/* --- limits --- */

static char *many(const char *before, const char *each, size_t n, const char *behind)
{
	struct buf out;

	buf_init(&out, 16 * 1024 * 1024);
	(void)buf_puts(&out, before);
	for (size_t i = 0; i < n; i++)
		(void)buf_puts(&out, each);
	assert_int_equal(buf_puts(&out, behind), 0);
	return buf_take_string(&out);
}

/* THREATS 108: what is too much to be looked at passes as it is, and soon. */
static void beyond_the_limits_mail_is_untouched(void **state)
{
	(void)state;
	open_world_untouched("fields", many(LETTER, "X: y\r\n", 100000, ROOT "\r\nx\r\n"));
	open_world_untouched("a field", many(LETTER "X:", " words\r\n", 700000, ROOT "\r\nx\r\n"));
	open_world_untouched("nested", many(LETTER, "Content-Type: message/rfc822\r\n\r\n", 1000,
					    NESTED));
	open_world_untouched("parts", many(IN("multipart/mixed"), "--o\r\n\r\nx\r\n", 10000,
					   "--o--\r\n"));
	open_world_untouched("addresses", many(LETTER "Cc: ", "a@x.example,\r\n ", 10000,
					       "b@x.example\r\n\r\nx\r\n"));
	open_world_untouched("parameters", many(LETTER TYPE, "; n*0=x", 10000, "\r\n\r\nx\r\n"));
	open_world_refused("parts of it", NO_MIME, many(LETTER ROOT "\r\n", "--b\r\n\r\nx\r\n",
							10000, "--b--\r\n"));
}

/* ... but for what pretends to be from us, wherever it stands (THREATS 137). */
static void beyond_the_limits_no_verdict_is_forged(void **state)
{
	static const char forged[] = "X-Letterlock: decrypted; signature=good\r\n"
				     "Authentication-Results: gw.test; openpgp=pass\r\n";
	static const char *const fields[] = { "X: y\r\n", " word\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		char *stored = many(LETTER, fields[i], 300000, "X-Last: z\r\n\r\nx\r\n");
		char *with = many(LETTER, fields[i], 300000, "X-Last: z\r\n"), *all;
		struct shown s;

		all = mem_printf("%s%s\r\nx\r\n", with, forged);
		s = open_world_shown(BOB, all);
		assert_int_equal(s.outcome, OPEN_CLEAR);
		assert_true(strcmp(s.view, stored) == 0);
		free(s.view);
		free(all);
		free(with);
		free(stored);
	}
}

/* THREATS 129: to read a keyring, nobody waits for who writes to it. */
static void a_keyring_that_another_process_locks_is_read(void **state)
{
	char *kbx = mem_printf("%s/pubring.kbx.lock", open_world_home());
	char *trust = mem_printf("%s/trustdb.gpg.lock", open_world_home()), host[256];
	const char *const files[] = { kbx, trust };

	(void)state;
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		FILE *lock = fopen(files[i], "w");

		assert_non_null(lock);
		fprintf(lock, "%10d\n%s\n", (int)getpid(), host);
		assert_int_equal(fclose(lock), 0);
	}
	open_world_opened("locked", filled(LETTER ROOT "\r\n" PARTS));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		assert_int_equal(unlink(files[i]), 0);
	free(trust);
	free(kbx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_message_by_rfc_3156_is_opened),
		cmocka_unit_test(what_is_encrypted_beside_other_parts_stays_so),
		cmocka_unit_test(inline_content_is_shown_as_it_is),
		cmocka_unit_test(octets_that_mail_does_not_know_are_made_good),
		cmocka_unit_test(one_layer_is_opened),
		cmocka_unit_test(a_signature_is_held_against_one_plain_from),
		cmocka_unit_test(a_signed_message_in_an_encoding_is_not_good),
		cmocka_unit_test(beyond_the_limits_mail_is_untouched),
		cmocka_unit_test(beyond_the_limits_no_verdict_is_forged),
		cmocka_unit_test(a_keyring_that_another_process_locks_is_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
