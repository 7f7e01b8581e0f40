/*
 * THREATS 142: what is wrong x what the rule says x who receives. Each case is
 * exactly one of: encrypted to all, split as the rule says, or refused with a
 * reply that names the recipient; never clear text under `require`, and never
 * a recipient who is silently left out.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/job/output.h"
#include "policy/keys/key_index.h"
#include "seal_world.h"

#define SECRET "The treasure lies below the old oak"

static struct seal_world world;

/* What is wrong. */
enum fault {
	NOTHING_WRONG,
	NO_USABLE_KEY,	/* known before: refused, or in the clear where allowed */
	FAULT_INSIDE,	/* found while encrypting: try again, nothing goes */
};

struct fault_case {
	const char *what;
	enum fault fault;
	const char *address;		/* whose */
	void (*prepare)(struct seal_parts *parts, int *out);
	void (*undo)(struct seal_parts *parts);
};

/* --- faults inside --- */

/* An index that says what the ring does not hold. */
static void pretend(struct seal_parts *parts, const char *fingerprint, uint64_t id)
{
	struct key_index *index = key_index_new();
	struct key key = { .created = 1, .can_encrypt = true };

	for (size_t i = 0; i < key_index_count(world.keys); i++) {
		const struct key *known = key_index_at(world.keys, i);

		for (size_t a = 0; a < known->addresses.n; a++)
			if (strcmp(known->addresses.at[a], "pretended@example.org") != 0)
				key_index_slice(world.keys, span_str(known->addresses.at[a]),
						index);
	}
	(void)snprintf(key.fingerprint, sizeof(key.fingerprint), "%s", fingerprint);
	strs_add(&key.addresses, span_str("pretended@example.org"));
	key.encryption = mem_new(sizeof(*key.encryption));
	key.encryption[0] = (struct key_part){ .id = id, .created = 1 };
	key.encryption_n = 1;
	key_index_add(index, &key);
	parts->keys = index;
}

static void key_is_gone_from_the_ring(struct seal_parts *parts, int *out)
{
	(void)out;
	pretend(parts, "0123456789ABCDEF0123456789ABCDEF01234567", 0x0123456789abcdef);
}

/* gpg encrypts to another subkey than was chosen, as an option could make it. */
static void gpg_takes_another_subkey(struct seal_parts *parts, int *out)
{
	(void)out;
	pretend(parts, seal_world_fingerprint(&world, EVE), 0x1111111111111111);
}

static void forget_pretended(struct seal_parts *parts)
{
	key_index_free((struct key_index *)parts->keys);
}

static void there_is_no_gpg(struct seal_parts *parts, int *out)
{
	(void)out;
	parts->pgp = NULL;
}

static void the_disc_is_full(struct seal_parts *parts, int *out)
{
	(void)parts;
	close(*out);
	*out = open("/dev/full", O_RDWR);
	assert_true(*out >= 0);
}

static void the_file_cannot_be_written(struct seal_parts *parts, int *out)
{
	(void)parts;
	close(*out);
	*out = open("/dev/null", O_RDONLY);
	assert_true(*out >= 0);
}

static void move_ring(const char *from, const char *to)
{
	char *before = mem_printf("%s/%s", world.home, from);
	char *after = mem_printf("%s/%s", world.home, to);

	assert_int_equal(rename(before, after), 0);
	free(before);
	free(after);
}

static void the_ring_is_gone(struct seal_parts *parts, int *out)
{
	(void)out;
	move_ring("pubring.kbx", "hidden");
	pgp_forget_keys(parts->pgp);
}

static void the_ring_is_back(struct seal_parts *parts)
{
	char *made = mem_printf("%s/pubring.kbx", world.home);

	(void)unlink(made);	/* gpg may have made an empty one */
	free(made);
	move_ring("hidden", "pubring.kbx");
	pgp_forget_keys(parts->pgp);
}

/* gpg is there no more: as if it had crashed at once. */
static void the_home_is_gone(struct seal_parts *parts, int *out)
{
	char *away = mem_printf("%s.away", world.home);

	(void)out;
	assert_int_equal(rename(world.home, away), 0);
	pgp_forget_keys(parts->pgp);
	free(away);
}

static void the_home_is_back(struct seal_parts *parts)
{
	char *away = mem_printf("%s.away", world.home);
	char *made = mem_printf("rm -rf '%s'", world.home);

	assert_int_equal(system(made), 0);
	assert_int_equal(rename(away, world.home), 0);
	pgp_forget_keys(parts->pgp);
	free(away);
	free(made);
}

static const struct fault_case faults[] = {
	{ "nothing", NOTHING_WRONG, EVE, NULL, NULL },
	{ "no key", NO_USABLE_KEY, "nokey@example.org", NULL, NULL },
	{ "expired", NO_USABLE_KEY, "expired@example.org", NULL, NULL },
	{ "revoked", NO_USABLE_KEY, "revoked@example.org", NULL, NULL },
	{ "no encryption subkey", NO_USABLE_KEY, "signonly@example.org", NULL, NULL },
	{ "its encryption subkey expired", NO_USABLE_KEY, "oldpart@example.org", NULL, NULL },
	{ "disabled", NO_USABLE_KEY, "disabled@example.org", NULL, NULL },
	{ "weak algorithm", NO_USABLE_KEY, "weak@example.org", NULL, NULL },
	{ "an attacker's, who wrote it into a name", NO_USABLE_KEY, "victim@example.org", NULL,
	  NULL },
	{ "wrong user id: a part of it", NO_USABLE_KEY, "ob@example.org", NULL, NULL },
	{ "wrong user id: longer", NO_USABLE_KEY, "rsa@example.org.evil.example", NULL, NULL },
	{ "wrong user id: plus", NO_USABLE_KEY, "rsa+x@example.org", NULL, NULL },
	{ "not in the ring", FAULT_INSIDE, "pretended@example.org", key_is_gone_from_the_ring,
	  forget_pretended },
	{ "another subkey", FAULT_INSIDE, "pretended@example.org", gpg_takes_another_subkey,
	  forget_pretended },
	{ "no gpg", FAULT_INSIDE, EVE, there_is_no_gpg, NULL },
	{ "disc full", FAULT_INSIDE, EVE, the_disc_is_full, NULL },
	{ "file not writable", FAULT_INSIDE, EVE, the_file_cannot_be_written, NULL },
	{ "ring gone", FAULT_INSIDE, EVE, the_ring_is_gone, the_ring_is_back },
	{ "home gone", FAULT_INSIDE, EVE, the_home_is_gone, the_home_is_back },
};

static const char *const policies[] = { "require", "prefer", "no" };

/* Who receives, beside the one with the fault (%s), and whom To shows. */
static const struct shape {
	const char *name, *to, *shown;
} shapes[] = {
	{ "one", "%s", "%s" },
	{ "several", BOB " %s " CAROL, BOB ", %s, " CAROL },
	{ "Bcc", BOB " %s", BOB },
	{ "list", CAROL " " DAVE " %s " BOB " " CAROL, "list@example.org" },
};

/* `format` with its one %s. */
static char *filled(const char *format, const char *address)
{
	const char *at = strstr(format, "%s");

	if (!at)
		return mem_strdup(format);
	return mem_printf("%.*s%s%s", (int)(at - format), format, address, at + 2);
}

struct result {
	struct answer answer;
	struct err err;
	int in, out;
};

static bool readable(const struct result *r, const struct answer_copy *copy)
{
	char *bytes = mem_new(copy->size + 1);
	bool clear;

	assert_int_equal(pread(copy->from_question ? r->in : r->out, bytes, copy->size,
			       (off_t)copy->offset), copy->size);
	clear = strstr(bytes, SECRET) != NULL;
	free(bytes);
	return clear;
}

/* Each recipient is in one copy, which is readable only where it may be. */
static void check_copies(const char *where, const struct result *r, const char *policy,
			 const struct fault_case *fault)
{
	size_t served = 0;

	for (size_t i = 0; i < r->answer.copies_n; i++) {
		const struct answer_copy *copy = &r->answer.copies[i];
		bool clear = readable(r, copy);

		if (clear == copy->encrypted)
			fail_msg("%s: copy %zu is not what it is said to be", where, i);
		served += copy->recipients.n;
		for (size_t k = 0; k < copy->recipients.n; k++) {
			const char *to = world.ask.envelope.to.at[copy->recipients.at[k]];
			bool bad = strcmp(to, fault->address) == 0 &&
				   fault->fault == NO_USABLE_KEY;

			if (clear && (strcmp(policy, "require") == 0 ||
				      (strcmp(policy, "prefer") == 0 && !bad)))
				fail_msg("%s: %s gets clear text", where, to);
			if (!clear && (bad || strcmp(policy, "no") == 0))
				fail_msg("%s: %s gets what cannot be read", where, to);
		}
	}
	if (served != world.ask.envelope.to.n)
		fail_msg("%s: %zu of %zu are served", where, served, world.ask.envelope.to.n);
}

static void judge(const char *where, const struct result *r, const char *policy,
		  const struct fault_case *fault)
{
	const struct reply *reply = &r->answer.reply;
	bool encrypts = strcmp(policy, "no") != 0;

	if (fault->fault == NO_USABLE_KEY && strcmp(policy, "require") == 0) {
		if (r->answer.kind != ANSWER_REFUSED || reply->code != 550 ||
		    strcmp(reply->status, "5.7.1") != 0 || !strstr(reply->text, fault->address))
			fail_msg("%s: %u %s", where, reply->code, reply->text);
	} else if (fault->fault == FAULT_INSIDE && encrypts) {
		if (r->answer.kind != ANSWER_REFUSED || reply->code / 10 != 45)
			fail_msg("%s: %u %s", where, reply->code, reply->text);
		if (r->err.kind == ERR_NONE && reply->code == 451)
			fail_msg("%s: nothing to log", where);
	} else {
		if (r->answer.kind != ANSWER_SEALED)
			fail_msg("%s: %u %s; %s", where, reply->code, reply->text, r->err.text);
		check_copies(where, r, policy, fault);
	}
	if (r->answer.kind == ANSWER_REFUSED)
		assert_int_equal(r->answer.copies_n, 0);
}

static void run(const struct fault_case *fault, const char *policy, const struct shape *shape)
{
	struct seal_parts parts = { .conf = &world.conf, .keys = world.keys, .pgp = world.pgp,
				    .now = time(NULL) };
	struct result r = { .in = output_memory(NULL), .out = output_memory(NULL) };
	char *where = mem_printf("%s, %s, %s", fault->what, policy, shape->name);
	char *to = filled(shape->to, fault->address), *shown = filled(shape->shown, fault->address);
	char *text = seal_world_mail(shown, "Subject: x\r\n", SECRET "\r\n");

	seal_world_ask(&world, to);
	world.ask.message_size = strlen(text);
	assert_int_equal(write(r.in, text, strlen(text)), strlen(text));
	if (fault->prepare)
		fault->prepare(&parts, &r.out);
	seal(&parts, &world.ask, r.in, r.out, &r.answer, &r.err);
	if (fault->undo)
		fault->undo(&parts);
	judge(where, &r, policy, fault);
	answer_free(&r.answer);
	close(r.in);
	close(r.out);
	free(text);
	free(shown);
	free(to);
	free(where);
}

static void whatever_is_wrong_no_clear_text_leaves_under_require(void **state)
{
	(void)state;
	for (size_t p = 0; p < sizeof(policies) / sizeof(*policies); p++) {
		char *rules = mem_printf("[rule all]\nencrypt = %s\n", policies[p]);

		seal_world_policy(&world, rules);
		free(rules);
		for (size_t f = 0; f < sizeof(faults) / sizeof(*faults); f++)
			for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++)
				run(&faults[f], policies[p], &shapes[s]);
	}
}

/* A signature that cannot be made is no reason to send without one. */
static void a_signature_that_fails_sends_nothing(void **state)
{
	static const char *const rules[] = {
		"[rule a]\nencrypt = no\nsign = yes\n", "[rule a]\nencrypt = require\nsign = yes\n",
		"[rule a]\nencrypt = no\nsign = prefer\n",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fault_case gone = { "ring gone", FAULT_INSIDE, EVE, the_ring_is_gone,
					   the_ring_is_back };

		seal_world_policy(&world, rules[i]);
		run(&gone, "sign", &shapes[1]);
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_wrong_no_clear_text_leaves_under_require),
		cmocka_unit_test(a_signature_that_fails_sends_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
