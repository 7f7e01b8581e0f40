#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/run/seal_queue.h"

static struct seal_job *job(const char *login, const char *client, uint64_t id)
{
	struct seal_job *one = mem_new(sizeof(*one));

	one->ask.id = id;
	one->ask.envelope.login = mem_strdup(login);
	one->ask.envelope.client = mem_strdup(client);
	one->fd = -1;
	one->came = id;
	one->link = id % 2;
	return one;
}

static void put(struct seal_queue *queue, const char *login, uint64_t id)
{
	assert_true(seal_queue_put(queue, job(login, "192.0.2.1", id)));
}

static void takes(struct seal_queue *queue, uint64_t id)
{
	struct seal_job *one = seal_queue_take(queue);

	assert_non_null(one);
	assert_int_equal(one->ask.id, id);
	seal_queue_job_free(one);
}

static void one_client_is_served_in_order(void **state)
{
	struct seal_queue queue;

	(void)state;
	seal_queue_init(&queue, 1000);
	assert_null(seal_queue_take(&queue));
	for (uint64_t i = 1; i <= 3; i++)
		put(&queue, "alice", i);
	for (uint64_t i = 1; i <= 3; i++)
		takes(&queue, i);
	assert_null(seal_queue_take(&queue));
	seal_queue_free(&queue);
}

static void clients_take_turns_whoever_has_more(void **state)
{
	struct seal_queue queue;

	(void)state;
	seal_queue_init(&queue, 1000);
	for (uint64_t i = 1; i <= 5; i++)
		put(&queue, "alice", i);
	takes(&queue, 1);
	takes(&queue, 2);
	put(&queue, "bob", 11);		/* not behind all of alice's */
	put(&queue, "BOB", 12);		/* a login has no case */
	takes(&queue, 3);
	takes(&queue, 11);
	takes(&queue, 4);
	put(&queue, "carol", 21);
	takes(&queue, 12);
	takes(&queue, 5);
	takes(&queue, 21);
	seal_queue_free(&queue);
}

static void who_comes_back_at_once_does_not_keep_others_waiting(void **state)
{
	struct seal_queue queue;

	(void)state;
	seal_queue_init(&queue, 1000);
	for (uint64_t i = 1; i <= 3; i++)
		put(&queue, "alice", i);
	takes(&queue, 1);
	put(&queue, "bob", 11);
	takes(&queue, 2);
	takes(&queue, 11);
	put(&queue, "bob", 12);
	takes(&queue, 3);
	takes(&queue, 12);
	seal_queue_free(&queue);
}

static void put_quick(struct seal_queue *queue, const char *login, uint64_t id)
{
	struct seal_job *one = job(login, NULL, id);

	one->quick = true;
	assert_true(seal_queue_put(queue, one));
}

static void what_is_quick_goes_first_and_clients_take_turns_there_too(void **state)
{
	struct seal_queue queue;

	(void)state;
	seal_queue_init(&queue, 1000);
	put(&queue, "alice", 1);
	put(&queue, "bob", 2);
	for (uint64_t i = 11; i <= 13; i++)
		put_quick(&queue, "alice", i);
	put_quick(&queue, "bob", 21);
	takes(&queue, 11);
	takes(&queue, 21);		/* not behind all of alice's */
	takes(&queue, 12);
	takes(&queue, 13);
	takes(&queue, 1);		/* her quick ones cost her no turn here */
	put_quick(&queue, "carol", 31);
	takes(&queue, 31);
	takes(&queue, 2);
	assert_null(seal_queue_take(&queue));
	seal_queue_free(&queue);
}

static void what_is_quick_can_be_taken_alone(void **state)
{
	struct seal_queue queue;
	struct seal_job *one;

	(void)state;
	seal_queue_init(&queue, 1000);
	put(&queue, "alice", 1);
	assert_null(seal_queue_take_quick(&queue));
	put_quick(&queue, "alice", 11);
	put_quick(&queue, "alice", 12);
	put_quick(&queue, "bob", 21);
	one = seal_queue_take_quick(&queue);
	assert_int_equal(one->ask.id, 11);
	seal_queue_job_free(one);
	one = seal_queue_take_quick(&queue);
	assert_int_equal(one->ask.id, 21);	/* they take turns */
	seal_queue_job_free(one);
	takes(&queue, 12);
	takes(&queue, 1);
	seal_queue_free(&queue);
}

static void without_a_login_addresses_take_turns(void **state)
{
	struct seal_queue queue;

	(void)state;
	seal_queue_init(&queue, 1000);
	assert_true(seal_queue_put(&queue, job(NULL, "192.0.2.1", 1)));
	assert_true(seal_queue_put(&queue, job(NULL, "192.0.2.1", 2)));
	assert_true(seal_queue_put(&queue, job(NULL, "192.0.2.2", 3)));
	assert_true(seal_queue_put(&queue, job(NULL, NULL, 4)));
	takes(&queue, 1);
	takes(&queue, 3);
	takes(&queue, 4);
	takes(&queue, 2);
	seal_queue_free(&queue);
}

static void one_client_cannot_fill_it_and_all_together_only_to_the_limit(void **state)
{
	struct seal_queue queue;
	struct seal_job *more;
	uint64_t id = 0;

	(void)state;
	seal_queue_init(&queue, 1000);
	while (id < 500)
		put(&queue, "alice", ++id);
	more = job("alice", NULL, 0);
	assert_false(seal_queue_put(&queue, more));
	seal_queue_job_free(more);
	for (; id < 1000; id++)
		put(&queue, id % 2 ? "bob" : "carol", id);
	more = job("dave", NULL, 0);
	assert_false(seal_queue_put(&queue, more));
	takes(&queue, 1);
	assert_true(seal_queue_put(&queue, more));
	seal_queue_free(&queue);
}

static void what_nobody_waits_for_any_more_is_forgotten(void **state)
{
	struct seal_queue queue;
	struct seal_job *old;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	seal_queue_init(&queue, 1000);
	for (uint64_t i = 1; i <= 4; i++)
		put(&queue, "alice", i);
	TAILQ_FIRST(&queue.jobs)->fd = fd;
	seal_queue_forget(&queue, 1);	/* 1 and 3 */
	assert_int_equal(fcntl(fd, F_GETFD), -1);	/* its descriptor, too */
	old = seal_queue_take_older(&queue, 4);
	assert_int_equal(old->ask.id, 2);
	seal_queue_job_free(old);
	assert_null(seal_queue_take_older(&queue, 4));
	takes(&queue, 4);
	seal_queue_free(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_client_is_served_in_order),
		cmocka_unit_test(clients_take_turns_whoever_has_more),
		cmocka_unit_test(who_comes_back_at_once_does_not_keep_others_waiting),
		cmocka_unit_test(what_is_quick_goes_first_and_clients_take_turns_there_too),
		cmocka_unit_test(what_is_quick_can_be_taken_alone),
		cmocka_unit_test(without_a_login_addresses_take_turns),
		cmocka_unit_test(one_client_cannot_fill_it_and_all_together_only_to_the_limit),
		cmocka_unit_test(what_nobody_waits_for_any_more_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
