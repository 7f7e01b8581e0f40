#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/job/open.h"
#include "policy/job/output.h"
#include "policy/job/store.h"
#include "policy/keys/key_index.h"
#include "seal_world.h"

static const char mail[] =
	"From: alice@example.org\r\nTo: bob@example.org\r\nBcc: carol@example.org\r\n"
	"Subject: a draft\r\nX-Mine: 1\r\nMIME-Version: 1.0\r\n"
	"Content-Type: text/plain; charset=utf-8\r\n\r\nthe treasure\r\n.\r\n";

static struct seal_world world;

static int set_up_all(void **state)
{
	(void)state;
	seal_world_make(&world);
	return 0;
}

static int tear_down_all(void **state)
{
	(void)state;
	seal_world_end(&world);
	return 0;
}

/* What is stored of `bytes`, on the heap; NULL: refused. */
static char *store_as(const char *login, struct span bytes, struct answer *answer, size_t *len)
{
	struct seal_parts parts = { .conf = &world.conf, .keys = world.keys, .pgp = world.pgp,
				    .now = time(NULL) };
	struct ask ask = { .id = 3, .kind = ASK_STORE, .message_size = bytes.len,
			   .output_max = 64 * 1024 * 1024 };
	int in = output_memory(NULL), out = output_memory(NULL);
	struct err err = { 0 };
	char *all, *copy = NULL;

	ask.envelope.login = (char *)login;
	assert_int_equal(write(in, bytes.at, bytes.len), bytes.len);
	store(&parts, &ask, in, out, answer, &err);
	assert_int_equal(answer->id, 3);
	assert_int_equal(err.kind, ERR_NONE);
	if (answer->kind == ANSWER_SEALED) {
		const struct answer_copy *one = answer->copies;

		assert_int_equal(answer->copies_n, 1);
		assert_int_equal(one->recipients.n, 0);
		assert_false(one->signed_by_us);
		all = mail_corpus_slurp(one->from_question ? in : out, len);
		assert_true(one->offset + one->size <= *len);
		copy = mem_new(one->size + 1);
		memcpy(copy, all + one->offset, one->size);
		*len = one->size;
		free(all);
	}
	close(in);
	close(out);
	return copy;
}

static void refused(const char *policy, const char *login, struct span bytes, unsigned code,
		    const char *text)
{
	struct answer answer;
	size_t len;

	seal_world_policy(&world, policy);
	assert_null(store_as(login, bytes, &answer, &len));
	assert_int_equal(answer.kind, ANSWER_REFUSED);
	assert_int_equal(answer.reply.code, code);
	assert_non_null(strstr(answer.reply.text, text));
	answer_free(&answer);
}

static void stored(const char *policy, const char *login, bool encrypted)
{
	struct answer answer;
	char *copy;
	size_t len;

	seal_world_policy(&world, policy);
	copy = store_as(login, span_str(mail), &answer, &len);
	assert_non_null(copy);
	assert_int_equal(answer.copies[0].encrypted, encrypted);
	assert_int_equal(strstr(copy, "the treasure") == NULL, encrypted);
	if (!encrypted)
		assert_true(span_is(span_of(copy, len), mail));
	answer_free(&answer);
	free(copy);
}

static void rules_decide_what_is_sealed(void **state)
{
	(void)state;
	stored("", "alice", true);
	stored("", "nobody@example.org", false);
	stored("[rule s]\ndirection = stored\nencrypt = require\n", "alice", true);
	stored("[rule s]\ndirection = stored\nencrypt = no\n", "alice", false);
	stored("[rule o]\nencrypt = no\n", "alice", true);	/* outbound alone */
	stored("[rule s]\ndirection = stored\nsubject = other*\naction = reject\n", "alice", true);
	refused("[rule s]\ndirection = stored\nencrypt = require\n", "nobody@example.org",
		span_str(mail), 550, "no usable key for nobody@example.org (rule s)");
	refused("[rule s]\ndirection = stored\nsubject = a draft\naction = reject\n"
		"reply = keep off\n", "alice", span_str(mail), 550, "keep off (rule s)");
	refused("", "alice", span_of("a\0b", 3), 554, "NUL");
}

/* A clear copy is that of `bytes` with one field changed. */
static void clear_copy(const char *rule, const char *login, const char *bytes, const char *want)
{
	struct answer answer;
	char *policy = mem_printf("[rule s]\ndirection = stored\n%s", rule), *copy;
	size_t len;

	seal_world_policy(&world, policy);
	copy = store_as(login, span_str(bytes), &answer, &len);
	assert_string_equal(copy, want);
	assert_int_equal(len, strlen(want));
	assert_false(answer.copies[0].encrypted);
	answer_free(&answer);
	free(copy);
	free(policy);
}

static void a_rule_changes_the_header_of_what_it_stores_clear(void **state)
{
	static const char tagged[] = "Subject: [x] a\r\nBcc: c@example.org\r\n\r\none\r\n";
	static const char strip[] = "encrypt = no\nsubject = [x]*\nstrip-tag = yes\n";

	(void)state;
	clear_copy(strip, "alice", tagged, "Subject: a\r\nBcc: c@example.org\r\n\r\none\r\n");
	clear_copy(strip, "alice", "Subject: [x] a\n\none\n", "Subject: a\r\n\r\none\r\n");
	clear_copy("encrypt = no\nadd-header = X-Org: ours\n", "alice", tagged,
		   "X-Org: ours\r\nSubject: [x] a\r\nBcc: c@example.org\r\n\r\none\r\n");
	clear_copy("add-header = X-Org: ours\n", "nobody@example.org", tagged,
		   "X-Org: ours\r\nSubject: [x] a\r\nBcc: c@example.org\r\n\r\none\r\n");
	/* what is not changed stays, to its line ends */
	clear_copy("encrypt = no\nsubject = *\nstrip-tag = yes\n", "alice", "Subject: a\n\none\n",
		   "Subject: a\n\none\n");
}

/* What the login is shown of what is stored. */
static void open_as(const char *login, const char *copy, size_t len, struct buf *view)
{
	struct open_parts parts = { .settings = &world.conf.settings, .keys = world.keys,
				    .pgp = world.pgp, .login = login };
	struct err err = { 0 };

	buf_init(view, 64 * 1024 * 1024);
	assert_int_equal(open_message(&parts, span_of(copy, len), view, &err), OPEN_DECRYPTED);
}

static void a_draft_keeps_its_bcc_where_only_its_author_sees_it(void **state)
{
	struct answer answer;
	struct header_field field;
	struct buf view;
	size_t len;
	char *copy;

	(void)state;
	seal_world_policy(&world, "");
	copy = store_as("alice", span_str(mail), &answer, &len);
	assert_int_equal(header_find(span_str(copy), "Bcc", NULL), 0);
	assert_null(strstr(copy, "carol"));
	assert_null(strstr(copy, "a draft"));
	open_as("alice", copy, len, &view);
	assert_int_equal(header_find(buf_span(&view), "Bcc", &field), 1);
	assert_true(span_is(span_trim(field.body), "carol@example.org"));
	assert_int_equal(header_find(buf_span(&view), "Subject", &field), 1);
	assert_true(span_is(span_trim(field.body), "a draft"));
	assert_int_equal(header_find(buf_span(&view), "X-Mine", NULL), 1);
	buf_free(&view);
	answer_free(&answer);
	free(copy);
}

static void lines_become_those_of_mail(void **state)
{
	struct answer answer;
	struct buf view;
	size_t len;
	char *copy;

	(void)state;
	seal_world_policy(&world, "");
	copy = store_as("alice", span_str("Subject: x\nA: b\r\n\none\ntwo\r\n"), &answer, &len);
	open_as("alice", copy, len, &view);
	assert_non_null(memmem(view.data + view.head, view.len, "\r\n\r\none\r\ntwo\r\n", 14));
	buf_free(&view);
	answer_free(&answer);
	free(copy);
}

static void what_the_client_encrypted_stays_as_it_is(void **state)
{
	struct answer answer, again;
	size_t len, same;
	char *copy, *twice;

	(void)state;
	seal_world_policy(&world, "");
	copy = store_as("alice", span_str(mail), &answer, &len);
	twice = store_as("alice", span_of(copy, len), &again, &same);
	assert_true(again.copies[0].from_question);
	assert_true(span_eq(span_of(copy, len), span_of(twice, same)));
	answer_free(&answer);
	answer_free(&again);
	free(copy);
	free(twice);
}

/* Behind the header. */
static struct span body_of(struct span message)
{
	size_t begin;

	assert_int_equal(header_end(message, NULL, &begin), 0);
	return span_skip(message, begin);
}

static bool bare_lf(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r'))
			return true;
	return false;
}

/* The view ends in the body, and in a line end where that has none. */
static void ends_with(const char *name, struct span view, struct span body)
{
	for (size_t more = 0; more <= 2; more += 2)
		if (view.len >= body.len + more &&
		    memcmp(view.at + view.len - body.len - more, body.at, body.len) == 0)
			return;
	fail_msg("%s: the body is another one", name);
}

static void every_odd_message_comes_back_as_it_was(void **state)
{
	struct strs names = { 0 };
	size_t sealed = 0;

	(void)state;
	seal_world_policy(&world, "");
	mail_corpus_names(&names);
	for (size_t i = 0; i < names.n; i++) {
		struct span bytes = mail_corpus_read(names.at[i]), body = body_of(bytes);
		struct answer answer;
		struct buf view;
		size_t len;
		char *copy = store_as("alice", bytes, &answer, &len);

		if (copy && answer.copies[0].encrypted && !bare_lf(bytes)) {
			sealed++;
			open_as("alice", copy, len, &view);
			ends_with(names.at[i], buf_span(&view), body);
			buf_free(&view);
		}
		answer_free(&answer);
		free(copy);
		free((char *)bytes.at);
	}
	assert_true(sealed > names.n / 2);
	strs_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_decide_what_is_sealed),
		cmocka_unit_test(a_rule_changes_the_header_of_what_it_stores_clear),
		cmocka_unit_test(a_draft_keeps_its_bcc_where_only_its_author_sees_it),
		cmocka_unit_test(lines_become_those_of_mail),
		cmocka_unit_test(what_the_client_encrypted_stays_as_it_is),
		cmocka_unit_test(every_odd_message_comes_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
