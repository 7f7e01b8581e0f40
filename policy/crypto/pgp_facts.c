#include "policy/crypto/pgp_facts.h"

#include <stdlib.h>
#include <string.h>

#include <gpgme.h>

#include <letterlock/address.h>
#include <letterlock/mem.h>
#include <letterlock/utf8.h>

#include "policy/keys/key_index.h"

enum { LENGTH_MIN = 2048 };	/* bits of RSA and its like: RFC 9580 12.4 */

static int64_t seconds(long time)
{
	return time > 0 ? time : 0;
}

struct span pgp_facts_address(struct span user_id)
{
	struct span text = span_trim(user_id), address;
	size_t open = span_find(text, '<');

	if (open == text.len)
		return address_valid(text, true) ? text : span_of("", 0);
	address = span_skip(text, open + 1);
	if (address.len == 0 || span_find(address, '>') != address.len - 1 ||
	    span_find(address, '<') != address.len)
		return span_of("", 0);
	address.len--;
	return address_valid(address, true) ? address : span_of("", 0);
}

/* Only what can be shown and sent; long ones are nobody's name. */
static bool presentable(struct span text)
{
	if (text.len > KEY_TEXT_MAX)
		return false;
	while (text.len > 0) {
		size_t n = utf8_printable(text);

		if (n == 0)
			return false;
		text = span_skip(text, n);
	}
	return true;
}

static void add_user_id(struct key *key, const struct _gpgme_user_id *uid)
{
	struct span text = span_str(uid->uid), address;
	char *normal;

	/* a key that is revoked takes its user ids along; whose it was is then
	 * needed to say why it is not used */
	if ((uid->revoked && !key->revoked) || uid->invalid || !presentable(text) ||
	    key->user_ids.n == KEY_USER_IDS_MAX)
		return;
	strs_add(&key->user_ids, text);
	address = pgp_facts_address(text);
	/* GPGME reads it in its own way: only what both find counts */
	if (address.len == 0 || !uid->address ||
	    !address_same(address, span_str(uid->address)))
		return;
	normal = address_normal(address);
	if (!strs_has_nocase(&key->addresses, span_str(normal)))
		strs_add(&key->addresses, span_str(normal));
	free(normal);
}

/* RFC 9580 12.4-12.6: nothing that is too short to protect. */
static bool strong(const struct _gpgme_subkey *part)
{
	switch ((int)part->pubkey_algo) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_RSA_S:
	case GPGME_PK_ELG_E:
	case GPGME_PK_ELG:
	case GPGME_PK_DSA:
		return part->length >= LENGTH_MIN;
	default:
		return true;
	}
}

static bool valid(const struct _gpgme_subkey *part)
{
	return !part->revoked && !part->invalid && !part->disabled && strong(part);
}

static bool id_of(const struct _gpgme_subkey *part, uint64_t *id)
{
	*id = 0;
	for (const char *c = part->keyid; c && *c; c++) {
		const char *digits = "0123456789ABCDEF";
		const char *at = strchr(digits, *c >= 'a' ? *c - 'a' + 'A' : *c);

		if (!at)
			return false;
		*id = *id << 4 | (uint64_t)(at - digits);
	}
	return part->keyid && strlen(part->keyid) == 16;
}

static void add_encryption(struct key *key, const struct _gpgme_subkey *part)
{
	struct key_part *added;
	uint64_t id;

	if (!part->can_encrypt || !valid(part) || key->encryption_n == KEY_SUBKEYS_MAX ||
	    !id_of(part, &id))
		return;
	key->encryption = mem_one_more(key->encryption, key->encryption_n,
				       sizeof(*key->encryption));
	added = &key->encryption[key->encryption_n++];
	*added = (struct key_part){ .id = id, .created = seconds(part->timestamp),
				    .expires = seconds(part->expires) };
	key->can_encrypt = true;
}

/* sign_expires is the latest of all; 0, never, is later than any. */
static void add_signing(struct key *key, const struct _gpgme_subkey *part)
{
	int64_t expires = seconds(part->expires);

	if (!part->can_sign || !valid(part) || (key->secret && !part->secret))
		return;
	if (!key->can_sign || expires == 0)
		key->sign_expires = expires;
	else if (key->sign_expires != 0 && expires > key->sign_expires)
		key->sign_expires = expires;
	key->can_sign = true;
}

bool pgp_facts(const struct _gpgme_key *from, struct key *key)
{
	const char *fingerprint = from->fpr;
	size_t len = fingerprint ? strlen(fingerprint) : 0;

	*key = (struct key){ 0 };
	if ((len != 40 && len != 64) || !from->subkeys)
		return false;
	for (size_t i = 0; i < len; i++)
		key->fingerprint[i] = (char)(fingerprint[i] >= 'a' ?
					     fingerprint[i] - 'a' + 'A' : fingerprint[i]);
	key->created = seconds(from->subkeys->timestamp);
	key->expires = seconds(from->subkeys->expires);
	key->revoked = from->revoked;
	key->disabled = from->disabled;
	key->invalid = from->invalid;
	key->secret = from->secret;
	for (const struct _gpgme_subkey *part = from->subkeys; part; part = part->next) {
		key->secret |= part->secret;
		add_encryption(key, part);
	}
	for (const struct _gpgme_subkey *part = from->subkeys; part; part = part->next)
		add_signing(key, part);
	for (const struct _gpgme_user_id *uid = from->uids; uid; uid = uid->next)
		add_user_id(key, uid);
	return true;
}
