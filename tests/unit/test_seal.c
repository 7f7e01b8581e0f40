#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/job/plan.h"
#include "seal_world.h"

#define SECRET "The treasure lies below the old oak"

static struct seal_world world;

static int set_up(void **state)
{
	(void)state;
	seal_world_make(&world);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	seal_world_end(&world);
	return 0;
}

static char *mail(const char *to, const char *more)
{
	return seal_world_mail(to, more, SECRET "\r\n");
}

static struct sealed seal_text(char *text)
{
	struct sealed sealed = seal_world_seal(&world, span_str(text));

	free(text);
	return sealed;
}

static void refused(struct sealed *s, unsigned code, const char *status, const char *text)
{
	if (s->answer.kind != ANSWER_REFUSED || s->answer.reply.code != code ||
	    strcmp(s->answer.reply.status, status) != 0 || !strstr(s->answer.reply.text, text))
		fail_msg("%d: %u %s %s", s->answer.kind, s->answer.reply.code,
			 s->answer.reply.status, s->answer.reply.text);
	assert_int_equal(s->answer.copies_n, 0);
	sealed_done(s);
}

static void is_sealed(const struct sealed *s, size_t copies)
{
	if (s->answer.kind != ANSWER_SEALED || s->answer.copies_n != copies)
		fail_msg("%d, %zu copies: %u %s %s; %s", s->answer.kind, s->answer.copies_n,
			 s->answer.reply.code, s->answer.reply.status, s->answer.reply.text,
			 s->err.text);
	assert_int_equal(s->err.kind, ERR_NONE);
}

/* --- the odd messages --- */

static bool among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static void each_odd_message(const char *policy, void (*look)(const char *, struct sealed *))
{
	struct strs names = { 0 };

	seal_world_policy(&world, policy);
	mail_corpus_names(&names);
	for (size_t i = 0; i < names.n; i++) {
		struct span bytes = mail_corpus_read(names.at[i]);
		struct sealed sealed;

		seal_world_ask(&world, BOB);
		sealed = seal_world_seal(&world, bytes);
		look(names.at[i], &sealed);
		free((char *)bytes.at);
	}
	seal_world_check(&world);
	strs_free(&names);
}

static void look_encrypted(const char *name, struct sealed *s)
{
	char id[17];

	(void)name;
	is_sealed(s, 1);
	assert_true(s->answer.copies[0].encrypted);
	assert_false(s->answer.copies[0].eight_bit || s->answer.copies[0].utf8);
	seal_world_expect(&world, s, 0, "encrypted 7bit ids=%s", seal_world_id(&world, BOB, id));
	sealed_done(s);
}

static void look_both(const char *name, struct sealed *s)
{
	char id[17];

	(void)name;
	is_sealed(s, 1);
	assert_true(s->answer.copies[0].encrypted && s->answer.copies[0].signed_by_us);
	seal_world_expect(&world, s, 0, "encrypted 7bit ids=%s signer=%s",
			  seal_world_id(&world, BOB, id), seal_world_fingerprint(&world, ALICE));
	sealed_done(s);
}

static void look_signed(const char *name, struct sealed *s)
{
	static const char *const unsignable[] = {
		"broken-type", "signed-inside", "two-types", "unknown-cte-8bit", NULL,
	};

	if (among(name, unsignable)) {
		refused(s, 554, "5.6.0", "7 bits");
		return;
	}
	is_sealed(s, 1);
	assert_true(s->answer.copies[0].signed_by_us && !s->answer.copies[0].encrypted);
	assert_false(s->answer.copies[0].eight_bit || s->answer.copies[0].utf8);
	seal_world_expect(&world, s, 0, "signed 7bit signer=%s",
			  seal_world_fingerprint(&world, ALICE));
	sealed_done(s);
}

static void look_clear(const char *name, struct sealed *s)
{
	is_sealed(s, 1);
	/* an empty line has to be put where its header ends */
	assert_int_equal(s->answer.copies[0].from_question, strcmp(name, "ragged") != 0);
	assert_false(s->answer.copies[0].encrypted || s->answer.copies[0].signed_by_us);
	seal_world_expect(&world, s, 0, "clear");
	sealed_done(s);
}

static void odd_messages_are_encrypted_byte_for_byte(void **state)
{
	(void)state;
	each_odd_message("[rule a]\nencrypt = require\n", look_encrypted);
}

static void odd_messages_are_signed_and_encrypted_at_once(void **state)
{
	(void)state;
	each_odd_message("[rule a]\nencrypt = require\nsign = yes\n", look_both);
}

static void odd_messages_are_signed_in_canonical_form(void **state)
{
	(void)state;
	each_odd_message("[rule a]\nencrypt = no\nsign = yes\n", look_signed);
}

static void odd_messages_in_the_clear_are_not_copied(void **state)
{
	(void)state;
	each_odd_message("[rule a]\nencrypt = no\n", look_clear);
}

/* What cannot be signed goes unsigned where the rule only prefers it. */
static void look_preferred(const char *name, struct sealed *s)
{
	is_sealed(s, 1);
	if (strcmp(name, "signed-inside") == 0) {
		assert_false(s->answer.copies[0].signed_by_us);
		seal_world_expect(&world, s, 0, "clear");
	}
	sealed_done(s);
}

static void what_cannot_be_signed_goes_unsigned_under_prefer(void **state)
{
	(void)state;
	each_odd_message("[rule a]\nencrypt = no\nsign = prefer\n", look_preferred);
}

/* --- who gets which copy --- */

/* `copy` is encrypted to exactly these, blank-separated. */
static void encrypted_to(const struct sealed *s, size_t copy, const char *addresses,
			 const char *more)
{
	struct span rest = span_str(addresses), one;
	struct buf ids;
	char *text, id[17];

	buf_init(&ids, 1000);
	while (span_split(&rest, ' ', &one)) {
		char *address = span_dup(one);

		buf_printf(&ids, "%s%s", ids.len ? "," : "", seal_world_id(&world, address, id));
		free(address);
	}
	text = buf_take_string(&ids);
	seal_world_expect(&world, s, copy, "encrypted ids=%s %s", text, more);
	free(text);
}

static void equal_decisions_share_a_copy_and_blind_ones_do_not(void **state)
{
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = require\n");
	seal_world_ask(&world, BOB " " DAVE " " CAROL " " EVE " " CAROL " " DAVE);
	s = seal_text(mail("Bob <BOB@example.org>", "Cc: carol@example.org\r\nBCC: "
			   "dave@example.org,\r\n rsa@example.org\r\n"));
	is_sealed(&s, 3);
	assert_int_equal(s.answer.copies[0].recipients.n, 3);	/* bob, carol twice */
	assert_int_equal(s.answer.copies[1].recipients.n, 2);	/* dave twice */
	encrypted_to(&s, seal_world_copy_for(&world, &s, BOB), BOB " " CAROL, "text=treasure");
	encrypted_to(&s, seal_world_copy_for(&world, &s, DAVE), DAVE, "text=treasure");
	encrypted_to(&s, seal_world_copy_for(&world, &s, EVE), EVE, "text=treasure");
	for (size_t i = 0; i < s.answer.copies_n; i++) {
		size_t len;
		char *bytes = seal_world_bytes(&s, i, &len);

		assert_null(strstr(bytes, "rsa@"));
		assert_null(strstr(bytes, "dave@"));
		free(bytes);
	}
	sealed_done(&s);
	seal_world_check(&world);
}

static void decisions_that_differ_make_copies_that_differ(void **state)
{
	struct sealed s;
	char more[200];

	(void)state;
	seal_world_policy(&world, "[rule p]\nto = carol@*, dave@*\nencrypt = require\n"
				  "sign = yes\n"
				  "[rule e]\nto = rsa@*\nencrypt = prefer\n"
				  "also-encrypt-to = " CAROL "\nprotect-subject = no\n"
				  "[rule n]\nto = *@nokey.example\nencrypt = prefer\n"
				  "[rule o]\nencrypt = no\nsign = no\n");
	seal_world_ask(&world, BOB " " CAROL " " EVE " x@nokey.example " DAVE);
	s = seal_text(mail(BOB ", " CAROL ", " EVE ", x@nokey.example, " DAVE,
			   "Subject: shown\r\n"));
	is_sealed(&s, 3);
	assert_int_equal(seal_world_copy_for(&world, &s, BOB), 0);
	assert_int_equal(seal_world_copy_for(&world, &s, "x@nokey.example"), 0);
	seal_world_expect(&world, &s, 0, "clear");
	(void)snprintf(more, sizeof(more), "signer=%s", seal_world_fingerprint(&world, ALICE));
	encrypted_to(&s, 1, CAROL " " DAVE, more);
	encrypted_to(&s, 2, EVE " " CAROL, "subject=shown");
	assert_string_equal(s.answer.rule, "o,p,e,n");
	sealed_done(&s);
	seal_world_check(&world);
}

static void a_bcc_field_leaves_no_copy_in_any_form(void **state)
{
	static const char *const policies[] = {
		"[rule a]\nencrypt = no\n", "[rule a]\nencrypt = no\nsign = yes\n",
		"[rule a]\nencrypt = require\n",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sealed s;
		size_t len;
		char *bytes;

		seal_world_policy(&world, policies[i]);
		seal_world_ask(&world, BOB);
		s = seal_text(mail(BOB, "bCC: dave@example.org,\r\n\trsa@example.org\r\n"
				   "Resent-Bcc: rsa@example.org\r\nBcc:\r\n"));
		is_sealed(&s, 1);
		bytes = seal_world_bytes(&s, 0, &len);
		assert_null(strcasestr(bytes, "\nbcc:"));
		assert_null(strcasestr(bytes, "resent-bcc:"));
		assert_null(strstr(bytes, "rsa@"));
		free(bytes);
		if (i == 0)
			seal_world_expect(&world, &s, 0, "clear");
		sealed_done(&s);
	}
	seal_world_check(&world);
}

static void the_tag_goes_and_the_subject_hides(void **state)
{
	struct sealed s;
	size_t len;
	char *bytes;

	(void)state;
	seal_world_policy(&world, "[rule t]\nsubject = [secure]*\nencrypt = prefer\n"
				  "strip-tag = yes\nadd-header = X-Way: ours\n");
	seal_world_ask(&world, BOB " x@nokey.example");
	s = seal_text(mail(BOB ", x@nokey.example", "Subject: [SECURE] Plans\r\n"
			   "DKIM-Signature: v=1; h=subject; b=x\r\n"));
	is_sealed(&s, 2);
	bytes = seal_world_bytes(&s, seal_world_copy_for(&world, &s, "x@nokey.example"), &len);
	assert_non_null(strstr(bytes, "\r\nSubject: Plans\r\n"));
	assert_null(strstr(bytes, "DKIM"));	/* row 150: it would be broken */
	assert_memory_equal(bytes, "X-Way: ours\r\n", 13);
	free(bytes);
	bytes = seal_world_bytes(&s, seal_world_copy_for(&world, &s, BOB), &len);
	assert_non_null(strstr(bytes, "\r\nSubject: [...]\r\n"));
	assert_memory_equal(bytes, "X-Way: ours\r\n", 13);
	assert_null(strstr(bytes, "Plans"));
	free(bytes);
	sealed_done(&s);
}

/* --- what the gateway puts in front --- */

static void our_field_is_never_glued_to_the_clients_bytes(void **state)
{
	static const char trace[] = "Received: by gw.test;\r\n\tnow\r\n";
	static const char *const texts[] = {
		" folded: x\r\nFrom: alice@example.org\r\n\r\nx\r\n", "\r\nno header at all\r\n",
		"no header at all\r\n",
		"From alice Mon Nov 23\r\nFrom: alice@example.org\r\n\r\nx\r\n",
		"\tx\r\n", "", "X: y\r\ngarbage\r\nZ: q\r\n", "X: y\r\n",
	};
	static const char *const wanted[] = {
		"\r\n folded: x", "\r\nno header at all\r\n", "\r\nno header", "\r\nFrom alice",
		"\r\n\tx", "", "X: y\r\n\r\ngarbage\r\nZ: q\r\n", "X: y\r\n",
	};

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = no\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *text = mem_printf("%s%s", trace, texts[i]), *bytes;
		struct sealed s;
		size_t len;

		seal_world_ask(&world, BOB);
		free(world.ask.envelope.login);
		world.ask.envelope.login = NULL;
		world.ask.trace_size = strlen(trace);
		s = seal_text(text);
		is_sealed(&s, 1);
		bytes = seal_world_bytes(&s, 0, &len);
		assert_memory_equal(bytes, trace, strlen(trace));
		if (strncmp(bytes + strlen(trace), wanted[i], strlen(wanted[i])) != 0)
			fail_msg("case %zu: %s", i, bytes);
		free(bytes);
		sealed_done(&s);
	}
}

static void the_trace_field_stands_outside_alone(void **state)
{
	static const char trace[] = "Received: by gw.test;\r\n\tnow\r\n";
	char *one = mail(BOB, "Subject: x\r\n"), *text = mem_printf("%s%s", trace, one);
	char signer[100];
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = require\nsign = yes\n");
	seal_world_ask(&world, BOB);
	world.ask.trace_size = strlen(trace);
	s = seal_text(text);
	is_sealed(&s, 1);
	(void)snprintf(signer, sizeof(signer), "signer=%s", seal_world_fingerprint(&world, ALICE));
	encrypted_to(&s, 0, BOB, signer);
	sealed_done(&s);
	seal_world_check(&world);
	free(one);
}

/* --- limits --- */

/* THREATS 108: bounded, and refused where it cannot be looked at. */
static void what_is_too_large_to_be_looked_at_is_refused(void **state)
{
	struct sealed s;
	struct buf text;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = require\n");
	seal_world_ask(&world, BOB);
	buf_init(&text, 1 << 26);
	buf_puts(&text, "From: alice@example.org\r\n");
	for (int i = 0; i < 100000; i++)
		buf_puts(&text, "X: y\r\n");
	s = seal_text(buf_take_string(&text));
	refused(&s, 554, "5.6.0", "header");
	buf_puts(&text, "From: alice@example.org\r\nX: ");
	for (int i = 0; i < 50000; i++)
		buf_puts(&text, "a header of several megabytes, unfolded as it is,");
	s = seal_text(buf_take_string(&text));
	refused(&s, 554, "5.6.0", "header");
}

/* Many parts are no reason not to encrypt: the body is not taken apart for it. */
static void ten_thousand_parts_are_encrypted_whole(void **state)
{
	struct sealed s;
	struct buf text;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = require\n");
	seal_world_ask(&world, BOB);
	buf_init(&text, 1 << 26);
	buf_puts(&text, "From: alice@example.org\r\nTo: bob@example.org\r\n"
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < 10000; i++)
		buf_puts(&text, "--b\r\n\r\nx\r\n");
	buf_puts(&text, "--b--\r\n");
	s = seal_text(buf_take_string(&text));
	is_sealed(&s, 1);
	encrypted_to(&s, 0, BOB, "");
	sealed_done(&s);
	seal_world_check(&world);
}

/* THREATS 47 */
static void a_line_of_a_megabyte_is_not_cut(void **state)
{
	static const char *const policies[] = {
		"[rule a]\nencrypt = require\n", "[rule a]\nencrypt = no\nsign = yes\n",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t len = 1 << 20;
		char *line = mem_new(len + 1), signer[100];
		struct sealed s;

		memset(line, 'x', len);
		seal_world_policy(&world, policies[i]);
		seal_world_ask(&world, BOB);
		s = seal_text(mem_printf("From: alice@example.org\r\n\r\n%s\r\n", line));
		free(line);
		is_sealed(&s, 1);
		(void)snprintf(signer, sizeof(signer), "signed signer=%s",
			       seal_world_fingerprint(&world, ALICE));
		if (i == 0)
			encrypted_to(&s, 0, BOB, "");
		else
			seal_world_expect(&world, &s, 0, "%s", signer);
		sealed_done(&s);
	}
	seal_world_check(&world);
}

static void upstreams_size_is_kept_after_protection(void **state)
{
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = prefer\n");
	seal_world_ask(&world, BOB);
	world.ask.upstream_size = 600;	/* fits for the client, not encrypted */
	s = seal_text(mail(BOB, ""));
	refused(&s, 552, "5.3.4", "");
	seal_world_ask(&world, "x@nokey.example");
	world.ask.upstream_size = 600;
	s = seal_text(mail(BOB, ""));
	is_sealed(&s, 1);
	sealed_done(&s);
}

static void no_room_for_the_copies_is_temporary(void **state)
{
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = require\n");
	for (uint64_t room = 0; room <= 2000; room += 400) {
		seal_world_ask(&world, BOB " " CAROL " " DAVE);
		world.ask.output_max = room;
		s = seal_text(mail(BOB, ""));
		refused(&s, 452, "4.3.1", "");
	}
}

static void eight_bit_text_is_encoded_where_upstream_does_not_take_it(void **state)
{
	struct span bytes = mail_corpus_read("mixed-8bit");
	struct sealed s;
	size_t len;
	char *copy;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = no\n");
	seal_world_ask(&world, BOB);
	s = seal_world_seal(&world, bytes);
	is_sealed(&s, 1);
	assert_true(s.answer.copies[0].eight_bit && s.answer.copies[0].from_question);
	sealed_done(&s);
	seal_world_ask(&world, BOB);
	world.ask.upstream_eight_bit = false;
	s = seal_world_seal(&world, bytes);
	is_sealed(&s, 1);
	assert_false(s.answer.copies[0].eight_bit);
	copy = seal_world_bytes(&s, 0, &len);
	assert_false(message_eight_bit(span_of(copy, len)));
	assert_non_null(strstr(copy, "=C3=BC"));
	free(copy);
	sealed_done(&s);
	free((char *)bytes.at);
	bytes = mail_corpus_read("signed-inside");
	s = seal_world_seal(&world, bytes);
	refused(&s, 554, "5.6.3", "8-bit");
	free((char *)bytes.at);
}

static void utf8_is_never_downgraded_in_silence(void **state)
{
	static const char subject[] = "Subject: Gr\xc3\xbc\xc3\x9f" "e\r\n";
	static const char address[] = "Cc: j\xc3\xbc@example.org\r\n";
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule a]\nto = bob@*\nencrypt = require\n"
				  "[rule b]\nencrypt = no\n");
	/* in the clear: needs SMTPUTF8, or is refused */
	seal_world_ask(&world, "x@nokey.example");
	s = seal_text(mail(BOB, subject));
	is_sealed(&s, 1);
	assert_true(s.answer.copies[0].utf8);
	sealed_done(&s);
	world.ask.upstream_smtputf8 = false;
	s = seal_text(mail(BOB, subject));
	refused(&s, 550, "5.6.7", "SMTPUTF8");
	/* written anew it has encoded words instead */
	seal_world_ask(&world, BOB);
	world.ask.upstream_smtputf8 = false;
	s = seal_text(mail(BOB, "X-Word: Gr\xc3\xbc\xc3\x9f" "e\r\n"));
	is_sealed(&s, 1);
	encrypted_to(&s, 0, BOB, "7bit");
	sealed_done(&s);
	/* ... which an address cannot have */
	s = seal_text(mail(BOB, address));
	refused(&s, 550, "5.6.7", "SMTPUTF8");
	world.ask.upstream_smtputf8 = true;
	s = seal_text(mail(BOB, address));
	is_sealed(&s, 1);
	assert_true(s.answer.copies[0].utf8);
	sealed_done(&s);
	/* where the client said SMTPUTF8 it stays */
	world.ask.want_utf8 = true;
	s = seal_text(mail(BOB, "X-Word: Gr\xc3\xbc\xc3\x9f" "e\r\n"));
	is_sealed(&s, 1);
	assert_true(s.answer.copies[0].utf8);
	encrypted_to(&s, 0, BOB, "");
	sealed_done(&s);
	/* an address of the envelope */
	seal_world_ask(&world, "j\xc3\xbc@example.org x@nokey.example");
	s = seal_text(mail(BOB, ""));
	is_sealed(&s, 2);
	assert_true(s.answer.copies[0].utf8 && !s.answer.copies[1].utf8);
	sealed_done(&s);
	seal_world_check(&world);
}

/* --- which message it is --- */

static void the_journal_id_is_of_login_sender_and_content(void **state)
{
	char first[JOURNAL_ID_SIZE], *one;
	struct sealed s;

	(void)state;
	seal_world_policy(&world, "[rule a]\nencrypt = no\n");
	seal_world_ask(&world, BOB);
	s = seal_text(mail(BOB, "X: a\r\n"));
	assert_int_equal(strlen(s.answer.journal), JOURNAL_ID_SIZE - 1);
	memcpy(first, s.answer.journal, sizeof(first));
	sealed_done(&s);
	s = seal_text(mail(BOB, "X: a\r\nmessage-id: <another@x>\r\n"));
	assert_string_equal(s.answer.journal, first);
	sealed_done(&s);
	world.ask.trace_size = strlen("Received: later\r\n");
	one = mail(BOB, "X: a\r\n");
	s = seal_text(mem_printf("Received: later\r\n%s", one));
	free(one);
	assert_string_equal(s.answer.journal, first);
	sealed_done(&s);
	world.ask.trace_size = 0;
	s = seal_text(mail(BOB, "X: b\r\n"));
	assert_string_not_equal(s.answer.journal, first);
	sealed_done(&s);
	free(world.ask.envelope.sender);
	world.ask.envelope.sender = mem_strdup("");
	s = seal_text(mail(BOB, "X: a\r\n"));
	assert_string_not_equal(s.answer.journal, first);
	sealed_done(&s);
}

/* --- what explain says --- */

static void a_plan_and_its_copies_agree(void **state)
{
	static const char *const fields[] = {
		"", "Subject: [secure] x\r\n", "X-Class: Confidential\r\n",
		"From: rsa@example.org\r\n",
		"Content-Type: multipart/mixed\r\n", "Subject: =?x-none?q?x?=\r\n",
	};
	static const char *const recipients[] = {
		BOB, DAVE, "x@nokey.example", BOB " " CAROL, BOB " x@nokey.example", EVE,
		"expired@example.org", "revoked@example.org", "signonly@example.org", BOB " " EVE,
	};

	(void)state;
	seal_world_policy(&world, "[rule e]\nto = rsa@*\naction = reject\n"
				  "[rule t]\nsubject = [secure]*\nencrypt = require\nsign = yes\n"
				  "[rule c]\nheader = X-Class: conf*\nencrypt = require\n"
				  "[rule p]\nto = carol@*, dave@*\nencrypt = no\nsign = yes\n"
				  "[rule x]\nattachment = *.exe\naction = reject\n"
				  "[rule r]\nencrypt = prefer\nsign = prefer\n");
	for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++)
		for (size_t r = 0; r < sizeof(recipients) / sizeof(*recipients); r++) {
			struct seal_parts parts = { .conf = &world.conf, .keys = world.keys,
						    .pgp = world.pgp, .now = 1800000000 };
			struct sealed s;
			struct plan plan;

			seal_world_ask(&world, recipients[r]);
			s = seal_text(mail(BOB, fields[f]));
			parts.now = time(NULL);
			seal_plan(&parts, &world.ask, s.in, &plan);
			assert_true((plan_refusal(&plan) != NULL) ==
				    (s.answer.kind == ANSWER_REFUSED));
			if (plan_refusal(&plan))
				assert_string_equal(plan_refusal(&plan)->text, s.answer.reply.text);
			for (size_t i = 0; !plan_refusal(&plan) && i < plan.n; i++) {
				size_t c = seal_world_copy_for(&world, &s, plan.rows[i].to);

				assert_int_equal(s.answer.copies[c].encrypted,
						 plan_encrypts(&plan.rows[i]));
				assert_int_equal(s.answer.copies[c].signed_by_us,
						 plan_signs(&plan.rows[i]));
			}
			plan_free(&plan);
			sealed_done(&s);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_messages_are_encrypted_byte_for_byte),
		cmocka_unit_test(odd_messages_are_signed_and_encrypted_at_once),
		cmocka_unit_test(odd_messages_are_signed_in_canonical_form),
		cmocka_unit_test(odd_messages_in_the_clear_are_not_copied),
		cmocka_unit_test(what_cannot_be_signed_goes_unsigned_under_prefer),
		cmocka_unit_test(equal_decisions_share_a_copy_and_blind_ones_do_not),
		cmocka_unit_test(decisions_that_differ_make_copies_that_differ),
		cmocka_unit_test(a_bcc_field_leaves_no_copy_in_any_form),
		cmocka_unit_test(the_tag_goes_and_the_subject_hides),
		cmocka_unit_test(our_field_is_never_glued_to_the_clients_bytes),
		cmocka_unit_test(the_trace_field_stands_outside_alone),
		cmocka_unit_test(what_is_too_large_to_be_looked_at_is_refused),
		cmocka_unit_test(ten_thousand_parts_are_encrypted_whole),
		cmocka_unit_test(a_line_of_a_megabyte_is_not_cut),
		cmocka_unit_test(upstreams_size_is_kept_after_protection),
		cmocka_unit_test(no_room_for_the_copies_is_temporary),
		cmocka_unit_test(eight_bit_text_is_encoded_where_upstream_does_not_take_it),
		cmocka_unit_test(utf8_is_never_downgraded_in_silence),
		cmocka_unit_test(the_journal_id_is_of_login_sender_and_content),
		cmocka_unit_test(a_plan_and_its_copies_agree),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
