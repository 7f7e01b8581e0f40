#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/buf.h>
#include <letterlock/codec.h>
#include <letterlock/mem.h>

#include "policy/crypto/openpgp_packets.h"

enum { SIZE_MAX_OF_A_TEST = 1024 * 1024 };

/* Packets, in hexadecimal; *N are N octets that do not matter. */
#define PKESK "C1 0C 03 1122334455667788 12 0102 "
#define HIDDEN "C1 0C 03 0000000000000000 12 0102 "
#define SKESK "C3 04 04 09 00 02 "
#define SEIPD "D2 2A 01 *41 "
#define SED "C9 14 *20 "
#define LITERAL "CB 08 62 00 00000000 6869 "
#define COMPRESSED "C8 04 01 *3 "
#define ONE_PASS "C4 0D 03 00 08 16 *8 01 "
#define SIGNATURE "C2 0A *10 "
#define KEY "C6 0A *10 CD 03 616263 C2 0A *10 CE 0A *10 C2 0A *10 "
#define MARKER "CA 03 504750 "
#define TEXT8 "5468652070616E20 "
#define TEXT56 TEXT8 TEXT8 TEXT8 TEXT8 TEXT8 TEXT8 TEXT8
#define HIGH8 "54686520F0E1D220 "

static const struct {
	const char *packets;
	enum openpgp_packets_kind kind;
	const char *why;	/* a part of it */
	size_t ids, passwords;
} cases[] = {
	/* what is encrypted */
	{ PKESK SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK HIDDEN PKESK SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 3, 0 },
	{ PKESK SKESK SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 1 },
	{ SKESK SKESK SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 0, 2 },
	{ SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 0, 0 },
	{ MARKER PKESK SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 40 02 *63", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D4 30 01 *47", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK SED, OPENPGP_PACKETS_ENCRYPTED_WEAKLY, NULL, 1, 0 },
	{ SED, OPENPGP_PACKETS_ENCRYPTED_WEAKLY, NULL, 0, 0 },
	/* lengths of each form */
	{ "84 0C 03 1122334455667788 12 0102 " SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ "85 000C 03 1122334455667788 12 0102 " SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ "86 0000000C 03 1122334455667788 12 0102 " SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 FF 0000002A 01 *41", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 C0 00 01 *191", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 C1 05 01 *452", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 E9 01 *511 2A *42", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 E9 01 *511 E0 *1 E3 *8 00", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 E9 01 *511 FF 00000003 *3", OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "A7 *30", OPENPGP_PACKETS_ENCRYPTED_WEAKLY, NULL, 1, 0 },
	/* PKESK of version 6, with a fingerprint of version 4, of 6, without */
	{ "C1 19 06 15 04 *12 1122334455667788 19 01 " SEIPD, OPENPGP_PACKETS_ENCRYPTED,
	  NULL, 1, 0 },
	{ "C1 25 06 21 06 1122334455667788 *24 19 01 " SEIPD, OPENPGP_PACKETS_ENCRYPTED,
	  NULL, 1, 0 },
	{ "C1 04 06 00 19 01 " SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ "C1 0C 09 1122334455667788 12 0102 " SEIPD, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	/* what is only called encrypted (THREATS 148) */
	{ PKESK "D2 3C 01 616161 " TEXT56, OPENPGP_PACKETS_BAD, "holds text", 1, 0 },
	{ PKESK "D2 3B 01 6161 " TEXT56, OPENPGP_PACKETS_ENCRYPTED, NULL, 1, 0 },
	{ PKESK "D2 44 01 616161 " TEXT56 HIGH8, OPENPGP_PACKETS_BAD, "holds text", 1, 0 },
	{ PKESK "D2 4C 01 616161 " TEXT56 HIGH8 "FFFFFFFFFFFFFFFF ", OPENPGP_PACKETS_ENCRYPTED,
	  NULL, 1, 0 },
	{ "D4 44 01 616161 " TEXT56 TEXT8, OPENPGP_PACKETS_BAD, "holds text", 0, 0 },
	/* what everybody can read (THREATS 119) */
	{ LITERAL, OPENPGP_PACKETS_LITERAL, NULL, 0, 0 },
	{ COMPRESSED, OPENPGP_PACKETS_COMPRESSED, NULL, 0, 0 },
	{ "A3 *9", OPENPGP_PACKETS_COMPRESSED, NULL, 0, 0 },
	{ ONE_PASS LITERAL SIGNATURE, OPENPGP_PACKETS_SIGNED, NULL, 0, 0 },
	{ ONE_PASS ONE_PASS COMPRESSED SIGNATURE SIGNATURE, OPENPGP_PACKETS_SIGNED, NULL, 0, 0 },
	{ SIGNATURE LITERAL, OPENPGP_PACKETS_SIGNED, NULL, 0, 0 },
	{ SIGNATURE, OPENPGP_PACKETS_SIGNATURE, NULL, 0, 0 },
	{ SIGNATURE SIGNATURE, OPENPGP_PACKETS_SIGNATURE, NULL, 0, 0 },
	{ KEY, OPENPGP_PACKETS_KEYS, NULL, 0, 0 },
	{ KEY KEY, OPENPGP_PACKETS_KEYS, NULL, 0, 0 },
	{ "C5 0A *10 CD 03 616263", OPENPGP_PACKETS_KEYS, NULL, 0, 0 },
	/* several messages in one, or what stands around (THREATS 120) */
	{ PKESK SEIPD LITERAL, OPENPGP_PACKETS_BAD, "behind the encrypted", 1, 0 },
	{ LITERAL PKESK SEIPD, OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ PKESK SEIPD PKESK SEIPD, OPENPGP_PACKETS_BAD, "behind the encrypted", 1, 0 },
	{ PKESK SEIPD SEIPD, OPENPGP_PACKETS_BAD, "behind the encrypted", 1, 0 },
	{ PKESK SEIPD "D3 14 *20", OPENPGP_PACKETS_BAD, "behind the encrypted", 1, 0 },
	{ PKESK SEIPD MARKER, OPENPGP_PACKETS_BAD, "behind the encrypted", 1, 0 },
	{ PKESK LITERAL SEIPD, OPENPGP_PACKETS_BAD, "out of place", 1, 0 },
	{ PKESK LITERAL, OPENPGP_PACKETS_BAD, "out of place", 1, 0 },
	{ PKESK SIGNATURE SEIPD, OPENPGP_PACKETS_BAD, "out of place", 1, 0 },
	{ ONE_PASS PKESK SEIPD SIGNATURE, OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ LITERAL LITERAL, OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ COMPRESSED SEIPD, OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ KEY LITERAL, OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ "CD 03 616263", OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ "D5 0A *10 " PKESK SEIPD, OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ "C0 00", OPENPGP_PACKETS_BAD, "out of place", 0, 0 },
	{ PKESK SEIPD "00", OPENPGP_PACKETS_BAD, "something else", 1, 0 },
	{ PKESK SEIPD "68656C6C6F", OPENPGP_PACKETS_BAD, "something else", 1, 0 },
	/* not whole */
	{ "", OPENPGP_PACKETS_BAD, "no packet", 0, 0 },
	{ MARKER, OPENPGP_PACKETS_BAD, "no packet", 0, 0 },
	{ PKESK, OPENPGP_PACKETS_BAD, "nothing encrypted", 1, 0 },
	{ SKESK, OPENPGP_PACKETS_BAD, "nothing encrypted", 0, 1 },
	{ ONE_PASS, OPENPGP_PACKETS_BAD, "nothing signed", 0, 0 },
	{ ONE_PASS LITERAL, OPENPGP_PACKETS_BAD, "no signature", 0, 0 },
	{ PKESK "D2 2A 01 *40", OPENPGP_PACKETS_BAD, "cut", 1, 0 },
	{ PKESK "D2 E9 01 *511", OPENPGP_PACKETS_BAD, "cut", 1, 0 },
	{ PKESK "D2 E9 01 *500", OPENPGP_PACKETS_BAD, "cut", 1, 0 },
	{ PKESK "D2 E9 01 *511 C1", OPENPGP_PACKETS_BAD, "cut", 1, 0 },
	{ PKESK "D2 FF 0000", OPENPGP_PACKETS_BAD, "cut", 1, 0 },
	{ PKESK "D2", OPENPGP_PACKETS_BAD, "cut", 1, 0 },
	{ "C1 0C 03 11223344", OPENPGP_PACKETS_BAD, "cut", 0, 0 },
	/* not what they say */
	{ PKESK "D2 20 01 *31", OPENPGP_PACKETS_BAD, "too short", 1, 0 },
	{ PKESK "D2 2A 03 *41", OPENPGP_PACKETS_BAD, "unknown version", 1, 0 },
	{ PKESK "D2 00", OPENPGP_PACKETS_BAD, "unknown version", 1, 0 },
	{ PKESK "D4 30 02 *47", OPENPGP_PACKETS_BAD, "unknown version", 1, 0 },
	{ PKESK "C9 08 *8", OPENPGP_PACKETS_BAD, "too short", 1, 0 },
	{ "CA 03 505051 " PKESK SEIPD, OPENPGP_PACKETS_BAD, "marker", 0, 0 },
	{ PKESK "D2 E8 01 *255 2A *42", OPENPGP_PACKETS_BAD, "in parts", 1, 0 },
	{ "C1 E9 *512 0C *12 " SEIPD, OPENPGP_PACKETS_BAD, "in parts", 0, 0 },
	{ "87 03 1122334455667788 12 0102 ", OPENPGP_PACKETS_BAD, "without a length", 0, 0 },
};

static char *unhex(const char *text, size_t *len)
{
	char *bytes = mem_new(SIZE_MAX_OF_A_TEST);

	for (*len = 0; *text;) {
		unsigned value = 0;
		int taken = 0;

		if (*text == ' ') {
			text++;
			continue;
		}
		if (*text == '*') {
			size_t n = strtoul(text + 1, (char **)&text, 10);

			memset(bytes + *len, 0xaa, n);
			*len += n;
			continue;
		}
		for (; taken < 2; taken++, text++)
			value = value * 16 + (unsigned)(isdigit((unsigned char)*text) ?
							*text - '0' : *text - 'A' + 10);
		bytes[(*len)++] = (char)value;
	}
	return bytes;
}

/* RFC 9580 6.1.1, bit by bit: another way than the one that is tested. */
static uint32_t crc24(struct span bytes)
{
	uint32_t crc = 0xb704ce;

	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= (uint32_t)(unsigned char)bytes.at[i] << 16;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x800000 ? 0x1864cfb : 0);
	}
	return crc & 0xffffff;
}

/* As gpg armours it, for `label`, with `line` characters a line. */
static char *armored(struct span bytes, const char *label, size_t line, const char *end)
{
	struct buf text, base64;
	uint32_t crc = crc24(bytes);
	const char sum[3] = { (char)(crc >> 16), (char)(crc >> 8), (char)crc };

	buf_init(&text, SIZE_MAX_OF_A_TEST * 4);
	buf_init(&base64, SIZE_MAX_OF_A_TEST * 2);
	(void)codec_base64_put(&base64, bytes);
	(void)buf_printf(&text, "-----BEGIN PGP %s-----%sComment: x%s%s", label, end, end, end);
	while (base64.len > 0) {
		size_t n = base64.len < line ? base64.len : line;

		(void)buf_printf(&text, "%.*s%s", (int)n, buf_span(&base64).at, end);
		buf_drop(&base64, n);
	}
	(void)codec_base64_put(&base64, span_of(sum, 3));
	(void)buf_printf(&text, "=%.*s%s-----END PGP %s-----%s", (int)base64.len,
			 buf_span(&base64).at, end, label, end);
	buf_free(&base64);
	return buf_take_string(&text);
}

/* Fed in runs of `step`, the first of `first` bytes. */
static struct openpgp_packets *fed(struct span bytes, size_t first, size_t step)
{
	struct openpgp_packets *packets = openpgp_packets_new();

	openpgp_packets_feed(packets, span_of(bytes.at, first));
	for (size_t at = first; at < bytes.len; at += step)
		openpgp_packets_feed(packets, span_of(bytes.at + at,
					bytes.len - at < step ? bytes.len - at : step));
	return packets;
}

static bool same(const struct openpgp_packets_found *a, const struct openpgp_packets_found *b)
{
	return a->kind == b->kind && a->ids_n == b->ids_n && a->passwords == b->passwords &&
	       a->armored == b->armored && a->text_around == b->text_around &&
	       !a->why == !b->why && (!a->why || strcmp(a->why, b->why) == 0) &&
	       (a->ids_n == 0 || memcmp(a->ids, b->ids, a->ids_n * sizeof(*a->ids)) == 0);
}

/* What it is whole, which is what it is at every split. The caller frees. */
static struct openpgp_packets *look(struct span bytes)
{
	struct openpgp_packets *whole = fed(bytes, bytes.len, 1);
	const struct openpgp_packets_found *found = openpgp_packets_end(whole);

	for (size_t i = 0; i <= bytes.len + 6; i++) {
		struct openpgp_packets *split = i <= bytes.len ? fed(bytes, i, SIZE_MAX_OF_A_TEST) :
								 fed(bytes, 0, i - bytes.len);

		if (!same(found, openpgp_packets_end(split)))
			fail_msg("another result at split %zu", i);
		openpgp_packets_free(split);
	}
	return whole;
}

static void check(const char *name, const struct openpgp_packets_found *found, size_t i)
{
	if (found->kind != cases[i].kind || found->ids_n != cases[i].ids ||
	    found->passwords != cases[i].passwords || found->text_around ||
	    !found->why != !cases[i].why ||
	    (found->why && !strstr(found->why, cases[i].why)))
		fail_msg("%s: kind %d, %zu ids, %zu passwords, %s", name, found->kind, found->ids_n,
			 found->passwords, found->why ? found->why : "good");
}

static void each_message_is_what_it_is_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len;
		char *bytes = unhex(cases[i].packets, &len);
		struct openpgp_packets *packets = look(span_of(bytes, len));

		check(cases[i].packets, openpgp_packets_end(packets), i);
		openpgp_packets_free(packets);
		free(bytes);
	}
}

static const char *label_of(enum openpgp_packets_kind kind)
{
	return kind == OPENPGP_PACKETS_SIGNATURE ? "SIGNATURE" :
	       kind == OPENPGP_PACKETS_KEYS ? "PUBLIC KEY BLOCK" : "MESSAGE";
}

static void armor_changes_nothing(void **state)
{
	static const size_t lines[] = { 64, 76, 4, 60 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *end = i % 2 ? "\r\n" : "\n";
		size_t len;
		char *bytes = unhex(cases[i].packets, &len);
		char *text = armored(span_of(bytes, len), label_of(cases[i].kind), lines[i % 4],
				     end);
		struct openpgp_packets *packets = look(span_str(text));
		const struct openpgp_packets_found *found = openpgp_packets_end(packets);

		check(text, found, i);
		assert_true(found->armored);
		openpgp_packets_free(packets);
		free(text);
		free(bytes);
	}
}

static void ids_are_told_in_their_order(void **state)
{
	size_t len;
	char *bytes = unhex(PKESK HIDDEN "C1 19 06 15 04 *12 8877665544332211 19 01 " SEIPD, &len);
	struct openpgp_packets *packets = fed(span_of(bytes, len), len, 1);
	const struct openpgp_packets_found *found = openpgp_packets_end(packets);

	(void)state;
	assert_int_equal(found->ids_n, 3);
	assert_true(found->ids[0] == 0x1122334455667788);
	assert_true(found->ids[1] == 0);
	assert_true(found->ids[2] == 0x8877665544332211);
	openpgp_packets_free(packets);
	free(bytes);
}

/* THREATS 127. */
static void session_keys_are_counted_up_to_a_limit(void **state)
{
	size_t len;
	char *bytes = unhex(PKESK, &len), *last = unhex(SEIPD, &(size_t){ 0 });

	(void)state;
	for (size_t n = OPENPGP_PACKETS_IDS_MAX; n <= OPENPGP_PACKETS_IDS_MAX + 1; n++) {
		struct openpgp_packets *packets = openpgp_packets_new();
		const struct openpgp_packets_found *found;

		for (size_t i = 0; i < n; i++)
			openpgp_packets_feed(packets, span_of(bytes, len));
		openpgp_packets_feed(packets, span_of(last, 44));
		found = openpgp_packets_end(packets);
		assert_int_equal(found->kind, n > OPENPGP_PACKETS_IDS_MAX ?
				 OPENPGP_PACKETS_BAD : OPENPGP_PACKETS_ENCRYPTED);
		assert_int_equal(found->ids_n, OPENPGP_PACKETS_IDS_MAX);
		openpgp_packets_free(packets);
	}
	free(bytes);
	free(last);
}

/* `%` stands for the lines of an encrypted message, `$` for its checksum. */
static const struct {
	const char *text;
	const char *why;	/* NULL: good */
	bool around;
} armors[] = {
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\n", NULL, false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----", NULL, false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%-----END PGP MESSAGE-----\n", NULL, false },
	{ "\n \t\r\n-----BEGIN PGP MESSAGE-----  \r\n \t\r\n%$"
	  "-----END PGP MESSAGE----- \r\n\r\n \n", NULL, false },
	{ "-----BEGIN PGP MESSAGE-----\nVersion: GnuPG\ncomment: a\nCharset: utf-8\n\n%$"
	  "-----END PGP MESSAGE-----\n", NULL, false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%\n$\n-----END PGP MESSAGE-----\n", NULL, false },
	/* text that would travel in the clear */
	{ "hello\n-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\n", NULL, true },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\nhello\n", NULL, true },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\nhello", NULL, true },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\n=abcd\n", NULL, true },
	{ " -----BEGIN PGP MESSAGE-----\n-----BEGIN PGP MESSAGE-----\n\n%$"
	  "-----END PGP MESSAGE-----\n", NULL, true },
	/* what is wrong with it */
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\n"
	  "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\n", "more than one", false },
	{ "-----BEGIN PGP MESSAGE-----\nSecret: x\n\n%$-----END PGP MESSAGE-----\n",
	  "header line", false },
	{ "-----BEGIN PGP MESSAGE-----\n%$-----END PGP MESSAGE-----\n", "header line", false },
	{ "-----BEGIN PGP MESSAGE-----\nhello there\n\n%$-----END PGP MESSAGE-----\n",
	  "header line", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$", "cut", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%", "cut", false },
	{ "-----BEGIN PGP MESSAGE-----\n", "cut", false },
	{ "-----BEGIN PGP MESSAGE-----", "cut", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n", "no packet", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP SIGNATURE-----\n", "does not end", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----x\n", "does not end", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$%-----END PGP MESSAGE-----\n", "does not end", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$$-----END PGP MESSAGE-----\n", "checksum", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%=AAAA\n-----END PGP MESSAGE-----\n", "checksum", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%=AAA\n-----END PGP MESSAGE-----\n", "checksum", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%=A_A?\n-----END PGP MESSAGE-----\n", "checksum", false },
	{ "-----BEGIN PGP MESSAGE-----\n\nhello there\n%$-----END PGP MESSAGE-----\n",
	  "blank", false },
	{ "-----BEGIN PGP MESSAGE-----\n\nhello, there\n%$-----END PGP MESSAGE-----\n",
	  "something else", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%=\n$-----END PGP MESSAGE-----\n", "checksum", false },
	{ "-----BEGIN PGP MESSAGE-----\n\nAA=A\n$-----END PGP MESSAGE-----\n", "base64", false },
	{ "-----BEGIN PGP MESSAGE-----\n\nAA==x\n$-----END PGP MESSAGE-----\n", "base64", false },
	{ "-----BEGIN PGP MESSAGE-----\n\nA===\n$-----END PGP MESSAGE-----\n",
	  "something else", false },
	{ "-----BEGIN PGP SIGNATURE-----\n\n%$-----END PGP SIGNATURE-----\n", "labelled", false },
	{ "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n%$-----END PGP PUBLIC KEY BLOCK-----\n",
	  "labelled", false },
	{ "-----BEGIN PGP MESSAGE, PART 1/2-----\n\n%$-----END PGP MESSAGE, PART 1/2-----\n",
	  "no armor", true },
	{ "-----BEGIN PGP SIGNED MESSAGE-----\n\nhello\n-----BEGIN PGP SIGNATURE-----\n\n%$"
	  "-----END PGP SIGNATURE-----\n", "labelled", true },
	{ "hello\n", "no armor", true },
	{ "\n\n", "no armor", false },
	{ "-----BEGIN PGP MESSAGE-----\n\n%$-----END PGP MESSAGE-----\n\xff\n", NULL, true },
};

static char *filled(const char *text, const char *lines, const char *sum)
{
	struct buf out;

	buf_init(&out, SIZE_MAX_OF_A_TEST);
	for (; *text; text++)
		(void)(*text == '%' ? buf_puts(&out, lines) : *text == '$' ? buf_puts(&out, sum) :
		       buf_put(&out, span_of(text, 1)));
	return buf_take_string(&out);
}

static void armor_is_one_block_with_nothing_around(void **state)
{
	size_t len;
	/* its length is a multiple of 3: no padding, so that more could follow */
	char *bytes = unhex(PKESK "D2 2C 01 *43 ", &len), *text, *lines, *sum;

	(void)state;
	text = armored(span_of(bytes, len), "MESSAGE", 64, "\n");
	lines = strstr(text, "\n\n") + 2;
	sum = strstr(lines, "\n=") + 1;
	*strstr(sum, "-----") = '\0';
	sum = mem_strdup(sum);
	*strstr(lines, sum) = '\0';
	assert_int_equal(len % 3, 0);
	for (size_t i = 0; i < sizeof(armors) / sizeof(*armors); i++) {
		char *whole = filled(armors[i].text, lines, sum);
		struct openpgp_packets *packets = look(span_str(whole));
		const struct openpgp_packets_found *found = openpgp_packets_end(packets);

		if ((found->kind == OPENPGP_PACKETS_ENCRYPTED) != !armors[i].why ||
		    (armors[i].why && !strstr(found->why, armors[i].why)) ||
		    found->text_around != armors[i].around)
			fail_msg("%s: kind %d, %s, around %d", whole, found->kind,
				 found->why ? found->why : "good", found->text_around);
		openpgp_packets_free(packets);
		free(whole);
	}
	free(sum);
	free(text);
	free(bytes);
}

static void a_changed_character_of_armor_is_noticed(void **state)
{
	size_t len;
	char *bytes = unhex(PKESK SEIPD, &len), *text, *from, *to;

	(void)state;
	text = armored(span_of(bytes, len), "MESSAGE", 64, "\n");
	from = strstr(text, "\n\n") + 2;
	to = strstr(text, "-----END");
	for (char *at = from; at < to; at++) {
		struct openpgp_packets *packets;
		char was = *at;

		*at = was == 'B' ? 'C' : 'B';
		packets = fed(span_str(text), strlen(text), 1);
		/* a line end that goes makes two lines one, or runs them together */
		if (openpgp_packets_end(packets)->kind != OPENPGP_PACKETS_BAD)
			fail_msg("not noticed: %s", text);
		openpgp_packets_free(packets);
		*at = was;
	}
	free(text);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_is_what_it_is_at_every_split),
		cmocka_unit_test(armor_changes_nothing),
		cmocka_unit_test(ids_are_told_in_their_order),
		cmocka_unit_test(session_keys_are_counted_up_to_a_limit),
		cmocka_unit_test(armor_is_one_block_with_nothing_around),
		cmocka_unit_test(a_changed_character_of_armor_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
