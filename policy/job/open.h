/*
 * open - one stored message, start to end: what its reader is shown. One
 * layer of OpenPGP at the root of the message is opened and judged; all else
 * stays as it is stored. Blocking.
 */
#ifndef LETTERLOCK_OPEN_H
#define LETTERLOCK_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

struct key_index;
struct pgp;
struct settings;

struct open_parts {
	const struct settings *settings;
	const struct key_index *keys;
	struct pgp *pgp;	/* NULL: no GnuPG home, nothing can be opened */
	const char *login;	/* who reads: only their keys are used */
	bool careful;		/* whoever tried to open it died: do not */
	/* Whether the good signature `signature` was seen on another message of
	 * this login's than `message` (digests both, see open_replay): one with
	 * other words in a field that people act on, or one such field more. What
	 * differs in trace fields alone is the same message, delivered twice.
	 * NULL: nobody remembers. */
	bool (*replayed)(void *owner, const char *signature, const char *message);
	void *owner;
	/* Set when gpg was given the message to decrypt with a secret key: when a
	 * failure is told is then to say nothing of what failed (RFC 9580 13.5).
	 * NULL: who waits may know. */
	bool *tried;
};

enum { OPEN_LEAST = 16 * 1024 * 1024 };

enum open_outcome {
	OPEN_CLEAR,		/* not encrypted, not signed: nothing to open */
	OPEN_SIGNED,		/* a signature was judged */
	OPEN_DECRYPTED,
	/* Shown as stored, with the reason. `err` ERR_CONF or ERR_TEMP: because of
	 * a key's passphrase, for want of gpg, its agent or memory: it may do later. */
	OPEN_FAILED,
	OPEN_LATER,		/* no signature can be judged now: nothing to show */
};

/*
 * The octets that a view of a stored message of `stored` may have: four times as
 * many (text is compressed inside), or OPEN_LEAST where that is more, but never more
 * than two messages of max-message-size. A bomb ends there (THREATS 122).
 */
size_t open_most(const struct settings *settings, size_t stored);

/*
 * Appends to `view` what the reader is shown of `stored` (CRLF lines): the
 * verdict headers first, none of that name from outside. What cannot be opened
 * is shown as stored; why not is in `err` (which must be none before), for the log,
 * as far as it is more than what the reader is told. `view` needs room for
 * open_most(); OPEN_FAILED and an empty view when it has not. After OPEN_LATER
 * nobody may be shown `view`: it would be another one the next time.
 */
enum open_outcome open_message(const struct open_parts *parts, struct span stored,
			       struct buf *view, struct err *err);

#endif
