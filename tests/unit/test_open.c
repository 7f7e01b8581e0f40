/* What a reader is shown of packets that gpg alone would open too willingly, and of
 * messages that only resemble PGP/MIME (THREATS 108 to 128, inbound). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

#include "policy/crypto/openpgp_enarmor.h"
#include "policy/crypto/openpgp_select.h"
#include "policy/job/open.h"
#include "seal_world.h"

#define SECRET "the treasure lies below the old oak"
#define INNER "Content-Type: text/plain\r\n\r\n" SECRET "\r\n"
#define NO_KEY "it cannot be decrypted with the keys of this login"
#define NO_MIME "it is not PGP/MIME by RFC 3156"

static struct seal_world world;

static int set_up(void **state)
{
	(void)state;
	seal_world_make(&world);
	seal_world_policy(&world, "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	seal_world_end(&world);
	return 0;
}

/* --- octets on the heap --- */

struct octets {
	char *at;
	size_t len;
};

static struct span span(const struct octets *o)
{
	return span_of(o->at, o->len);
}

/* What gpg makes of `bytes`. */
static struct octets gpg(const char *arguments, struct span bytes)
{
	struct octets made;

	made.at = seal_world_gpg_bytes(&world, arguments, bytes, &made.len);
	return made;
}


static struct octets armored(struct span packets)
{
	static struct openpgp_enarmor armor;
	char *text = mem_new(openpgp_enarmor_size(packets.len) + 3 * OPENPGP_ENARMOR_EDGE);
	size_t n;

	openpgp_enarmor_init(&armor, "PGP MESSAGE");
	n = openpgp_enarmor_begin(&armor, text);
	n += openpgp_enarmor_put(&armor, packets, text + n);
	n += openpgp_enarmor_end(&armor, text + n);
	return (struct octets){ text, n };
}

#define LETTER                                                             \
	"From: Alice <" ALICE ">\r\nTo: " BOB "\r\nSubject: outer\r\n"     \
	"Message-ID: <m1@example.org>\r\nMIME-Version: 1.0\r\n"
#define ROOT                                                               \
	"Content-Type: multipart/encrypted; boundary=b;\r\n"              \
	" protocol=\"application/pgp-encrypted\"\r\n"
#define CONTROL "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
#define DATA "--b\r\nContent-Type: application/octet-stream\r\n\r\n"
#define END "\r\n--b--\r\n"

/* By RFC 3156, around packets. */
static char *letter(struct span packets)
{
	struct octets text = armored(packets);
	char *all = mem_printf(LETTER ROOT "\r\n" CONTROL DATA "%.*s" END, (int)text.len,
			       text.at);

	free(text.at);
	return all;
}

/* --- what is shown --- */

struct shown {
	enum open_outcome outcome;
	struct err err;
	char *view;
};

static struct shown shown_to(const char *login, const char *stored)
{
	struct open_parts parts = { .settings = &world.conf.settings, .keys = world.keys,
				    .pgp = world.pgp, .login = login };
	struct shown s = { .err = { 0 } };
	struct buf view;

	buf_init(&view, open_most(parts.settings, strlen(stored)));
	s.outcome = open_message(&parts, span_str(stored), &view, &s.err);
	assert_null(memchr(buf_span(&view).at, 0, view.len));
	s.view = buf_take_string(&view);
	return s;
}

/* It is shown as it is stored, with `reason`; `stored` is freed. */
static void refused(const char *what, const char *reason, char *stored)
{
	struct shown s = shown_to(BOB, stored);
	char *head = mem_printf("Authentication-Results: gw.test; openpgp=none (%s)\r\n"
				"X-Letterlock: not decrypted; %s\r\n", reason, reason);

	if (s.outcome != OPEN_FAILED || strncmp(s.view, head, strlen(head)) != 0 ||
	    strcmp(s.view + strlen(head), stored) != 0)
		fail_msg("%s: %d, %s\n%.2000s", what, s.outcome, s.err.text, s.view);
	free(head);
	free(s.view);
	free(stored);
}

/* It is opened, and is what INNER says; `stored` is freed. */
static void opened(const char *what, char *stored)
{
	struct shown s = shown_to(BOB, stored);

	if (s.outcome != OPEN_DECRYPTED ||
	    !strstr(s.view, "\r\nX-Letterlock: decrypted; signature=none\r\n") ||
	    !strstr(s.view, "\r\n\r\n" SECRET "\r\n"))
		fail_msg("%s: %d, %s\n%.2000s", what, s.outcome, s.err.text, s.view);
	free(s.view);
	free(stored);
}

/* --- whose it is --- */

/* Control: what gpg made of the letter alone is opened. */
static void what_is_for_the_reader_is_read(void **state)
{
	static const char *const ways[] = {
		"-e -r " BOB, "-e -R " BOB, "-e -r " CAROL " -r " BOB, "-e -R " CAROL " -R " BOB,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct octets one = gpg(ways[i], span_str(INNER));

		opened(ways[i], letter(span(&one)));
		free(one.at);
	}
}

/* --- what is encrypted within what is encrypted --- */

#define RAW "--no-literal --compress-level 0 2>/dev/null "	/* packets, as they are */

/*
 * gpg opens it, with any secret key of its home: who has somebody else's message would
 * read it by encrypting it once more, to himself (DESIGN's promise 5; THREATS 125).
 */
static void what_is_for_others_is_not_read_by_encrypting_it_again(void **state)
{
	static const char *const ways[] = {
		"-e -r " CAROL, "-e -R " CAROL, "-e -r " CAROL " -r " BOB,
		"-e -r " CAROL " --compress-level 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct octets inner = gpg(ways[i], span_str(INNER));
		struct octets outer = gpg(RAW "-e -r " BOB, span(&inner));
		struct octets third = gpg(RAW "-e -r " BOB, span(&outer));

		refused(ways[i], NO_KEY, letter(span(&outer)));
		refused(ways[i], NO_KEY, letter(span(&third)));
		free(third.at);
		free(outer.at);
		free(inner.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_for_the_reader_is_read),
		cmocka_unit_test(what_is_for_others_is_not_read_by_encrypting_it_again),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
