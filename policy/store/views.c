#include "policy/store/views.h"

#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "policy/store/db.h"
#include "policy/store/views_key.h"
#include "policy/store/views_state.h"

struct views *views_open(const char *state, const char *key_file, struct err *err)
{
	struct views *views = mem_new(sizeof(*views));

	views->db = db_open(state, err);
	if (!views->db || views_key_load(views->db, key_file, views->key, err) < 0) {
		views_close(views);
		return NULL;
	}
	buf_init(&views->entry, SHAPE_MAX);
	buf_init(&views->view, VIEWS_BYTES_MAX);
	buf_init(&views->words, VIEWS_BYTES_MAX);
	return views;
}

void views_forget(struct views *views)
{
	buf_wipe(&views->entry);
	buf_wipe(&views->view);
	buf_wipe(&views->words);
}

void views_close(struct views *views)
{
	if (!views)
		return;
	views_forget(views);
	db_close(views->db);
	secret_erase((char *)views->key, sizeof(views->key));
	free(views);
}

/* --- each piece is bound to whose it is, of which message, and which it is --- */

static char *about(const char *login, const char *digest, const char *piece)
{
	return mem_printf("%s\n%s\n%s", piece, digest, login);
}

int views_state_open(struct views *views, const char *login, const char *digest,
		     const char *piece, struct span sealed, struct buf *out, struct err *err)
{
	char *bound = about(login, digest, piece);
	int result = cipher_open(views->key, span_str(bound), sealed, out, err);

	free(bound);
	return result;
}

static int seal(struct views *views, const char *login, const char *digest,
		const char *piece, struct span plain, struct buf *out, struct err *err)
{
	char *bound = about(login, digest, piece);
	int result = cipher_seal(views->key, span_str(bound), plain, out, err);

	free(bound);
	return result;
}

/* --- looking for one --- */

struct look {
	struct views *views;
	const char *login;
	struct views_record *record;
	bool with_view;
	int found;
	struct err *err;
};

/* Columns: digest, keys, failed, entry, and perhaps bytes and words. */
static int take(struct look *look, const struct db_value *columns)
{
	struct views *views = look->views;
	struct views_record *record = look->record;
	const char *digest = record->digest;

	if (columns[0].text.len != VIEWS_DIGEST_SIZE - 1 ||
	    columns[1].text.len >= VIEWS_DIGEST_SIZE)
		return err_set(look->err, ERR_TEMP, "what is kept is damaged");
	memcpy(record->digest, columns[0].text.at, columns[0].text.len);
	memcpy(record->keys, columns[1].text.at, columns[1].text.len);
	record->failed = columns[2].number != 0;
	if (views_state_open(views, look->login, digest, "entry", columns[3].text, &views->entry,
			     look->err) < 0)
		return -1;
	if (look->with_view &&
	    (views_state_open(views, look->login, digest, "view", columns[4].text, &views->view,
			      look->err) < 0 ||
	     views_state_open(views, look->login, digest, "words", columns[5].text, &views->words,
			      look->err) < 0))
		return -1;
	record->entry = buf_span(&views->entry);
	record->view = buf_span(&views->view);
	record->words = buf_span(&views->words);
	return 1;
}

static void take_row(void *owner, const struct db_value *columns)
{
	struct look *look = owner;

	look->found = take(look, columns);
}

/* A place without a view is a message that needs none: known, and empty. */
static void take_place(void *owner, const struct db_value *columns)
{
	struct look *look = owner;

	look->found = columns[0].kind == DB_NULL ? 1 : take(look, columns);
}

static int look_up(struct look *look, const char *sql, const struct db_value *values, size_t n,
		   void (*row)(void *owner, const struct db_value *columns))
{
	*look->record = (struct views_record){ 0 };
	views_forget(look->views);
	if (db_each(look->views->db, sql, values, n, row, look, look->err) < 0)
		return err_while(look->err, "looking for a view");
	return look->found;
}

void views_state_place(const char *login, const struct ask_place *place,
		       struct db_value values[4])
{
	values[0] = db_text(span_str(login));
	values[1] = db_text(span_str(place->upstream));
	values[2] = db_text(span_str(place->mailbox));
	values[3] = db_number(place->uidvalidity);
}

#define AT_PLACE "place.login = ? AND upstream = ? AND mailbox = ? AND uidvalidity = ?"

int views_at(struct views *views, const char *login, const struct ask_place *place,
	     size_t i, bool with_view, struct views_record *record, struct err *err)
{
	struct look look = { .views = views, .login = login, .record = record,
			     .with_view = with_view, .err = err };
	struct db_value values[5];

	views_state_place(login, place, values);
	values[4] = db_text(span_str(place->names.at[i]));
	return look_up(&look,
		       with_view ? "SELECT digest, keys, failed, entry, bytes, words FROM place"
				   " LEFT JOIN view ON view.id = place.view"
				   " WHERE " AT_PLACE " AND name = ?"
				 : "SELECT digest, keys, failed, entry FROM place"
				   " LEFT JOIN view ON view.id = place.view"
				   " WHERE " AT_PLACE " AND name = ?",
		       values, 5, take_place);
}

int views_of(struct views *views, const char *login, const char *digest,
	     struct views_record *record, struct err *err)
{
	struct look look = { .views = views, .login = login, .record = record,
			     .with_view = true, .err = err };
	const struct db_value values[] = { db_text(span_str(login)),
					   db_text(span_str(digest)) };

	return look_up(&look,
		       "SELECT digest, keys, failed, entry, bytes, words FROM view"
		       " WHERE login = ? AND digest = ?",
		       values, 2, take_row);
}

/* --- keeping --- */

static int put(struct views *views, const char *login, const struct views_record *record,
	       struct err *err)
{
	struct buf entry, view, words;
	struct db_value values[7] = {
		db_text(span_str(login)), db_text(span_str(record->digest)),
		db_text(span_str(record->keys)), db_number(record->failed),
	};
	int result = -1;

	buf_init(&entry, record->entry.len + CIPHER_MORE);
	buf_init(&view, record->view.len + CIPHER_MORE);
	buf_init(&words, record->words.len + CIPHER_MORE);
	if (seal(views, login, record->digest, "entry", record->entry, &entry, err) == 0 &&
	    seal(views, login, record->digest, "view", record->view, &view, err) == 0 &&
	    seal(views, login, record->digest, "words", record->words, &words, err) == 0) {
		values[4] = db_bytes(buf_span(&entry));
		values[5] = db_bytes(buf_span(&view));
		values[6] = db_bytes(buf_span(&words));
		result = db_run(views->db,
				"INSERT INTO view"
				" (login, digest, keys, failed, entry, bytes, words)"
				" VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (login, digest)"
				" DO UPDATE SET keys = excluded.keys, failed = excluded.failed,"
				" entry = excluded.entry, bytes = excluded.bytes,"
				" words = excluded.words",
				values, 7, err);
	}
	buf_free(&entry);
	buf_free(&view);
	buf_free(&words);
	return result;
}

static int put_place(struct views *views, const char *login, const struct ask_place *place,
		     size_t i, const char *digest, struct err *err)
{
	struct db_value values[7];

	views_state_place(login, place, values);
	values[4] = db_text(span_str(place->names.at[i]));
	values[5] = values[0];
	values[6] = db_text(span_str(digest));
	return db_run(views->db,
		      "INSERT OR REPLACE INTO place SELECT ?, ?, ?, ?, ?, id FROM view"
		      " WHERE login = ? AND digest = ?",
		      values, 7, err);
}

static int ended(struct views *views, int result, struct err *err)
{
	if (result == 0 && db_commit(views->db, err) == 0)
		return 0;
	db_abandon(views->db);
	return err_while(err, "keeping a view");
}

int views_keep(struct views *views, const char *login, const struct ask_place *place,
	       size_t i, const struct views_record *record, struct err *err)
{
	int result;

	if (db_begin(views->db, err) < 0)
		return err_while(err, "keeping a view");
	result = put(views, login, record, err);
	if (result == 0)
		result = put_place(views, login, place, i, record->digest, err);
	return ended(views, result, err);
}

int views_place(struct views *views, const char *login, const struct ask_place *place,
		size_t i, const char *digest, struct err *err)
{
	return put_place(views, login, place, i, digest, err) < 0
		       ? err_while(err, "keeping where a view stands") : 0;
}

int views_clear(struct views *views, const char *login, const struct ask_place *place,
		struct err *err)
{
	struct db_value values[5];
	int result = 0;

	if (db_begin(views->db, err) < 0)
		return err_while(err, "keeping what is clear");
	views_state_place(login, place, values);
	for (size_t i = 0; i < place->names.n && result == 0; i++) {
		values[4] = db_text(span_str(place->names.at[i]));
		result = db_run(views->db,
				"INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?, ?, NULL)",
				values, 5, err);
	}
	return ended(views, result, err);
}

static void take_id(void *owner, const struct db_value *columns)
{
	*(int64_t *)owner = columns[0].kind == DB_NUMBER ? columns[0].number : 0;
}

/* One name, and its view when nothing else leads to that. */
static int remove_one(struct views *views, struct db_value values[5], struct err *err)
{
	int64_t id = 0;
	struct db_value view[2];

	if (db_each(views->db, "SELECT view FROM place WHERE " AT_PLACE " AND name = ?", values, 5,
		    take_id, &id, err) < 0 ||
	    db_run(views->db, "DELETE FROM place WHERE " AT_PLACE " AND name = ?", values, 5,
		   err) < 0)
		return -1;
	view[0] = view[1] = db_number(id);
	return id == 0 ? 0
		       : db_run(views->db,
				"DELETE FROM view WHERE id = ? AND NOT EXISTS"
				" (SELECT 1 FROM place WHERE view = ?)",
				view, 2, err);
}

int views_gone(struct views *views, const char *login, const struct ask_place *place,
	       struct err *err)
{
	struct db_value values[5];
	int result = 0;

	if (db_begin(views->db, err) < 0)
		return err_while(err, "forgetting views");
	views_state_place(login, place, values);
	for (size_t i = 0; i < place->names.n && result == 0; i++) {
		values[4] = db_text(span_str(place->names.at[i]));
		result = remove_one(views, values, err);
	}
	return ended(views, result, err);
}

#define IN_MAILBOX "login = ? AND upstream = ? AND mailbox = ?"

int views_deleted(struct views *views, const char *login, const struct ask_place *place,
		  struct err *err)
{
	struct db_value values[6];
	int result;

	if (db_begin(views->db, err) < 0)
		return err_while(err, "forgetting views");
	views_state_place(login, place, values);
	memcpy(values + 3, values, 3 * sizeof(*values));	/* for both clauses */
	result = db_run(views->db,
			"DELETE FROM view WHERE id IN (SELECT view FROM place WHERE " IN_MAILBOX ")"
			" AND NOT EXISTS (SELECT 1 FROM place WHERE view = view.id"
			" AND NOT (" IN_MAILBOX "))",
			values, 6, err);
	if (result == 0)
		result = db_run(views->db, "DELETE FROM place WHERE " IN_MAILBOX, values, 3, err);
	return ended(views, result, err);
}

/* --- replay --- */

struct seen {
	const char *message;
	bool known, other;
};

static void take_seen(void *owner, const struct db_value *columns)
{
	struct seen *seen = owner;

	seen->known = true;
	seen->other = !span_is(columns[0].text, seen->message);
}

static int look_for(struct views *views, const struct db_value values[2], struct seen *seen,
		    struct err *err)
{
	return db_each(views->db, "SELECT message FROM signature WHERE login = ? AND id = ?",
		       values, 2, take_seen, seen, err);
}

int views_signature(struct views *views, const char *login, const char *id,
		    const char *message, struct err *err)
{
	const struct db_value values[] = { db_text(span_str(login)), db_text(span_str(id)),
					   db_text(span_str(message)) };
	struct seen seen = { .message = message };

	/* what is known is told also where nothing can be noted, on a full disc say */
	if (look_for(views, values, &seen, err) < 0 ||
	    (!seen.known &&
	     (db_run(views->db, "INSERT OR IGNORE INTO signature VALUES (?, ?, ?)", values, 3,
		     err) < 0 ||
	      look_for(views, values, &seen, err) < 0)))
		return err_while(err, "looking for a replay");
	return seen.other;
}
