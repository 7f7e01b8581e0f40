#include "policy/store/journal.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "policy/store/db.h"

struct journal {
	struct db *db;
};

struct journal *journal_open(const char *path, struct err *err)
{
	struct db *db = db_open(path, err);
	struct journal *journal;

	if (!db)
		return NULL;
	journal = mem_new(sizeof(*journal));
	journal->db = db;
	return journal;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	db_close(journal->db);
	free(journal);
}

static void take_recipient(void *owner, const struct db_value *columns)
{
	strs_add(owner, columns[0].text);
}

int journal_find(struct journal *journal, const char *id, int64_t now,
		 struct strs *recipients, struct err *err)
{
	const struct db_value values[] = { db_text(span_str(id)),
					   db_number(now - JOURNAL_SECONDS) };

	if (db_each(journal->db,
		    "SELECT recipient FROM journal WHERE id = ? AND accepted > ?",
		    values, 2, take_recipient, recipients, err) == 0)
		return 0;
	return err_while(err, "looking into the journal");
}

static int change(struct journal *journal, const struct journal_change *change,
		  int64_t now, struct err *err)
{
	struct db_value values[3] = { db_text(span_str(change->id)) };

	if (change->recipients.n == 0)
		return db_run(journal->db, "DELETE FROM journal WHERE id = ?", values, 1,
			      err);
	values[2] = db_number(now);
	for (size_t i = 0; i < change->recipients.n; i++) {
		values[1] = db_text(span_str(change->recipients.at[i]));
		if (db_run(journal->db, "INSERT OR REPLACE INTO journal VALUES (?, ?, ?)",
			   values, 3, err) < 0)
			return -1;
	}
	return 0;
}

static int change_all(struct journal *journal,
		      const struct journal_change *changes, size_t n,
		      int64_t now, struct err *err)
{
	const struct db_value old = db_number(now - JOURNAL_SECONDS);

	for (size_t i = 0; i < n; i++)
		if (change(journal, &changes[i], now, err) < 0)
			return -1;
	return db_run(journal->db, "DELETE FROM journal WHERE accepted <= ?", &old, 1,
		      err);
}

int journal_write(struct journal *journal, const struct journal_change *changes,
		  size_t n, int64_t now, struct err *err)
{
	if (db_begin(journal->db, err) < 0)
		return err_while(err, "writing the journal");
	if (change_all(journal, changes, n, now, err) < 0) {
		db_abandon(journal->db);
		return err_while(err, "writing the journal");
	}
	return db_commit(journal->db, err) < 0 ? err_while(err, "writing the journal")
					       : 0;
}
