#include "policy/job/compose.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include <letterlock/codec.h>
#include <letterlock/header.h>
#include <letterlock/strs.h>

#include "policy/crypto/pgp.h"
#include "policy/job/canonical.h"
#include "policy/job/header_guard.h"
#include "policy/job/message.h"
#include "policy/job/output.h"
#include "policy/job/packet_check.h"
#include "policy/job/plan.h"
#include "policy/keys/key_index.h"

enum {
	STRUCTURE_MAX = 8 * HEADER_BLOCK_MAX,
	BOUNDARY_SIZE = 40,
	PIECE = 64 * 1024,
};

/* One copy in the making. */
struct work {
	struct compose *c;
	const struct plan_row *row;
	const struct message *m;
	struct header_guard guard;
	struct buf structure;		/* Content- fields of the payload's root */
	struct output out;
	struct answer_copy *copy;
	struct reply *reply;
	struct err *err;
};

/* --- what speaks against it --- */

static int refuse(struct work *w, unsigned code, const char *status, const char *text)
{
	reply_set(w->reply, code, status, "%s", text);
	return err_set(w->err, ERR_REFUSED, "%s", text);
}

void compose_reply_sorry(const struct err *err, struct reply *reply)
{
	reply_set(reply, 451, "4.3.0", "the message could not be protected%s",
		  err->kind == ERR_CONF ? ": the gateway's log says which key cannot be used"
					: "");
}

static int failed(struct work *w)
{
	if (w->err->kind == ERR_REFUSED)	/* of gpg: not for the client */
		w->err->kind = ERR_TEMP;
	if (w->out.full)
		reply_set(w->reply, 452, "4.3.1", "no room for the copies of this message");
	else
		compose_reply_sorry(w->err, w->reply);
	return -1;
}

static int flush(struct work *w, struct output *out)
{
	if (output_flush(out, w->err) == 0)
		return 0;
	w->out.full |= out->full;
	return failed(w);
}

static int need_eight_bit(struct work *w)
{
	return refuse(w, 554, "5.6.3",
		      "8-bit text: upstream does not take it, and it cannot be encoded");
}

/* --- the header --- */

static bool client_protected(const struct work *w)
{
	return w->c->plan->client.kind != CLIENT_CRYPTO_NONE;
}

static bool ascii_envelope(const struct work *w)
{
	const struct envelope *envelope = &w->c->ask->envelope;

	return !message_eight_bit(span_str(envelope->sender)) &&
	       !message_eight_bit(span_str(w->row->to));
}

/*
 * UTF-8 in the header needs SMTPUTF8 (RFC 6531): it stays where the client
 * said so, and upstream takes it; a copy that we write anew has encoded words
 * instead where it can.
 */
static bool keeps_utf8(const struct work *w)
{
	return w->c->ask->want_utf8 && w->c->ask->upstream_smtputf8;
}

static int check_octets(struct work *w)
{
	const struct ask *ask = w->c->ask;

	w->copy->utf8 |= w->guard.utf8 || !ascii_envelope(w);
	w->copy->eight_bit |= w->guard.eight_bit;
	if (w->copy->utf8 && !ask->upstream_smtputf8)
		return refuse(w, 550, "5.6.7",
			      "UTF-8 in address or header: upstream does not take SMTPUTF8");
	if (w->copy->eight_bit && !ask->upstream_eight_bit && !w->copy->utf8)
		return need_eight_bit(w);
	return 0;
}

static int make_guard(struct work *w, const struct header_guard_wish *wish)
{
	if (header_guard_make(w->m->fields, wish, &w->guard) < 0)
		return refuse(w, 554, "5.6.0", "the header is too large to be rewritten");
	return check_octets(w);
}

static void put_head(struct work *w)
{
	output_put(&w->out, w->m->trace);
	output_put(&w->out, buf_span(&w->guard.outer));
}

static int make_boundary(struct work *w, char boundary[BOUNDARY_SIZE])
{
	unsigned char random[16];
	char hex[2 * sizeof(random) + 1];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		err_errno(w->err, ERR_TEMP, errno, "making a boundary");
		return failed(w);
	}
	codec_hex(random, sizeof(random), hex);
	/* `=_` stands in no line of base64 or quoted-printable */
	(void)snprintf(boundary, BOUNDARY_SIZE, "=_%s", hex);
	return 0;
}

static int structure(struct work *w, const char *hp, const char *encoding, bool seven_bit)
{
	if (header_guard_structure(w->m->fields, w->m->body, hp, encoding, seven_bit,
				   &w->structure) < 0)
		return refuse(w, 554, "5.6.0", "the header is too large to be rewritten");
	return 0;
}

/* --- in the clear --- */

/* In 7 bits, since upstream takes no others. */
static int put_seven_bit(struct work *w)
{
	struct canonical body;
	int result = -1;

	if (client_protected(w) || canonical_read(w->m, &body, NULL) < 0)
		return need_eight_bit(w);
	if (structure(w, NULL, canonical_encoding(&body), true) < 0)
		goto out;
	put_head(w);
	output_puts(&w->out, "MIME-Version: 1.0\r\n");
	output_put(&w->out, buf_span(&w->structure));
	output_puts(&w->out, "\r\n");
	canonical_put(&body, &w->out);
	result = flush(w, &w->out);
out:
	canonical_free(&body);
	return result;
}

static int put_clear(struct work *w)
{
	const struct message *m = w->m;

	if (!w->guard.changed && !m->ragged) {
		w->copy->from_question = true;
		w->copy->offset = 0;
		w->out.written = m->map_len;
		return 0;
	}
	put_head(w);
	/* an empty line where the client sent one, or where readers would
	 * disagree whether the header ends */
	if (m->ragged || m->fields.len < m->client.len)
		output_puts(&w->out, "\r\n");
	output_put(&w->out, m->body);
	return flush(w, &w->out);
}

/* RFC 6531 3.1 speaks of the header of every part. */
static bool utf8_inside(const struct message *m)
{
	struct entity_tree tree;
	bool found = false;

	entity_read(m->fields, m->body, &tree);
	for (size_t i = 1; i < tree.n; i++)
		found |= message_eight_bit(tree.at[i].fields);
	entity_free(&tree);
	return found;
}

static int compose_clear(struct work *w)
{
	bool encode = w->m->eight_bit_body && !w->c->ask->upstream_eight_bit;
	struct header_guard_wish wish = {
		.kind = HEADER_GUARD_CLEAR,
		.decision = &w->row->decision,
		.hostname = w->c->hostname,
		.keep_subject = client_protected(w),
		.seven_bit = encode,
		.rewritten = encode,
		.stored = w->c->stored,
	};

	w->copy->eight_bit = w->m->eight_bit_body && !encode;
	w->copy->utf8 = w->c->ask->want_utf8 && w->copy->eight_bit && utf8_inside(w->m);
	if (make_guard(w, &wish) < 0)
		return -1;
	return encode ? put_seven_bit(w) : put_clear(w);
}

/* --- signed --- */

static int put_entity(struct work *w, struct canonical *body, int fd)
{
	struct output entity;

	output_init(&entity, fd, UINT64_MAX);
	output_put(&entity, buf_span(&w->structure));
	output_put(&entity, buf_span(&w->guard.inner));
	output_puts(&entity, "\r\n");
	canonical_put(body, &entity);
	return flush(w, &entity);
}

/* All of `fd`, from its beginning, goes into the copy. */
static int put_file(struct work *w, int fd)
{
	char piece[PIECE];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, piece, sizeof(piece), at)) > 0) {
		output_put(&w->out, span_of(piece, (size_t)n));
		at += n;
	}
	if (n == 0)
		return 0;
	err_errno(w->err, ERR_TEMP, errno, "reading the signed part");
	return failed(w);
}

static int put_signed(struct work *w, int entity, int signature, const char *micalg)
{
	char boundary[BOUNDARY_SIZE];

	if (make_boundary(w, boundary) < 0)
		return -1;
	put_head(w);
	output_printf(&w->out,
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: multipart/signed; micalg=%s;\r\n"
		      "\tprotocol=\"application/pgp-signature\"; boundary=\"%s\"\r\n"
		      "\r\n--%s\r\n",
		      micalg, boundary, boundary);
	if (put_file(w, entity) < 0)
		return -1;
	output_printf(&w->out,
		      "\r\n--%s\r\n"
		      "Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n"
		      "Content-Description: OpenPGP digital signature\r\n\r\n",
		      boundary);
	if (put_file(w, signature) < 0)
		return -1;
	output_printf(&w->out, "\r\n--%s--\r\n", boundary);
	return flush(w, &w->out);
}

/* The signature, with CRLF line ends, in the descriptor `to`. */
static int make_signature(struct work *w, int entity, int to, char micalg[32])
{
	struct output armor;

	output_init(&armor, to, UINT64_MAX);
	if (lseek(entity, 0, SEEK_SET) < 0 ||
	    pgp_sign(w->c->pgp, w->c->plan->signer->fingerprint, entity, to, micalg, w->err) < 0 ||
	    output_take_armor(&armor, w->err) < 0)
		return failed(w);
	return 0;
}

static int compose_signed(struct work *w)
{
	struct header_guard_wish wish = {
		.kind = HEADER_GUARD_SIGNED,
		.decision = &w->row->decision,
		.hostname = w->c->hostname,
		.seven_bit = true,
		.rewritten = true,
	};
	struct canonical body = { 0 };
	int entity = -1, signature = -1, result = -1;
	char micalg[32];

	if (make_guard(w, &wish) < 0)
		return -1;
	if (canonical_read(w->m, &body, w->err) < 0)
		return refuse(w, 554, "5.6.0", w->err->text);
	if (structure(w, "clear", canonical_encoding(&body), true) < 0)
		goto out;
	entity = output_memory(w->err);
	signature = output_memory(w->err);
	if (entity < 0 || signature < 0) {
		(void)failed(w);
		goto out;
	}
	if (put_entity(w, &body, entity) < 0 ||
	    make_signature(w, entity, signature, micalg) < 0)
		goto out;
	w->copy->signed_by_us = true;
	result = put_signed(w, entity, signature, micalg);
out:
	if (entity >= 0)
		(void)close(entity);
	if (signature >= 0)
		(void)close(signature);
	canonical_free(&body);
	return result;
}

/* --- encrypted --- */

static int put_payload(struct work *w, int fd)
{
	struct output payload;

	output_init(&payload, fd, UINT64_MAX);
	output_put(&payload, buf_span(&w->structure));
	output_put(&payload, buf_span(&w->guard.inner));
	output_put(&payload, buf_span(&w->guard.hp_outer));
	output_puts(&payload, "\r\n");
	output_put(&payload, w->m->body);
	return flush(w, &payload);
}

/* gpg writes its armour behind what was flushed; then it is looked at. */
static int put_armor(struct work *w, int payload, const struct key *const *keys, size_t n)
{
	const struct key *signer = plan_signs(w->row) ? w->c->plan->signer : NULL;
	uint64_t from = w->out.begin + w->out.written;
	struct strs recipients = { 0 };
	int result;

	for (size_t i = 0; i < n; i++)
		strs_add(&recipients, span_str(keys[i]->fingerprint));
	result = lseek(payload, 0, SEEK_SET) < 0 ? -1 :
		 pgp_encrypt(w->c->pgp, &recipients, signer ? signer->fingerprint : NULL,
			     payload, w->out.fd, false, w->err);
	strs_free(&recipients);
	if (result < 0 || output_take_armor(&w->out, w->err) < 0)
		return failed(w);
	if (packet_check(w->out.fd, from, w->out.begin + w->out.written, keys, n, w->err) < 0)
		return failed(w);
	w->copy->encrypted = true;
	w->copy->signed_by_us = signer;
	return 0;
}

static int put_encrypted(struct work *w, int payload, const struct key *const *keys, size_t n)
{
	char boundary[BOUNDARY_SIZE];

	if (make_boundary(w, boundary) < 0)
		return -1;
	put_head(w);
	output_printf(&w->out,
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: multipart/encrypted;\r\n"
		      "\tprotocol=\"application/pgp-encrypted\"; boundary=\"%s\"\r\n"
		      "\r\n--%s\r\n"
		      "Content-Type: application/pgp-encrypted\r\n"
		      "Content-Description: PGP/MIME version identification\r\n"
		      "\r\nVersion: 1\r\n"
		      "\r\n--%s\r\n"
		      "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
		      "Content-Description: OpenPGP encrypted message\r\n"
		      "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
		      boundary, boundary, boundary);
	if (flush(w, &w->out) < 0 || put_armor(w, payload, keys, n) < 0)
		return -1;
	output_printf(&w->out, "\r\n--%s--\r\n", boundary);
	return flush(w, &w->out);
}

static int compose_encrypted(struct work *w, const struct key *const *keys, size_t n)
{
	bool around = client_protected(w);
	struct header_guard_wish wish = {
		.kind = around ? HEADER_GUARD_AROUND : HEADER_GUARD_ENCRYPTED,
		.decision = &w->row->decision,
		.hostname = w->c->hostname,
		.seven_bit = !keeps_utf8(w),
		.rewritten = true,
		.stored = w->c->stored,
	};
	int payload, result = -1;

	/* The client's signature does not say what was to be hidden: no claim
	 * of hp="cipher" around it (RFC 9788 10.2). */
	if (make_guard(w, &wish) < 0 || structure(w, around ? NULL : "cipher", NULL, false) < 0)
		return -1;
	payload = output_memory(w->err);
	if (payload < 0)
		return failed(w);
	if (put_payload(w, payload) == 0)
		result = put_encrypted(w, payload, keys, n);
	(void)close(payload);
	return result;
}

static int dispatch(struct work *w, const struct key *const *keys, size_t n)
{
	if ((plan_encrypts(w->row) && n == 0) || (w->row->what != PLAN_PASS && !w->c->pgp)) {
		err_set(w->err, ERR_BUG, "a key was chosen, but there is no GnuPG home");
		return failed(w);
	}
	switch (w->row->what) {
	case PLAN_PASS:
		return compose_clear(w);
	case PLAN_SIGN:
		return compose_signed(w);
	case PLAN_ENCRYPT:
	case PLAN_SIGN_ENCRYPT:
		return compose_encrypted(w, keys, n);
	case PLAN_WAIT:
	case PLAN_UNKNOWN:
	case PLAN_REFUSE:
		break;
	}
	err_set(w->err, ERR_BUG, "a copy for a recipient who gets none");
	return failed(w);
}

int compose(struct compose *c, const struct plan_row *row, const struct key *const *keys,
	    size_t n, struct answer_copy *copy, struct reply *reply, struct err *err)
{
	struct work w = { .c = c, .row = row, .m = c->message, .copy = copy, .reply = reply,
			  .err = err };
	int result;

	*copy = (struct answer_copy){ 0 };
	buf_init(&w.structure, STRUCTURE_MAX);
	output_init(&w.out, c->out, c->room);
	copy->offset = w.out.begin;
	result = dispatch(&w, keys, n);
	copy->size = w.out.written;
	if (result == 0 && c->ask->upstream_size && copy->size > c->ask->upstream_size)
		result = refuse(&w, 552, "5.3.4",
				"what protection adds makes the message too large for upstream");
	if (result == 0 && !copy->from_question)
		c->room -= copy->size;
	header_guard_free(&w.guard);
	buf_free(&w.structure);
	return result;
}
