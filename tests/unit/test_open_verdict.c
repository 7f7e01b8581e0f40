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
#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/job/open.h"
#include "policy/keys/key_index.h"
#include "seal_world.h"

#define SECRET "the treasure lies below the old oak"
#define FROM_ALICE "From: Alice <" ALICE ">\r\n"
#define FROM_CAROL "From: Carol <" CAROL ">\r\n"
#define TEXT "Content-Type: text/plain\r\n\r\n" SECRET "\r\n"
#define SIGNED "multipart/signed; boundary=s; protocol=\"application/pgp-signature\""
#define ENCRYPTED "multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\""
#define CLEAR "clear"		/* for a verdict: shown byte for byte, without one */
#define PASS "pass (signed by the address in From)"
#define REPLAYED "fail (the signature belongs to another message)"
#define NOT_RFC "fail (it is no signature by RFC 3156)"

/* Over TEXT, by alice. */
#define BY_ALICE "--detach-sign --local-user " ALICE
#define BY_MALLORY "--detach-sign --local-user mallory@evil.example"

static struct seal_world world;
static char *by_alice;

static char *text_of(struct buf *buf)
{
	char *text = buf_take_string(buf);

	buf_free(buf);
	return text;
}

/* What gpg writes, armoured in CRLF lines. */
static char *gpg(const char *arguments, const char *input)
{
	char *all = mem_printf("--armor %s", arguments);
	char *made = seal_world_gpg(&world, all, input);
	struct span rest = span_str(made), line;
	struct buf lines;

	buf_init(&lines, 1000000);
	while (rest.len > 0 && span_split(&rest, '\n', &line)) {
		buf_put(&lines, line);
		buf_puts(&lines, "\r\n");
	}
	free(all);
	free(made);
	return text_of(&lines);
}

static int set_up_all(void **state)
{
	(void)state;
	seal_world_make(&world);
	seal_world_policy(&world, "[rule all]\nencrypt = require\n");
	by_alice = gpg(BY_ALICE, TEXT);
	return 0;
}

static int tear_down_all(void **state)
{
	(void)state;
	free(by_alice);
	seal_world_end(&world);
	return 0;
}

/* --- messages --- */

/* The parts of a multipart/signed, from its first delimiter to its last. */
static char *signed_parts(const char *entity, const char *signature)
{
	return mem_printf("--s\r\n%s\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n"
			  "%s\r\n--s--\r\n", entity, signature);
}

static char *signed_mail(const char *fields, const char *entity, const char *signature)
{
	char *parts = signed_parts(entity, signature);
	char *mail = mem_printf("%sMIME-Version: 1.0\r\nContent-Type: " SIGNED "\r\n\r\n%s",
				fields, parts);

	free(parts);
	return mail;
}

/* To bob; `sign` is "" or what gpg is told to sign by. */
static char *encrypted_mail(const char *fields, const char *payload, const char *sign)
{
	char *arguments = mem_printf("--encrypt --recipient " BOB " %s", sign);
	char *armor = gpg(arguments, payload);
	char *mail = mem_printf("%sMIME-Version: 1.0\r\nContent-Type: " ENCRYPTED "\r\n\r\n"
				"--e\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
				"Version: 1\r\n\r\n--e\r\nContent-Type: application/octet-stream"
				"\r\n\r\n%s\r\n--e--\r\n", fields, armor);

	free(arguments);
	free(armor);
	return mail;
}

/* --- what bob is shown --- */

static char *shown(const char *stored)
{
	struct open_parts parts = { .settings = &world.conf.settings, .keys = world.keys,
				    .pgp = world.pgp, .login = BOB };
	struct err err = { 0 };
	struct buf view;

	buf_init(&view, open_most(parts.settings, strlen(stored)));
	(void)open_message(&parts, span_str(stored), &view, &err);
	return text_of(&view);
}

/* The first header is `openpgp=VERDICT`, the second begins with `word`. */
static void says(const char *title, const char *view, const char *verdict, const char *word)
{
	char *want = mem_printf("Authentication-Results: gw.test; openpgp=%s\r\n"
				"X-Letterlock: %s", verdict, word);

	if (strncmp(view, want, strlen(want)) != 0)
		fail_msg("%s: not %s, but\n%.400s", title, want, view);
	free(want);
}

/* The same, of `stored`, which is freed. CLEAR: it is shown as it is. */
static void judged(const char *title, char *stored, const char *verdict, const char *word)
{
	char *view = shown(stored);

	if (strcmp(verdict, CLEAR) != 0)
		says(title, view, verdict, word);
	else if (strcmp(view, stored) != 0)
		fail_msg("%s: not as it was, but\n%.400s", title, view);
	free(view);
	free(stored);
}

/* How often a field of that name is in the header of `view`; its value when once. */
static size_t field_of(const char *view, const char *name, char **value)
{
	struct header_field field;
	size_t end, begin, n;

	assert_int_equal(header_end(span_str(view), &end, &begin), 0);
	n = header_find(span_of(view, end), name, &field);
	if (n == 1)
		*value = span_dup(span_trim(field.body));
	return n;
}

static void has_field(const char *title, const char *view, const char *name, const char *want)
{
	char *value = NULL;

	if (field_of(view, name, &value) != 1 || strcmp(value, want) != 0)
		fail_msg("%s: %s is not %s:\n%.600s", title, name, want, view);
	free(value);
}

/* --- THREATS 130: a signature counts for all that is shown, or for nothing --- */

/* {}: a multipart/signed with its header. */
static const char *const around[] = {
	"multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nPay Eve.\r\n--m\r\n{}\r\n--m--\r\n",
	"multipart/mixed; boundary=m\r\n\r\n--m\r\n{}\r\n--m\r\n\r\na list's footer\r\n--m--\r\n",
	"multipart/mixed; boundary=m\r\n\r\n--m\r\n{}\r\n--m--\r\n",
	"multipart/alternative; boundary=m\r\n\r\n--m\r\nContent-Type: text/html\r\n\r\n"
	"Pay Eve.<div style=\"display:none\">\r\n--m\r\n{}\r\n--m--\r\n",
	"multipart/related; boundary=m\r\n\r\n--m\r\nContent-Type: text/html\r\n\r\n"
	"Pay Eve.<img src=\"cid:signed\">\r\n--m\r\nContent-ID: <signed>\r\n{}\r\n--m--\r\n",
	"multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nPay Eve.\r\n--m\r\n"
	"Content-Disposition: attachment; filename=a.eml\r\n{}\r\n--m--\r\n",
	"multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nPay Eve.\r\n--m\r\n"
	"Content-Type: message/rfc822\r\n\r\n" FROM_ALICE "{}\r\n--m--\r\n",
	"message/rfc822\r\n\r\n" FROM_ALICE "{}",
};

/* `text` with `what` in place of its {}. */
static char *filled(const char *text, const char *what)
{
	const char *at = strstr(text, "{}");

	assert_non_null(at);
	return mem_printf("%.*s%s%s", (int)(at - text), text, what, at + 2);
}

static void a_signature_on_a_part_is_none_on_the_whole(void **state)
{
	char *parts = signed_parts(TEXT, by_alice);
	char *part = mem_printf("Content-Type: " SIGNED "\r\n\r\n%s", parts);

	(void)state;
	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
		char *whole = filled(around[i], part);
		char *payload = mem_printf("Content-Type: %s", whole);

		judged(around[i], mem_printf(FROM_ALICE "MIME-Version: 1.0\r\n%s", payload), CLEAR,
		       NULL);
		judged(around[i], encrypted_mail(FROM_ALICE, payload, ""), "none (not signed)",
		       "decrypted; signature=none\r\n");
		free(payload);
		free(whole);
	}
	free(part);
	free(parts);
}

static void a_part_beside_the_two_unmakes_the_signature(void **state)
{
	static const struct {
		const char *title, *around, *verdict;
	} cases[] = {
		{ "a part before", "--s\r\n\r\nPay Eve.\r\n{}", NOT_RFC },
		{ "a part within", "--s\r\n\r\nPay Eve.\r\n--s--\r\n{}", NOT_RFC },
		/* which some readers see */
		{ "a line of LF", "--s\n\nPay Eve.\r\n{}", NOT_RFC },
		{ "a longer boundary", "--sx\r\n\r\nPay Eve.\r\n{}", NOT_RFC },
		{ "an end behind the end", "{}--s\r\n\r\nPay Eve.\r\n--s--\r\n", NOT_RFC },
		/* which no reader shows, and mail clients write */
		{ "a preamble", "This is an OpenPGP/MIME signed message.\r\n{}", PASS },
		{ "an epilogue", "{}Sent from my phone\r\n", PASS },
	};
	char *parts = signed_parts(TEXT, by_alice);
	char *more = mem_printf("%s\r\n--s\r\n\r\nPay Eve.", by_alice);

	(void)state;
	judged("a part behind", signed_mail(FROM_ALICE, TEXT, more), NOT_RFC, "signed; ");
	free(more);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *body = filled(cases[i].around, parts);

		judged(cases[i].title, mem_printf(FROM_ALICE "Content-Type: " SIGNED "\r\n\r\n%s",
						  body), cases[i].verdict, "signed; ");
		free(body);
	}
	free(parts);
}

static void all_that_is_in_the_signed_part_is_signed(void **state)
{
	static const char entity[] = "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
				     "\r\none\r\n--m\r\n\r\ntwo\r\n--m--\r\n";
	char *signature = gpg(BY_ALICE, entity), *stored, *two;

	(void)state;
	stored = signed_mail(FROM_ALICE, entity, signature);
	two = strstr(stored, "two");
	assert_non_null(two);
	judged("as it was", mem_printf("%s", stored), PASS, "signed; signature=good");
	memcpy(two, "six", 3);
	judged("changed", stored, "fail (it does not fit)", "signed; signature=bad");
	free(signature);
}

/* --- THREATS 131: who signed, and who is said to have written --- */

static void the_signer_has_to_be_the_one_address_in_from(void **state)
{
	static const char *const strangers[] = {
		"From: Eve <eve@evil.example>\r\n",
		"From: \"" ALICE "\" <eve@evil.example>\r\n",
		"From: " ALICE " <eve@evil.example>\r\n",
		"From: =?utf-8?q?alice=40example.org?= <eve@evil.example>\r\n",
		"From: eve@evil.example (" ALICE ")\r\n",
		"From: \"Alice <" ALICE ">\" <eve@evil.example>\r\n",
		"From:\r\n",
		"From: Alice\r\n",
		"From: <>\r\n",
		"Subject: no From\r\n",
		"From: " ALICE ", eve@evil.example\r\n",
		"From: eve@evil.example, " ALICE "\r\n",
		FROM_ALICE "From: eve@evil.example\r\n",
		"From: eve@evil.example\r\n" FROM_ALICE,
		FROM_ALICE FROM_ALICE,
		FROM_ALICE "from : eve@evil.example\r\n",
		"From: " ALICE "\r\n eve@evil.example\r\n",
		"From: " ALICE "\nFrom: eve@evil.example\r\n",
		"From: " ALICE "\rFrom: eve@evil.example\r\n",
		"From: eve@evil.example\r\nSender: " ALICE "\r\n",
		"From: eve@evil.example\r\nReply-To: " ALICE "\r\n",
		"From: x" ALICE "\r\n",
		"From: " ALICE ".evil.example\r\n",
		"From: " ALICE "@evil.example\r\n",
		"From: \"" ALICE "\"@evil.example\r\n",
		"From: <" ALICE "> <eve@evil.example>\r\n",
		"From: us: " ALICE ", eve@evil.example;\r\n",
		"Resent-From: " ALICE "\r\nFrom: eve@evil.example\r\n",
	};
	char *word = mem_printf("signed; signature=mismatch by \"alice <" ALICE ">\" %s, made 20",
				seal_world_fingerprint(&world, ALICE));

	(void)state;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		judged(strangers[i], signed_mail(strangers[i], TEXT, by_alice),
		       "fail (the signer does not match From)", word);
	free(word);
}

static void an_address_is_the_signers_however_it_is_written(void **state)
{
	static const char *const hers[] = {
		FROM_ALICE, "From: ALICE@Example.ORG\r\n", "from : <" ALICE ">\r\n",
		"From: Eve (eve@evil.example) <" ALICE ">\r\n",
		FROM_ALICE "Sender: eve@evil.example\r\n",
	};
	char *word = mem_printf("signed; signature=good by \"alice <" ALICE ">\" %s, made 20",
				seal_world_fingerprint(&world, ALICE));

	(void)state;
	for (size_t i = 0; i < sizeof(hers) / sizeof(*hers); i++)
		judged(hers[i], signed_mail(hers[i], TEXT, by_alice),
		       PASS, word);
	free(word);
}

/* --- THREATS 132, 133: which signatures are good --- */

static void each_signature_is_what_it_is(void **state)
{
	static const struct {
		const char *from, *arguments, *verdict;
	} cases[] = {
		{ ALICE, BY_ALICE, PASS },
		{ ALICE, BY_ALICE " --textmode", PASS },	/* class 0x01 */
		{ ALICE, BY_ALICE " --sig-notation note@example.org=1", PASS },
		{ ALICE, BY_ALICE " --sig-notation '!note@example.org=1'",
		  "fail (it does not fit)" },
		{ EVE, "--detach-sign --local-user " EVE, PASS },
		{ EVE, "--detach-sign --digest-algo SHA1 --local-user " EVE,
		  "fail (its hash is too weak)" },
		{ EVE, "--detach-sign --digest-algo RIPEMD160 --local-user " EVE,
		  "fail (its hash is too weak)" },
		{ EVE, "--detach-sign --allow-weak-digest-algos --digest-algo MD5 "
		  "--local-user " EVE,
		  "fail (it does not fit)" },
		/* whose user ids only look like victim@example.org */
		{ "victim@example.org", BY_MALLORY, "fail (the signer does not match From)" },
		{ "late@evil.example", BY_MALLORY, "fail (the signer does not match From)" },
		{ "mallory@evil.example", BY_MALLORY, PASS },
		{ "expired@example.org", "--faked-system-time '20200110T000000!' --detach-sign "
		  "--local-user expired@example.org", "fail (its key is expired)" },
		{ "oldpart@example.org", "--faked-system-time '20200110T000000!' --detach-sign "
		  "--local-user oldpart@example.org", PASS },
		{ "oldpart@example.org", "--faked-system-time '20200110T000000!' --detach-sign "
		  "--default-sig-expire 1d --local-user oldpart@example.org",
		  "fail (it is expired)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *fields = mem_printf("From: %s\r\n", cases[i].from);
		char *signature = gpg(cases[i].arguments, TEXT);
		char *stored = signed_mail(fields, TEXT, signature), *view = shown(stored);
		char *want = mem_printf("Authentication-Results: gw.test; openpgp=%s",
					cases[i].verdict);

		if (strncmp(view, want, strlen(want)) != 0)
			fail_msg("%s: not %s, but\n%.300s", cases[i].arguments, want, view);
		free(want);
		free(view);
		free(stored);
		free(signature);
		free(fields);
	}
}

/* A key that was good when it signed, and is revoked or disabled since. */
static void who_is_not_trusted_any_more_signs_nothing(void **state)
{
	static const struct {
		const char *change, *typed, *verdict;
	} cases[] = {
		{ "--command-fd 0 --edit-key {}", "disable\nsave\n", "fail (it does not fit)" },
		{ "--pinentry-mode loopback --command-fd 0 --edit-key {}",
		  "revkey\ny\n1\n\ny\nsave\n", "fail (its key is revoked)" },
	};
	char *signature = gpg("--detach-sign --local-user " DAVE, TEXT);
	struct err err = { 0 };

	(void)state;
	judged("dave", signed_mail("From: " DAVE "\r\n", TEXT, signature), PASS, "signed; ");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *change = filled(cases[i].change, seal_world_fingerprint(&world, DAVE));

		free(seal_world_gpg(&world, change, cases[i].typed));
		key_index_free(world.keys);
		world.keys = pgp_list(world.pgp, &err);
		assert_non_null(world.keys);
		judged(cases[i].change, signed_mail("From: " DAVE "\r\n", TEXT, signature),
		       cases[i].verdict, "signed; signature=bad");
		free(change);
	}
	free(signature);
}

/* --- THREATS 134: clear-signed text is shown as it is, and never judged --- */

static void inline_content_is_never_judged(void **state)
{
	static const struct {
		const char *find, *replace;	/* in what gpg made */
	} cases[] = {
		{ "-----BEGIN PGP SIGNED", "Pay Eve.\r\n\r\n-----BEGIN PGP SIGNED" },
		{ "-----END PGP SIGNATURE-----", "-----END PGP SIGNATURE-----\r\nPay Eve." },
		{ "Hash: SHA512", "Hash: SHA512\r\n\tPay Eve." },
		{ "Hash: SHA512", "Hash: SHA1,SHA512\r\nHash: MD5" },
		{ "Hash: SHA512", "Hash: SHA512\r\nNotDashEscaped: You need GnuPG" },
		{ "Hash: SHA512\r\n\r\n", "Hash: SHA512\r\n\f\r\nPay Eve.\r\n\r\n" },
		{ SECRET, SECRET "\f\vPay Eve." },
		{ "-----BEGIN PGP SIGNATURE", "- -----BEGIN PGP SIGNATURE" },
	};
	char *made = gpg("--clear-sign --digest-algo SHA512 --local-user " ALICE, SECRET "\n");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *at = strstr(made, cases[i].find), *body, *mail, *view, *want;

		assert_non_null(at);
		body = mem_printf("%.*s%s%s", (int)(at - made), made, cases[i].replace,
				  at + strlen(cases[i].find));
		mail = mem_printf(FROM_ALICE "Subject: [signed] x\r\n\r\n%s", body);
		want = mem_printf("Authentication-Results: gw.test; openpgp=none "
				  "(inline content is not looked at)\r\n%s", mail);
		view = shown(mail);
		assert_string_equal(view, want);
		free(view);
		free(want);
		free(mail);
		want = mem_printf("Content-Type: text/plain\r\n\r\n%s", body);
		mail = encrypted_mail(FROM_ALICE, want, "");
		view = shown(mail);
		says(cases[i].replace, view, "none (not signed)", "decrypted; signature=none\r\n");
		assert_string_equal(strstr(view, "\r\n\r\n") + 4, body);
		free(view);
		free(want);
		free(mail);
		free(body);
	}
	free(made);
}

/* --- THREATS 135: a signature part is signatures and nothing else --- */

static void only_signatures_are_a_signature(void **state)
{
	static const struct {
		const char *arguments, *input;
	} cases[] = {
		{ "--sign --local-user " ALICE, TEXT }, { "--store", TEXT },
		{ "--clear-sign --local-user " ALICE, TEXT }, { "--export " ALICE, "" },
		{ "--encrypt --recipient " BOB, TEXT },
	};
	char *twice = mem_printf("%s%s", by_alice, by_alice);
	char *above = mem_printf("alice signed this:\r\n%s", by_alice);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *armor = gpg(cases[i].arguments, cases[i].input);

		judged(cases[i].arguments, signed_mail(FROM_ALICE, TEXT, armor), NOT_RFC,
		       "signed; signature=bad\r\n");
		free(armor);
	}
	judged("two blocks", signed_mail(FROM_ALICE, TEXT, twice), NOT_RFC,
	       "signed; signature=bad\r\n");
	judged("text above", signed_mail(FROM_ALICE, TEXT, above), NOT_RFC,
	       "signed; signature=bad\r\n");
	judged("nothing", signed_mail(FROM_ALICE, TEXT, ""), NOT_RFC, "signed; signature=bad\r\n");
	free(above);
	free(twice);
}

/* --- THREATS 136: over the exact octets of the first part --- */

static void the_digest_that_is_told_does_not_matter(void **state)
{
	static const char *const micalgs[] = {
		"; micalg=pgp-sha512", "; micalg=pgp-md5", "; micalg=\"\"", "; micalg=x; micalg=y",
	};
	char *parts = signed_parts(TEXT, by_alice);

	(void)state;
	for (size_t i = 0; i < sizeof(micalgs) / sizeof(*micalgs); i++)
		judged(micalgs[i], mem_printf(FROM_ALICE "Content-Type: " SIGNED "%s\r\n\r\n%s",
					      micalgs[i], parts),
		       i < 3 ? PASS : NOT_RFC, "signed; ");
	free(parts);
}

#define QP "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"

static void what_was_changed_on_the_way_is_not_signed(void **state)
{
	static const struct {
		const char *title, *signed_text, *stored, *more, *verdict;
	} cases[] = {
		{ "blanks at an end", "A: b\r\n\r\ntext  \r\n", "A: b\r\n\r\ntext  \r\n", "",
		  PASS },
		{ "blanks gone", "A: b\r\n\r\ntext  \r\n", "A: b\r\n\r\ntext\r\n", "",
		  "fail (it does not fit)" },
		{ "blanks added", TEXT, TEXT " \r\n", "", "fail (it does not fit)" },
		{ "a last line end more", TEXT, TEXT "\r\n", "", "fail (it does not fit)" },
		{ "signed with LF", "A: b\n\ntext\n", "A: b\r\n\r\ntext\r\n", "",
		  "fail (it does not fit)" },
		{ "signed with LF as text", "A: b\n\ntext\n", "A: b\r\n\r\ntext\r\n",
		  " --textmode", PASS },
		{ "other letters", QP "=C3=BC\r\n", QP "=c3=bc\r\n", "", "fail (it does not fit)" },
		{ "decoded", QP "=C3=BC\r\n", QP "\xc3\xbc\r\n", "", "fail (it does not fit)" },
		{ "a footer", TEXT, TEXT "-- \r\nthe list\r\n", "", "fail (it does not fit)" },
		{ "a field more", TEXT, "X-List: a\r\n" TEXT, "", "fail (it does not fit)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *arguments = mem_printf(BY_ALICE "%s", cases[i].more);
		char *signature = gpg(arguments, cases[i].signed_text);

		judged(cases[i].title, signed_mail(FROM_ALICE, cases[i].stored, signature),
		       cases[i].verdict, "signed; ");
		free(signature);
		free(arguments);
	}
}

/* --- THREATS 137: no verdict but ours --- */

#define FORGED \
	"X-Letterlock: decrypted; signature=good\r\nx-letterLOCK :\r\n good\r\n" \
	"Authentication-Results: gw.test; openpgp=pass\r\n" \
	"Authentication-Results: mx.example; spf=pass\r\n"

static void a_protected_verdict_is_forged_too(void **state)
{
	char *entity = mem_printf(FORGED FROM_ALICE "Subject: inside\r\n"
				  "Authentication-Results: mx.example; dmarc=pass\r\n"
				  "Content-Type: text/plain; hp=\"clear\"\r\n\r\n" SECRET "\r\n");
	char *signature = gpg(BY_ALICE, entity), *parts = signed_parts(entity, signature);
	char *within = mem_printf(FORGED "Content-Type: " SIGNED "\r\n\r\n%s", parts);
	char *stored[] = {
		signed_mail(FROM_ALICE FORGED "Subject: outside\r\n", entity, signature),
		encrypted_mail(FROM_ALICE FORGED "Subject: outside\r\n", entity, ""),
		encrypted_mail(FROM_ALICE FORGED "Subject: outside\r\n", within, ""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(stored) / sizeof(*stored); i++) {
		char *view = shown(stored[i]), *word = NULL, *head;

		says("forged", view, i == 1 ? "none (not signed)" : PASS,
		     i == 0 ? "signed; signature=good" : "decrypted; signature=");
		has_field("forged", view, "Subject", "inside");
		has_field("forged", view, "Content-Type",
			  i == 1 ? "text/plain; hp=\"clear\"" : SIGNED);
		assert_int_equal(field_of(view, "X-Letterlock", &word), 1);
		*strstr(view, "\r\n\r\n") = '\0';
		head = strstr(view, "gw.test");
		assert_null(strstr(head + 1, "gw.test"));
		assert_non_null(strstr(view, "mx.example; spf=pass"));
		assert_null(strstr(view, "dmarc=pass"));
		free(word);
		free(view);
		free(stored[i]);
	}
	free(within);
	free(parts);
	free(signature);
	free(entity);
}

/* --- THREATS 140: which header counts --- */

static void only_a_header_at_the_root_of_the_payload_counts(void **state)
{
	static const struct {
		const char *title, *payload, *subject;
	} cases[] = {
		{ "at the root", "Content-Type: text/plain; hp=\"cipher\"\r\n" FROM_ALICE
		  "Subject: inside\r\n\r\nx\r\n", "inside" },
		{ "unmarked", "Content-Type: text/plain\r\n" FROM_ALICE
		  "Subject: inside\r\nHP-Outer: Subject: outside\r\n\r\nx\r\n", "outside" },
		{ "misplaced", "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
		  "Content-Type: text/plain; hp=\"cipher\"\r\n" FROM_ALICE
		  "Subject: inside\r\nHP-Outer: Subject: outside\r\n\r\nx\r\n--m--\r\n",
		  "outside" },
		{ "misplaced, of old", "Content-Type: multipart/mixed; boundary=m\r\n"
		  "Subject: inside\r\n\r\n--m\r\n"
		  "Content-Type: text/plain; protected-headers=\"v1\"\r\n" FROM_ALICE
		  "Subject: inside\r\n\r\nx\r\n--m--\r\n", "outside" },
		{ "wrapped", "Content-Type: message/rfc822\r\n\r\n" FROM_ALICE "Subject: inside\r\n"
		  "Content-Type: text/plain; hp=\"cipher\"\r\n\r\nx\r\n", "outside" },
		{ "wrapped, and said so", "Content-Type: message/rfc822; protected-headers=\"no\";"
		  " forwarded=no\r\nSubject: inside\r\n\r\n" FROM_ALICE
		  "Subject: inside\r\n\r\nx\r\n", "outside" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *stored = encrypted_mail(FROM_ALICE "HP-Outer: Subject: x\r\n"
					      "Subject: outside\r\n", cases[i].payload, "");
		char *view = shown(stored);

		says(cases[i].title, view, "none (not signed)", "decrypted; signature=none\r\n");
		has_field(cases[i].title, view, "Subject", cases[i].subject);
		has_field(cases[i].title, view, "From", "Alice <" ALICE ">");
		free(view);
		free(stored);
	}
	judged("phony", mem_printf(FROM_ALICE "Subject: [...]\r\nHP-Outer: Subject: [...]\r\n"
				   "Content-Type: text/plain; hp=\"cipher\"\r\n\r\n"
				   "Subject: inside\r\n\r\nx\r\n"), CLEAR, NULL);
}

/* RFC 9788 4.4, 10.1 */
static void another_from_inside_is_shown_only_when_its_owner_signed(void **state)
{
	static const char payload[] = "Content-Type: text/plain; hp=\"cipher\"\r\n" FROM_ALICE
				      "\r\nx\r\n";
	static const struct {
		const char *outer, *by, *from, *verdict, *word;
	} cases[] = {
		{ FROM_ALICE, "", "Alice <" ALICE ">", "none (not signed)",
		  "decrypted; signature=none\r\n" },
		{ FROM_CAROL, "", "Carol <" CAROL ">",
		  "none (not signed, and the header inside is of another message)",
		  "decrypted; signature=none\r\n" },
		{ FROM_CAROL, "--sign --local-user " ALICE, "Alice <" ALICE ">", REPLAYED,
		  "decrypted; signature=replayed by" },
		{ FROM_CAROL, "--sign --local-user " CAROL, "Carol <" CAROL ">", REPLAYED,
		  "decrypted; signature=replayed by" },
		{ FROM_CAROL, "--sign --local-user " DAVE, "Carol <" CAROL ">",
		  "fail (the signer does not match From)", "decrypted; signature=mismatch by" },
		{ FROM_CAROL, BY_ALICE, "Alice <" ALICE ">", REPLAYED,
		  "signed; signature=replayed by" },
		{ FROM_CAROL, "--detach-sign --local-user " CAROL, "Carol <" CAROL ">", REPLAYED,
		  "signed; signature=replayed by" },
		{ FROM_ALICE, "--sign --local-user " CAROL, "Alice <" ALICE ">",
		  "fail (the signer does not match From)", "decrypted; signature=mismatch by" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool detached = strncmp(cases[i].by, "--detach", 8) == 0;
		char *signature = detached ? gpg(cases[i].by, payload) : NULL;
		char *stored = detached ? signed_mail(cases[i].outer, payload, signature)
					: encrypted_mail(cases[i].outer, payload, cases[i].by);
		char *view = shown(stored);

		says(cases[i].by, view, cases[i].verdict, cases[i].word);
		has_field(cases[i].by, view, "From", cases[i].from);
		free(view);
		free(stored);
		free(signature);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_on_a_part_is_none_on_the_whole),
		cmocka_unit_test(a_part_beside_the_two_unmakes_the_signature),
		cmocka_unit_test(all_that_is_in_the_signed_part_is_signed),
		cmocka_unit_test(the_signer_has_to_be_the_one_address_in_from),
		cmocka_unit_test(an_address_is_the_signers_however_it_is_written),
		cmocka_unit_test(each_signature_is_what_it_is),
		cmocka_unit_test(inline_content_is_never_judged),
		cmocka_unit_test(only_signatures_are_a_signature),
		cmocka_unit_test(the_digest_that_is_told_does_not_matter),
		cmocka_unit_test(what_was_changed_on_the_way_is_not_signed),
		cmocka_unit_test(a_protected_verdict_is_forged_too),
		cmocka_unit_test(only_a_header_at_the_root_of_the_payload_counts),
		cmocka_unit_test(another_from_inside_is_shown_only_when_its_owner_signed),
		cmocka_unit_test(who_is_not_trusted_any_more_signs_nothing),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
