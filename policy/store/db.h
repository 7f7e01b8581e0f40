/*
 * db - the state file: SQLite in WAL mode, each change on the disc before
 * it is said to be done. Blocking; one thread for one `struct db`, any number
 * of them (in any process) on one file.
 */
#ifndef LETTERLOCK_DB_H
#define LETTERLOCK_DB_H

#include <stdint.h>

#include <letterlock/err.h>
#include <letterlock/span.h>

struct db;

enum db_kind { DB_NULL, DB_NUMBER, DB_TEXT, DB_BYTES };

struct db_value {
	enum db_kind kind;
	int64_t number;
	struct span text;	/* TEXT, BYTES; borrowed */
};

struct db_value db_number(int64_t number);
struct db_value db_text(struct span text);
struct db_value db_bytes(struct span bytes);

/*
 * Opens `path`, makes it when it is not there, and brings its tables to this
 * version. NULL with `err` (ERR_CONF) when it cannot be read and written, is
 * damaged, is no state file of ours, or was made by a newer version.
 */
struct db *db_open(const char *path, struct err *err);
void db_close(struct db *db);

/*
 * Runs one statement whose `?` are `values`; `sql` must outlive `db` (a
 * literal: it is prepared once). -1 with `err` (ERR_TEMP) when it failed: then
 * nothing of it was done.
 */
int db_run(struct db *db, const char *sql, const struct db_value *values,
	   size_t n, struct err *err);

/* As db_run; `row` is told of each row, whose columns it borrows. */
int db_each(struct db *db, const char *sql, const struct db_value *values,
	    size_t n, void (*row)(void *owner, const struct db_value *columns),
	    void *owner, struct err *err);

/*
 * What is run in between is done all, or (after db_abandon(), a failed
 * db_commit() or a crash) not at all.
 */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_abandon(struct db *db);

#endif
