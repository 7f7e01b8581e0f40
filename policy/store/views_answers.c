#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

#include "policy/crypto/digest.h"
#include "policy/store/views_state.h"

/* A digest that says nothing without the key. A login is the same however its
 * letters are written: who reads as Bob may send as bob. */
static void name(const struct views *views, const char *login, const char *id,
		 char hex[DIGEST_HEX_SIZE])
{
	char *text = mem_printf("opened\n%s\n%s", login, id);

	for (size_t i = 0; i < strlen("opened\n") + strlen(login); i++)
		text[i] = (char)tolower((unsigned char)text[i]);
	digest_keyed_hex(span_of((const char *)views->key, sizeof(views->key)), span_str(text),
			 hex);
	free(text);
}

static void take(void *owner, const struct db_value *columns)
{
	(void)columns;
	*(bool *)owner = true;
}

static int known(struct views *views, const char *login, const char *id, bool *found,
		 struct err *err)
{
	char hex[DIGEST_HEX_SIZE];
	struct db_value value;

	*found = false;
	name(views, login, id, hex);
	value = db_text(span_str(hex));
	return db_each(views->db, "SELECT 1 FROM opened WHERE id = ?", &value, 1, take, found,
		       err);
}

static int note(struct views *views, const char *login, const char *id, struct err *err)
{
	char hex[DIGEST_HEX_SIZE];
	struct db_value value;

	name(views, login, id, hex);
	value = db_text(span_str(hex));
	return db_run(views->db, "INSERT OR IGNORE INTO opened VALUES (?)", &value, 1, err);
}

int views_answers_note(struct views *views, const char *login, const struct strs *ids,
		       struct err *err)
{
	for (size_t i = 0; i < ids->n; i++) {
		bool found;

		/* what is noted is not written again each time that it is read */
		if (known(views, login, ids->at[i], &found, err) < 0 ||
		    (!found && note(views, login, ids->at[i], err) < 0))
			return err_while(err, "noting what was opened");
	}
	return 0;
}

int views_answers(struct views *views, const char *login, const struct strs *ids,
		  struct err *err)
{
	bool found = false;

	for (size_t i = 0; i < ids->n && !found; i++)
		if (known(views, login, ids->at[i], &found, err) < 0)
			return err_while(err, "looking for what was opened");
	return found;
}
