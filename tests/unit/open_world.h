/*
 * open_world - letters with OpenPGP in them, and what a reader is shown of each.
 * bob@example.org reads, in the home that seal_world makes.
 */
#ifndef LETTERLOCK_TEST_OPEN_WORLD_H
#define LETTERLOCK_TEST_OPEN_WORLD_H

#include <letterlock/err.h>
#include <letterlock/span.h>

#include "policy/job/open.h"
#include "seal_world.h"

#define SECRET "the treasure lies below the old oak"
#define INNER "Content-Type: text/plain\r\n\r\n" SECRET "\r\n"
#define NO_KEY "it cannot be decrypted with the keys of this login"
#define NO_MIME "it is not PGP/MIME by RFC 3156"

/* A letter in its pieces (RFC 3156 4). */
#define LETTER                                                         \
	"From: Alice <" ALICE ">\r\nTo: " BOB "\r\nSubject: outer\r\n" \
	"Message-ID: <m1@example.org>\r\nMIME-Version: 1.0\r\n"
#define ROOT                                                 \
	"Content-Type: multipart/encrypted; boundary=b;\r\n" \
	" protocol=\"application/pgp-encrypted\"\r\n"
#define CONTROL "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
#define DATA "--b\r\nContent-Type: application/octet-stream\r\n\r\n"
#define END "\r\n--b--\r\n"

struct octets {
	char *at; /* on the heap */
	size_t len;
};

struct shown {
	enum open_outcome outcome;
	struct err err;
	char *view; /* on the heap; it holds no NUL */
};

/* For group setup and teardown. */
int open_world_make(void **state);
int open_world_end(void **state);
const char *open_world_home(void);

struct span octets_span(const struct octets *octets);

/* What `gpg ARGUMENTS` makes of `bytes`. */
struct octets open_world_gpg(const char *arguments, struct span bytes);
/* Armour around packets, with CRLF; and a letter around that: strings on the heap. */
char *open_world_armor(struct span packets);
char *open_world_letter(struct span packets);

struct shown open_world_shown(const char *login, const char *stored);

/*
 * These fail, naming `what`, when bob is not shown `stored` (which they free): as it is
 * stored, with `reason`; as it is stored and without a word; opened, and holding INNER.
 */
void open_world_refused(const char *what, const char *reason, char *stored);
void open_world_untouched(const char *what, char *stored);
void open_world_opened(const char *what, char *stored);

#endif
