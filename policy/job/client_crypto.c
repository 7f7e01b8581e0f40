#include "policy/job/client_crypto.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/mem.h>

#include "policy/crypto/openpgp_packets.h"
#include "policy/job/client_words.h"
#include "policy/job/decode.h"
#include "policy/job/entity.h"
#include "policy/job/message.h"
#include "policy/job/open_part.h"
#include "policy/keys/key_index.h"

enum { TEXT_MIN = 60 };	/* octets of CMS in which text is told from chance */

/* What CMS calls the content of a message (RFC 5652, RFC 5083). */
enum cms { CMS_OTHER, CMS_SIGNED, CMS_ENVELOPED };

/* What a decoding leaves of a CMS message: its front, its end and its length. */
struct glance {
	unsigned char front[64];
	unsigned char end[2];
	uint64_t len;
	uint64_t high;	/* octets that are no ASCII */
};

static bool glance_sink(void *to, struct span bytes)
{
	struct glance *glance = to;
	const unsigned char *at = (const unsigned char *)bytes.at;

	for (size_t i = 0; i < bytes.len; i++) {
		if (glance->len < sizeof(glance->front))
			glance->front[glance->len] = at[i];
		glance->end[0] = glance->end[1];
		glance->end[1] = at[i];
		glance->high += at[i] >> 7;
		glance->len++;
	}
	return true;
}

/* Where the content of the outer SEQUENCE begins; 0 when that is not all. */
static size_t sequence(const struct glance *glance)
{
	size_t octets = glance->front[1] & 0x7f;
	uint64_t len = 0;

	if (glance->len < 20 || glance->front[0] != 0x30)
		return 0;
	if (glance->front[1] < 0x80)
		return glance->len == 2 + octets ? 2 : 0;
	if (octets == 0)	/* of no definite length: ends in two zeros */
		return glance->end[0] == 0 && glance->end[1] == 0 ? 2 : 0;
	if (octets > 8)
		return 0;
	for (size_t i = 0; i < octets; i++)
		len = len << 8 | glance->front[2 + i];
	return glance->len - 2 - octets == len ? 2 + octets : 0;
}

/* Half the octets of keys and of what they encrypt are no ASCII; the names
 * beside them are. */
static bool is_text(const struct glance *glance)
{
	return glance->len >= TEXT_MIN && glance->high * 16 < glance->len;
}

/* What the base64 in `text` says it is, when it is that and nothing else. */
static enum cms cms_of(struct span text)
{
	static const struct {
		enum cms cms;
		const char *oid;
		size_t len;
	} oids[] = {
		{ CMS_SIGNED, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11 },
		{ CMS_ENVELOPED, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 11 },
		{ CMS_ENVELOPED, "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", 13 },
	};
	struct glance glance = { 0 };
	bool exact = true;
	size_t at;

	decode_base64(text, glance_sink, &glance, &exact);
	at = sequence(&glance);
	if (!exact || at == 0)
		return CMS_OTHER;
	for (size_t i = 0; i < sizeof(oids) / sizeof(*oids); i++)
		if (memcmp(glance.front + at, oids[i].oid, oids[i].len) == 0)
			return oids[i].cms == CMS_ENVELOPED && is_text(&glance) ? CMS_OTHER
										: oids[i].cms;
	return CMS_OTHER;
}

/* The two parts of a root of `type` for `protocol`; false when it is not so. */
static bool two_parts(const struct entity_tree *tree, const char *type, const char *protocol)
{
	const char *said;

	if (!content_type_is(&tree->at[0].type, type) || !tree->exact || tree->n != 3 ||
	    tree->at[0].type.odd)
		return false;
	said = content_type_param(&tree->at[0].type, "protocol");
	return said && span_is_nocase(span_str(said), protocol);
}

/* An armour and nothing around it; the caller frees it. */
static struct openpgp_packets *read_armor(struct span text,
					  const struct openpgp_packets_found **what)
{
	static const char begin[] = "-----BEGIN PGP ";
	struct openpgp_packets *packets;

	text = client_words_trim(text);
	if (text.len < strlen(begin) || memcmp(text.at, begin, strlen(begin)) != 0)
		return NULL;
	packets = openpgp_packets_new();
	openpgp_packets_feed(packets, text);
	*what = openpgp_packets_end(packets);
	if ((*what)->armored && !(*what)->text_around)
		return packets;
	openpgp_packets_free(packets);
	return NULL;
}

/* Encrypted to one key at least. What lacks integrity protection anybody can
 * change (RFC 9580 13.7): it is encrypted once more, as plaintext would be. */
static bool encrypted_armor(struct span text, struct client_crypto *found)
{
	const struct openpgp_packets_found *what;
	struct openpgp_packets *packets = read_armor(text, &what);
	bool good;

	if (!packets)
		return false;
	good = what->kind == OPENPGP_PACKETS_ENCRYPTED && what->ids_n > 0 &&
	       !what->header_words;
	if (good) {
		found->ids = mem_grow(NULL, what->ids_n, sizeof(*found->ids));
		memcpy(found->ids, what->ids, what->ids_n * sizeof(*found->ids));
		found->ids_n = what->ids_n;
	}
	openpgp_packets_free(packets);
	return good;
}

static bool signature_armor(struct span text, struct client_crypto *found)
{
	const struct openpgp_packets_found *what;
	struct openpgp_packets *packets = read_armor(text, &what);
	bool good = packets && what->kind == OPENPGP_PACKETS_SIGNATURE;

	(void)found;
	openpgp_packets_free(packets);
	return good;
}

static bool says_version(const struct entity *control)
{
	struct span text;
	struct buf room;
	bool said;

	buf_init(&room, control->body.len + 1);
	said = open_part_octets(control, &room, &text) &&
	       span_is_nocase(client_words_trim(text), "Version: 1");
	buf_free(&room);
	return said;
}

/* Whether the octets of a part are an armour that is `good`. */
static bool part_is(const struct entity *part, struct client_crypto *found,
		    bool good(struct span text, struct client_crypto *found))
{
	struct span text;
	struct buf room;
	bool is;

	buf_init(&room, part->body.len + 1);
	is = open_part_octets(part, &room, &text) && good(text, found);
	buf_free(&room);
	return is;
}

static bool openpgp_encrypted(const struct entity_tree *tree, struct client_crypto *found)
{
	const struct entity *root = &tree->at[0], *control = root + 1, *data = root + 2;

	if (!two_parts(tree, "multipart/encrypted", "application/pgp-encrypted") ||
	    !client_words_preamble(root->preamble) || client_words_trim(root->epilogue).len > 0 ||
	    !content_type_is(&control->type, "application/pgp-encrypted") ||
	    !content_type_is(&data->type, "application/octet-stream"))
		return false;
	/* THREATS 111: with base64 or QP on the whole it is no PGP/MIME; its parts
	 * have them from some libraries */
	if (root->encoding >= ENTITY_BASE64 || !says_version(control))
		return false;
	if (!client_words_known(root->fields, CLIENT_WORDS_PGP_MIME) ||
	    !client_words_known(control->fields, CLIENT_WORDS_CONTROL) ||
	    !client_words_known(data->fields, CLIENT_WORDS_DATA))
		return false;
	return part_is(data, found, encrypted_armor);
}

static bool inline_encrypted(const struct entity_tree *tree, struct client_crypto *found)
{
	const struct entity *root = &tree->at[0];

	return tree->exact && strcmp(entity_type(root), "text/plain") == 0 &&
	       root->encoding < ENTITY_BASE64 &&
	       client_words_known(root->fields, CLIENT_WORDS_INLINE) &&
	       encrypted_armor(root->body, found);
}

/* application/pkcs7-mime as the root: signed or encrypted as a whole. */
static enum cms opaque_cms(const struct entity_tree *tree)
{
	const struct entity *root = &tree->at[0];

	if (!tree->exact || root->encoding != ENTITY_BASE64 ||
	    (!content_type_is(&root->type, "application/pkcs7-mime") &&
	     !content_type_is(&root->type, "application/x-pkcs7-mime")))
		return CMS_OTHER;
	return cms_of(root->body);
}

static bool detached_signature(const struct entity_tree *tree)
{
	static const char *const protocols[] = {
		"application/pgp-signature",
		"application/pkcs7-signature",
		"application/x-pkcs7-signature",
	};
	const struct entity *signature = &tree->at[tree->n - 1];

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (!two_parts(tree, "multipart/signed", protocols[i]) ||
		    !content_type_is(&signature->type, protocols[i]))
			continue;
		if (i == 0)
			return part_is(signature, NULL, signature_armor);
		return signature->encoding == ENTITY_BASE64 &&
		       cms_of(signature->body) == CMS_SIGNED;
	}
	return false;
}

void client_crypto_look(const struct message *message, struct client_crypto *found)
{
	struct entity_tree tree;
	enum cms cms;

	*found = (struct client_crypto){ 0 };
	entity_read_root(message->fields, message->body, &tree);
	tree.exact &= !message->ragged;
	cms = opaque_cms(&tree);
	if (openpgp_encrypted(&tree, found) || inline_encrypted(&tree, found))
		found->kind = CLIENT_CRYPTO_OPENPGP;
	else if (cms == CMS_ENVELOPED &&
		 client_words_known(tree.at[0].fields, CLIENT_WORDS_SMIME))
		found->kind = CLIENT_CRYPTO_SMIME;
	else if (cms == CMS_SIGNED || detached_signature(&tree))
		found->kind = CLIENT_CRYPTO_SIGNED;
	entity_free(&tree);
}

void client_crypto_free(struct client_crypto *found)
{
	free(found->ids);
	*found = (struct client_crypto){ 0 };
}

static bool names(const struct client_crypto *found, const struct key *key)
{
	for (size_t k = 0; k < key->encryption_n; k++)
		for (size_t i = 0; i < found->ids_n; i++)
			if (found->ids[i] != 0 && found->ids[i] == key->encryption[k].id)
				return true;
	return false;
}

static bool belongs(const struct key *key, const char *address)
{
	for (size_t i = 0; i < key->addresses.n; i++)
		if (address_same(span_str(key->addresses.at[i]), span_str(address)))
			return true;
	return false;
}

bool client_crypto_reaches(const struct client_crypto *found,
			   const struct key_index *keys, const char *address)
{
	for (size_t i = 0; i < key_index_count(keys); i++) {
		const struct key *key = key_index_at(keys, i);

		if (belongs(key, address) && names(found, key))
			return true;
	}
	return false;
}
