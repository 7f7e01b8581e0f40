#include "policy/crypto/pgp.h"

#include <errno.h>
#include <stdlib.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_signature.h"
#include "policy/crypto/pgp_works.h"

struct sink {
	struct buf *to;
	bool full;
};

static gpgme_ssize_t sink_write(void *owner, const void *bytes, size_t n)
{
	struct sink *sink = owner;

	if (buf_put(sink->to, span_of(bytes, n)) < 0) {
		sink->full = true;	/* a bomb, or beyond the largest message */
		errno = ENOSPC;
		return -1;
	}
	return (gpgme_ssize_t)n;
}

/*
 * Whether a session key names somebody else, or nobody. That one stands within what
 * was decrypted: gpg opens that too, with whatever secret key it has, so that who
 * encrypts another's message once more would read it.
 */
static bool for_others(gpgme_recipient_t to, const struct pgp_ids *ids)
{
	for (; to; to = to->next) {
		uint64_t id = to->keyid ? strtoull(to->keyid, NULL, 16) : 0;
		bool own = false;

		for (size_t i = 0; i < ids->n; i++)
			own |= ids->at[i] == id;
		if (!own)
			return true;
	}
	return false;
}

/* No error, and somebody's session key was used: RFC 9580 13.7, THREATS 116. */
static int decrypted(struct pgp *pgp, const struct pgp_ids *ids, gpgme_error_t code,
		     struct err *err)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(pgp->gpgme);

	if (pgp_context_locked(code))
		return err_set(err, ERR_CONF, "secret key is locked: passphrase needed; "
			       "letterlock check names it");
	if (code)
		return pgp_context_message_error(code, "decrypting", err);
	if (!result || !result->recipients || result->unsupported_algorithm ||
	    result->legacy_cipher_nomdc)
		return err_set(err, ERR_REFUSED, "gpg did not decrypt it as it should");
	if (for_others(result->recipients, ids))
		return err_set(err, ERR_REFUSED, "within it is a message for other keys");
	return 0;
}

/* `full`: the plaintext was too large. */
static int attempt(struct pgp *pgp, struct span packets, const struct pgp_ids *ids,
		   struct buf *held, bool *full, struct err *err)
{
	struct gpgme_data_cbs calls = { .write = sink_write };
	struct sink sink = { .to = held };
	gpgme_data_t in = pgp_context_memory(packets, err), out = NULL;
	gpgme_error_t code;
	int result = -1;

	if (!in)
		goto out;
	code = gpgme_data_new_from_cbs(&out, &calls, &sink);
	if (code) {
		pgp_context_error(code, "data for gpg", err);
		goto out;
	}
	pgp_context_in_large_steps(out);
	code = gpgme_op_decrypt_verify(pgp->gpgme, in, out);
	result = decrypted(pgp, ids, code, err);
	*full = sink.full;
	if (sink.full)
		result = err_set(err, ERR_REFUSED, "the plaintext is too large");
out:
	gpgme_data_release(out);
	gpgme_data_release(in);
	return result;
}

/* The key ids that gpg read in the message of the last attempt. */
static void ids_of(struct pgp *pgp, struct strs *ids)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(pgp->gpgme);

	for (gpgme_recipient_t to = result ? result->recipients : NULL; to; to = to->next)
		if (to->keyid)
			strs_add(ids, span_str(to->keyid));
}

/*
 * The same is said of a message that is broken, of an agent that died and of a gpg that
 * did. So a second attempt decides, as long as there is a secret key that it could use
 * (asking for that starts an agent where there is none), and a gpg that works.
 */
static int attempt_again(struct pgp *pgp, struct span packets, const struct pgp_ids *ids,
			 struct buf *held, struct err *err)
{
	struct strs read = { 0 };
	bool there, full;

	ids_of(pgp, &read);
	there = read.n == 0;
	for (size_t i = 0; i < read.n && !there; i++) {
		gpgme_key_t key = NULL;

		there = !gpgme_get_key(pgp->gpgme, read.at[i], &key, 1);
		gpgme_key_unref(key);
	}
	strs_free(&read);
	if (!there)
		return err_set(err, ERR_TEMP, "the secret key cannot be used now");
	buf_wipe(held);
	if (pgp_works(pgp, err) < 0)
		return -1;
	*err = (struct err){ 0 };
	return attempt(pgp, packets, ids, held, &full, err);
}

int pgp_decrypt(struct pgp *pgp, struct span packets, const struct pgp_ids *ids,
		struct buf *plain, struct pgp_signature *signature, struct err *err)
{
	struct buf held;
	bool full = false;
	int result;

	buf_init(&held, buf_room(plain));
	result = attempt(pgp, packets, ids, &held, &full, err);
	if (result < 0 && !full && err->kind != ERR_CONF)
		result = attempt_again(pgp, packets, ids, &held, err);
	if (result == 0)
		result = pgp_signature_read(pgp, signature, err);
	if (result == 0 && buf_put(plain, buf_span(&held)) < 0)
		result = err_set(err, ERR_REFUSED, "the plaintext is too large");
	buf_wipe(&held);
	return result;
}
