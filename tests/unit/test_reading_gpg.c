/*
 * THREATS 129: gpg goes away, is another one, or dies while mail is read. What failed
 * for want of it is told, and neither kept nor taken for what the message is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/crypto/pgp.h"
#include "policy/job/output.h"
#include "policy/job/reading.h"
#include "policy/keys/key_index.h"
#include "policy/store/views.h"
#include "seal_world.h"

#define SECRET "the treasure lies below the old oak"
#define GOOD "signature=good"
#define NOT_DECRYPTED "X-Letterlock: not decrypted; "

enum { SIGNED, ENCRYPTED, BOTH, KINDS, SOON = 60 };

static struct seal_world world;
static struct views *views;
static char bin[32] = "/tmp/llg-XXXXXX";
static char gpg[64], real[64];	/* what runs as gpg, and the machine's own */
static char *stored[KINDS];
static const char *const good[KINDS] = { GOOD, "signature=none", GOOD };
static unsigned names;

/* From now gpg is a script. NULL: there is none. */
static void gpg_is(const char *script)
{
	FILE *file;

	unlink(gpg);	/* another file each time, as an upgrade makes it */
	if (!script)
		return;
	file = fopen(gpg, "w");
	assert_non_null(file);
	fputs(script, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(gpg, 0755), 0);
}

#define REAL "#!/bin/sh\nexec \"${0%/*}/real\" \"$@\"\n"

static void find_gpg(void)
{
	char *link = mem_printf("ln -s \"$(command -v gpg)\" %s/real", bin);

	(void)snprintf(gpg, sizeof(gpg), "%s/gpg", bin);
	(void)snprintf(real, sizeof(real), "%s/real", bin);
	assert_int_equal(system(link), 0);
	free(link);
}

static char *sealed(const char *policy, const char *subject)
{
	char *more = mem_printf("Subject: %s\r\nReferences: <%s@x>\r\n", subject, subject);
	char *mail = seal_world_mail(BOB, more, SECRET "\r\n"), *bytes;
	struct sealed one;
	size_t len;

	seal_world_policy(&world, policy);
	seal_world_ask(&world, BOB);
	one = seal_world_seal(&world, span_str(mail));
	assert_int_equal(one.answer.kind, ANSWER_SEALED);
	bytes = seal_world_bytes(&one, 0, &len);
	sealed_done(&one);
	free(mail);
	free(more);
	return bytes;
}

static int set_up_all(void **state)
{
	struct err err = { 0 };
	char *path, *file, *key;

	(void)state;
	assert_non_null(mkdtemp(bin));
	find_gpg();
	gpg_is(REAL);
	path = mem_printf("%s:%s", bin, getenv("PATH"));
	assert_int_equal(setenv("PATH", path, 1), 0);
	free(path);
	seal_world_make(&world);
	stored[BOTH] = sealed("[rule all]\nencrypt = require\nsign = yes\n", "both");
	stored[SIGNED] = sealed("[rule all]\nencrypt = no\nsign = yes\n", "signed");
	stored[ENCRYPTED] = sealed("[rule all]\nencrypt = require\n", "encrypted");
	file = mem_printf("%s/state.db", world.dir);
	key = mem_printf("%s/views.key", world.dir);
	views = views_open(file, key, &err);
	assert_non_null(views);
	free(file);
	free(key);
	return 0;
}

static int tear_down_all(void **state)
{
	char *runs;

	(void)state;
	views_close(views);
	for (int i = 0; i < KINDS; i++)
		free(stored[i]);
	seal_world_end(&world);
	unlink(gpg);
	unlink(real);
	runs = mem_printf("%s/runs", bin);
	unlink(runs);
	free(runs);
	rmdir(bin);
	return 0;
}

/* What one question was answered, and the shapes and view that went with it. */
struct got {
	struct answer answer;
	struct err err;
	char *bytes;
	size_t len;
};

static struct got ask(enum ask_kind kind, const char *name, const char *message)
{
	char home[READING_HOME_SIZE];
	struct reading_parts parts = { .conf = &world.conf, .keys = world.keys, .home = home,
				       .pgp = world.pgp, .views = views };
	struct ask ask = { .kind = kind, .message_size = strlen(message) };
	int in = output_memory(NULL), out = output_memory(NULL);
	struct got got = { 0 };
	time_t before = time(NULL);

	reading_home(world.keys, home);
	ask.envelope.login = mem_strdup(BOB);
	ask.place.upstream = mem_strdup("provider");
	ask.place.mailbox = mem_strdup("INBOX");
	ask.place.uidvalidity = 3;
	strs_add(&ask.place.names, span_str(name));
	assert_int_equal(write(in, message, ask.message_size), ask.message_size);
	reading_answer(&parts, &ask, in, out, &got.answer, &got.err);
	got.bytes = mail_corpus_slurp(out, &got.len);
	close(in);
	close(out);
	ask_free(&ask);
	assert_true(time(NULL) - before < SOON);
	return got;
}

static void done(struct got *got)
{
	answer_free(&got->answer);
	free(got->bytes);
}

static bool shows(const struct got *got, const char *text)
{
	return memmem(got->bytes, got->len, text, strlen(text)) != NULL;
}

static const char *view_of(const struct got *got)
{
	return got->bytes + (got->len > got->answer.shapes_size ? got->answer.shapes_size : 0);
}

/* What is not so keeps nobody from reading it later. */
static void opens(const char *what, const char *name, int kind, const char *message)
{
	struct got got = ask(ASK_OPEN, name, message);

	if (got.answer.kind != ANSWER_VIEW || !shows(&got, SECRET) || !shows(&got, good[kind]))
		fail_msg("%s, %d: %s\n%.900s", what, kind, got.err.text, view_of(&got));
	done(&got);
}

/*
 * Told to try again, or shown as stored, for now; with a reason for the log. False: it
 * is opened, and it is another's to say whether that may be.
 */
static bool fails_for_now(const char *what, const char *name, int kind, const char *message)
{
	struct got got = ask(ASK_OPEN, name, message);
	bool view = got.answer.kind == ANSWER_VIEW;

	if (view && shows(&got, SECRET) && shows(&got, good[kind])) {
		done(&got);
		return false;
	}
	if (view ? kind == SIGNED || !shows(&got, NOT_DECRYPTED) || shows(&got, SECRET)
		 : got.answer.kind != ANSWER_REFUSED || got.answer.reply.code != 451)
		fail_msg("%s, %d: %d %s\n%.900s", what, kind, got.answer.kind, got.err.text,
			 view_of(&got));
	if (got.err.kind != ERR_TEMP || !got.err.text[0])
		fail_msg("%s, %d: %d %s", what, kind, got.err.kind, got.err.text);
	done(&got);
	got = ask(ASK_VIEW, name, "");
	if (got.answer.kind != ANSWER_UNKNOWN)
		fail_msg("%s, %d: it is kept: %.900s", what, kind, view_of(&got));
	done(&got);
	return true;
}

/* Behind this, $fd is where GPGME waits for gpg's words. */
#define FD "#!/bin/bash\nfor x; do [ \"$last\" = --status-fd ] && fd=$x; last=$x; done\n"
#define RUN "exec \"${0%/*}/real\" \"$@\"\n"

static const struct {
	const char *what, *script;
} ways[] = {
	{ "no gpg", NULL },
	{ "an empty file", "" },
	{ "half a program", "\177ELF" },
	{ "no interpreter", "#!/nonexistent/sh\n" },
	{ "ends at once", "#!/bin/sh\nexit 0\n" },
	{ "fails at once", "#!/bin/sh\nexit 2\n" },
	{ "libraries missing", "#!/bin/sh\necho gpg: error while loading shared libraries: "
	  "libgcrypt.so.99 >&2\nexit 127\n" },
	{ "crashes", "#!/bin/sh\nkill -SEGV $$\n" },
	{ "reads all, then crashes", "#!/bin/sh\ncat >/dev/null\nkill -KILL $$\n" },
	{ "an option is not known", "#!/bin/sh\nexec \"${0%/*}/real\" --no-such-option \"$@\"\n" },
	{ "gives all, and says nothing", FD "eval \"exec $fd>/dev/null\"\n" RUN },
};

/* A letter that nobody was shown yet. */
struct letter {
	char *name, *text;
};

static struct letter letter(int kind)
{
	struct letter l = { .name = mem_printf("%u", ++names) };

	l.text = mem_printf("X-Letter: %s\r\n%s", l.name, stored[kind]);
	pgp_forget_keys(world.pgp);	/* it remembers whose key is whose */
	return l;
}

static void letter_done(struct letter *l)
{
	free(l->text);
	free(l->name);
}

static void what_gpg_was_lacking_for_is_read_once_it_is_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		for (int kind = 0; kind < KINDS; kind++) {
			struct letter l = letter(kind);

			gpg_is(ways[i].script);
			assert_true(fails_for_now(ways[i].what, l.name, kind, l.text));
			gpg_is(REAL);
			opens(ways[i].what, l.name, kind, l.text);
			gpg_is(ways[i].script);	/* what is kept needs none */
			opens(ways[i].what, l.name, kind, l.text);
			gpg_is(REAL);
			letter_done(&l);
		}
}

enum { RUNS = 5 };

/* Of the runs of gpg that begin now, `n` behind the first `from` do not work. */
static void gpg_is_gone_for(int from, int n)
{
	char *script = mem_printf("#!/bin/sh\nn=$(cat \"${0%%/*}/runs\")\n"
				  "echo $((n + 1)) >\"${0%%/*}/runs\"\n"
				  "[ $n -ge %d ] && [ $n -lt %d ] && exit 2\n"
				  "exec \"${0%%/*}/real\" \"$@\"\n", from, from + n);
	char *runs = mem_printf("echo 0 >%s/runs", bin);

	assert_int_equal(system(runs), 0);
	gpg_is(script);
	free(runs);
	free(script);
}

static void whenever_gpg_is_gone_and_back_nothing_wrong_is_kept(void **state)
{
	int failed = 0;

	(void)state;
	for (int i = 0; i < RUNS * RUNS; i++)
		for (int kind = 0; kind < KINDS; kind++) {
			struct letter l = letter(kind);

			gpg_is_gone_for(i / RUNS, 1 + i % RUNS);
			failed += fails_for_now("for some runs", l.name, kind, l.text);
			gpg_is(REAL);
			opens("after some runs", l.name, kind, l.text);
			letter_done(&l);
		}
	assert_true(failed > 0);
}

/* Whose key a good signature was made with, it said a moment ago. */
static void a_signer_that_gpg_does_not_tell_of_is_asked_for_later(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct letter l = letter(kind);

		gpg_is("#!/bin/sh\ncase \"$*\" in *--list-keys*) exit 2;; esac\n" RUN);
		if (kind != ENCRYPTED)
			assert_true(fails_for_now("no key is told", l.name, kind, l.text));
		else
			opens("no keys are listed", l.name, kind, l.text);
		gpg_is(REAL);
		opens("no keys were listed", l.name, kind, l.text);
		letter_done(&l);
	}
}

static void a_gpg_newer_than_its_agent_reads(void **state)
{
	(void)state;
	gpg_is(FD "w=\"server 'gpg-agent' is older than us (2.2.40 < 2.4.9)\"\n"
	       "echo \"gpg: WARNING: $w\" >&2\n"
	       "echo \"[GNUPG:] WARNING server_version_mismatch 0 $w\" >&$fd\n" RUN);
	for (int kind = 0; kind < KINDS; kind++) {
		struct letter l = letter(kind);

		opens("an older agent", l.name, kind, l.text);
		letter_done(&l);
	}
	gpg_is(REAL);
}

/* Who takes keys for gone that nobody lists sends in the clear under `prefer`. */
static void no_keys_are_gone_when_gpg_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct err err = { 0 };

		gpg_is(ways[i].script);
		pgp_forget_keys(world.pgp);
		if (pgp_list(world.pgp, &err) || err.kind != ERR_TEMP)
			fail_msg("%s: %d %s", ways[i].what, err.kind, err.text);
		gpg_is(REAL);
	}
	for (int i = 0; i < RUNS * RUNS; i++) {
		struct err err = { 0 };
		struct key_index *keys;

		gpg_is_gone_for(i / RUNS, 1 + i % RUNS);
		keys = pgp_list(world.pgp, &err);
		if (keys && key_index_count(keys) != key_index_count(world.keys))
			fail_msg("%d: %zu keys", i, key_index_count(keys));
		key_index_free(keys);
		gpg_is(REAL);
	}
}

static bool is_clear(const struct sealed *one)
{
	size_t len;
	char *bytes = seal_world_bytes(one, 0, &len);
	bool clear = memmem(bytes, len, SECRET, strlen(SECRET)) != NULL;

	free(bytes);
	return clear;
}

static void nothing_leaves_in_the_clear_when_gpg_is_gone(void **state)
{
	static const char *const policies[] = {
		"[rule all]\nencrypt = require\n", "[rule all]\nencrypt = prefer\n",
		"[rule all]\nencrypt = no\nsign = yes\n",
		"[rule all]\nencrypt = prefer\nsign = prefer\n",
	};
	char *mail = seal_world_mail(BOB, "Subject: x\r\n", SECRET "\r\n");

	(void)state;
	for (size_t k = 0; k < sizeof(policies) / sizeof(*policies); k++)
		for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
			struct sealed one;

			seal_world_policy(&world, policies[k]);
			seal_world_ask(&world, BOB);
			pgp_forget_keys(world.pgp);
			gpg_is(ways[i].script);
			one = seal_world_seal(&world, span_str(mail));
			if (one.answer.kind == ANSWER_SEALED ? is_clear(&one)
							     : one.answer.reply.code != 451)
				fail_msg("%s, %s: %d %d", policies[k], ways[i].what,
					 one.answer.kind, one.answer.reply.code);
			sealed_done(&one);
			gpg_is(REAL);
		}
	free(mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_gpg_was_lacking_for_is_read_once_it_is_back),
		cmocka_unit_test(whenever_gpg_is_gone_and_back_nothing_wrong_is_kept),
		cmocka_unit_test(a_signer_that_gpg_does_not_tell_of_is_asked_for_later),
		cmocka_unit_test(a_gpg_newer_than_its_agent_reads),
		cmocka_unit_test(no_keys_are_gone_when_gpg_is),
		cmocka_unit_test(nothing_leaves_in_the_clear_when_gpg_is_gone),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
