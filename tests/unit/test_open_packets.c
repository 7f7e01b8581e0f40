/* What a reader is shown of packets that gpg alone would open too willingly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/crypto.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

#include "open_world.h"
#include "policy/crypto/openpgp_select.h"

/* --- whose it is --- */

/* Control: what gpg made of the letter alone is opened. */
static void what_is_for_the_reader_is_read(void **state)
{
	static const char *const ways[] = {
		"-e -r " BOB, "-e -R " BOB, "-e -r " CAROL " -r " BOB, "-e -R " CAROL " -R " BOB,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct octets one = open_world_gpg(ways[i], span_str(INNER));

		open_world_opened(ways[i], open_world_letter(octets_span(&one)));
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
		struct octets inner = open_world_gpg(ways[i], span_str(INNER));
		struct octets outer = open_world_gpg(RAW "-e -r " BOB, octets_span(&inner));
		struct octets third = open_world_gpg(RAW "-e -r " BOB, octets_span(&outer));

		open_world_refused(ways[i], NO_KEY, open_world_letter(octets_span(&outer)));
		open_world_refused(ways[i], NO_KEY, open_world_letter(octets_span(&third)));
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
	text = open_world_letter(buf_span(&packets));
	buf_free(&packets);
	return text;
}

/* The same, which is not opened. */
static void faulty(const char *what, const struct message_of *m, unsigned tag, struct span data)
{
	open_world_refused(what, NO_KEY, with_data(m, tag, data));
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
	take_apart(open_world_gpg(RAW "-e -r " BOB, buf_span(&literal)), &m);
	data = buf_span(&m.data);
	open_world_opened("as it was", with_data(&m, TAG_SEIPD, data));
	faulty("one octet less", &m, TAG_SEIPD, span_of(data.at, data.len - 1));
	faulty("no MDC", &m, TAG_SEIPD, span_of(data.at, data.len - 22));
	faulty("half", &m, TAG_SEIPD, span_of(data.at, data.len / 2));
	faulty("no version", &m, TAG_SEIPD, span_skip(data, 1));
	faulty("without integrity", &m, TAG_SED, span_skip(data, 1));
	for (size_t at = 1; at < data.len; at += data.len / 3) {
		last = (char *)(uintptr_t)data.at + data.len - at;
		*last ^= 1;
		faulty("a changed octet", &m, TAG_SEIPD, data);
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
	struct octets one = open_world_gpg("-e -r " BOB, span_str(INNER));
	struct octets text = open_world_gpg("--store", span_str(INNER));
	const struct octets *const pairs[][2] = {
		{ &one, &one }, { &one, &text }, { &text, &one }, { &one, NULL },
	};

	(void)state;
	/* which of its faults gpg finds first depends on the time */
	for (size_t i = 0; i < 10; i++) {
		struct buf both;

		buf_init(&both, 2 * BIG);
		(void)buf_put(&both, octets_span(pairs[i % 4][0]));
		(void)buf_put(&both, pairs[i % 4][1] ? octets_span(pairs[i % 4][1]) :
						       span_of(one.at, 2 + (size_t)one.at[1]));
		open_world_refused(titles[i % 4], NO_KEY, open_world_letter(buf_span(&both)));
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
	made = open_world_gpg(RAW "-e -r " BOB, buf_span(&both));
	open_world_refused("two literals", NO_KEY, open_world_letter(octets_span(&made)));
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
	struct octets one = open_world_gpg("-e -r " BOB, span_str(INNER));
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
		assert_int_equal(buf_put(&many, octets_span(&one)), 0);
		if (cases[i].opens)
			open_world_opened("some", open_world_letter(buf_span(&many)));
		else
			open_world_refused("many", NO_KEY, open_world_letter(buf_span(&many)));
		buf_free(&many);
	}
	free(one.at);
}

/* --- AEAD, as gpg 2.3 writes it and 2.2 reads it (packet 20, in EAX mode) --- */

enum { KEY = 32, BLOCK = 16, CHUNK = 64, AEAD_FROM = 4 + BLOCK };

/* The session key of a message, which gpg tells. */
static void session_key(const struct message_of *m, unsigned char key[KEY])
{
	char *said = open_world_gpg("--show-session-key --status-fd 1 -o /dev/null 2>/dev/null -d",
				    octets_span(&m->made)).at;
	char *hex = strstr(said, "SESSION_KEY 9:");

	assert_non_null(hex);
	assert_true(codec_unhex(span_of(hex + 14, 2 * KEY), key, KEY));
	free(said);
}

/* OMAC of EAX: of a block that says what it is for, and `bytes`. */
static void omac(const unsigned char *key, unsigned char use, struct span bytes, char *to)
{
	char text[2 * BLOCK + CHUNK] = { 0 };

	assert_true(BLOCK + bytes.len <= sizeof(text));
	text[BLOCK - 1] = (char)use;
	if (bytes.len)
		memcpy(text + BLOCK, bytes.at, bytes.len);
	assert_int_equal(gnutls_hmac_fast(GNUTLS_MAC_AES_CMAC_256, key, KEY, text,
					  BLOCK + bytes.len, to), 0);
}

/* XORs the key stream that begins with the counter `from` into `bytes`. */
static void counter(const unsigned char *key, const char *from, char *bytes, size_t len)
{
	const gnutls_datum_t k = { (unsigned char *)(uintptr_t)key, KEY };
	unsigned char at[BLOCK];

	memcpy(at, from, BLOCK);
	for (size_t i = 0; i < len; i += BLOCK) {
		const gnutls_datum_t iv = { at, BLOCK };
		char stream[BLOCK] = { 0 };
		gnutls_cipher_hd_t aes;

		/* CBC of zeros is the block itself, encrypted */
		assert_int_equal(gnutls_cipher_init(&aes, GNUTLS_CIPHER_AES_256_CBC, &k, &iv), 0);
		assert_int_equal(gnutls_cipher_encrypt(aes, stream, BLOCK), 0);
		gnutls_cipher_deinit(aes);
		for (size_t n = 0; n < BLOCK && i + n < len; n++)
			bytes[i + n] ^= stream[n];
		for (int n = BLOCK - 1; n >= 0 && ++at[n] == 0; n--)
			;
	}
}

/* Chunk `number` and its tag; of all octets, when `total` says how many, the last tag. */
static void put_chunk(struct buf *out, const unsigned char *key, unsigned number, struct span plain,
		      size_t total)
{
	char head[21] = { (char)0xd4, 1, 9, 1, 0 };
	char nonce[BLOCK] = { 0 }, bytes[CHUNK], n[BLOCK], h[BLOCK], c[BLOCK];

	nonce[BLOCK - 1] = (char)number;
	head[12] = (char)number;
	head[19] = (char)(total >> 8);
	head[20] = (char)total;
	if (plain.len)
		memcpy(bytes, plain.at, plain.len);
	omac(key, 0, span_of(nonce, BLOCK), n);
	omac(key, 1, span_of(head, total ? 21 : 13), h);
	counter(key, n, bytes, plain.len);
	omac(key, 2, span_of(bytes, plain.len), c);
	for (size_t i = 0; i < BLOCK; i++)
		c[i] ^= n[i] ^ h[i];
	assert_int_equal(buf_put(out, span_of(bytes, plain.len)), 0);
	assert_int_equal(buf_put(out, span_of(c, BLOCK)), 0);
}

/* THREATS 117: a wrong tag, and a message that ends before its end. */
static void authenticated_data_is_shown_whole_or_not_at_all(void **state)
{
	static const char head[AEAD_FROM] = { 1, 9, 1, 0 };
	unsigned char key[KEY];
	struct message_of m;
	struct buf plain, data;
	struct span all, rest;
	unsigned n = 0;

	(void)state;
	buf_init(&plain, BIG);
	buf_init(&data, BIG);
	put_literal(&plain, span_str(""), INNER, 5 * CHUNK);
	take_apart(open_world_gpg(RAW "--cipher-algo AES256 -e -r " BOB, buf_span(&plain)), &m);
	session_key(&m, key);
	(void)buf_put(&data, span_of(head, AEAD_FROM));
	for (rest = buf_span(&plain); rest.len; rest = span_skip(rest, CHUNK))
		put_chunk(&data, key, n++,
			  span_of(rest.at, rest.len < CHUNK ? rest.len : CHUNK), 0);
	put_chunk(&data, key, n, span_str(""), plain.len);
	all = buf_span(&data);
	open_world_opened("as it is", with_data(&m, TAG_AEAD, all));
	faulty("no last tag", &m, TAG_AEAD, span_of(all.at, all.len - BLOCK));
	faulty("no last chunk", &m, TAG_AEAD, span_of(all.at, AEAD_FROM + 3 * (CHUNK + BLOCK)));
	faulty("one octet less", &m, TAG_AEAD, span_of(all.at, all.len - 1));
	for (size_t at = 1; at < all.len - AEAD_FROM; at += CHUNK + BLOCK) {
		char *changed = (char *)(uintptr_t)all.at + all.len - at;

		*changed ^= 1;
		faulty("a changed octet", &m, TAG_AEAD, all);
		*changed ^= 1;
	}
	buf_free(&plain);
	buf_free(&data);
	message_done(&m);
}

/* --- bombs --- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Octets that are compressed packets, encrypted, and shown as they are stored, soon. */
static void bomb(const char *what, struct span packets)
{
	struct octets made = open_world_gpg(RAW "-e -r " BOB, packets);
	double before = seconds();

	open_world_refused(what, NO_KEY, open_world_letter(octets_span(&made)));
	if (seconds() - before > 30)
		fail_msg("%s: after %.1f s", what, seconds() - before);
	free(made.at);
}

/* A compressed packet without a length, whose deflated octets are just `within`. */
static void put_compressed(struct buf *out, struct span within)
{
	const char head[] = { (char)0xa3, 1, 1, (char)within.len, (char)(within.len >> 8),
			      (char)~within.len, (char)(~within.len >> 8) };

	assert_true(within.len < 65536);
	assert_int_equal(buf_put(out, span_of(head, sizeof(head))), 0);
	assert_int_equal(buf_put(out, within), 0);
}

/* Deflates to itself: gpg would unpack it for ever. */
static const char quine[] =
	"A301000700F8FFA301000700F8FF5ACC08A600000500FAFF5ACC08A600000500FAFF000500FAFF001400"
	"EBFF5ACC08A600000500FAFF000500FAFF001400EBFF428821C400001400EBFF428821C400001400EBFF"
	"428821C400001400EBFF428821C400001400EBFF428821C400000000FFFF000000FFFF000700F8FF4288"
	"21C400000000FFFF000000FFFF000700F8FF0253CC130003900253CC13000390";

/* THREATS 122; a letter that is 150 MB of zeros stands in a scenario. */
static void bombs_end_soon(void **state)
{
	unsigned char octets[sizeof(quine) / 2];
	struct octets zeros = { mem_new(40 << 20), 40 << 20 }, made;
	struct buf rounds[2];

	(void)state;
	assert_true(codec_unhex(span_str(quine), octets, sizeof(octets)));
	bomb("a quine", span_of((const char *)octets, sizeof(octets)));
	buf_init(&rounds[0], 2 * BIG);
	buf_init(&rounds[1], 2 * BIG);
	put_literal(&rounds[0], span_str(""), INNER, 0);
	for (int i = 0; i < 200; i++) {
		buf_clear(&rounds[(i + 1) % 2]);
		put_compressed(&rounds[(i + 1) % 2], buf_span(&rounds[i % 2]));
		if (i == 2) {
			made = open_world_gpg(RAW "-e -r " BOB, buf_span(&rounds[1]));
			open_world_opened("three rounds", open_world_letter(octets_span(&made)));
			free(made.at);
		} else if (i >= 31 && i % 42 == 31) {
			bomb("many rounds", buf_span(&rounds[(i + 1) % 2]));
		}
	}
	buf_free(&rounds[0]);
	buf_free(&rounds[1]);
	made = open_world_gpg("--compress-algo bzip2 --store", octets_span(&zeros));
	assert_true(made.len < 10000);
	bomb("zeros", octets_span(&made));
	free(made.at);
	free(zeros.at);
}

/* --- names of files --- */

/* Nobody looks at it (THREATS 128). */
static void the_name_within_is_of_no_use(void **state)
{
	static const char *const names[] = {
		"x\n[GNUPG:] GOODSIG 1122334455667788 " ALICE "\n", "../../out", "/tmp/llname",
		"[GNUPG:] DECRYPTION_FAILED", "_CONSOLE", "\r\nX-Letterlock: forged", "-o",
		"\xff%s",
		"x\n[GNUPG:] VALIDSIG 0011223344556677889900112233445566778899 2026-11-28 1",
	};
	char longest[256];

	(void)state;
	memset(longest, 'n', 255);
	longest[255] = '\0';
	for (size_t i = 0; i <= sizeof(names) / sizeof(*names); i++) {
		const char *name = i < sizeof(names) / sizeof(*names) ? names[i] : longest;
		struct octets made;
		struct buf literal;
		char *text;
		struct shown s;

		buf_init(&literal, 2 * BIG);
		put_literal(&literal, span_str(name), INNER, 0);
		made = open_world_gpg(RAW "-e -r " BOB, buf_span(&literal));
		text = open_world_letter(octets_span(&made));
		s = open_world_shown(BOB, text);
		assert_null(strstr(s.view, "GNUPG"));
		assert_null(strstr(s.view, "forged"));
		free(s.view);
		open_world_opened(name, text);
		buf_free(&literal);
		free(made.at);
	}
	assert_int_equal(access("/tmp/llname", F_OK), -1);
	assert_int_equal(access("_CONSOLE", F_OK), -1);
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
		cmocka_unit_test(authenticated_data_is_shown_whole_or_not_at_all),
		cmocka_unit_test(bombs_end_soon),
		cmocka_unit_test(the_name_within_is_of_no_use),
	};

	return cmocka_run_group_tests(tests, open_world_make, open_world_end);
}
