#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "mail_corpus.h"
#include "policy/job/output.h"
#include "policy/job/reading.h"
#include "policy/keys/key_index.h"
#include "policy/store/db.h"
#include "policy/store/views.h"
#include "seal_world.h"

#define SECRET "the treasure lies below the old oak"

static struct seal_world world;
static struct views *views;
static char state_file[SEAL_WORLD_NAME + 16], key_file[SEAL_WORLD_NAME + 16];
static char home[READING_HOME_SIZE];
static char *sealed, *other, *clear_mail;	/* stored messages */
static size_t sealed_len, other_len;

/* What one question was answered. */
struct got {
	struct answer answer;
	struct err err;
	char *bytes;		/* of the descriptor */
	size_t len;
};

static void done(struct got *got)
{
	answer_free(&got->answer);
	free(got->bytes);
}

static void open_views(void)
{
	struct err err = { 0 };

	views_close(views);
	views = views_open(state_file, key_file, &err);
	if (!views)
		fail_msg("%s", err.text);
}

/* Sealed by alice for bob, signed. */
static char *seal_for_bob(const char *subject, size_t *len)
{
	char *more = mem_printf("Subject: %s\r\nReferences: <%s@x>\r\n", subject, subject);
	char *mail = seal_world_mail(BOB, more, SECRET "\r\n");
	struct sealed one;
	char *bytes;

	seal_world_ask(&world, BOB);
	one = seal_world_seal(&world, span_str(mail));
	assert_int_equal(one.answer.kind, ANSWER_SEALED);
	bytes = seal_world_bytes(&one, 0, len);
	sealed_done(&one);
	free(mail);
	free(more);
	return bytes;
}

static int set_up_all(void **state)
{
	(void)state;
	seal_world_make(&world);
	seal_world_policy(&world, "[rule all]\nencrypt = require\nsign = yes\n");
	(void)snprintf(state_file, sizeof(state_file), "%s/state.db", world.dir);
	(void)snprintf(key_file, sizeof(key_file), "%s/views.key", world.dir);
	reading_home(world.keys, home);
	sealed = seal_for_bob("one", &sealed_len);
	other = seal_for_bob("two", &other_len);
	clear_mail = seal_world_mail(BOB, "Subject: clear\r\n", "text\r\n");
	return 0;
}

static int tear_down_all(void **state)
{
	(void)state;
	views_close(views);
	free(sealed);
	free(other);
	free(clear_mail);
	seal_world_end(&world);
	return 0;
}

/* Each test begins with an empty state. */
static int set_up(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	(void)state;
	views_close(views);
	views = NULL;
	for (int i = 0; i < 3; i++) {
		char *path = mem_printf("%s%s", state_file, ends[i]);

		unlink(path);
		free(path);
	}
	unlink(key_file);
	open_views();
	return 0;
}

static struct got ask_with(const struct key_index *keys, struct ask *ask, struct span stored)
{
	char which[READING_HOME_SIZE];
	struct reading_parts parts = { .conf = &world.conf, .keys = keys, .home = which,
				       .pgp = world.pgp, .views = views };
	int in = output_memory(NULL), out = output_memory(NULL);
	struct got got = { 0 };

	reading_home(keys, which);
	ask->id = 9;
	ask->message_size = stored.len;
	assert_int_equal(write(in, stored.at, stored.len), stored.len);
	reading_answer(&parts, ask, in, out, &got.answer, &got.err);
	assert_int_equal(got.answer.id, 9);
	got.bytes = mail_corpus_slurp(out, &got.len);
	assert_int_equal(got.len, got.answer.shapes_size + got.answer.view_size);
	close(in);
	close(out);
	ask_free(ask);
	return got;
}

static struct ask question(enum ask_kind kind, const char *login, const char *mailbox,
			   const char *name)
{
	struct ask ask = { .kind = kind };

	ask.envelope.login = mem_strdup(login);
	ask.place.upstream = mem_strdup("provider");
	ask.place.mailbox = mem_strdup(mailbox);
	ask.place.uidvalidity = 3;
	if (name)
		strs_add(&ask.place.names, span_str(name));
	return ask;
}

static struct got ask(enum ask_kind kind, const char *login, const char *name,
		      const char *stored, size_t len)
{
	struct ask one = question(kind, login, "INBOX", name);

	return ask_with(world.keys, &one, span_of(stored, len));
}

static struct span view_of(const struct got *got)
{
	return span_skip(span_of(got->bytes, got->len), got->answer.shapes_size);
}

static bool shows(const struct got *got, const char *text)
{
	struct span view = view_of(got);

	return memmem(view.at, view.len, text, strlen(text)) != NULL;
}

static enum shape_kind kind_of(const struct got *got)
{
	struct span wire = span_of(got->bytes, got->answer.shapes_size);
	struct shape_entry entry;
	enum shape_kind kind;
	struct err err;

	assert_int_equal(shape_entry_decode(&wire, &entry, &err), 0);
	assert_int_equal(wire.len, 0);
	if (entry.kind == SHAPE_VIEW && got->answer.kind == ANSWER_VIEW)
		assert_int_equal(entry.shape.size, got->answer.view_size);
	kind = entry.kind;
	shape_entry_free(&entry);
	return kind;
}

static void is_kept_as(const char *login, enum shape_kind kind)
{
	struct got shapes = ask(ASK_SHAPES, login, "5", "", 0);
	struct got view = ask(ASK_VIEW, login, "5", "", 0);

	assert_int_equal(kind_of(&shapes), kind);
	assert_int_equal(view.answer.kind, kind == SHAPE_UNKNOWN ? ANSWER_UNKNOWN : ANSWER_VIEW);
	done(&shapes);
	done(&view);
}

static void same(const struct got *a, const struct got *b)
{
	assert_int_equal(a->answer.kind, b->answer.kind);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
}

static void a_message_is_opened_once_and_shown_so_for_ever(void **state)
{
	struct got first = ask(ASK_OPEN, BOB, "5", sealed, sealed_len), again;
	struct ask moved = question(ASK_OPEN, BOB, "Archive", "1"), late;
	struct key_index *none = key_index_new();

	(void)state;
	assert_int_equal(first.answer.kind, ANSWER_VIEW);
	assert_int_equal(kind_of(&first), SHAPE_VIEW);
	assert_true(shows(&first, SECRET));
	assert_true(shows(&first, "X-Letterlock: decrypted; signature=good"));
	again = ask(ASK_VIEW, BOB, "5", "", 0);
	same(&first, &again);
	done(&again);
	open_views();	/* as another process, without any key */
	late = question(ASK_VIEW, BOB, "INBOX", "5");
	again = ask_with(none, &late, span_str(""));
	same(&first, &again);
	done(&again);
	late = question(ASK_OPEN, BOB, "INBOX", "5");
	again = ask_with(none, &late, span_of(sealed, sealed_len));
	same(&first, &again);
	done(&again);
	again = ask_with(none, &moved, span_of(sealed, sealed_len));
	same(&first, &again);
	done(&again);
	again = ask(ASK_SHAPES, BOB, "5", "", 0);
	assert_int_equal(again.answer.kind, ANSWER_SHAPES);
	assert_memory_equal(again.bytes, first.bytes, first.answer.shapes_size);
	done(&again);
	done(&first);
	key_index_free(none);
}

static int answers(const char *login, const char *id)
{
	struct strs ids = { 0 };
	struct err err = { 0 };
	int result;

	strs_add(&ids, span_str(id));
	result = views_answers(views, login, &ids, &err);
	strs_free(&ids);
	return result;
}

static void a_rule_asks_for_answers(bool asks)
{
	seal_world_policy(&world, asks ? "[rule x]\nanswers = encrypted\nencrypt = require\n"
				       : "[rule all]\nencrypt = require\nsign = yes\n");
}

/* THREATS 141 */
static void what_came_encrypted_is_known_when_it_is_answered(void **state)
{
	struct got got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);

	(void)state;
	done(&got);
	assert_int_equal(answers(BOB, "m1@example.org"), 0);	/* no rule asks */
	a_rule_asks_for_answers(true);
	got = ask(ASK_OPEN, CAROL, "5", sealed, sealed_len);
	done(&got);
	got = ask(ASK_OPEN, BOB, "6", clear_mail, strlen(clear_mail));
	done(&got);
	assert_int_equal(answers(CAROL, "m1@example.org"), 0);
	assert_int_equal(answers(BOB, "m1@example.org"), 0);
	got = ask(ASK_VIEW, BOB, "5", "", 0);	/* as it is kept */
	done(&got);
	assert_int_equal(answers(BOB, "m1@example.org"), 1);
	assert_int_equal(answers(CAROL, "m1@example.org"), 0);
	a_rule_asks_for_answers(false);
}

/* With these fields, encrypted to bob. */
static char *encrypted(const char *fields, const char *payload)
{
	char *armor = seal_world_gpg(&world, "--armor --trust-model always -e -r " BOB, payload);
	char *mail = mem_printf("%sMIME-Version: 1.0\r\nContent-Type: multipart/encrypted; "
				"boundary=b; protocol=\"application/pgp-encrypted\"\r\n\r\n"
				"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
				"Version: 1\r\n\r\n--b\r\n"
				"Content-Type: application/octet-stream\r\n\r\n%s\r\n--b--\r\n",
				fields, armor);

	free(armor);
	return mail;
}

/* `text` up to its |, what is behind that many times, and `end`; or "" of "". */
static char *many(const char *text, size_t times, const char *end)
{
	const char *bar = strchr(text, '|');
	struct buf out;

	buf_init(&out, 1024 * 1024);
	(void)buf_put(&out, span_of(text, bar ? (size_t)(bar - text) : strlen(text)));
	for (size_t i = 0; bar && i < times; i++)
		(void)buf_puts(&out, bar + 1);
	assert_int_equal(buf_puts(&out, *text ? end : ""), 0);
	return buf_take_string(&out);
}

/* A copy of clear mail in Sent is encrypted, too. */
static void what_one_wrote_oneself_did_not_come_encrypted(void **state)
{
	char *mail = encrypted("From: Bob <" BOB ">\r\nMessage-ID: <mine@x>\r\n",
			       "Content-Type: text/plain\r\n\r\n" SECRET "\r\n");
	struct got got;

	(void)state;
	a_rule_asks_for_answers(true);
	got = ask(ASK_OPEN, BOB, "5", mail, strlen(mail));
	assert_true(shows(&got, SECRET));
	assert_int_equal(answers(BOB, "mine@x"), 0);
	done(&got);
	a_rule_asks_for_answers(false);
	free(mail);
}

/* Where a rule asks, what cannot be noted is not shown; elsewhere it is. */
static void what_cannot_be_noted_is_not_shown_where_a_rule_asks(void **state)
{
	struct err err = { 0 };
	struct db *writer = db_open(state_file, &err);
	struct got got;

	(void)state;
	assert_non_null(writer);
	assert_int_equal(db_run(writer, "DROP TABLE opened", NULL, 0, &err), 0);
	got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);
	assert_true(shows(&got, SECRET));
	done(&got);
	a_rule_asks_for_answers(true);
	for (int i = 0; i < 2; i++) {
		got = ask(i ? ASK_VIEW : ASK_OPEN, BOB, "5", sealed, i ? 0 : sealed_len);
		assert_int_equal(got.answer.kind, ANSWER_REFUSED);
		assert_int_equal(got.answer.reply.code, 451);
		assert_int_equal(got.len, 0);
		assert_non_null(strstr(got.err.text, "noting what was opened"));
		done(&got);
	}
	a_rule_asks_for_answers(false);
	db_close(writer);
}

/* What a state has lost is made again, and no client sees a difference. */
static void a_view_made_anew_is_the_same(void **state)
{
	struct got first = ask(ASK_OPEN, BOB, "5", sealed, sealed_len), again;

	assert_true(shows(&first, SECRET));
	assert_int_equal(set_up(state), 0);
	is_kept_as(BOB, SHAPE_UNKNOWN);
	again = ask(ASK_OPEN, BOB, "8", sealed, sealed_len);
	same(&first, &again);
	done(&again);
	done(&first);
}

static void nobody_sees_what_another_login_was_shown(void **state)
{
	static const char *const others[] = { CAROL, "BOB@example.org", "bob@example.org ", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct got mine = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);

		assert_true(shows(&mine, SECRET));
		done(&mine);
		is_kept_as(others[i], SHAPE_UNKNOWN);
	}
	for (size_t i = 0; i < 2; i++) {
		struct got theirs = ask(ASK_OPEN, i ? "alice" : CAROL, "5", sealed, sealed_len);

		assert_int_equal(theirs.answer.kind, ANSWER_VIEW);
		assert_false(shows(&theirs, SECRET));
		assert_true(shows(&theirs, "X-Letterlock: not decrypted; "));
		done(&theirs);
	}
}

static void what_could_not_be_opened_is_tried_again_with_other_keys(void **state)
{
	struct key_index *none = key_index_new();
	struct ask one = question(ASK_OPEN, BOB, "INBOX", "5");
	struct got got = ask_with(none, &one, span_of(sealed, sealed_len));

	(void)state;
	assert_true(shows(&got, "X-Letterlock: not decrypted; "));
	done(&got);
	one = question(ASK_SHAPES, BOB, "INBOX", "5");
	got = ask_with(none, &one, span_str(""));
	assert_int_equal(kind_of(&got), SHAPE_VIEW);	/* it holds while keys are the same */
	done(&got);
	is_kept_as(BOB, SHAPE_UNKNOWN);
	got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);
	assert_true(shows(&got, SECRET));
	done(&got);
	key_index_free(none);
}

/* Gives bob's secret key another passphrase; `typed` is what gpg asks for. */
static void lock_bob(const char *typed)
{
	char *change = mem_printf("--pinentry-mode loopback --command-fd 0 --passwd %s",
				  seal_world_fingerprint(&world, BOB));
	char *kill = mem_printf("gpgconf --homedir %s --kill gpg-agent", world.home);

	free(seal_world_gpg(&world, change, typed));
	assert_int_equal(system(kill), 0);	/* which remembers passphrases */
	free(kill);
	free(change);
}

static void what_a_passphrase_kept_closed_is_shown_once_that_is_gone(void **state)
{
	struct got got;

	(void)state;
	lock_bob("sesame\nsesame\nsesame\n");
	got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);
	assert_true(shows(&got, "X-Letterlock: not decrypted; "));
	assert_int_equal(got.err.kind, ERR_CONF);
	assert_non_null(strstr(got.err.text, "locked: passphrase needed"));
	assert_false(got.answer.tried);	/* told at once, each time */
	done(&got);
	is_kept_as(BOB, SHAPE_UNKNOWN);
	lock_bob("sesame\n\n\n");
	got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);
	assert_true(shows(&got, SECRET));
	done(&got);
}

/* THREATS 90: also to who asks for it anew, with its bytes. */
static void what_was_opened_is_shown_though_its_key_is_locked(void **state)
{
	static const enum ask_kind kinds[] = { ASK_VIEW, ASK_OPEN };
	struct got first = ask(ASK_OPEN, BOB, "5", sealed, sealed_len), again;

	(void)state;
	assert_true(shows(&first, SECRET));
	lock_bob("sesame\nsesame\nsesame\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		again = ask(kinds[i], BOB, "5", sealed, kinds[i] == ASK_OPEN ? sealed_len : 0);
		same(&first, &again);
		done(&again);
	}
	lock_bob("sesame\n\n\n");
	done(&first);
}

static void clear_mail_needs_no_view(void **state)
{
	struct got got = ask(ASK_OPEN, BOB, "5", clear_mail, strlen(clear_mail));
	char *forged = mem_printf("X-Letterlock: decrypted; signature=good\r\n%s", clear_mail);

	(void)state;
	assert_int_equal(got.answer.kind, ANSWER_VIEW);
	assert_int_equal(kind_of(&got), SHAPE_CLEAR);
	assert_int_equal(got.answer.view_size, 0);
	done(&got);
	is_kept_as(BOB, SHAPE_CLEAR);
	got = ask(ASK_CLEAR, BOB, "6", "", 0);
	assert_int_equal(got.answer.kind, ANSWER_YES);
	done(&got);
	got = ask(ASK_VIEW, BOB, "6", "", 0);
	assert_int_equal(kind_of(&got), SHAPE_CLEAR);
	done(&got);
	got = ask(ASK_OPEN, BOB, "7", forged, strlen(forged));
	assert_int_equal(kind_of(&got), SHAPE_VIEW);
	assert_true(span_is(view_of(&got), clear_mail));
	done(&got);
	free(forged);
}

static void a_signature_on_another_message_is_called_replayed(void **state)
{
	char *copy = mem_printf("Received: from elsewhere\r\n%.*s", (int)sealed_len, sealed);
	char *moved = mem_printf("%.*s", (int)sealed_len, sealed);
	char *id = strstr(moved, "<m1@example.org>");
	struct got got = ask(ASK_OPEN, BOB, "1", sealed, sealed_len);

	(void)state;
	assert_true(shows(&got, "signature=good"));
	done(&got);
	got = ask(ASK_OPEN, BOB, "2", copy, strlen(copy));
	assert_true(shows(&got, "signature=good"));	/* delivered twice */
	done(&got);
	assert_non_null(id);
	memcpy(id, "<m2", 3);
	got = ask(ASK_OPEN, BOB, "3", moved, strlen(moved));
	assert_true(shows(&got, "signature=replayed"));
	done(&got);
	got = ask(ASK_OPEN, BOB, "4", other, other_len);
	assert_true(shows(&got, "signature=good"));
	done(&got);
	free(copy);
	free(moved);
}

/* Clients show the first or the last of two fields: behind all others and before. */
static void a_signature_under_one_field_more_is_called_replayed(void **state)
{
	static const char *const more[] = {
		"Subject: Kill them all", "subject : Kill them all", "To: eve@other.example",
		"Reply-To: eve@other.example", "Cc: eve@other.example",
		"Date: Tue, 24 Nov 2026 20:00:00 +0000", "Message-ID: <x@other.example>",
		"In-Reply-To: <x@other.example>", "References: <x@other.example>",
		"Mail-Followup-To: eve@other.example", "Mail-Reply-To: eve@other.example",
		"Disposition-Notification-To: eve@other.example",
	};
	const char *rest = memmem(sealed, sealed_len, "\r\n\r\n", 4);
	int head = (int)(rest - sealed) + 2;
	struct got got = ask(ASK_OPEN, BOB, "1", sealed, sealed_len);

	(void)state;
	assert_true(shows(&got, "signature=good"));
	done(&got);
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		char *first = mem_printf("%s\r\n%.*s", more[i], (int)sealed_len, sealed);
		char *last = mem_printf("%.*s%s\r\n%.*s", head, sealed, more[i],
					(int)sealed_len - head, sealed + head);

		got = ask(ASK_OPEN, BOB, "2", first, strlen(first));
		assert_true(shows(&got, "signature=replayed"));
		done(&got);
		got = ask(ASK_OPEN, BOB, "3", last, strlen(last));
		assert_true(shows(&got, "signature=replayed"));
		done(&got);
		free(first);
		free(last);
	}
}

static void finds(const char *login, enum ask_find kind, const char *text, const char *answer)
{
	struct ask find = question(ASK_FIND, login, "INBOX", NULL);
	struct got got;

	find.find = kind;
	find.find_field = kind == FIND_HEADER ? mem_strdup("Subject") : NULL;
	find.find_text = mem_strdup(text);
	got = ask_with(world.keys, &find, span_str(""));
	assert_true(span_is(span_of(got.bytes, got.len), answer));
	done(&got);
}

static void views_are_searched(void **state)
{
	struct got got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);

	(void)state;
	done(&got);
	got = ask(ASK_OPEN, BOB, "6", other, other_len);
	done(&got);
	finds(BOB, FIND_HEADER, "ONE", "5:6\n5\n");
	finds(BOB, FIND_BODY, "Old Oak", "5:6\n5:6\n");
	got = ask(ASK_GONE, BOB, "6", "", 0);
	assert_int_equal(got.answer.kind, ANSWER_YES);
	done(&got);
	finds(CAROL, FIND_TEXT, "", "\n\n");
}

/* THREATS 108: what is beyond a limit is opened, and all that is said of it agrees. */
static void a_view_of_too_much_is_described_the_same_each_time(void **state)
{
	static const struct {
		const char *outer, *inner;
		size_t times;	/* of what stands behind the | */
	} cases[] = {
		{ "Cc: |a@x.example,\r\n ", "\r\n", 10000 },
		{ "Cc: |a:;", "\r\n", 116000 },
		{ "From: |a:;", "\r\n", 40500 },	/* a shape that is nearly too large */
		{ "X: y|\r\nX: y", "\r\n", 9000 },
		{ "", "Content-Type: multipart/mixed; boundary=o\r\n\r\n|--o\r\n\r\nx\r\n", 10000 },
		{ "", "Content-Type: a/b|; n*0=x", 10000 },
		{ "", "Content-Type: message/rfc822\r\n\r\nTo: |a@x.example,\r\n ", 10000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *outer = many(cases[i].outer, cases[i].times, "\r\n");
		char *inner = many(cases[i].inner, cases[i].times, "\r\n\r\n" SECRET "\r\n");
		char *mail = encrypted(outer, inner), name[8];
		struct got first, again;

		(void)snprintf(name, sizeof(name), "%zu", i);
		first = ask(ASK_OPEN, BOB, name, mail, strlen(mail));
		assert_int_equal(kind_of(&first), SHAPE_VIEW);
		assert_true(shows(&first, SECRET));
		again = ask(ASK_VIEW, BOB, name, "", 0);
		same(&first, &again);
		done(&again);
		again = ask(ASK_SHAPES, BOB, name, "", 0);
		assert_int_equal(again.len, first.answer.shapes_size);
		assert_memory_equal(again.bytes, first.bytes, again.len);
		done(&again);
		done(&first);
		free(mail);
		free(inner);
		free(outer);
	}
}

static void what_cannot_be_kept_is_shown_all_the_same(void **state)
{
	struct views *kept = views;
	struct got got;

	(void)state;
	views = NULL;	/* no home, no state */
	got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);
	assert_true(shows(&got, SECRET));
	done(&got);
	is_kept_as(BOB, SHAPE_UNKNOWN);
	got = ask(ASK_CLEAR, BOB, "5", "", 0);
	assert_int_equal(got.answer.kind, ANSWER_YES);
	done(&got);
	views = kept;
}

/* THREATS 129; what is answered fits in, the state's log does not. */
static void on_a_full_disc_mail_is_shown_and_kept_later(void **state)
{
	struct rlimit limits[2];
	struct got got;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &limits[1]);
	limits[0] = (struct rlimit){ 16 * 1024, limits[1].rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 2; i++) {
		setrlimit(RLIMIT_FSIZE, &limits[i]);
		got = ask(ASK_OPEN, BOB, "5", sealed, sealed_len);
		setrlimit(RLIMIT_FSIZE, &limits[1]);
		assert_true(shows(&got, SECRET));
		assert_int_equal(got.err.kind, i == 0 ? ERR_TEMP : ERR_NONE);
		done(&got);
		is_kept_as(BOB, i == 0 ? SHAPE_UNKNOWN : SHAPE_VIEW);
	}
}

static void every_odd_message_has_a_view_or_is_clear(void **state)
{
	struct strs names = { 0 };

	(void)state;
	mail_corpus_names(&names);
	for (size_t i = 0; i < names.n; i++) {
		struct span bytes = mail_corpus_read(names.at[i]);
		struct got got = ask(ASK_OPEN, BOB, names.at[i], bytes.at, bytes.len), again;

		assert_int_equal(got.answer.kind, ANSWER_VIEW);
		if (kind_of(&got) == SHAPE_VIEW) {
			again = ask(ASK_VIEW, BOB, names.at[i], "", 0);
			same(&got, &again);
			done(&again);
		}
		done(&got);
		free((char *)bytes.at);
	}
	strs_free(&names);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_opened_once_and_shown_so_for_ever),
		TEST(what_came_encrypted_is_known_when_it_is_answered),
		TEST(what_one_wrote_oneself_did_not_come_encrypted),
		TEST(what_cannot_be_noted_is_not_shown_where_a_rule_asks),
		TEST(a_view_made_anew_is_the_same),
		TEST(nobody_sees_what_another_login_was_shown),
		TEST(what_could_not_be_opened_is_tried_again_with_other_keys),
		TEST(what_a_passphrase_kept_closed_is_shown_once_that_is_gone),
		TEST(what_was_opened_is_shown_though_its_key_is_locked),
		TEST(clear_mail_needs_no_view),
		TEST(a_signature_on_another_message_is_called_replayed),
		TEST(a_signature_under_one_field_more_is_called_replayed),
		TEST(views_are_searched),
		TEST(a_view_of_too_much_is_described_the_same_each_time),
		TEST(what_cannot_be_kept_is_shown_all_the_same),
		TEST(on_a_full_disc_mail_is_shown_and_kept_later),
		TEST(every_odd_message_has_a_view_or_is_clear),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
