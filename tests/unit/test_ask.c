#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/ask.h>
#include <letterlock/channel.h>
#include <letterlock/mem.h>

#define JOURNAL "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static uint16_t indexes[] = { 0, 2, 1 };
static struct err err;

static void fill_envelope(struct envelope *e, enum ask_kind kind)
{
	e->listener = mem_strdup("submission");
	e->login = mem_strdup("alice@example.org");
	e->client = mem_strdup("2001:db8::1");
	e->sender = mem_strdup("");
	e->smtputf8 = true;
	e->size = 77;
	if (kind == ASK_SENDER || kind > ASK_COMPLETE)
		return;
	strs_add(&e->to, span_str("bob@example.net"));
	if (kind == ASK_RCPT)
		return;
	strs_add(&e->to, span_str("\"c d\"@example.net"));
	strs_add(&e->to, span_str("j\xc3\xb6rg@example.net"));
}

static void fill_place(struct ask *ask)
{
	if (ask->kind == ASK_STORE)
		return;
	ask->place.upstream = mem_strdup("provider");
	ask->place.mailbox = mem_strdup("Sent &- more");
	ask->place.uidvalidity = UINT32_MAX;
	if (ask->kind == ASK_DELETED)
		return;
	if (ask->kind != ASK_FIND) {
		strs_add(&ask->place.names, span_str("17"));
		return;
	}
	ask->find = FIND_HEADER;
	ask->find_field = mem_strdup("Subject");
	ask->find_text = mem_strdup("j\xc3\xb6rg");
	ask->find_number = UINT64_MAX;
}

static struct ask filled_ask(enum ask_kind kind)
{
	struct ask ask = { .id = 0x0102030405060708, .kind = kind };

	if (kind != ASK_COMPLETE)
		fill_envelope(&ask.envelope, kind);
	if (kind > ASK_COMPLETE)
		fill_place(&ask);
	if (kind == ASK_SEAL) {
		ask.trace_size = 100;
		ask.message_size = INT64_MAX - 100;
		ask.output_max = UINT64_MAX;
		ask.upstream_size = 5;
		ask.upstream_eight_bit = ask.want_utf8 = true;
	}
	if (kind == ASK_ACCEPTED || kind == ASK_COMPLETE)
		memcpy(ask.journal, JOURNAL, sizeof(ask.journal));
	if (kind == ASK_ACCEPTED) {
		ask.recipients.n = 3;
		ask.recipients.at = mem_new(sizeof(indexes));
		memcpy(ask.recipients.at, indexes, sizeof(indexes));
	}
	return ask;
}

static struct answer filled_answer(enum answer_kind kind)
{
	struct answer answer = { .id = 9, .kind = kind, .rule = "partners" };

	memcpy(answer.journal, JOURNAL, sizeof(answer.journal));
	answer.journalled = answer.tried = true;
	if (kind == ANSWER_REFUSED)
		reply_set(&answer.reply, 550, "5.7.1", "no \xe2\x82\xac");
	if (kind > ANSWER_SEALED) {
		answer.shapes_size = 3;
		answer.view_size = INT64_MAX - 3;
	}
	if (kind != ANSWER_SEALED)
		return answer;
	answer.copies_n = 2;
	answer.copies = mem_new(2 * sizeof(*answer.copies));
	for (size_t i = 0; i < 2; i++) {
		struct answer_copy *copy = &answer.copies[i];

		copy->from_question = copy->eight_bit = i == 0;
		copy->encrypted = copy->signed_by_us = copy->utf8 = i == 1;
		copy->offset = i;
		copy->size = INT64_MAX - i;
		copy->recipients.n = 1 + i;
		copy->recipients.at = mem_new(2 * sizeof(uint16_t));
		copy->recipients.at[0] = 999;
	}
	return answer;
}

/* Encodes what `wire` decodes to; false when it is refused. */
static bool again(struct span wire, bool question, struct buf *out)
{
	struct answer answer;
	struct ask ask;

	buf_clear(out);
	if (question) {
		if (ask_decode(wire, &ask, &err) < 0)
			return false;
		assert_int_equal(ask_encode(&ask, out), 0);
		ask_free(&ask);
		return true;
	}
	if (answer_decode(wire, &answer, &err) < 0)
		return false;
	assert_int_equal(answer_encode(&answer, out), 0);
	answer_free(&answer);
	return true;
}

/* Every prefix and every changed octet is refused, or is the one form of what
 * it decodes to. */
static void torture(struct span wire, bool question)
{
	char *text = mem_new(wire.len + 1);
	struct buf out;

	buf_init(&out, CHANNEL_MAX);
	assert_true(again(wire, question, &out));
	assert_true(span_eq(buf_span(&out), wire));
	assert_false(again(wire, !question, &out));
	memcpy(text, wire.at, wire.len);
	assert_false(again(span_of(text, wire.len + 1), question, &out));
	for (size_t len = 0; len < wire.len; len++) {
		/* a copy of its own, so that a read past its end is seen */
		char *cut = mem_new(len + 1);

		memcpy(cut, wire.at, len);
		assert_false(again(span_of(cut, len), question, &out));
		assert_int_equal(err.kind, ERR_PEER);
		free(cut);
	}
	for (size_t i = 0; i < wire.len; i++)
		for (int c = 0; c < 256; c++) {
			text[i] = (char)c;
			if (again(span_of(text, wire.len), question, &out))
				assert_true(span_eq(buf_span(&out), span_of(text, wire.len)));
			text[i] = wire.at[i];
		}
	buf_free(&out);
	free(text);
}

static void questions_come_back_whole_or_not_at_all(void **state)
{
	struct buf wire;

	(void)state;
	buf_init(&wire, CHANNEL_MAX);
	for (enum ask_kind kind = ASK_SENDER; kind <= ASK_FIND; kind++) {
		struct ask ask = filled_ask(kind);

		assert_int_equal(ask_encode(&ask, &wire), 0);
		torture(buf_span(&wire), true);
		buf_clear(&wire);
		ask_free(&ask);
	}
	buf_free(&wire);
}

static void answers_come_back_whole_or_not_at_all(void **state)
{
	struct buf wire;

	(void)state;
	buf_init(&wire, CHANNEL_MAX);
	for (enum answer_kind kind = ANSWER_YES; kind <= ANSWER_FOUND; kind++) {
		struct answer answer = filled_answer(kind);

		assert_int_equal(answer_encode(&answer, &wire), 0);
		torture(buf_span(&wire), false);
		buf_clear(&wire);
		answer_free(&answer);
	}
	buf_free(&wire);
}

static void every_field_of_a_question_arrives(void **state)
{
	struct ask sent = filled_ask(ASK_SEAL), got;
	struct buf wire;

	(void)state;
	buf_init(&wire, CHANNEL_MAX);
	assert_int_equal(ask_encode(&sent, &wire), 0);
	assert_int_equal(ask_decode(buf_span(&wire), &got, &err), 0);
	assert_true(got.id == sent.id && got.kind == ASK_SEAL);
	assert_string_equal(got.envelope.listener, "submission");
	assert_string_equal(got.envelope.login, "alice@example.org");
	assert_string_equal(got.envelope.client, "2001:db8::1");
	assert_string_equal(got.envelope.sender, "");
	assert_true(got.envelope.smtputf8);
	assert_false(got.envelope.eight_bit);
	assert_int_equal(got.envelope.size, 77);
	assert_int_equal(got.envelope.to.n, 3);
	assert_string_equal(got.envelope.to.at[1], "\"c d\"@example.net");
	assert_int_equal(got.trace_size, 100);
	assert_true(got.message_size == sent.message_size);
	assert_true(got.output_max == UINT64_MAX);
	assert_int_equal(got.upstream_size, 5);
	assert_true(got.upstream_eight_bit && !got.upstream_smtputf8 && got.want_utf8);
	assert_string_equal(got.journal, "");
	ask_free(&got);
	ask_free(&sent);
	buf_free(&wire);

	sent = filled_ask(ASK_SENDER);
	free(sent.envelope.login);
	sent.envelope.login = NULL;
	buf_init(&wire, CHANNEL_MAX);
	assert_int_equal(ask_encode(&sent, &wire), 0);
	assert_int_equal(ask_decode(buf_span(&wire), &got, &err), 0);
	assert_null(got.envelope.login);
	ask_free(&got);
	ask_free(&sent);
	buf_free(&wire);
}

static void every_field_of_an_answer_arrives(void **state)
{
	struct answer sent = filled_answer(ANSWER_SEALED), got;
	struct buf wire;

	(void)state;
	buf_init(&wire, CHANNEL_MAX);
	assert_int_equal(answer_encode(&sent, &wire), 0);
	assert_int_equal(answer_decode(buf_span(&wire), &got, &err), 0);
	assert_int_equal(got.id, 9);
	assert_string_equal(got.rule, "partners");
	assert_string_equal(got.journal, JOURNAL);
	assert_true(got.journalled && got.tried);
	assert_int_equal(got.copies_n, 2);
	assert_true(got.copies[0].from_question && got.copies[0].eight_bit);
	assert_false(got.copies[0].encrypted || got.copies[0].signed_by_us || got.copies[0].utf8);
	assert_true(got.copies[1].encrypted && got.copies[1].signed_by_us && got.copies[1].utf8);
	assert_int_equal(got.copies[1].offset, 1);
	assert_true(got.copies[1].size == INT64_MAX - 1);
	assert_int_equal(got.copies[1].recipients.n, 2);
	assert_int_equal(got.copies[1].recipients.at[0], 999);
	answer_free(&got);
	answer_free(&sent);
	buf_free(&wire);
}

/* Encodes `ask`, decodes it, frees it; true when both went well. */
static bool passes(struct ask *ask)
{
	struct buf wire;
	struct ask got;
	bool good;

	buf_init(&wire, CHANNEL_MAX);
	good = ask_encode(ask, &wire) == 0;
	if (good && ask_decode(buf_span(&wire), &got, &err) == 0)
		ask_free(&got);
	else
		good = false;
	buf_free(&wire);
	ask_free(ask);
	return good;
}

static void what_a_question_needs_is_asked_for(void **state)
{
	struct ask ask = filled_ask(ASK_SENDER);

	(void)state;
	strs_add(&ask.envelope.to, span_str("a@b"));
	assert_false(passes(&ask));
	ask = filled_ask(ASK_RCPT);
	strs_add(&ask.envelope.to, span_str("a@b"));
	assert_false(passes(&ask));
	ask = filled_ask(ASK_SEAL);
	strs_free(&ask.envelope.to);
	assert_false(passes(&ask));
	ask = filled_ask(ASK_SEAL);
	free(ask.envelope.sender);
	ask.envelope.sender = NULL;
	assert_false(passes(&ask));
	ask = filled_ask(ASK_SEAL);
	ask.trace_size = 101;	/* the sum overflows a file offset */
	assert_false(passes(&ask));
	ask = filled_ask(ASK_ACCEPTED);
	ask.recipients.at[1] = 3;
	assert_false(passes(&ask));
	ask = filled_ask(ASK_ACCEPTED);
	ask.recipients.n = 0;
	assert_false(passes(&ask));
	ask = filled_ask(ASK_COMPLETE);
	ask.journal[0] = '\0';
	assert_false(passes(&ask));
	ask = filled_ask(ASK_COMPLETE);
	ask.journal[5] = 'A';
	assert_false(passes(&ask));
	ask = filled_ask(ASK_COMPLETE);
	ask.kind = (enum ask_kind)0;
	assert_false(passes(&ask));
	ask = filled_ask(ASK_SENDER);
	ask.envelope.login[2] = '\n';
	assert_false(passes(&ask));
}

static void stored_mail_is_somebody_s_and_somewhere(void **state)
{
	struct ask ask;

	(void)state;
	for (enum ask_kind kind = ASK_SHAPES; kind <= ASK_FIND; kind++) {
		ask = filled_ask(kind);
		free(ask.envelope.login);
		ask.envelope.login = NULL;
		assert_false(passes(&ask));
		ask = filled_ask(kind);
		free(ask.place.mailbox);
		ask.place.mailbox = NULL;
		assert_false(passes(&ask));
		ask = filled_ask(kind);
		if (kind == ASK_FIND || kind == ASK_DELETED)
			strs_add(&ask.place.names, span_str("1"));
		else
			strs_free(&ask.place.names);
		assert_false(passes(&ask));
	}
	ask = filled_ask(ASK_SHAPES);
	for (size_t i = 0; i < ASK_NAMES_MAX; i++)
		strs_add(&ask.place.names, span_str("1"));
	assert_false(passes(&ask));
	ask = filled_ask(ASK_OPEN);
	strs_add(&ask.place.names, span_str("1"));
	assert_false(passes(&ask));
	ask = filled_ask(ASK_FIND);
	ask.find = FIND_NOTHING;
	assert_false(passes(&ask));
}

static void the_largest_envelope_passes_and_no_larger_one(void **state)
{
	char address[132];
	struct ask ask;

	(void)state;
	memset(address, 'a', 131);
	address[131] = '\0';
	ask = filled_ask(ASK_SEAL);
	strs_free(&ask.envelope.to);
	for (size_t i = 0; i < ENVELOPE_RECIPIENTS_MAX; i++)
		strs_add(&ask.envelope.to, span_str(address));
	assert_true(passes(&ask));

	ask = filled_ask(ASK_SEAL);
	strs_free(&ask.envelope.to);
	for (size_t i = 0; i <= ENVELOPE_RECIPIENTS_MAX; i++)
		strs_add(&ask.envelope.to, span_str("a@b"));
	assert_false(passes(&ask));

	ask = filled_ask(ASK_SEAL);
	for (size_t i = 0; i < ENVELOPE_RECIPIENTS_MAX - 3; i++) {
		char *text = mem_printf("%s%s@b", address, address);

		strs_add(&ask.envelope.to, span_str(text));
		free(text);
	}
	assert_false(passes(&ask));
}

static void what_does_not_fit_is_not_half_written(void **state)
{
	struct answer answer = filled_answer(ANSWER_SEALED);
	struct ask ask = filled_ask(ASK_SEAL);
	struct buf out;

	(void)state;
	buf_init(&out, 60);
	buf_puts(&out, "before");
	assert_int_equal(ask_encode(&ask, &out), -1);
	assert_true(span_is(buf_span(&out), "before"));
	assert_int_equal(answer_encode(&answer, &out), -1);
	assert_true(span_is(buf_span(&out), "before"));
	buf_free(&out);
	ask_free(&ask);
	answer_free(&answer);
}

static void no_answer_can_break_a_reply_in_two(void **state)
{
	struct answer answer = filled_answer(ANSWER_REFUSED), got;
	struct buf out;

	(void)state;
	buf_init(&out, CHANNEL_MAX);
	answer.reply.text[1] = '\r';
	assert_int_equal(answer_encode(&answer, &out), -1);
	answer.reply.text[1] = '\xff';
	assert_int_equal(answer_encode(&answer, &out), 0);
	assert_int_equal(answer_decode(buf_span(&out), &got, &err), -1);
	buf_clear(&out);
	reply_set(&answer.reply, 250, "2.0.0", "fine");
	assert_int_equal(answer_encode(&answer, &out), 0);
	assert_int_equal(answer_decode(buf_span(&out), &got, &err), -1);
	buf_free(&out);
	answer_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_come_back_whole_or_not_at_all),
		cmocka_unit_test(answers_come_back_whole_or_not_at_all),
		cmocka_unit_test(every_field_of_a_question_arrives),
		cmocka_unit_test(every_field_of_an_answer_arrives),
		cmocka_unit_test(what_a_question_needs_is_asked_for),
		cmocka_unit_test(stored_mail_is_somebody_s_and_somewhere),
		cmocka_unit_test(the_largest_envelope_passes_and_no_larger_one),
		cmocka_unit_test(what_does_not_fit_is_not_half_written),
		cmocka_unit_test(no_answer_can_break_a_reply_in_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
