/* imap_talk - how IMAP sessions on the fake connection begin, for their tests. */
#ifndef LETTERLOCK_TEST_IMAP_TALK_H
#define LETTERLOCK_TEST_IMAP_TALK_H

#include "tests/session/fake.h"

/* A session whose upstream offers `words` besides IMAP4rev1. */
struct fake *greeted(const struct fake_options *options, const char *words);
/* ... in which alice is logged in (upstream's next tag is L3), */
struct fake *logged_in(const char *words);
/* ... and INBOX selected: three messages, UIDVALIDITY 77 (the next is L4). */
struct fake *selected(const char *words);

/* How messages are looked at first, and what upstream answers then. */
#define KINDS "(UID BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE " \
	"CONTENT-TRANSFER-ENCODING X-LETTERLOCK AUTHENTICATION-RESULTS)] " \
	"BODY.PEEK[TEXT]<0.2048>)\r\n"
#define KIND(number, uid, size, fields, text_size, text) \
	"* " number " FETCH (UID " uid " BODY[HEADER.FIELDS (CONTENT-TYPE)] {" size \
	"}\r\n" fields " BODY[TEXT]<0> {" text_size "}\r\n" text ")\r\n"
#define PGP "Content-Type: multipart/encrypted\r\n\r\n"
#define SEALED(number, uid) KIND(number, uid, "37", PGP, "2", "hi")
#define CLEAR(number, uid) KIND(number, uid, "2", "\r\n", "2", "hi")
#define VIEW "X-Letterlock: decrypted\r\nSubject: in\r\n\r\nhello\r\n"

/* A FETCH of the client's is under way (L4) about messages that are seen to be
 * `kinds`: SEALED() and CLEAR(). */
struct fake *fetching(const char *command, const char *kinds);

/* Policy is asked for `n` messages of alice's, of which `first` is the first. */
void names_are(struct fake *fake, enum ask_kind kind, const char *first, size_t n);
/* It answers with an entry of that kind alone. */
void entry_comes(struct fake *fake, enum answer_kind answer, enum shape_kind kind);

/* `n` octets of text in lines, NUL-ended, behind `begin`; the caller frees it. */
char *text_of(const char *begin, size_t n);
/* A large literal comes, in pieces. */
void upstream_says_big(struct fake *fake, const char *before, const char *literal,
		       const char *behind);

#endif
