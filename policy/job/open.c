#include "policy/job/open.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/settings.h>

#include "policy/crypto/openpgp_packets.h"
#include "policy/crypto/openpgp_select.h"
#include "policy/crypto/pgp.h"
#include "policy/job/entity.h"
#include "policy/job/legacy_display.h"
#include "policy/job/open_clear.h"
#include "policy/job/open_fields.h"
#include "policy/job/open_part.h"
#include "policy/job/open_replay.h"
#include "policy/job/open_verdict.h"
#include "policy/keys/key_index.h"

enum { HEADER_ROOM = 64 * 1024 };	/* of what a view has more than its text */

/* What the root of a message says that it is. */
enum root { ROOT_CLEAR, ROOT_INLINE, ROOT_ENCRYPTED, ROOT_SIGNED, ROOT_SMIME, ROOT_SMIME_SIGNED };

struct opening {
	const struct open_parts *parts;
	const char *hostname;
	struct span fields;	/* of the stored message */
	struct span body;
	struct entity_tree tree;	/* of its root */
	struct buf *view;
	struct buf plain;	/* what was decrypted */
	struct pgp_signature signature;
	struct span signed_text;	/* what the signature is over */
	struct err *err;
};

/* --- what it is --- */

static bool protocol_is(const struct content_type *type, const char *protocol)
{
	const char *value = content_type_param(type, "protocol");

	return value && span_is_nocase(span_str(value), protocol);
}

static enum root root_of(const struct opening *o)
{
	const struct entity *root = &o->tree.at[0];
	const struct content_type *type = &root->type;

	if (content_type_is(type, "multipart/encrypted"))
		return ROOT_ENCRYPTED;
	if (content_type_is(type, "multipart/signed")) {
		if (protocol_is(type, "application/pgp-signature"))
			return ROOT_SIGNED;
		return protocol_is(type, "application/pkcs7-signature") ||
		       protocol_is(type, "application/x-pkcs7-signature") ? ROOT_SMIME_SIGNED
									  : ROOT_CLEAR;
	}
	if (content_type_is(type, "application/pkcs7-mime") ||
	    content_type_is(type, "application/x-pkcs7-mime"))
		return ROOT_SMIME;
	return open_part_inline(&o->tree) ? ROOT_INLINE : ROOT_CLEAR;
}

/* --- shown as it is stored --- */

static int put_stored(struct opening *o)
{
	if (open_fields_clean(o->fields, o->hostname, o->view) < 0)
		return -1;
	/* fields that no empty line ends: what follows is text */
	return buf_puts(o->view, "\r\n") < 0 ? -1 : buf_put(o->view, o->body);
}

static enum open_outcome as_stored(struct opening *o, enum open_outcome outcome,
				   const char *method, const char *reason)
{
	struct open_said said = { .hostname = o->hostname, .method = method, .reason = reason };

	buf_clear(o->view);
	if ((method && open_verdict_put(&said, o->view) < 0) || put_stored(o) < 0) {
		buf_clear(o->view);
		err_set(o->err, ERR_REFUSED, "the message is too large to be shown");
		return OPEN_FAILED;
	}
	return outcome;
}

/* Clear mail is shown byte for byte, but for what pretends to be from us. */
static enum open_outcome as_clear(struct opening *o, struct span stored)
{
	if (open_clear_bears_verdict(stored, o->hostname))
		return as_stored(o, OPEN_CLEAR, NULL, NULL);
	return buf_put(o->view, stored) < 0 ? OPEN_FAILED : OPEN_CLEAR;
}

static enum open_outcome failed(struct opening *o, const char *reason)
{
	return as_stored(o, OPEN_FAILED, "openpgp", reason);
}

/* --- signatures --- */

/* The exact bytes of a part: its header, the empty line and its body. */
static struct span bytes_of(const struct entity *part)
{
	return span_of(part->fields.at,
		       (size_t)(part->body.at + part->body.len - part->fields.at));
}

/* Two parts to everybody, the second a signature (RFC 3156 5). */
static bool signed_by_rfc(const struct entity_tree *tree)
{
	return tree->n == 3 && tree->exact && open_part_unencoded(&tree->at[0]) &&
	       open_part_delimited(&tree->at[0], 3) &&
	       content_type_is(&tree->at[2].type, "application/pgp-signature");
}

/* Judges a multipart/signed: -1 is a signature that cannot be looked at, which
 * is told as one that does not fit. */
static void judge(struct opening *o, const struct entity_tree *tree)
{
	struct buf packets, room;
	struct span armor;
	struct err err = { 0 };

	o->signature = (struct pgp_signature){ .verdict = PGP_BAD,
					       .why = "it is no signature by RFC 3156" };
	if (!signed_by_rfc(tree) || !o->parts->pgp)
		return;
	o->signed_text = bytes_of(&tree->at[1]);
	buf_init(&packets, tree->at[2].body.len + 1);
	buf_init(&room, tree->at[2].body.len + 1);
	if (!open_part_octets(&tree->at[2], &room, &armor))
		goto out;
	if (openpgp_select_dearmor(armor, &packets, &err) < 0 ||
	    openpgp_select_document(buf_span(&packets), &err) < 0 ||
	    pgp_verify(o->parts->pgp, buf_span(&packets), bytes_of(&tree->at[1]),
		       &o->signature, &err) < 0)
		*o->err = err;
out:
	buf_free(&packets);
	buf_free(&room);
}

/* Whether the signer's key holds the payload's own From. */
static bool signer_is(const struct opening *o, const char *from)
{
	const struct key *signer = key_index_get(o->parts->keys,
						 span_str(o->signature.fingerprint));

	return o->signature.verdict == PGP_GOOD && signer && from &&
	       strs_has_nocase(&signer->addresses, span_str(from));
}

/* A signature that was seen on another message says nothing of this one. */
static bool seen_before(const struct opening *o)
{
	char signature[DIGEST_HEX_SIZE], message[DIGEST_HEX_SIZE];

	if (o->signature.verdict != PGP_GOOD || !o->parts->replayed)
		return false;
	open_replay_signature(&o->signature, o->signed_text, signature);
	open_replay_message(o->fields, message);
	return o->parts->replayed(o->parts->owner, signature, message);
}

/* The header and, after an empty line, `body`: the verdict needs to know what
 * From is shown, so the header is made first. */
static enum open_outcome show(struct opening *o, const struct open_fields *fields,
			      struct span body, const char *first, bool moved)
{
	struct open_said said = { .hostname = o->hostname, .method = "openpgp", .first = first,
				  .signature = &o->signature };
	enum open_outcome outcome = strcmp(first, "signed") == 0 ? OPEN_SIGNED : OPEN_DECRYPTED;
	struct buf header;
	char *from;
	bool done;

	buf_init(&header, o->fields.len + fields->inner.len + 64);
	done = open_fields_join(fields, &header) == 0;
	from = open_fields_from(buf_span(&header));
	said.from = from;
	said.signer = o->signature.fingerprint[0]
		      ? key_index_get(o->parts->keys, span_str(o->signature.fingerprint)) : NULL;
	said.contradicted = moved;
	said.word = open_verdict(&o->signature, said.signer, from,
				 seen_before(o) || moved);
	done = done && open_verdict_put(&said, o->view) == 0 &&
	       buf_put(o->view, buf_span(&header)) == 0 && buf_puts(o->view, "\r\n") == 0 &&
	       buf_put(o->view, body) == 0;
	free(from);
	buf_free(&header);
	return done ? outcome : failed(o, "it is too large");
}

/* RFC 9788 4.4: a From inside that is not the one outside counts only when its
 * owner signed. */
static bool inner_from(const struct opening *o, struct span inner)
{
	char *in = open_fields_from(inner), *out = open_fields_from(o->fields);
	bool mine = in && ((out && strcmp(in, out) == 0) || signer_is(o, in));

	free(in);
	free(out);
	return mine;
}

/* Whether the header that a signature covers is of another message than the one
 * outside; also where it is only said that its Subject counts, what it says of the
 * rest is what its author wrote. */
static bool contradicted(const struct opening *o, struct span protected)
{
	return open_fields_protection(protected) != OPEN_UNPROTECTED &&
	       open_fields_contradict(o->fields, protected);
}

static enum open_outcome open_signed(struct opening *o)
{
	struct open_fields fields = { .outer = o->fields, .hostname = o->hostname };

	judge(o, &o->tree);
	if (o->tree.n == 3 && o->signature.verdict == PGP_GOOD) {
		fields.inner = o->tree.at[1].fields;
		fields.protection = open_fields_protection(fields.inner);
		fields.inner_from = inner_from(o, fields.inner);
	}
	return show(o, &fields, o->body, "signed", contradicted(o, fields.inner));
}

/* --- decryption --- */

static bool says_version(const struct entity *part)
{
	struct span text;
	struct buf room;
	bool said;

	buf_init(&room, part->body.len + 1);
	said = open_part_octets(part, &room, &text) &&
	       span_starts_nocase(span_trim(text), "Version: 1");
	buf_free(&room);
	return said;
}

/* RFC 3156 4, and nothing else: two parts, their types, the version. */
static bool encrypted_by_rfc(const struct entity_tree *tree)
{
	const struct entity *version = &tree->at[1], *data = &tree->at[2];

	return tree->n == 3 && tree->exact && open_part_unencoded(&tree->at[0]) &&
	       protocol_is(&tree->at[0].type, "application/pgp-encrypted") &&
	       content_type_is(&version->type, "application/pgp-encrypted") &&
	       says_version(version) &&
	       content_type_is(&data->type, "application/octet-stream");
}

/* The key ids that the login's own keys can be written to under. */
static size_t own_ids(const struct open_parts *parts, uint64_t *ids, size_t max)
{
	struct strs addresses = { 0 };
	size_t n = 0;

	settings_addresses(parts->settings, parts->login, &addresses);
	for (size_t i = 0; i < key_index_count(parts->keys); i++) {
		const struct key *key = key_index_at(parts->keys, i);
		bool own = false;

		for (size_t k = 0; k < key->addresses.n; k++)
			own |= strs_has_nocase(&addresses, span_str(key->addresses.at[k]));
		for (size_t k = 0; own && key->secret && k < key->encryption_n && n < max; k++)
			ids[n++] = key->encryption[k].id;
	}
	strs_free(&addresses);
	return n;
}

static int decrypt(struct opening *o, struct span armor)
{
	uint64_t own[OPENPGP_SELECT_IDS];
	struct pgp_ids ids = { own, own_ids(o->parts, own, OPENPGP_SELECT_IDS) };
	struct buf packets, selected;
	int result = -1;

	/* hidden recipients are repeated for each id: some KiB at most */
	buf_init(&packets, armor.len + 1);
	buf_init(&selected, armor.len + 1024 * 1024);
	if (openpgp_select_dearmor(armor, &packets, o->err) == 0 &&
	    openpgp_select_for(buf_span(&packets), ids.at, ids.n, &selected, o->err) == 0) {
		if (o->parts->tried)
			*o->parts->tried = true;
		result = pgp_decrypt(o->parts->pgp, buf_span(&selected), &ids, &o->plain,
				     &o->signature, o->err);
	}
	buf_free(&packets);
	buf_free(&selected);
	return result;
}

/* What was written with LF alone gets the lines of mail, and no NUL reaches a
 * reader: neither POP3 nor a literal can carry it. */
static int make_lines(struct buf *plain)
{
	struct span text = buf_span(plain);
	struct buf lines;
	int result = 0;

	buf_init(&lines, plain->max);
	while (text.len > 0 && result == 0) {
		size_t len = 0;

		while (len < text.len && text.at[len] != '\n' && text.at[len])
			len++;
		result = buf_put(&lines, span_of(text.at, len));
		if (result == 0 && len < text.len)
			result = buf_puts(&lines, !text.at[len] ? " " :
					  len > 0 && text.at[len - 1] == '\r' ? "\n" : "\r\n");
		text = span_skip(text, len + 1);
	}
	buf_wipe(plain);
	*plain = lines;
	return result;
}

/*
 * A multipart/signed within (RFC 3156 6.1) is judged when the encryption itself
 * bears no signature. The header of the payload: that of the signed part, since
 * anybody can write what is around that (RFC 9788 4.1), or the root's.
 */
static struct span judge_within(struct opening *o, struct span fields, struct span body)
{
	struct entity_tree tree;
	struct span header = fields;

	entity_read_root(fields, body, &tree);
	if (o->signature.verdict == PGP_UNSIGNED &&
	    content_type_is(&tree.at[0].type, "multipart/signed") &&
	    protocol_is(&tree.at[0].type, "application/pgp-signature")) {
		judge(o, &tree);
		header = tree.n == 3 ? tree.at[1].fields : span_of(fields.at, 0);
	}
	entity_free(&tree);
	return header;
}

/* The protected header is shown: what repeats it for others is not, unless a signature
 * is shown beside it that a mail client may check. */
static enum open_outcome show_without_legacy(struct opening *o, const struct open_fields *fields,
					     struct span body, bool moved)
{
	enum open_outcome outcome;
	struct buf shown;
	int result = 0;

	buf_init(&shown, 2 * body.len + HEADER_ROOM);
	if (fields->protection == OPEN_PROTECTED && fields->inner.at == fields->structure.at)
		result = legacy_display_drop(fields->inner, body, &shown);
	outcome = result < 0 ? failed(o, "it is too large")
			     : show(o, fields, result ? buf_span(&shown) : body, "decrypted",
				    moved);
	buf_wipe(&shown);
	return outcome;
}

static enum open_outcome open_payload(struct opening *o)
{
	struct open_fields fields = { .outer = o->fields, .hostname = o->hostname };
	struct span payload = buf_span(&o->plain), body;
	size_t end, begin;

	if (header_end(payload, &end, &begin) < 0)
		return failed(o, "its content has too large a header");
	o->signed_text = payload;
	fields.structure = span_of(payload.at, end);
	body = span_skip(payload, begin);
	fields.inner = judge_within(o, fields.structure, body);
	fields.protection = open_fields_protection(fields.inner);
	fields.inner_from = fields.protection == OPEN_PROTECTED && inner_from(o, fields.inner);
	return show_without_legacy(o, &fields, body, contradicted(o, fields.inner));
}

/* One text for whatever went wrong with keys (RFC 9580 13.5). */
static enum open_outcome open_encrypted(struct opening *o)
{
	bool whole, done = false;
	struct span armor;
	struct buf room;

	if (!encrypted_by_rfc(&o->tree))
		return failed(o, "it is not PGP/MIME by RFC 3156");
	buf_init(&room, o->tree.at[2].body.len + 1);
	whole = open_part_octets(&o->tree.at[2], &room, &armor);
	done = whole && o->parts->pgp && decrypt(o, armor) == 0;
	buf_free(&room);
	if (!whole)
		return failed(o, "it is not PGP/MIME by RFC 3156");
	if (!done)
		return failed(o, "it cannot be decrypted with the keys of this login");
	if (make_lines(&o->plain) < 0)
		return failed(o, "it is too large");
	return open_payload(o);
}

size_t open_most(const struct settings *settings, size_t stored)
{
	size_t most = 2 * settings->gateway.max_message_size;
	size_t wanted = stored < SIZE_MAX / 8 ? 4 * stored : stored;

	if (wanted < OPEN_LEAST)
		wanted = OPEN_LEAST;
	if (most < stored)
		most = stored;	/* what is shown as it is stored has its room */
	return (wanted < most ? wanted : most) + HEADER_ROOM;
}

/* A view ends as POP3 would end it, so that its size is the same everywhere. */
static enum open_outcome end_line(struct opening *o, enum open_outcome outcome,
				  struct span stored)
{
	struct span view = buf_span(o->view);

	if (view.len < 2 || memcmp(view.at + view.len - 2, "\r\n", 2) == 0 ||
	    (outcome == OPEN_CLEAR && span_eq(view, stored)))
		return outcome;
	return buf_puts(o->view, "\r\n") < 0 ? OPEN_FAILED : outcome;
}

enum open_outcome open_message(const struct open_parts *parts, struct span stored,
			       struct buf *view, struct err *err)
{
	struct opening o = { .parts = parts, .hostname = parts->settings->gateway.hostname,
			     .view = view, .err = err };
	enum open_outcome outcome = OPEN_CLEAR;
	size_t end, begin;

	if (header_end(stored, &end, &begin) < 0) {
		err_set(err, ERR_REFUSED, "the header is too large");
		return open_clear_put(stored, o.hostname, view) < 0 ? OPEN_FAILED : OPEN_CLEAR;
	}
	o.fields = span_of(stored.at, end);
	o.body = span_skip(stored, begin);
	if (parts->careful)
		return end_line(&o, failed(&o, "opening it failed or took too long"), stored);
	buf_init(&o.plain, open_most(parts->settings, stored.len));
	entity_read_root(o.fields, o.body, &o.tree);
	switch (root_of(&o)) {
	case ROOT_CLEAR:
		outcome = as_clear(&o, stored);
		break;
	case ROOT_INLINE:
		outcome = as_stored(&o, OPEN_CLEAR, "openpgp", NULL);
		break;
	case ROOT_ENCRYPTED:
		outcome = open_encrypted(&o);
		break;
	case ROOT_SIGNED:
		outcome = open_signed(&o);
		break;
	case ROOT_SMIME:
		outcome = as_stored(&o, OPEN_FAILED, "smime",
				    "S/MIME is not supported by this version");
		break;
	case ROOT_SMIME_SIGNED:
		outcome = as_stored(&o, OPEN_FAILED, "smime",
				    "S/MIME signatures are not verified by this version");
		break;
	}
	entity_free(&o.tree);
	buf_wipe(&o.plain);
	/* a signature that could not be looked at now is neither good nor bad */
	if (err->kind == ERR_TEMP && outcome != OPEN_FAILED)
		return OPEN_LATER;
	return end_line(&o, outcome, stored);
}
