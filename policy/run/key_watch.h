/*
 * key_watch - the index of all keys in the GnuPG home, read anew by a sealer
 * whenever the home has changed, and swapped in whole. A thread decodes it:
 * with many keys that takes longer than questions may wait.
 */
#ifndef LETTERLOCK_KEY_WATCH_H
#define LETTERLOCK_KEY_WATCH_H

#include <stdint.h>

#include <letterlock/log.h>

struct key_index;
struct key_watch;
struct reactor;

enum {
	KEY_WATCH_LOOK = 250,		/* ms between two looks at the home */
	KEY_WATCH_AGAIN = 2000,		/* ms until what failed is tried again */
};

struct key_watch_setup {
	struct reactor *reactor;
	const struct log *log;
	const char *home;
	/* Have the keys read; then comes key_watch_listed(). */
	void (*list)(void *owner);
	/* The first index is there. */
	void (*ready)(void *owner);
	/* Before that: there will be none, and `why` says why. */
	void (*failed)(void *owner, const char *why);
	void *owner;
};

/* Asks for the first list at once. The setup is copied. */
struct key_watch *key_watch_new(const struct key_watch_setup *setup);
void key_watch_free(struct key_watch *watch);

/* What key_watch_setup.list asked for: the keys, encoded, in `fd` (taken over),
 * or -1 and why not. */
void key_watch_listed(struct key_watch *watch, int fd, const char *why);

/* NULL until the first is read. Valid until the reactor runs on. */
const struct key_index *key_watch_index(const struct key_watch *watch);
/* Differs between two indexes. */
uint64_t key_watch_number(const struct key_watch *watch);

#endif
