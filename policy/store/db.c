#include "policy/store/db.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <letterlock/mem.h>

enum {
	BUSY_WAIT = 5000,	/* ms, for another process that writes */
	STATEMENTS_MAX = 32,	/* that one db prepares */
	COLUMNS_MAX = 16,
	/* "LLck": what file(1) and db_open() know a state file by */
	APPLICATION_ID = 0x4c4c636b,
	/* a larger file is not read whole at each start */
	CHECK_PAGES_MAX = 16 * 1024,
};

/* Version n of the tables is what the first n of these make; `user_version`
 * says how many of them a file has seen. Never change one: append. */
static const char *const schema[] = {
	/* which recipients of which message upstream has accepted */
	"CREATE TABLE journal ("
	" id TEXT NOT NULL, recipient TEXT NOT NULL,"
	" accepted INTEGER NOT NULL," /* seconds */
	" PRIMARY KEY (id, recipient)) WITHOUT ROWID",
	/* views of stored messages: what is in `entry`, `bytes` and `words` is
	 * encrypted (see views.c) */
	"CREATE TABLE view_key (proof BLOB NOT NULL)",
	"CREATE TABLE view ("
	" id INTEGER PRIMARY KEY, login TEXT NOT NULL, digest TEXT NOT NULL,"
	" keys TEXT NOT NULL, failed INTEGER NOT NULL, entry BLOB NOT NULL,"
	" bytes BLOB NOT NULL, words BLOB NOT NULL, UNIQUE (login, digest))",
	/* where they stand; `view` NULL: a message that needs none */
	"CREATE TABLE place ("
	" login TEXT NOT NULL, upstream TEXT NOT NULL, mailbox TEXT NOT NULL,"
	" uidvalidity INTEGER NOT NULL, name TEXT NOT NULL, view INTEGER,"
	" PRIMARY KEY (login, upstream, mailbox, uidvalidity, name)) WITHOUT ROWID",
	"CREATE INDEX place_view ON place (view)",
	/* which message of a login a signature was first seen on */
	"CREATE TABLE signature ("
	" login TEXT NOT NULL, id TEXT NOT NULL, message TEXT NOT NULL,"
	" PRIMARY KEY (login, id)) WITHOUT ROWID",
	/* digests, under the key of the views, of whose reader has opened which
	 * encrypted message (see views_answers.c) */
	"CREATE TABLE opened (id TEXT PRIMARY KEY) WITHOUT ROWID",
};

enum { SCHEMA_VERSION = sizeof(schema) / sizeof(*schema) };

struct statement {
	const char *sql;
	sqlite3_stmt *prepared;
};

struct db {
	sqlite3 *handle;
	struct statement statements[STATEMENTS_MAX];
	size_t n;
};

struct db_value db_number(int64_t number)
{
	return (struct db_value){ .kind = DB_NUMBER, .number = number };
}

struct db_value db_text(struct span text)
{
	return (struct db_value){ .kind = DB_TEXT, .text = text };
}

struct db_value db_bytes(struct span bytes)
{
	return (struct db_value){ .kind = DB_BYTES, .text = bytes };
}

static int failed(struct db *db, enum err_kind kind, struct err *err)
{
	return err_set(err, kind, "%s", sqlite3_errmsg(db->handle));
}

/* The prepared statement for `sql`, which is known by its address. */
static sqlite3_stmt *prepare(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *prepared = NULL;

	for (size_t i = 0; i < db->n; i++)
		if (db->statements[i].sql == sql)
			return db->statements[i].prepared;
	if (db->n == STATEMENTS_MAX) {
		err_set(err, ERR_BUG, "too many kinds of statements");
		return NULL;
	}
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
			       &prepared, NULL) != SQLITE_OK) {
		failed(db, ERR_TEMP, err);
		return NULL;
	}
	db->statements[db->n++] = (struct statement){ sql, prepared };
	return prepared;
}

static int bind(sqlite3_stmt *prepared, const struct db_value *values, size_t n)
{
	int result = SQLITE_OK;

	for (size_t i = 0; i < n && result == SQLITE_OK; i++) {
		const struct db_value *value = &values[i];
		int at = (int)i + 1;

		if (value->kind == DB_NUMBER)
			result = sqlite3_bind_int64(prepared, at, value->number);
		else if (value->kind == DB_TEXT)
			result = sqlite3_bind_text64(prepared, at, value->text.at,
						     value->text.len, SQLITE_STATIC,
						     SQLITE_UTF8);
		else if (value->kind == DB_BYTES)
			result = sqlite3_bind_blob64(prepared, at, value->text.at,
						     value->text.len, SQLITE_STATIC);
		else
			result = sqlite3_bind_null(prepared, at);
	}
	return result;
}

static struct db_value column(sqlite3_stmt *prepared, int at)
{
	const char *text;

	switch (sqlite3_column_type(prepared, at)) {
	case SQLITE_INTEGER:
		return db_number(sqlite3_column_int64(prepared, at));
	case SQLITE_TEXT:
		text = (const char *)sqlite3_column_text(prepared, at);
		return db_text(span_of(text,
				       (size_t)sqlite3_column_bytes(prepared, at)));
	case SQLITE_BLOB:
		text = sqlite3_column_blob(prepared, at);
		return db_bytes(span_of(text ? text : "",
					(size_t)sqlite3_column_bytes(prepared, at)));
	default:
		return (struct db_value){ .kind = DB_NULL };
	}
}

int db_each(struct db *db, const char *sql, const struct db_value *values,
	    size_t n, void (*row)(void *owner, const struct db_value *columns),
	    void *owner, struct err *err)
{
	sqlite3_stmt *prepared = prepare(db, sql, err);
	struct db_value columns[COLUMNS_MAX];
	int result, ret = 0;

	if (!prepared)
		return -1;
	result = bind(prepared, values, n);
	while (result == SQLITE_OK || result == SQLITE_ROW) {
		result = sqlite3_step(prepared);
		if (result != SQLITE_ROW || !row)
			continue;
		for (int i = 0; i < sqlite3_column_count(prepared) && i < COLUMNS_MAX; i++)
			columns[i] = column(prepared, i);
		row(owner, columns);
	}
	if (result != SQLITE_DONE)
		ret = failed(db, ERR_TEMP, err);
	(void)sqlite3_reset(prepared);
	(void)sqlite3_clear_bindings(prepared);
	return ret;
}

int db_run(struct db *db, const char *sql, const struct db_value *values,
	   size_t n, struct err *err)
{
	return db_each(db, sql, values, n, NULL, NULL, err);
}

int db_begin(struct db *db, struct err *err)
{
	return db_run(db, "BEGIN IMMEDIATE", NULL, 0, err);
}

int db_commit(struct db *db, struct err *err)
{
	if (db_run(db, "COMMIT", NULL, 0, err) == 0)
		return 0;
	db_abandon(db);
	return -1;
}

void db_abandon(struct db *db)
{
	/* SQLite has abandoned it by itself after some errors */
	if (!sqlite3_get_autocommit(db->handle))
		(void)db_run(db, "ROLLBACK", NULL, 0, NULL);
}

static void take_number(void *owner, const struct db_value *columns)
{
	*(int64_t *)owner = columns[0].number;
}

static int number(struct db *db, const char *sql, int64_t *value,
		  struct err *err)
{
	*value = 0;
	return db_each(db, sql, NULL, 0, take_number, value, err);
}

static void take_verdict(void *owner, const struct db_value *columns)
{
	if (!span_is(columns[0].text, "ok"))
		err_set(owner, ERR_CONF, "it is damaged: %.*s",
			(int)columns[0].text.len, columns[0].text.at);
}

static int check(struct db *db, struct err *err)
{
	struct err damage = { 0 };
	int64_t pages;

	if (number(db, "PRAGMA page_count", &pages, err) < 0)
		return -1;
	if (pages > CHECK_PAGES_MAX)
		return 0;
	if (db_each(db, "PRAGMA quick_check(1)", NULL, 0, take_verdict, &damage,
		    err) < 0)
		return -1;
	return damage.kind == ERR_NONE ? 0
	       : err_set(err, ERR_CONF, "%s", damage.text);
}

/* Whether the file is ours (or empty), and how far its tables are. */
static int known_version(struct db *db, int64_t *version, struct err *err)
{
	int64_t id, tables;

	if (number(db, "PRAGMA application_id", &id, err) < 0 ||
	    number(db, "PRAGMA user_version", version, err) < 0 ||
	    number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (id != APPLICATION_ID && (id != 0 || tables != 0))
		return err_set(err, ERR_CONF, "it is a database of another program");
	if (*version > SCHEMA_VERSION)
		return err_set(err, ERR_CONF, "it was made by a newer version of letterlock");
	return 0;
}

/* In a transaction, also when there is nothing to do: it shows that the file
 * can be written. */
static int migrate(struct db *db, struct err *err)
{
	char *mark;
	int64_t version;
	int ret = 0;

	if (db_begin(db, err) < 0)
		return -1;
	if (known_version(db, &version, err) < 0)
		goto abandon;
	for (; version < SCHEMA_VERSION; version++)
		if (db_run(db, schema[version], NULL, 0, err) < 0)
			goto abandon;
	mark = mem_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
			  APPLICATION_ID, SCHEMA_VERSION);
	if (sqlite3_exec(db->handle, mark, NULL, NULL, NULL) != SQLITE_OK)
		ret = failed(db, ERR_CONF, err);
	free(mark);
	if (ret < 0)
		goto abandon;
	return db_commit(db, err);
abandon:
	db_abandon(db);
	return -1;
}

static int set_up(struct db *db, struct err *err)
{
	sqlite3_busy_timeout(db->handle, BUSY_WAIT);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (db_run(db, "PRAGMA journal_mode = WAL", NULL, 0, err) < 0 ||
	    db_run(db, "PRAGMA synchronous = FULL", NULL, 0, err) < 0 ||
	    db_run(db, "PRAGMA secure_delete = ON", NULL, 0, err) < 0 ||
	    check(db, err) < 0)
		return -1;
	return migrate(db, err);
}

struct db *db_open(const char *path, struct err *err)
{
	struct db *db = mem_new(sizeof(*db));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		failed(db, ERR_CONF, err);
		goto out;
	}
	if (set_up(db, err) < 0)
		goto out;
	return db;
out:
	if (err) {
		err->kind = ERR_CONF;
		err_while(err, "opening state %s", path);
	}
	db_close(db);
	return NULL;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->n; i++)
		(void)sqlite3_finalize(db->statements[i].prepared);
	(void)sqlite3_close(db->handle);
	free(db);
}
