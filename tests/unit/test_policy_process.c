#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "engine_world.h"
#include "policy/run/memory_file.h"

static const char mail[] =
	"From: alice@example.org\r\nTo: bob@example.org, eve@example.org\r\n"
	"Subject: x\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n";

static struct answer seal_file(struct engine_world *w, int fd, uint64_t size)
{
	struct ask ask = engine_world_question(w, ASK_SEAL);

	strs_add(&ask.envelope.to, span_str("bob@example.org"));
	strs_add(&ask.envelope.to, span_str("eve@example.org"));
	ask.message_size = size;
	ask.output_max = 1024 * 1024;
	engine_world_put(w, &ask, fd);
	if (fd >= 0)
		close(fd);
	return engine_world_answer(w, w->id, NULL);
}

static struct answer seal_mail(struct engine_world *w)
{
	struct err err = { 0 };

	return seal_file(w, memory_file_new(span_str(mail), &err), strlen(mail));
}

/* Upstream took the message for recipient number `who` of two, or (2) all. */
static struct answer note(struct engine_world *w, const char *journal, uint16_t who)
{
	struct ask ask = engine_world_question(w, who < 2 ? ASK_ACCEPTED : ASK_COMPLETE);

	memcpy(ask.journal, journal, sizeof(ask.journal));
	if (who < 2) {
		strs_add(&ask.envelope.to, span_str("bob@example.org"));
		strs_add(&ask.envelope.to, span_str("eve@example.org"));
		ask.recipients.at = mem_new(sizeof(who));
		ask.recipients.at[0] = who;
		ask.recipients.n = 1;
	}
	engine_world_put(w, &ask, -1);
	return engine_world_answer(w, w->id, NULL);
}

static size_t recipients_of(const struct answer *answer)
{
	size_t n = 0;

	for (size_t i = 0; i < answer->copies_n; i++)
		n += answer->copies[i].recipients.n;
	return n;
}

static void what_the_envelope_decides_is_answered(void **state)
{
	static const char *const to[] = { "bob@example.org", "eve@refused.example" };
	struct engine_world *w = *state;
	struct ask ask = engine_world_question(w, ASK_SENDER);
	struct answer answer;

	engine_world_put(w, &ask, -1);
	answer = engine_world_answer(w, w->id, NULL);
	assert_int_equal(answer.kind, ANSWER_YES);
	answer_free(&answer);
	for (int i = 0; i < 2; i++) {
		ask = engine_world_question(w, ASK_RCPT);
		strs_add(&ask.envelope.to, span_str(to[i]));
		engine_world_put(w, &ask, -1);
		answer = engine_world_answer(w, w->id, NULL);
		assert_int_equal(answer.kind == ANSWER_REFUSED, i == 1);
		answer_free(&answer);
	}
}

static void a_repeat_is_for_those_who_have_not_had_it(void **state)
{
	struct engine_world *w = *state;
	struct answer first = seal_mail(w), answer;

	assert_int_equal(first.kind, ANSWER_SEALED);
	assert_int_equal(recipients_of(&first), 2);
	assert_false(first.journalled);
	answer = note(w, first.journal, 0);
	assert_int_equal(answer.kind, ANSWER_YES);
	answer_free(&answer);

	answer = seal_mail(w);
	assert_string_equal(answer.journal, first.journal);
	assert_true(answer.journalled);
	assert_int_equal(recipients_of(&answer), 1);
	assert_int_equal(answer.copies[0].recipients.at[0], 1);
	answer_free(&answer);

	answer = note(w, first.journal, 1);
	answer_free(&answer);
	answer = seal_mail(w);
	assert_int_equal(answer.kind, ANSWER_SEALED);
	assert_int_equal(answer.copies_n, 0);
	answer_free(&answer);

	answer = note(w, first.journal, 2);
	answer_free(&answer);
	answer = seal_mail(w);
	assert_int_equal(recipients_of(&answer), 2);
	answer_free(&answer);
	answer_free(&first);
}

static void what_was_noted_outlives_the_engine(void **state)
{
	struct engine_world *w = *state;
	struct answer first = seal_mail(w), answer = note(w, first.journal, 0);

	answer_free(&answer);
	engine_world_kill(w);
	engine_world_ready(w);
	answer = seal_mail(w);
	assert_int_equal(recipients_of(&answer), 1);
	answer_free(&answer);
	answer_free(&first);
}

static void a_message_that_somebody_could_still_change_is_refused(void **state)
{
	struct engine_world *w = *state;
	int fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct err err = { 0 };
	struct answer answer;

	assert_int_equal(write(fd, mail, strlen(mail)), strlen(mail));
	answer = seal_file(w, fd, strlen(mail));
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
	answer = seal_file(w, -1, strlen(mail));
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
	/* its size is not what the worker says */
	answer = seal_file(w, memory_file_new(span_str(mail), &err), strlen(mail) + 1);
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
}

static void without_the_journal_nothing_is_said_to_be_noted(void **state)
{
	struct engine_world *w = *state;
	const struct rlimit none = { 0, 0 };
	struct answer first = seal_mail(w), answer;

	assert_int_equal(prlimit(w->pid, RLIMIT_FSIZE, &none, NULL), 0);
	answer = note(w, first.journal, 0);
	assert_int_equal(answer.kind, ANSWER_REFUSED);
	assert_int_equal(answer.reply.code, 451);
	answer_free(&answer);
	answer_free(&first);
}

static void nonsense_is_not_answered_and_ends_the_link_in_the_end(void **state)
{
	struct engine_world *w = *state;
	struct err err = { 0 };
	struct answer answer;
	int first;

	assert_int_equal(channel_send(w->link, span_str("nonsense"), -1, &err), CHANNEL_DONE);
	answer = seal_mail(w);	/* the link lives */
	assert_int_equal(answer.kind, ANSWER_SEALED);
	answer_free(&answer);
	for (int i = 0; i < 20; i++)
		(void)channel_send(w->link, span_str("nonsense"), -1, &err);
	first = w->link;
	engine_world_wait(first);	/* closed */
	engine_world_link(w);
	answer = seal_mail(w);	/* other workers are served */
	assert_int_equal(answer.kind, ANSWER_SEALED);
	answer_free(&answer);
	close(first);
}

static void asked_to_it_ends_with_all_its_sealers(void **state)
{
	struct engine_world *w = *state;
	struct err err = { 0 };
	int status;

	assert_int_equal(orders_send(w->orders, ORDERS_DRAIN, 0, NULL, -1, &err), 0);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	assert_int_equal(status, 0);
	w->pid = 0;
	/* nobody holds the other ends any more */
	engine_world_wait(w->link);
}

static void a_state_that_cannot_be_used_is_said(void **state)
{
	struct engine_world *w = *state;
	struct orders orders;

	engine_world_write(w, "state.db", "this is no database, as everybody can see, "
		   "for it begins with words and goes on with words, and where "
		   "the first page should be there are only more words");
	engine_world_start(w);
	assert_int_equal(engine_world_hear(w, &orders), ORDERS_CANNOT);
	assert_non_null(strstr(orders.text, "not a database"));
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_world_make_ready, engine_world_end)
	const struct CMUnitTest tests[] = {
		TEST(what_the_envelope_decides_is_answered),
		TEST(a_repeat_is_for_those_who_have_not_had_it),
		TEST(what_was_noted_outlives_the_engine),
		TEST(a_message_that_somebody_could_still_change_is_refused),
		TEST(without_the_journal_nothing_is_said_to_be_noted),
		TEST(nonsense_is_not_answered_and_ends_the_link_in_the_end),
		TEST(asked_to_it_ends_with_all_its_sealers),
		cmocka_unit_test_setup_teardown(a_state_that_cannot_be_used_is_said,
						engine_world_make, engine_world_end),
	};
	int status;

	if (engine_world_child(argc, argv, &status))
		return status;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
