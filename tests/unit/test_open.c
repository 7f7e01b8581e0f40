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

/* --- packets --- */

#define BIG 100000	/* octets: more than gpg holds back before it has seen all */

/* A literal packet with `name` around `text` and `pad` octets more. */
static void put_literal(struct buf *out, struct span name, const char *text, size_t pad)
{
	size_t len = 6 + name.len + strlen(text) + pad;
	const char head[] = { (char)0xcb, (char)0xff, (char)(len >> 24), (char)(len >> 16),
			      (char)(len >> 8), (char)len, 'b', (char)name.len };
	char *x = mem_new(pad + 1);

	memset(x, 'x', pad);
	assert_int_equal(buf_put(out, span_of(head, sizeof(head))), 0);
	assert_int_equal(buf_put(out, name), 0);
	assert_int_equal(buf_put(out, span_of("\0\0\0\0", 4)), 0);
	assert_int_equal(buf_puts(out, text), 0);
	assert_int_equal(buf_put(out, span_of(x, pad)), 0);
	free(x);
}

/* An encrypted message in its packets: session keys, and octets of the data. */
struct message_of {
	struct octets made;
	size_t keys;
	struct buf data;
};

/* Of what gpg makes: one packet behind the session keys, in the new format. */
static void take_apart(struct octets made, struct message_of *m)
{
	const unsigned char *at = (const unsigned char *)made.at, *end = at + made.len;
	bool more = true;

	*m = (struct message_of){ .made = made };
	buf_init(&m->data, 2 * BIG);
	while (*at == 0x84)
		at += 2 + at[1];
	m->keys = (size_t)((const char *)at - made.at);
	assert_int_equal(*at++, 0xd2);
	while (more) {
		size_t len = *at++;

		more = len >= 224 && len < 255;
		if (more) {
			len = (size_t)1 << (len & 31);
		} else if (len == 255) {
			len = (size_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
			at += 4;
		} else if (len >= 192) {
			len = ((len - 192) << 8) + *at++ + 192;
		}
		assert_true(len <= (size_t)(end - at));
		(void)buf_put(&m->data, span_of((const char *)at, len));
		at += len;
	}
	assert_ptr_equal(at, end);
}

static void message_done(struct message_of *m)
{
	buf_free(&m->data);
	free(m->made.at);
}

/* The letter with a packet `tag` of these octets behind the session keys. */
static char *with_data(const struct message_of *m, unsigned tag, struct span data)
{
	const char head[] = { (char)(0xc0 | tag), (char)0xff, (char)(data.len >> 24),
			      (char)(data.len >> 16), (char)(data.len >> 8), (char)data.len };
	struct buf packets;
	char *text;

	buf_init(&packets, 3 * BIG);
	(void)buf_put(&packets, span_of(m->made.at, m->keys));
	(void)buf_put(&packets, span_of(head, sizeof(head)));
	assert_int_equal(buf_put(&packets, data), 0);
	text = letter(buf_span(&packets));
	buf_free(&packets);
	return text;
}

enum { TAG_SED = 9, TAG_SEIPD = 18, TAG_AEAD = 20 };

/* What of it gpg hands out before it finds the fault is shown to nobody (THREATS 116,
 * 117). */
static void changed_or_cut_data_is_shown_as_it_is_stored(void **state)
{
	struct message_of m;
	struct buf literal;
	struct span data;
	char *last;

	(void)state;
	buf_init(&literal, 2 * BIG);
	put_literal(&literal, span_str(""), INNER, BIG);
	take_apart(gpg(RAW "-e -r " BOB, buf_span(&literal)), &m);
	data = buf_span(&m.data);
	opened("as it was", with_data(&m, TAG_SEIPD, data));
	refused("one octet less", NO_KEY, with_data(&m, TAG_SEIPD, span_of(data.at, data.len - 1)));
	refused("no MDC", NO_KEY, with_data(&m, TAG_SEIPD, span_of(data.at, data.len - 22)));
	refused("half", NO_KEY, with_data(&m, TAG_SEIPD, span_of(data.at, data.len / 2)));
	refused("no version", NO_KEY, with_data(&m, TAG_SEIPD, span_skip(data, 1)));
	refused("without integrity", NO_KEY, with_data(&m, TAG_SED, span_skip(data, 1)));
	for (size_t at = 1; at < data.len; at += data.len / 3) {
		last = (char *)(uintptr_t)data.at + data.len - at;
		*last ^= 1;
		refused("a changed octet", NO_KEY, with_data(&m, TAG_SEIPD, data));
		*last ^= 1;
	}
	buf_free(&literal);
	message_done(&m);
}

/* THREATS 120, and 119 within. */
static void more_than_one_message_is_none(void **state)
{
	static const char *const titles[] = {
		"twice", "a literal behind", "a literal before", "a session key behind",
	};
	struct octets one = gpg("-e -r " BOB, span_str(INNER));
	struct octets text = gpg("--store", span_str(INNER));
	const struct octets *const pairs[][2] = {
		{ &one, &one }, { &one, &text }, { &text, &one }, { &one, NULL },
	};

	(void)state;
	/* which of its faults gpg finds first depends on the time */
	for (size_t i = 0; i < 10; i++) {
		struct buf both;

		buf_init(&both, 2 * BIG);
		(void)buf_put(&both, span(pairs[i % 4][0]));
		(void)buf_put(&both, pairs[i % 4][1] ? span(pairs[i % 4][1]) :
						       span_of(one.at, 2 + (size_t)one.at[1]));
		refused(titles[i % 4], NO_KEY, letter(buf_span(&both)));
		buf_free(&both);
	}
	free(text.at);
	free(one.at);
}

static void two_literals_within_are_none(void **state)
{
	struct octets made;
	struct buf both;

	(void)state;
	buf_init(&both, 2 * BIG);
	put_literal(&both, span_str(""), INNER, 0);
	put_literal(&both, span_str(""), INNER, 0);
	made = gpg(RAW "-e -r " BOB, buf_span(&both));
	refused("two literals", NO_KEY, letter(span(&made)));
	buf_free(&both);
	free(made.at);
}

/* THREATS 127 */
static void a_thousand_session_keys_are_not_all_tried(void **state)
{
	static const struct {
		size_t before;
		bool opens;
	} cases[] = { { 5, true }, { 1000, false } };
	struct octets one = gpg("-e -r " BOB, span_str(INNER));
	size_t len = 2 + (size_t)(unsigned char)one.at[1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf many;
		char *bad;

		buf_init(&many, 1024 * 1024);
		for (size_t k = 0; k < cases[i].before; k++)
			(void)buf_put(&many, span_of(one.at, len));
		bad = (char *)(uintptr_t)buf_span(&many).at;
		for (size_t k = 0; k < cases[i].before; k++)
			bad[(k + 1) * len - 1] ^= 1;	/* for him, and of no use */
		assert_int_equal(buf_put(&many, span(&one)), 0);
		if (cases[i].opens)
			opened("some", letter(buf_span(&many)));
		else
			refused("many", NO_KEY, letter(buf_span(&many)));
		buf_free(&many);
	}
	free(one.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_for_the_reader_is_read),
		cmocka_unit_test(what_is_for_others_is_not_read_by_encrypting_it_again),
		cmocka_unit_test(changed_or_cut_data_is_shown_as_it_is_stored),
		cmocka_unit_test(more_than_one_message_is_none),
		cmocka_unit_test(two_literals_within_are_none),
		cmocka_unit_test(a_thousand_session_keys_are_not_all_tried),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
