#include "policy/crypto/openpgp_packets.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

#include "policy/crypto/openpgp_armor.h"

enum {
	TAG_PKESK = 1, TAG_SIGNATURE = 2, TAG_SKESK = 3, TAG_ONE_PASS = 4,
	TAG_SECRET_KEY = 5, TAG_PUBLIC_KEY = 6, TAG_SECRET_SUBKEY = 7,
	TAG_COMPRESSED = 8, TAG_SED = 9, TAG_MARKER = 10, TAG_LITERAL = 11,
	TAG_TRUST = 12, TAG_USER_ID = 13, TAG_PUBLIC_SUBKEY = 14,
	TAG_ATTRIBUTE = 17, TAG_SEIPD = 18, TAG_AEAD = 20,
};

#define BIT(tag) (UINT64_C(1) << (tag))

/* How far the grammar of RFC 9580 10.3 has come. */
enum phase {
	START, SESSION_KEYS, ENCRYPTED, SIGNATURES, ONE_PASS, SIGNED, READABLE, KEYS,
	PHASES,
};

/* What may come next, and where that leads. What is in no row is out of place.
 * A marker (RFC 9580 5.8) may stand before all else. */
static const struct {
	enum phase in;
	uint64_t tags;
	enum phase then;
	enum openpgp_packets_kind kind;	/* of the whole, if it ended there */
} grammar[] = {
	{ START, BIT(TAG_MARKER), START, OPENPGP_PACKETS_BAD },
	{ START, BIT(TAG_PKESK) | BIT(TAG_SKESK), SESSION_KEYS, OPENPGP_PACKETS_BAD },
	{ START, BIT(TAG_SEIPD) | BIT(TAG_AEAD), ENCRYPTED, OPENPGP_PACKETS_ENCRYPTED },
	{ START, BIT(TAG_SED), ENCRYPTED, OPENPGP_PACKETS_ENCRYPTED_WEAKLY },
	{ START, BIT(TAG_LITERAL), READABLE, OPENPGP_PACKETS_LITERAL },
	{ START, BIT(TAG_COMPRESSED), READABLE, OPENPGP_PACKETS_COMPRESSED },
	{ START, BIT(TAG_SIGNATURE), SIGNATURES, OPENPGP_PACKETS_SIGNATURE },
	{ START, BIT(TAG_ONE_PASS), ONE_PASS, OPENPGP_PACKETS_BAD },
	{ START, BIT(TAG_PUBLIC_KEY) | BIT(TAG_SECRET_KEY), KEYS, OPENPGP_PACKETS_KEYS },
	{ SESSION_KEYS, BIT(TAG_PKESK) | BIT(TAG_SKESK), SESSION_KEYS, OPENPGP_PACKETS_BAD },
	{ SESSION_KEYS, BIT(TAG_SEIPD) | BIT(TAG_AEAD), ENCRYPTED, OPENPGP_PACKETS_ENCRYPTED },
	{ SESSION_KEYS, BIT(TAG_SED), ENCRYPTED, OPENPGP_PACKETS_ENCRYPTED_WEAKLY },
	{ SIGNATURES, BIT(TAG_SIGNATURE), SIGNATURES, OPENPGP_PACKETS_SIGNATURE },
	/* the old way: signatures first, without one-pass packets */
	{ SIGNATURES, BIT(TAG_LITERAL) | BIT(TAG_COMPRESSED), READABLE,
	  OPENPGP_PACKETS_SIGNED },
	{ ONE_PASS, BIT(TAG_ONE_PASS), ONE_PASS, OPENPGP_PACKETS_BAD },
	{ ONE_PASS, BIT(TAG_LITERAL) | BIT(TAG_COMPRESSED), SIGNED, OPENPGP_PACKETS_BAD },
	{ SIGNED, BIT(TAG_SIGNATURE), SIGNED, OPENPGP_PACKETS_SIGNED },
	{ KEYS, BIT(TAG_PUBLIC_KEY) | BIT(TAG_SECRET_KEY) | BIT(TAG_PUBLIC_SUBKEY) |
		BIT(TAG_SECRET_SUBKEY) | BIT(TAG_USER_ID) | BIT(TAG_ATTRIBUTE) |
		BIT(TAG_SIGNATURE) | BIT(TAG_TRUST), KEYS, OPENPGP_PACKETS_KEYS },
};

/* When the bytes end in this phase and the kind is still BAD. */
static const char *const unfinished[PHASES] = {
	[START] = "there is no packet",
	[SESSION_KEYS] = "there are session keys, but nothing encrypted",
	[ONE_PASS] = "there is a begin of a signature, but nothing signed",
	[SIGNED] = "there is a begin of a signature, but no signature",
};

/* RFC 9580 4.2.1.4: what may have a length in parts, or none. */
static const uint64_t STREAMS = BIT(TAG_COMPRESSED) | BIT(TAG_SED) | BIT(TAG_LITERAL) |
				BIT(TAG_SEIPD) | BIT(TAG_AEAD);

enum {
	FRONT = 40,		/* octets of a body that are looked at */
	TEXT_MIN = 60,		/* of a body in which text is told from chance */
	FIRST_PART_MIN = 512,	/* RFC 9580 4.2.1.4 */
};

enum step { STEP_TAG, STEP_LENGTH, STEP_BODY, STEP_BAD };

struct openpgp_packets {
	struct openpgp_packets_found found;
	struct openpgp_armor armor;
	bool begun, ended;
	uint64_t *ids;

	enum phase phase;
	enum step step;
	unsigned tag;
	bool old_format;
	unsigned char length[5];	/* its octets, as they come */
	size_t length_n, length_wanted;
	bool in_parts;			/* this part is not the last */
	bool endless;			/* it ends where the bytes end */
	uint64_t left;			/* of this part */
	uint64_t body;			/* octets of the body so far */
	uint64_t high;			/* ... of which so many are no ASCII */
	unsigned char front[FRONT];
};

struct openpgp_packets *openpgp_packets_new(void)
{
	struct openpgp_packets *packets = mem_new(sizeof(*packets));

	openpgp_armor_init(&packets->armor);
	return packets;
}

void openpgp_packets_free(struct openpgp_packets *packets)
{
	if (!packets)
		return;
	free(packets->ids);
	free(packets);
}

static void bad(struct openpgp_packets *packets, const char *why)
{
	packets->step = STEP_BAD;
	packets->found.kind = OPENPGP_PACKETS_BAD;
	packets->found.why = why;
}

/* --- bodies --- */

static uint64_t id_at(const unsigned char *at)
{
	uint64_t id = 0;

	for (size_t i = 0; i < 8; i++)
		id = id << 8 | at[i];
	return id;
}

/* The key id that a PKESK names: RFC 9580 5.1.1 and 5.1.2. */
static uint64_t named_id(const unsigned char *front, uint64_t len)
{
	if ((front[0] == 2 || front[0] == 3) && len >= 10)
		return id_at(front + 1);
	if (front[0] != 6 || len < 3)
		return 0;
	if (front[1] == 21 && front[2] == 4 && len >= 23)
		return id_at(front + 3 + 12);	/* the end of 20 octets */
	if (front[1] == 33 && front[2] == 6 && len >= 35)
		return id_at(front + 3);	/* the begin of 32 */
	return 0;
}

static void add_id(struct openpgp_packets *packets, uint64_t id)
{
	size_t n = packets->found.ids_n;

	if (n == OPENPGP_PACKETS_IDS_MAX) {
		bad(packets, "there are too many session keys");
		return;
	}
	if ((n & (n - 1)) == 0)		/* full: 0, 1, 2, 4 ... */
		packets->ids = mem_grow(packets->ids, n ? n * 2 : 1, sizeof(*packets->ids));
	packets->ids[n] = id;
	packets->found.ids_n = n + 1;
}

/* The least that an encrypted packet of this version can have; 0: unknown. */
static uint64_t encrypted_min(unsigned tag, unsigned version)
{
	if (tag == TAG_SED)
		return 10;		/* the random front of RFC 9580 5.7 */
	if (tag == TAG_SEIPD && version == 1)
		return 1 + 10 + 22;	/* version, random front, MDC */
	if (tag == TAG_SEIPD && version == 2)
		return 4 + 32 + 16;	/* head, salt, last tag */
	if (tag == TAG_AEAD && version == 1)
		return 4 + 15 + 16;	/* head, shortest nonce, last tag */
	return 0;
}

/* Of what is encrypted half the octets are no ASCII. That it is an eighth only
 * happens by chance once in 10^9 at the least length that is looked at. */
static bool is_text(const struct openpgp_packets *packets)
{
	return packets->body >= TEXT_MIN && packets->high * 8 < packets->body;
}

static void end_packet(struct openpgp_packets *packets)
{
	uint64_t min;

	packets->step = STEP_TAG;
	switch (packets->tag) {
	case TAG_PKESK:
		add_id(packets, named_id(packets->front, packets->body));
		break;
	case TAG_SKESK:
		packets->found.passwords++;
		break;
	case TAG_MARKER:
		if (packets->body != 3 || memcmp(packets->front, "PGP", 3) != 0)
			bad(packets, "there is a marker that is none");
		break;
	case TAG_SED:
	case TAG_SEIPD:
	case TAG_AEAD:
		min = encrypted_min(packets->tag, packets->front[0]);
		if (min == 0)
			bad(packets, "the encrypted packet has an unknown version");
		else if (packets->body < min)
			bad(packets, "the encrypted packet is too short to be one");
		else if (is_text(packets))
			bad(packets, "the encrypted packet holds text");
		break;
	default:
		break;
	}
}

/* --- heads --- */

static void begin_packet(struct openpgp_packets *packets, unsigned tag)
{
	packets->tag = tag;
	packets->body = packets->high = 0;
	packets->in_parts = packets->endless = false;
	packets->length_n = 0;
	memset(packets->front, 0, sizeof(packets->front));
	for (size_t i = 0; i < sizeof(grammar) / sizeof(*grammar); i++) {
		if (grammar[i].in != packets->phase || !(grammar[i].tags & BIT(tag)))
			continue;
		packets->phase = grammar[i].then;
		packets->found.kind = grammar[i].kind;
		return;
	}
	bad(packets, packets->phase == ENCRYPTED ?
	    "there is a packet behind the encrypted one" : "there is a packet out of place");
}

static void begin_body(struct openpgp_packets *packets, uint64_t len)
{
	packets->left = len;
	packets->step = STEP_BODY;
	if (len == 0 && !packets->in_parts && !packets->endless)
		end_packet(packets);
}

static void take_tag(struct openpgp_packets *packets, unsigned char octet)
{
	static const size_t old_lengths[] = { 1, 2, 4, 0 };

	if (!(octet & 0x80)) {
		bad(packets, "there is something else than a packet");
		return;
	}
	packets->old_format = !(octet & 0x40);
	packets->step = STEP_LENGTH;
	begin_packet(packets, packets->old_format ? octet >> 2 & 0xf : octet & 0x3f);
	packets->length_wanted = packets->old_format ? old_lengths[octet & 3] : 1;
	if (packets->step == STEP_BAD || packets->length_wanted > 0)
		return;
	packets->endless = true;
	if (STREAMS & BIT(packets->tag))
		begin_body(packets, UINT64_MAX);
	else
		bad(packets, "there is a packet without a length");
}

/* RFC 9580 4.2.1.4: how long this part is; others follow. */
static void begin_part(struct openpgp_packets *packets, unsigned octet)
{
	uint64_t len = UINT64_C(1) << (octet & 0x1f);
	bool first = packets->body == 0 && !packets->in_parts;

	if (!(STREAMS & BIT(packets->tag)) || (first && len < FIRST_PART_MIN)) {
		bad(packets, "there is a packet whose length may not be in parts");
		return;
	}
	packets->in_parts = true;
	begin_body(packets, len);
}

static void take_length(struct openpgp_packets *packets, unsigned char octet)
{
	const unsigned char *at = packets->length;
	uint64_t number = 0;

	packets->length[packets->length_n++] = octet;
	if (!packets->old_format && packets->length_n == 1)
		packets->length_wanted = octet < 192 ? 1 : octet < 224 ? 2 :
					 octet == 255 ? 5 : 1;
	if (packets->length_n < packets->length_wanted)
		return;
	if (!packets->old_format && at[0] >= 224 && at[0] < 255) {
		begin_part(packets, at[0]);
		return;
	}
	for (size_t i = packets->length_wanted == 5; i < packets->length_n; i++)
		number = number << 8 | at[i];
	if (!packets->old_format && packets->length_wanted == 2)
		number = number - (192 << 8) + 192;
	packets->in_parts = false;
	begin_body(packets, number);
}

static void take_body(struct openpgp_packets *packets, struct span *octets)
{
	size_t n = octets->len < packets->left ? octets->len : (size_t)packets->left;

	for (size_t i = 0; i < n && packets->body + i < FRONT; i++)
		packets->front[packets->body + i] = (unsigned char)octets->at[i];
	for (size_t i = 0; i < n; i++)
		packets->high += (unsigned char)octets->at[i] >> 7;
	packets->body += n;
	*octets = span_skip(*octets, n);
	if (packets->endless)
		return;
	packets->left -= n;
	if (packets->left > 0)
		return;
	if (packets->in_parts) {
		packets->step = STEP_LENGTH;
		packets->length_n = 0;
	} else {
		end_packet(packets);
	}
}

static void take_octets(struct openpgp_packets *packets, struct span octets)
{
	while (octets.len > 0) {
		switch (packets->step) {
		case STEP_TAG:
			take_tag(packets, (unsigned char)*octets.at);
			octets = span_skip(octets, 1);
			break;
		case STEP_LENGTH:
			take_length(packets, (unsigned char)*octets.at);
			octets = span_skip(octets, 1);
			break;
		case STEP_BODY:
			take_body(packets, &octets);
			break;
		case STEP_BAD:
			return;
		}
	}
}

void openpgp_packets_feed(struct openpgp_packets *packets, struct span bytes)
{
	unsigned char octets[4096];

	if (bytes.len == 0 || packets->ended)
		return;
	if (!packets->begun) {
		packets->begun = true;
		packets->found.armored = !((unsigned char)*bytes.at & 0x80);
	}
	if (!packets->found.armored) {
		take_octets(packets, bytes);
		return;
	}
	while (bytes.len > 0) {
		size_t n = openpgp_armor_take(&packets->armor, &bytes, octets, sizeof(octets));

		take_octets(packets, span_of((const char *)octets, n));
	}
}

/* --- the end --- */

/* Whether armour of this label may hold this kind. */
static bool labelled_so(enum openpgp_armor_label label, enum openpgp_packets_kind kind)
{
	if (kind == OPENPGP_PACKETS_KEYS)
		return label == OPENPGP_ARMOR_KEYS;
	if (kind == OPENPGP_PACKETS_SIGNATURE)
		return label == OPENPGP_ARMOR_SIGNATURE;
	return label == OPENPGP_ARMOR_MESSAGE;
}

static void end(struct openpgp_packets *packets)
{
	if (packets->step == STEP_BODY && packets->endless)
		end_packet(packets);
	if (packets->step == STEP_BAD)
		return;
	if (packets->step != STEP_TAG)
		bad(packets, "the last packet is cut");
	else if (packets->found.kind == OPENPGP_PACKETS_BAD)
		bad(packets, unfinished[packets->phase]);
	else if (packets->found.armored &&
		 !labelled_so(packets->armor.label, packets->found.kind))
		bad(packets, "the armor is labelled as something else");
}

const struct openpgp_packets_found *openpgp_packets_end(struct openpgp_packets *packets)
{
	if (packets->ended)
		return &packets->found;
	packets->ended = true;
	if (packets->found.armored && !openpgp_armor_end(&packets->armor))
		bad(packets, packets->armor.why);
	packets->found.text_around = packets->armor.text_around;
	packets->found.header_words = packets->armor.header_words;
	end(packets);
	packets->found.ids = packets->ids;
	return &packets->found;
}
