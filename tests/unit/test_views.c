#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/mime_fold.h"
#include "policy/store/db.h"
#include "policy/store/views.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"
#define KEYS "3333333333333333333333333333333333333333333333333333333333333333"

static const char alice[] = "alice@example.org", bob[] = "bob@example.org";

struct world {
	char dir[32];
	char *state_file, *key_file;
	struct views *views;
	struct err err;
};

static int set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	memcpy(w->dir, "/tmp/llviewsXXXXXX", 19);
	if (!mkdtemp(w->dir))
		return -1;
	w->state_file = mem_printf("%s/state.db", w->dir);
	w->key_file = mem_printf("%s/views.key", w->dir);
	w->views = views_open(w->state_file, w->key_file, &w->err);
	*state = w;
	return w->views ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct world *w = *state;

	views_close(w->views);
	for (int i = 0; i < 3; i++) {
		char *path = mem_printf("%s%s", w->state_file, ends[i]);

		unlink(path);
		free(path);
	}
	unlink(w->key_file);
	rmdir(w->dir);
	free(w->state_file);
	free(w->key_file);
	free(w);
	return 0;
}

/* A place in `mailbox` with one name. */
static void at(struct ask_place *place, const char *mailbox, const char *name)
{
	*place = (struct ask_place){ .upstream = mem_strdup("provider"),
				     .mailbox = mem_strdup(mailbox), .uidvalidity = 7 };
	strs_add(&place->names, span_str(name));
}

static void done(struct ask_place *place)
{
	free(place->upstream);
	free(place->mailbox);
	strs_free(&place->names);
}

static void keep(struct world *w, const char *login, const char *mailbox, const char *name,
		 const char *digest, uint64_t size, const char *text)
{
	struct views_record record = { .view = span_str(text) };
	struct shape_entry entry = { .kind = SHAPE_VIEW, .shape.size = size };
	struct ask_place place;
	struct buf wire, words;

	buf_init(&wire, SHAPE_MAX);
	buf_init(&words, 10000);
	assert_int_equal(shape_entry_encode(&entry, &wire), 0);
	assert_int_equal(mime_fold(span_str(text), &words), 0);
	memcpy(record.digest, digest, sizeof(record.digest));
	memcpy(record.keys, KEYS, sizeof(record.keys));
	record.entry = buf_span(&wire);
	record.words = buf_span(&words);
	at(&place, mailbox, name);
	assert_int_equal(views_keep(w->views, login, &place, 0, &record, &w->err), 0);
	done(&place);
	buf_free(&wire);
	buf_free(&words);
}

static int look(struct world *w, const char *login, const char *mailbox, const char *name,
		struct views_record *record)
{
	struct ask_place place;
	int result;

	at(&place, mailbox, name);
	result = views_at(w->views, login, &place, 0, true, record, &w->err);
	done(&place);
	return result;
}

static void what_was_kept_is_found_where_it_stands(void **state)
{
	struct world *w = *state;
	struct views_record record;

	keep(w, alice, "INBOX", "5", ONE, 10, "subject: x\n\nsecret text");
	assert_int_equal(look(w, alice, "INBOX", "5", &record), 1);
	assert_string_equal(record.digest, ONE);
	assert_string_equal(record.keys, KEYS);
	assert_false(record.failed);
	assert_true(span_is(record.view, "subject: x\n\nsecret text"));
	assert_int_equal(views_of(w->views, alice, ONE, &record, &w->err), 1);
	assert_true(span_is(record.view, "subject: x\n\nsecret text"));
	assert_int_equal(look(w, alice, "INBOX", "6", &record), 0);
	assert_int_equal(look(w, alice, "Sent", "5", &record), 0);
	/* as long as the login is the same, nothing of it is another one's */
	assert_int_equal(look(w, bob, "INBOX", "5", &record), 0);
	assert_int_equal(views_of(w->views, bob, ONE, &record, &w->err), 0);
}

static void another_process_finds_it(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct views *other;

	keep(w, alice, "INBOX", "5", ONE, 10, "secret text");
	other = views_open(w->state_file, w->key_file, &w->err);
	assert_non_null(other);
	assert_int_equal(views_of(other, alice, ONE, &record, &w->err), 1);
	assert_true(span_is(record.view, "secret text"));
	views_close(other);
}

static void a_copy_leads_to_the_same_view(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct ask_place place;

	keep(w, alice, "INBOX", "5", ONE, 10, "secret text");
	at(&place, "Archive", "1");
	assert_int_equal(views_place(w->views, alice, &place, 0, ONE, &w->err), 0);
	done(&place);
	assert_int_equal(look(w, alice, "Archive", "1", &record), 1);
	assert_true(span_is(record.view, "secret text"));
	/* the first one goes, the view stays; with the last one it goes */
	at(&place, "INBOX", "5");
	assert_int_equal(views_gone(w->views, alice, &place, &w->err), 0);
	done(&place);
	assert_int_equal(look(w, alice, "INBOX", "5", &record), 0);
	assert_int_equal(look(w, alice, "Archive", "1", &record), 1);
	at(&place, "Archive", "1");
	assert_int_equal(views_gone(w->views, alice, &place, &w->err), 0);
	done(&place);
	assert_int_equal(views_of(w->views, alice, ONE, &record, &w->err), 0);
}

static int view_of(struct world *w, const char *login, const char *digest)
{
	struct views_record record;

	return views_of(w->views, login, digest, &record, &w->err);
}

/* ... in whatever UIDVALIDITY; what stands elsewhere, or is another's, stays. */
static void what_stood_in_a_deleted_mailbox_goes_with_it(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct ask_place place;

	keep(w, alice, "Old", "5", ONE, 10, "secret text");
	keep(w, alice, "Old", "6", TWO, 10, "another text");
	keep(w, bob, "Old", "5", ONE, 10, "secret text");
	at(&place, "Archive", "1");
	assert_int_equal(views_place(w->views, alice, &place, 0, TWO, &w->err), 0);
	done(&place);
	at(&place, "Old", "7");
	assert_int_equal(views_clear(w->views, alice, &place, &w->err), 0);
	place.uidvalidity = 0;
	assert_int_equal(views_deleted(w->views, alice, &place, &w->err), 0);
	done(&place);
	assert_int_equal(look(w, alice, "Old", "5", &record), 0);
	assert_int_equal(look(w, alice, "Old", "7", &record), 0);
	assert_int_equal(view_of(w, alice, ONE), 0);
	assert_int_equal(look(w, alice, "Archive", "1", &record), 1);
	assert_true(span_is(record.view, "another text"));
	assert_int_equal(view_of(w, bob, ONE), 1);
}

static void nobody_can_place_another_ones_view(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct ask_place place;

	keep(w, alice, "INBOX", "5", ONE, 10, "secret text");
	at(&place, "INBOX", "5");
	assert_int_equal(views_place(w->views, bob, &place, 0, ONE, &w->err), 0);
	done(&place);
	assert_int_equal(look(w, bob, "INBOX", "5", &record), 0);
}

static void what_is_clear_is_known_without_a_view(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct ask_place place;

	at(&place, "", "uid-1");
	strs_add(&place.names, span_str("uid-2"));
	assert_int_equal(views_clear(w->views, alice, &place, &w->err), 0);
	assert_int_equal(views_at(w->views, alice, &place, 1, false, &record, &w->err), 1);
	assert_string_equal(record.digest, "");
	assert_int_equal(record.entry.len, 0);
	done(&place);
}

static void a_view_can_be_made_anew(void **state)
{
	struct world *w = *state;
	struct views_record record;

	keep(w, alice, "INBOX", "5", ONE, 10, "not decrypted");
	keep(w, alice, "INBOX", "5", ONE, 20, "decrypted");
	assert_int_equal(look(w, alice, "INBOX", "5", &record), 1);
	assert_true(span_is(record.view, "decrypted"));
}

static bool on_disc(const struct world *w, const char *text)
{
	static const char *const ends[] = { "", "-wal" };
	bool found = false;

	for (int i = 0; i < 2; i++) {
		char *path = mem_printf("%s%s", w->state_file, ends[i]);
		FILE *file = fopen(path, "r");
		char *bytes = mem_new(4 * 1024 * 1024);
		size_t n;

		assert_non_null(file);
		n = fread(bytes, 1, 4 * 1024 * 1024, file);
		found |= memmem(bytes, n, text, strlen(text)) != NULL;
		fclose(file);
		free(bytes);
		free(path);
	}
	return found;
}

static void nothing_of_it_is_on_the_disc_in_the_clear(void **state)
{
	struct world *w = *state;
	struct stat status;

	keep(w, alice, "INBOX", "5", ONE, 10, "subject: zanzibar\n\nokapi");
	assert_true(on_disc(w, alice));
	assert_false(on_disc(w, "zanzibar"));
	assert_false(on_disc(w, "okapi"));
	assert_int_equal(stat(w->key_file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void what_was_moved_to_another_login_does_not_open(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct db *db;

	keep(w, alice, "INBOX", "5", ONE, 10, "secret text");
	db = db_open(w->state_file, &w->err);
	assert_non_null(db);
	assert_int_equal(db_run(db, "UPDATE view SET login = 'bob@example.org'", NULL, 0,
				&w->err), 0);
	assert_int_equal(views_of(w->views, bob, ONE, &record, &w->err), -1);
	assert_int_equal(db_run(db, "UPDATE view SET login = 'alice@example.org', bytes = words,"
				" words = bytes", NULL, 0, &w->err), 0);
	assert_int_equal(views_of(w->views, alice, ONE, &record, &w->err), -1);
	assert_int_equal(w->err.kind, ERR_TEMP);
	db_close(db);
}

static void what_was_damaged_or_exchanged_does_not_open(void **state)
{
	static const char *const harms[] = {
		/* one octet, the end, all of it, and what another message had */
		"UPDATE view SET bytes = CAST(substr(bytes, 1, 20) || x'00' || substr(bytes, 22)"
		" AS BLOB) WHERE digest = '" ONE "'",
		"UPDATE view SET words = substr(words, 1, length(words) - 1)",
		"UPDATE view SET entry = x''",
		"UPDATE view SET (entry, bytes, words) = (SELECT entry, bytes, words FROM view v"
		" WHERE v.digest = '" TWO "') WHERE digest = '" ONE "'",
		"UPDATE view SET digest = 'short' WHERE digest = '" ONE "'",
	};
	struct world *w = *state;
	struct views_record record;
	struct db *db = db_open(w->state_file, &w->err);

	assert_non_null(db);
	for (size_t i = 0; i < sizeof(harms) / sizeof(*harms); i++) {
		keep(w, alice, "INBOX", "5", ONE, 10, "first text, with more octets");
		keep(w, alice, "INBOX", "6", TWO, 10, "second text");
		assert_int_equal(look(w, alice, "INBOX", "5", &record), 1);
		(void)db_run(db, harms[i], NULL, 0, &w->err);
		w->err = (struct err){ 0 };
		assert_int_equal(look(w, alice, "INBOX", "5", &record), -1);
		assert_int_equal(w->err.kind, ERR_TEMP);
		assert_null(strstr(w->err.text, "text"));
	}
	db_close(db);
}

static void without_its_key_the_state_is_not_used(void **state)
{
	struct world *w = *state;
	int fd;

	views_close(w->views);
	w->views = NULL;
	assert_int_equal(chmod(w->key_file, 0640), 0);
	assert_null(views_open(w->state_file, w->key_file, &w->err));
	assert_non_null(strstr(w->err.text, "chmod 600"));
	assert_int_equal(unlink(w->key_file), 0);
	assert_null(views_open(w->state_file, w->key_file, &w->err));
	assert_int_equal(w->err.kind, ERR_CONF);
	assert_non_null(strstr(w->err.text, "put it back"));
	fd = open(w->key_file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, KEYS, 32), 32);
	close(fd);
	assert_null(views_open(w->state_file, w->key_file, &w->err));
	assert_non_null(strstr(w->err.text, "is not the key"));
}

static void a_signature_on_another_message_is_a_replay(void **state)
{
	struct world *w = *state;

	assert_int_equal(views_signature(w->views, alice, "s", ONE, &w->err), 0);
	assert_int_equal(views_signature(w->views, alice, "s", ONE, &w->err), 0);
	assert_int_equal(views_signature(w->views, alice, "s", TWO, &w->err), 1);
	assert_int_equal(views_signature(w->views, alice, "s", ONE, &w->err), 0);
	assert_int_equal(views_signature(w->views, bob, "s", TWO, &w->err), 0);
}

static void a_known_replay_is_told_where_nothing_can_be_written(void **state)
{
	struct world *w = *state;
	struct db *other = db_open(w->state_file, &w->err);

	assert_int_equal(views_signature(w->views, alice, "s", ONE, &w->err), 0);
	assert_non_null(other);
	assert_int_equal(db_begin(other, &w->err), 0);
	assert_int_equal(views_signature(w->views, alice, "s", TWO, &w->err), 1);
	assert_int_equal(views_signature(w->views, alice, "s", ONE, &w->err), 0);
	db_abandon(other);
	db_close(other);
}

static int answers(struct world *w, const char *login, const char *id)
{
	struct strs ids = { 0 };
	int result;

	strs_add(&ids, span_str("x@y"));
	strs_add(&ids, span_str(id));
	result = views_answers(w->views, login, &ids, &w->err);
	strs_free(&ids);
	return result;
}

static void opens(struct world *w, const char *login, const char *id)
{
	struct strs ids = { 0 };

	strs_add(&ids, span_str(id));
	assert_int_equal(views_answers_note(w->views, login, &ids, &w->err), 0);
	strs_free(&ids);
}

static void what_was_opened_is_known_to_its_login_alone(void **state)
{
	struct world *w = *state;

	assert_int_equal(answers(w, alice, "secret-id@x"), 0);
	opens(w, alice, "secret-id@x");
	opens(w, alice, "secret-id@x");
	assert_int_equal(answers(w, alice, "secret-id@x"), 1);
	assert_int_equal(answers(w, "Alice@Example.ORG", "secret-id@x"), 1);
	assert_int_equal(answers(w, bob, "secret-id@x"), 0);
	assert_int_equal(answers(w, alice, "Secret-id@x"), 0);
	assert_int_equal(answers(w, alice, "secret-id@"), 0);
	views_close(w->views);
	w->views = views_open(w->state_file, w->key_file, &w->err);
	assert_int_equal(answers(w, alice, "secret-id@x"), 1);
	assert_true(on_disc(w, "opened"));
	assert_false(on_disc(w, "secret-id"));
}

static void take_version(void *owner, const struct db_value *columns)
{
	*(int64_t *)owner = columns[0].number;
}

static void a_state_of_the_version_before_is_taken_over(void **state)
{
	struct world *w = *state;
	struct views_record record;
	char *set;
	int64_t version = 0;
	struct db *db;

	keep(w, alice, "INBOX", "3", ONE, 10, "text");
	views_close(w->views);
	db = db_open(w->state_file, &w->err);
	assert_int_equal(db_each(db, "PRAGMA user_version", NULL, 0, take_version, &version,
				 &w->err), 0);
	set = mem_printf("PRAGMA user_version = %d", (int)version - 1);
	assert_int_equal(db_run(db, "DROP TABLE opened", NULL, 0, &w->err), 0);
	assert_int_equal(db_run(db, set, NULL, 0, &w->err), 0);
	db_close(db);
	free(set);
	w->views = views_open(w->state_file, w->key_file, &w->err);
	assert_non_null(w->views);
	assert_int_equal(look(w, alice, "INBOX", "3", &record), 1);
	opens(w, alice, "a@x");
	assert_int_equal(answers(w, alice, "a@x"), 1);
}

static void find(struct world *w, enum ask_find what, const char *field, const char *text,
		 uint64_t number, const char *want)
{
	struct ask ask = { .find = what, .find_field = (char *)field, .find_text = (char *)text,
			   .find_number = number };
	struct buf all, found;

	at(&ask.place, "INBOX", "");
	buf_init(&all, 1000);
	buf_init(&found, 1000);
	assert_int_equal(views_find(w->views, alice, &ask, &all, &found, &w->err), 0);
	assert_true(span_is(buf_span(&all), "3:5,9"));
	assert_true(span_is(buf_span(&found), want));
	buf_free(&all);
	buf_free(&found);
	done(&ask.place);
}

static void what_is_looked_for_is_found(void **state)
{
	struct world *w = *state;

	keep(w, alice, "INBOX", "3", ONE, 10, "Subject: Gr\xc3\xb6\xc3\x9f""e\n\nfirst");
	keep(w, alice, "INBOX", "5", TWO, 20, "Subject: other\nX-Empty: \n\nsubject: second");
	keep(w, alice, "INBOX", "4", KEYS, 30, "From: a\n\n\nlast");
	keep(w, alice, "INBOX", "9", ONE, 10, "Subject: Gr\xc3\xb6\xc3\x9f""e\n\nfirst");
	keep(w, bob, "INBOX", "6", TWO, 20, "Subject: of bob\n\nfirst");
	keep(w, alice, "Sent", "7", TWO, 20, "Subject: other\nX-Empty: \n\nsubject: second");
	find(w, FIND_HEADER, "SUBJECT", "GR\xc3\x96SSE", 0, "3,9");
	find(w, FIND_HEADER, "subject", "second", 0, "");
	find(w, FIND_HEADER, "x-empty", "", 0, "5");
	find(w, FIND_BODY, NULL, "Second", 0, "5");
	find(w, FIND_BODY, NULL, "other", 0, "");
	find(w, FIND_TEXT, NULL, "OTHER", 0, "5");
	find(w, FIND_TEXT, NULL, "", 0, "3:5,9");
	find(w, FIND_LARGER, NULL, NULL, 19, "4:5");
	find(w, FIND_SMALLER, NULL, NULL, 20, "3,9");
}

static void thousands_are_kept_and_found_soon(void **state)
{
	struct world *w = *state;
	struct views_record record;
	struct ask_place place = { .upstream = (char *)"p", .mailbox = (char *)"m" };
	char name[16];

	keep(w, alice, "m", "1", ONE, 10, "text");
	for (unsigned i = 1; i <= 20000; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		strs_add(&place.names, span_str(name));
	}
	assert_int_equal(views_clear(w->views, alice, &place, &w->err), 0);
	for (size_t i = 0; i < place.names.n; i++)
		assert_int_equal(views_at(w->views, alice, &place, i, false, &record, &w->err), 1);
	strs_free(&place.names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_kept_is_found_where_it_stands),
		TEST(another_process_finds_it),
		TEST(a_copy_leads_to_the_same_view),
		TEST(what_stood_in_a_deleted_mailbox_goes_with_it),
		TEST(nobody_can_place_another_ones_view),
		TEST(what_is_clear_is_known_without_a_view),
		TEST(a_view_can_be_made_anew),
		TEST(nothing_of_it_is_on_the_disc_in_the_clear),
		TEST(what_was_moved_to_another_login_does_not_open),
		TEST(what_was_damaged_or_exchanged_does_not_open),
		TEST(without_its_key_the_state_is_not_used),
		TEST(a_signature_on_another_message_is_a_replay),
		TEST(a_known_replay_is_told_where_nothing_can_be_written),
		TEST(what_was_opened_is_known_to_its_login_alone),
		TEST(a_state_of_the_version_before_is_taken_over),
		TEST(what_is_looked_for_is_found),
		TEST(thousands_are_kept_and_found_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
