#include "policy/crypto/openpgp_select.h"

#include <stdbool.h>

#include "policy/crypto/openpgp_armor.h"

/* RFC 9580 5 */
enum tag { TAG_PKESK = 1, TAG_SIGNATURE = 2, TAG_SKESK = 3, TAG_SED = 9, TAG_MARKER = 10,
	   TAG_SEIPD = 18, TAG_AEAD = 20 };

enum { PIECE = 16 * 1024, ID_AT = 1, ID_SIZE = 8 };

struct packet {
	unsigned tag;
	bool measured;		/* its length is known from its head */
	struct span head;
	struct span body;
};

static unsigned octet(struct span a, size_t at)
{
	return (unsigned char)a.at[at];
}

/* The octets of a new-format length (RFC 9580 4.2.1); 0: none that is whole. */
static size_t new_length(struct span a, struct packet *packet, size_t *len)
{
	if (a.len < 2)
		return 0;
	packet->measured = true;
	if (octet(a, 1) < 192) {
		*len = octet(a, 1);
		return 1;
	}
	if (octet(a, 1) < 224) {
		if (a.len < 3)
			return 0;
		*len = ((octet(a, 1) - 192) << 8) + octet(a, 2) + 192;
		return 2;
	}
	if (octet(a, 1) < 255) {
		packet->measured = false;
		return 1;
	}
	if (a.len < 6)
		return 0;
	*len = (size_t)octet(a, 2) << 24 | octet(a, 3) << 16 | octet(a, 4) << 8 | octet(a, 5);
	return 5;
}

/* As that, of the old format (RFC 9580 4.2.2). */
static size_t old_length(struct span a, struct packet *packet, size_t *len)
{
	size_t octets = (size_t)1 << (octet(a, 0) & 3);

	packet->measured = octets < 8;
	if (!packet->measured)
		return 1;	/* of no definite length; the count does not matter */
	if (a.len < 1 + octets)
		return 0;
	*len = 0;
	for (size_t i = 0; i < octets; i++)
		*len = *len << 8 | octet(a, 1 + i);
	return octets;
}

/* Takes the next packet off `rest`; one without a length takes all of it. */
static int next(struct span *rest, struct packet *packet, struct err *err)
{
	size_t octets, len = 0;

	if ((octet(*rest, 0) & 0x80) == 0)
		return err_set(err, ERR_REFUSED, "it is no OpenPGP data");
	if (octet(*rest, 0) & 0x40) {
		packet->tag = octet(*rest, 0) & 0x3f;
		octets = new_length(*rest, packet, &len);
	} else {
		packet->tag = octet(*rest, 0) >> 2 & 0x0f;
		octets = old_length(*rest, packet, &len);
	}
	if (octets == 0 || (packet->measured && len > rest->len - 1 - octets))
		return err_set(err, ERR_REFUSED, "an OpenPGP packet is cut");
	if (!packet->measured) {
		packet->head = span_of(rest->at, 0);
		packet->body = *rest;
		*rest = span_skip(*rest, rest->len);
		return 0;
	}
	packet->head = span_of(rest->at, 1 + octets);
	packet->body = span_of(rest->at + 1 + octets, len);
	*rest = span_skip(*rest, 1 + octets + len);
	return 0;
}

static uint64_t id_of(struct span body)
{
	uint64_t id = 0;

	for (size_t i = 0; i < ID_SIZE; i++)
		id = id << 8 | octet(body, ID_AT + i);
	return id;
}

static int put_named(const struct packet *packet, uint64_t id, struct buf *out)
{
	char name[ID_SIZE];

	for (size_t i = 0; i < ID_SIZE; i++)
		name[i] = (char)(id >> (8 * (ID_SIZE - 1 - i)));
	if (buf_put(out, packet->head) < 0 ||
	    buf_put(out, span_of(packet->body.at, ID_AT)) < 0 ||
	    buf_put(out, span_of(name, sizeof(name))) < 0)
		return -1;
	return buf_put(out, span_skip(packet->body, ID_AT + ID_SIZE));
}

struct selection {
	const uint64_t *ids;
	size_t n;
	size_t kept, named, hidden;
	struct buf *out;
};

static int session_key(struct selection *s, const struct packet *packet)
{
	uint64_t id;

	if (packet->body.len < ID_AT + ID_SIZE + 1 || octet(packet->body, 0) != 3)
		return 0;	/* a version whose recipient is not told this way */
	id = id_of(packet->body);
	if (id == 0 && s->hidden++ >= OPENPGP_SELECT_HIDDEN)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		if (id != 0 && (id != s->ids[i] || s->named++ >= OPENPGP_SELECT_NAMED))
			continue;
		s->kept++;
		if (put_named(packet, s->ids[i], s->out) < 0)
			return -1;
	}
	return 0;
}

/* Whether nothing is behind the packet (new format, perhaps in parts) at the begin of
 * `a`: gpg would take what is there for more of the message, or for another one. */
static bool is_last(struct span a)
{
	struct packet part = { 0 };
	size_t octets, len = 0;

	if ((octet(a, 0) & 0x40) == 0)
		return false;
	for (octets = new_length(a, &part, &len); octets && !part.measured;
	     octets = new_length(a, &part, &len)) {
		/* the last octet of a part stands where the next length has its tag */
		len = (size_t)1 << (octet(a, 1) & 0x1f);
		if (len > a.len - 2)
			return false;
		a = span_skip(a, 1 + len);
	}
	return octets && len == a.len - 1 - octets;
}

static int too_large(struct err *err)
{
	return err_set(err, ERR_REFUSED, "it is too large");
}

/* The encrypted data, with which `rest` begins. */
static int put_data(const struct selection *s, struct span rest, struct err *err)
{
	if (s->kept == 0)
		return err_set(err, ERR_REFUSED, "no session key is for these keys");
	if (!is_last(rest))
		return err_set(err, ERR_REFUSED, "the encrypted data is cut, or not the end");
	return buf_put(s->out, rest) < 0 ? too_large(err) : 0;
}

int openpgp_select_for(struct span packets, const uint64_t *ids, size_t n, struct buf *out,
		       struct err *err)
{
	struct selection s = { .ids = ids, .n = n < OPENPGP_SELECT_IDS ? n : OPENPGP_SELECT_IDS,
			       .out = out };
	struct span rest = packets;
	struct packet packet;

	while (rest.len > 0) {
		struct span from = rest;

		if (next(&rest, &packet, err) < 0)
			return -1;
		if (packet.tag == TAG_SEIPD || packet.tag == TAG_AEAD)
			return put_data(&s, from, err);
		if (!packet.measured)
			return err_set(err, ERR_REFUSED, "an OpenPGP packet has no length");
		if (packet.tag == TAG_SKESK)
			return err_set(err, ERR_REFUSED, "it is encrypted with a passphrase");
		if (packet.tag == TAG_SED)
			return err_set(err, ERR_REFUSED, "it is encrypted without integrity");
		if (packet.tag != TAG_PKESK && packet.tag != TAG_MARKER)
			return err_set(err, ERR_REFUSED, "it is not encrypted");
		if (packet.tag == TAG_PKESK && session_key(&s, &packet) < 0)
			return too_large(err);
	}
	return err_set(err, ERR_REFUSED, "there are session keys and no data");
}

int openpgp_select_document(struct span packets, struct err *err)
{
	struct packet packet;

	if (packets.len == 0)
		return err_set(err, ERR_REFUSED, "there is no signature");
	while (packets.len > 0) {
		unsigned version, class;

		if (next(&packets, &packet, err) < 0)
			return -1;
		if (packet.tag != TAG_SIGNATURE || !packet.measured || packet.body.len < 3)
			return err_set(err, ERR_REFUSED, "there is more than signatures");
		version = octet(packet.body, 0);
		/* version 3 has a length in front of it (RFC 9580 5.2.2) */
		class = octet(packet.body, version == 3 ? 2 : 1);
		if (class > 0x01)
			return err_set(err, ERR_REFUSED, "a signature is not over a document");
	}
	return 0;
}

int openpgp_select_dearmor(struct span text, struct buf *out, struct err *err)
{
	struct openpgp_armor armor;
	unsigned char piece[PIECE];

	openpgp_armor_init(&armor);
	while (text.len > 0) {
		size_t n = openpgp_armor_take(&armor, &text, piece, sizeof(piece));

		if (buf_put(out, span_of((const char *)piece, n)) < 0)
			return too_large(err);
	}
	if (!openpgp_armor_end(&armor) || armor.text_around)
		return err_set(err, ERR_REFUSED, "%s", armor.why && !armor.text_around ? armor.why :
			       "there is text around the armour");
	return 0;
}
