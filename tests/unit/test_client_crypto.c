#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/job/client_crypto.h"
#include "seal_world.h"

#define INNER "Content-Type: text/plain\r\n\r\nThe treasure\r\n"
#define ENCRYPTED                                                              \
	"MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b;\r\n" \
	" protocol=\"application/pgp-encrypted\"\r\n"
#define CONTROL "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
#define DATA "--b\r\nContent-Type: application/octet-stream\r\n\r\n"
#define END "\r\n--b--\r\n"

static struct seal_world world;
static char *to_bob, *to_bob_and_carol, *to_dave, *hidden, *symmetric, *literal;
static char *signed_only, *signature, *damaged, *signed_inside, *with_password;

static char *crlf(char *text)
{
	char *out = mem_new(2 * strlen(text) + 1);
	size_t n = 0;

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == '\n')
			out[n++] = '\r';
		out[n++] = text[i];
	}
	free(text);
	return out;
}

static char *armor(const char *arguments)
{
	return crlf(seal_world_gpg(&world, arguments, INNER));
}

static int set_up(void **state)
{
	(void)state;
	seal_world_make(&world);
	seal_world_policy(&world, "");
	to_bob = armor("--armor -e -r " BOB);
	to_bob_and_carol = armor("--armor -e -r " BOB " -r " CAROL);
	signed_inside = armor("--armor -s -e -u " ALICE " -r " BOB);
	to_dave = armor("--armor -e -r " DAVE);
	hidden = armor("--armor -e -R " BOB);
	symmetric = armor("--armor --passphrase x --pinentry-mode loopback -c");
	with_password = armor("--armor --passphrase x --pinentry-mode loopback -c -e -r " BOB);
	literal = armor("--armor --store");
	signed_only = armor("--armor -s -u " ALICE);
	signature = armor("--armor -b -u " ALICE);
	damaged = mem_printf("%s", to_bob);
	memcpy(strstr(damaged, "\r\n\r\n") + 4, "AAAA", 4);
	return 0;
}

static int tear_down(void **state)
{
	char *all[] = { to_bob, to_bob_and_carol, to_dave, hidden, symmetric, literal,
			signed_only, signature, damaged, signed_inside, with_password };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free(all[i]);
	seal_world_end(&world);
	return 0;
}

static enum client_crypto_kind kind_of(const char *text)
{
	struct client_crypto found;
	enum client_crypto_kind kind;
	struct message m;
	int fd = mail_corpus_open(span_str(text), &m);

	client_crypto_look(&m, &found);
	kind = found.kind;
	client_crypto_free(&found);
	message_close(&m);
	close(fd);
	return kind;
}

static void is(const char *what, enum client_crypto_kind want, char *text)
{
	enum client_crypto_kind got = kind_of(text);

	if (got != want)
		fail_msg("%s: %d instead of %d", what, got, want);
	free(text);
}

#define NONE CLIENT_CRYPTO_NONE
#define PGP CLIENT_CRYPTO_OPENPGP
#define THUNDERBIRD "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n"

static void pgp_mime_counts_as_encrypted_when_its_packets_are(void **state)
{
	(void)state;
	is("gpg's own", PGP, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, to_bob));
	is("to two", PGP, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, to_bob_and_carol));
	is("signed inside", PGP, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, signed_inside));
	is("hidden", PGP, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, hidden));
	is("known preamble", PGP,
	   mem_printf(ENCRYPTED "\r\n" THUNDERBIRD CONTROL DATA "%s" END, to_bob));
	is("inline", PGP, mem_printf("Subject: x\r\n\r\n%s", to_bob));
	is("inline, blank lines around", PGP,
	   mem_printf("Content-Type: text/plain\r\n\r\n\r\n%s\r\n\r\n", to_bob));
}

#define ENCODED "--b\r\nContent-Type: application/octet-stream\r\nMIME-Version: 1.0\r\n" \
		"Content-Transfer-Encoding: base64\r\n\r\n"

/* On the heap. */
static char *base64(const char *text)
{
	struct buf out;

	buf_init(&out, 2 * strlen(text) + 8);
	assert_int_equal(codec_base64_put(&out, span_str(text)), 0);
	return buf_take_string(&out);
}

/* An equals sign is all that has to be encoded in an armour. */
static char *quoted(const char *text)
{
	struct buf out;

	buf_init(&out, 3 * strlen(text));
	for (; *text; text++)
		buf_put(&out, *text == '=' ? span_str("=3D") : span_of(text, 1));
	return buf_take_string(&out);
}

static void encodings_of_an_armour_are_looked_through(void **state)
{
	char *armour = base64(to_bob), *version = base64("Version: 1\n"), *qp = quoted(to_bob);

	(void)state;
	is("of the message", PGP,
	   mem_printf(ENCRYPTED "\r\n" CONTROL ENCODED "%s\r\n" END, armour));
	is("of both parts", PGP,
	   mem_printf(ENCRYPTED "\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n" ENCODED "%s\r\n" END,
		      version, armour));
	is("quoted-printable", PGP,
	   mem_printf(ENCRYPTED "\r\n" CONTROL "--b\r\nContent-Type: application/octet-stream\r\n"
		      "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n%s" END, qp));
	free(armour);
	free(version);
	free(qp);
}

static void an_encoding_around_plaintext_is_plaintext(void **state)
{
	char *encoded = base64(to_bob);

	(void)state;
	is("base64 around plaintext", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL ENCODED "c2VjcmV0\r\n" END));
	is("words in base64", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL ENCODED "%s(secret)\r\n" END, encoded));
	is("words behind base64", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL ENCODED "%s=\r\nsecret\r\n" END, encoded));
	is("an encoding that is not known", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL "--b\r\nContent-Type: application/octet-stream\r\n"
		      "Content-Transfer-Encoding: secret\r\n\r\n%s" END, to_bob));
	free(encoded);
}

static void a_label_around_plaintext_is_plaintext(void **state)
{
	(void)state;
	is("plain", NONE, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, INNER));
	is("literal", NONE, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, literal));
	is("signed only", NONE, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, signed_only));
	is("signature", NONE, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, signature));
	is("symmetric", NONE, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, symmetric));
	is("damaged", NONE, mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END, damaged));
	is("text before", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL DATA "secret\r\n%s" END, to_bob));
	is("text behind", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%ssecret\r\n" END, to_bob));
	is("two blocks", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s%s" END, to_bob, to_bob));
	is("a literal behind", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s%s" END, to_bob, literal));
	is("three parts", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s\r\n--b\r\n\r\nsecret" END, to_bob));
	is("one part", NONE, mem_printf(ENCRYPTED "\r\n" DATA "%s" END, to_bob));
	is("swapped", NONE, mem_printf(ENCRYPTED "\r\n" DATA "%s\r\n" CONTROL END, to_bob));
	is("a preamble", NONE,
	   mem_printf(ENCRYPTED "\r\nsecret\r\n" CONTROL DATA "%s" END, to_bob));
	is("an epilogue", NONE,
	   mem_printf(ENCRYPTED "\r\n" CONTROL DATA "%s" END "secret\r\n", to_bob));
	is("no Version: 1", NONE,
	   mem_printf(ENCRYPTED "\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nsecret"
		      "\r\n" DATA "%s" END, to_bob));
	is("another protocol", NONE,
	   mem_printf("Content-Type: multipart/encrypted; boundary=b; protocol=x\r\n\r\n" CONTROL
		      DATA "%s" END, to_bob));
	is("multipart/mixed", NONE,
	   mem_printf("Content-Type: multipart/mixed; boundary=b;\r\n"
		      " protocol=\"application/pgp-encrypted\"\r\n\r\n" CONTROL DATA "%s" END,
		      to_bob));
	is("base64 on the root", NONE,
	   mem_printf("Content-Transfer-Encoding: base64\r\n" ENCRYPTED "\r\n" CONTROL
		      DATA "%s" END, to_bob));
	is("two types", NONE,
	   mem_printf("Content-Type: text/html\r\n" ENCRYPTED "\r\n" CONTROL DATA "%s" END,
		      to_bob));
	is("text around inline", NONE, mem_printf("\r\nHello,\r\n%s", to_bob));
	is("text behind inline", NONE, mem_printf("\r\n%s\r\nbye", to_bob));
	is("inline in html", NONE, mem_printf("Content-Type: text/html\r\n\r\n%s", to_bob));
	is("inline literal", NONE, mem_printf("\r\n%s", literal));
	is("words", NONE, mem_printf("\r\n-----BEGIN PGP MESSAGE-----\r\nnot really\r\n"
				     "-----END PGP MESSAGE-----\r\n"));
	is("a part of it", NONE,
	   mem_printf("Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" ENCRYPTED "\r\n"
		      CONTROL DATA "%s" END "--c--\r\n", to_bob));
	is("nothing", NONE, mem_printf(ENCRYPTED "\r\n"));
}

/* A whole PGP/MIME message: what stands behind `; ` on the root, in front of
 * the parts, in the header of each, and its armour. */
static char *framed(const char *root, const char *before, const char *control,
		    const char *data, const char *armor_text)
{
	return mem_printf("MIME-Version: 1.0\r\n"
			  "Content-Type: multipart/encrypted; boundary=b;\r\n"
			  " protocol=\"application/pgp-encrypted\"%s\r\n\r\n%s"
			  "--b\r\nContent-Type: application/pgp-encrypted%s\r\n\r\n"
			  "Version: 1\r\n\r\n"
			  "--b\r\nContent-Type: application/octet-stream%s\r\n\r\n%s" END,
			  root, before, control, data, armor_text);
}

/* `armor_text` with `line` in its header. */
static char *with_line(const char *armor_text, const char *line)
{
	size_t head = (size_t)(strstr(armor_text, "\r\n") - armor_text) + 2;

	return mem_printf("%.*s%s\r\n%s", (int)head, armor_text, line, armor_text + head);
}

#define VERSION_PART "\r\nContent-Description: PGP/MIME version identification"
#define MESSAGE_PART "\r\nContent-Description: OpenPGP encrypted message"
#define INLINE_ASC "\r\nContent-Disposition: inline; filename=\"encrypted.asc\""

static void what_mail_programs_write_around_it_is_no_text(void **state)
{
	static const char *const lines[] = {
		"Version: GnuPG v2", "Version: GnuPG v1.4.11 (GNU/Linux)", "Charset: utf-8",
		"Version: BCPG v1.71", "Version: PGP Desktop 10.2.0 (Build 2599)",
		"Comment: Using GnuPG with Thunderbird - https://www.enigmail.net/",
		"Comment: GPGTools - https://gpgtools.org",
	};

	(void)state;
	is("Thunderbird", PGP, framed("", THUNDERBIRD, VERSION_PART,
		"; name=\"encrypted.asc\"" MESSAGE_PART INLINE_ASC, to_bob));
	is("GPGMail", PGP, framed("\r\nContent-Transfer-Encoding: 7bit" MESSAGE_PART,
		"This is an OpenPGP/MIME encrypted message "
		"(RFC 2440 and 3156)\r\n",
		"\r\nContent-Transfer-Encoding: 7bit\r\nContent-Description: "
		"PGP/MIME Versions Identification",
		";\r\n\tname=encrypted.asc\r\nContent-Transfer-Encoding: 7bit" MESSAGE_PART
		"\r\nContent-Disposition: inline;\r\n\tfilename=encrypted.asc", to_bob));
	is("GPGMail of old", PGP, framed("", "", "\r\nContent-Description: "
		"PGP/MIME Versions Identification", "; name=PGP.asc\r\nContent-Description: "
		"Message encrypted with OpenPGP using GPGMail\r\nContent-Disposition: inline; "
		"filename=PGP.asc", to_bob));
	is("Roundcube", PGP, framed("", THUNDERBIRD, VERSION_PART,
		"; name=encrypted.asc\r\nContent-Description: PGP/MIME encrypted message"
		"\r\nContent-Disposition: inline; filename=encrypted.asc", to_bob));
	is("Evolution", PGP, framed("", "", "\r\nContent-Transfer-Encoding: 7bit",
		"; name=\"encrypted.asc\"\r\nContent-Description: This is a digitally encrypted "
		"message part\r\nContent-Transfer-Encoding: 7bit", to_bob));
	is("mutt", PGP, framed("\r\nContent-Disposition: inline", "",
		"\r\nContent-Disposition: attachment",
		"\r\nContent-Disposition: attachment; filename=\"msg.asc\"", to_bob));
	is("KMail", PGP, framed("\r\nContent-Transfer-Encoding: 7Bit", "",
		"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: 7Bit",
		"\r\nContent-Disposition: inline; filename=\"msg.asc\"\r\n"
		"Content-Transfer-Encoding: 7Bit", to_bob));
	is("language, header fields", PGP,
	   framed("\r\nContent-Language: en-US\r\nX-Mailer: any words\r\nSubject: any", "",
		  "", "", to_bob));
	is("inline", PGP, mem_printf("Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
				     "Content-Transfer-Encoding: 7bit\r\n\r\n%s", to_bob));
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *text = with_line(to_bob, lines[i]);

		is(lines[i], PGP, framed("", "", "", "", text));
		is(lines[i], PGP, mem_printf("\r\n%s", text));
		free(text);
	}
}

static void readable_words_around_it_are_text(void **state)
{
	static const char *const roots[] = {
		"; x=\"secret\"", "; name=secret", " (secret)", "; charset=secret",
		"; protocol=secret", "; =secret", "; secret", "\r\nContent-Description: secret",
		"\r\nContent-Disposition: inline; filename=secret",
		"\r\nContent-Transfer-Encoding: 7bit (secret)",
		"\r\nContent-Language: a secret",
		"\r\nContent-ID: <secret@x>", "\r\nContent-Location: secret",
	};
	static const char *const parts[] = {
		"; name=secret", "; name*=utf-8''secret", "; name*0=secret", " (secret)",
		"; secret",
		"; x-secret=1", "\r\nX-Secret: words", "\r\nSubject: secret", "\r\nsecret:",
		"\r\nContent-Description: secret", "\r\nContent-ID: <secret@x>",
		"\r\nContent-Description: OpenPGP encrypted message secret",
		"\r\nContent-Description: =?utf-8?q?secret?=", "\r\nMIME-Version: 1.0 (secret)",
		"\r\nContent-Disposition: inline; filename=secret.asc",
		"\r\nContent-Disposition: inline (secret)", "\r\nContent-Disposition: secret",
		"\r\nContent-Disposition: inline; secret",
		"\r\nContent-Transfer-Encoding: 7bit; secret", "\r\nsecret words",
	};
	static const char *const lines[] = {
		"Comment: secret", "Version: secret", "Version: GnuPG v2 secret", "Version:",
		"Version: GnuPG v12345678901234567890", "Hash: secret", "MessageID: secret",
		"Charset: secret", "Comment: GPGTools - https://gpgtools.org secret",
		("Comment: GPGTools - https://gpgtools.org                              "
		 "                                  secret"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++)
		is(roots[i], NONE, framed(roots[i], "", "", "", to_bob));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		is(parts[i], NONE, framed("", "", parts[i], "", to_bob));
		is(parts[i], NONE, framed("", "", "", parts[i], to_bob));
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *text = with_line(to_bob, lines[i]);

		is(lines[i], NONE, framed("", "", "", "", text));
		is(lines[i], NONE, mem_printf("\r\n%s", text));
		free(text);
	}
	is("preamble", NONE,
	   framed("", "This is an OpenPGP/MIME encrypted message (RFC secr et)\r\n", "", "",
		  to_bob));
	is("two preambles", NONE, framed("", THUNDERBIRD THUNDERBIRD, "", "", to_bob));
	is("inline", NONE, mem_printf("Content-Type: text/plain; x=secret\r\n\r\n%s", to_bob));
	is("inline", NONE, mem_printf("Content-Description: secret\r\n\r\n%s", to_bob));
	is("more than Version: 1", NONE,
	   mem_printf(ENCRYPTED "\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
		      "Version: 1\r\nsecret\r\n\r\n" DATA "%s" END, to_bob));
}

#define PKCS7 "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n"

/* SEQUENCE of 21 octets: the OID, then zeros. */
static const char labelled[] =
	"MIAGCSqGSIb3DQEHA2FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYW"
	"FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYQAA\r\n";
static const char signed_text[] =
	"MIAGCSqGSIb3DQEHAmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYW"
	"FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYQAA\r\n";
static const char enveloped[] = "MBUGCSqGSIb3DQEHAwAAAAAAAAAAAAA=\r\n";
static const char signed_data[] = "MBUGCSqGSIb3DQEHAgAAAAAAAAAAAAA=\r\n";

static void smime_is_what_its_first_octets_say(void **state)
{
	static const char b64[] = "Content-Transfer-Encoding: base64\r\n\r\n";

	(void)state;
	is("enveloped", CLIENT_CRYPTO_SMIME, mem_printf(PKCS7 "%s%s", b64, enveloped));
	is("signed, whatever the label", CLIENT_CRYPTO_SIGNED,
	   mem_printf(PKCS7 "%s%s", b64, signed_data));
	is("text", NONE, mem_printf(PKCS7 "%ssecret words\r\n", b64));
	is("signed text", CLIENT_CRYPTO_SIGNED, mem_printf(PKCS7 "%s%s", b64, signed_text));
	is("a label around text", NONE, mem_printf(PKCS7 "%s%s", b64, labelled));
	is("text behind", NONE, mem_printf(PKCS7 "%s%ssecret\r\n", b64, enveloped));
	is("longer than it says", NONE, mem_printf(PKCS7 "%s%sAAAA\r\n", b64,
						   "MBUGCSqGSIb3DQEHAwAAAAAAAAAAAAAA"));
	is("a name", NONE,
	   mem_printf("Content-Description: secret\r\n" PKCS7 "%s%s", b64, enveloped));
	is("Thunderbird", CLIENT_CRYPTO_SMIME,
	   mem_printf("Content-Type: application/pkcs7-mime; name=\"smime.p7m\";\r\n"
		      " smime-type=enveloped-data\r\nContent-Disposition: attachment; "
		      "filename=\"smime.p7m\"\r\nContent-Description: S/MIME Encrypted Message\r\n"
		      "%s%s", b64, enveloped));
	is("no base64", NONE, mem_printf(PKCS7 "\r\n%s", enveloped));
}

static void a_detached_signature_counts_when_it_is_one(void **state)
{
	static const char head[] = "Content-Type: multipart/signed; boundary=b;\r\n"
				   " protocol=\"application/pgp-signature\"\r\n\r\n";
	static const char part[] = "--b\r\n" INNER "\r\n--b\r\nContent-Type: "
				   "application/pgp-signature\r\n\r\n";

	(void)state;
	is("gpg's own", CLIENT_CRYPTO_SIGNED, mem_printf("%s%s%s" END, head, part, signature));
	is("no signature", NONE, mem_printf("%s%sx" END, head, part));
	is("a message instead", NONE, mem_printf("%s%s%s" END, head, part, signed_only));
	is("S/MIME", CLIENT_CRYPTO_SIGNED,
	   mem_printf("Content-Type: multipart/signed; boundary=b;\r\n"
		      " protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n" INNER
		      "\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\n%s" END, signed_data));
}

static bool reaches(const char *text, const char *address)
{
	struct client_crypto found;
	struct message m;
	int fd = mail_corpus_open(span_str(text), &m);
	bool yes;

	client_crypto_look(&m, &found);
	yes = client_crypto_reaches(&found, world.keys, address);
	client_crypto_free(&found);
	message_close(&m);
	close(fd);
	return yes;
}

static void a_recipient_is_reached_when_a_key_of_his_is_named(void **state)
{
	char *bob = mem_printf("\r\n%s", to_bob), *two = mem_printf("\r\n%s", to_bob_and_carol);
	char *nobody = mem_printf("\r\n%s", hidden), *both = mem_printf("\r\n%s", with_password);

	(void)state;
	assert_true(reaches(bob, BOB));
	assert_true(reaches(bob, "BOB@Example.org"));
	assert_false(reaches(bob, CAROL));
	assert_false(reaches(bob, "nokey@example.org"));
	assert_true(reaches(two, BOB) && reaches(two, CAROL));
	assert_false(reaches(nobody, BOB));
	assert_true(reaches(both, BOB));
	free(bob);
	free(two);
	free(nobody);
	free(both);
}

/* --- through seal --- */

static struct sealed seal_for(const char *to, const char *fields, const char *body)
{
	char *text = seal_world_mail(to, fields, body);
	struct sealed s;

	seal_world_ask(&world, to);
	s = seal_world_seal(&world, span_str(text));
	free(text);
	return s;
}

static void encrypted_mail_passes_whole_or_is_refused_by_name(void **state)
{
	char *bob = mem_printf(CONTROL DATA "%s" END, to_bob);
	char *dave = mem_printf(CONTROL DATA "%s" END, to_dave);
	char *anyone = mem_printf(CONTROL DATA "%s" END, hidden);
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule r]\nto = bob@*, nokey@*\nencrypt = require\n"
				  "sign = prefer\n[rule p]\nencrypt = prefer\nsign = prefer\n");
	s = seal_for(BOB, "Subject: kept\r\n" ENCRYPTED, bob);
	assert_int_equal(s.answer.kind, ANSWER_SEALED);
	assert_true(s.answer.copies[0].from_question);
	assert_false(s.answer.copies[0].encrypted || s.answer.copies[0].signed_by_us);
	sealed_done(&s);
	s = seal_for(BOB, "Bcc: x@y.example\r\nSubject: kept\r\n" ENCRYPTED, bob);
	assert_int_equal(s.answer.kind, ANSWER_SEALED);
	seal_world_expect(&world, &s, 0, "clear");
	sealed_done(&s);
	s = seal_for(BOB, ENCRYPTED, dave);
	assert_int_equal(s.answer.reply.code, 550);
	assert_non_null(strstr(s.answer.reply.text, "not encrypted to a known key of " BOB));
	sealed_done(&s);
	s = seal_for(BOB, ENCRYPTED, anyone);
	assert_int_equal(s.answer.reply.code, 550);
	sealed_done(&s);
	s = seal_for(CAROL, ENCRYPTED, dave);	/* prefer: the client knows */
	assert_int_equal(s.answer.kind, ANSWER_SEALED);
	sealed_done(&s);
	s = seal_for("nokey@example.org", ENCRYPTED, bob);
	assert_non_null(strstr(s.answer.reply.text,
			       "no usable key for nokey@example.org (rule r)"));
	sealed_done(&s);
	s = seal_for(BOB, PKCS7 "Content-Transfer-Encoding: base64\r\n", enveloped);
	assert_int_equal(s.answer.reply.code, 550);
	assert_non_null(strstr(s.answer.reply.text, "S/MIME"));
	sealed_done(&s);
	seal_world_check(&world);
	free(bob);
	free(dave);
	free(anyone);
}

static void a_label_is_encrypted_like_any_text(void **state)
{
	char *body = mem_printf(CONTROL DATA "%s" END, literal), id[17];
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule r]\nencrypt = require\n");
	s = seal_for(BOB, ENCRYPTED, body);
	assert_int_equal(s.answer.kind, ANSWER_SEALED);
	assert_true(s.answer.copies[0].encrypted);
	seal_world_expect(&world, &s, 0, "encrypted ids=%s", seal_world_id(&world, BOB, id));
	sealed_done(&s);
	seal_world_check(&world);
	free(body);
}

static void what_the_client_signed_is_encrypted_around_untouched(void **state)
{
	static const char entity[] = "Content-Type: text/plain\r\n\r\nsigned  words  \r\nlast";
	static const char fields[] =
		"Subject: signed\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/signed; micalg=pgp-sha256; boundary=b;\r\n"
		" protocol=\"application/pgp-signature\"\r\n";
	char *made = crlf(seal_world_gpg(&world, "--armor --digest-algo sha256 -b -u " ALICE,
					 entity));
	char *body = mem_printf("--b\r\n%s\r\n--b\r\n"
				"Content-Type: application/pgp-signature\r\n\r\n%s\r\n--b--\r\n",
				entity, made);
	char id[17];
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule r]\nto = bob@*\nencrypt = require\nsign = yes\n"
				  "[rule p]\nencrypt = prefer\nsign = yes\n");
	s = seal_for(BOB, fields, body);
	assert_int_equal(s.answer.kind, ANSWER_SEALED);
	assert_true(s.answer.copies[0].encrypted && !s.answer.copies[0].signed_by_us);
	seal_world_expect(&world, &s, 0, "encrypted around ids=%s", seal_world_id(&world, BOB, id));
	sealed_done(&s);
	s = seal_for("x@nokey.example", fields, body);
	assert_int_equal(s.answer.kind, ANSWER_SEALED);
	assert_true(s.answer.copies[0].from_question && !s.answer.copies[0].signed_by_us);
	sealed_done(&s);
	seal_world_check(&world);
	free(made);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pgp_mime_counts_as_encrypted_when_its_packets_are),
		cmocka_unit_test(encodings_of_an_armour_are_looked_through),
		cmocka_unit_test(an_encoding_around_plaintext_is_plaintext),
		cmocka_unit_test(a_label_around_plaintext_is_plaintext),
		cmocka_unit_test(what_mail_programs_write_around_it_is_no_text),
		cmocka_unit_test(readable_words_around_it_are_text),
		cmocka_unit_test(smime_is_what_its_first_octets_say),
		cmocka_unit_test(a_detached_signature_counts_when_it_is_one),
		cmocka_unit_test(a_recipient_is_reached_when_a_key_of_his_is_named),
		cmocka_unit_test(encrypted_mail_passes_whole_or_is_refused_by_name),
		cmocka_unit_test(a_label_is_encrypted_like_any_text),
		cmocka_unit_test(what_the_client_signed_is_encrypted_around_untouched),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
