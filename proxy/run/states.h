/*
 * states - the state files that this gateway works on, held against every
 * other gateway: flock(2) on the file itself, so that two names of one file
 * are one. SQLite's own locks are of another kind (fcntl), which these do not
 * touch: who only reads or writes it, as `letterlock open` does, needs none.
 */
#ifndef LETTERLOCK_STATES_H
#define LETTERLOCK_STATES_H

#include <letterlock/err.h>

struct child_account;
struct states;
struct states_file;

struct states *states_new(void);
void states_free(struct states *states);	/* lets go of all */

/*
 * Holds the state file `path` until states_give(); one that we hold already is
 * shared. Where there is none, an empty one is made, as `account`. NULL with
 * `err` (ERR_CONF; ERR_TEMP: no descriptors, no processes).
 */
struct states_file *states_take(struct states *states, const char *path,
				const struct child_account *account, struct err *err);
void states_give(struct states *states, struct states_file *file);	/* NULL is fine */

#endif
