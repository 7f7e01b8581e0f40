#include "policy/crypto/pgp.h"

#include <errno.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_signature.h"

static gpgme_ssize_t sink_write(void *to, const void *bytes, size_t n)
{
	if (buf_put(to, span_of(bytes, n)) < 0) {
		errno = ENOSPC;		/* a bomb, or beyond the largest message */
		return -1;
	}
	return (gpgme_ssize_t)n;
}

/* No error, and somebody's session key was used: RFC 9580 13.7, THREATS 116. */
static int decrypted(struct pgp *pgp, gpgme_error_t code, struct err *err)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(pgp->gpgme);

	if (pgp_context_locked(code))
		return err_set(err, ERR_CONF, "secret key is locked: passphrase needed; "
			       "letterlock check names it");
	if (gpgme_err_code(code) == GPG_ERR_NO_AGENT)
		return err_set(err, ERR_CONF, "decrypting: gpg-agent does not answer");
	if (code)
		return pgp_context_error(code, "decrypting", err);
	if (!result || !result->recipients || result->unsupported_algorithm ||
	    result->legacy_cipher_nomdc)
		return err_set(err, ERR_REFUSED, "gpg did not decrypt it as it should");
	return 0;
}

int pgp_decrypt(struct pgp *pgp, struct span packets, struct buf *plain,
		struct pgp_signature *signature, struct err *err)
{
	struct gpgme_data_cbs sink = { .write = sink_write };
	gpgme_data_t in = pgp_context_memory(packets, err), out = NULL;
	struct buf held;
	gpgme_error_t code;
	int result = -1;

	buf_init(&held, buf_room(plain));
	if (!in)
		goto out;
	code = gpgme_data_new_from_cbs(&out, &sink, &held);
	if (code) {
		pgp_context_error(code, "data for gpg", err);
		goto out;
	}
	pgp_context_in_large_steps(out);
	code = gpgme_op_decrypt_verify(pgp->gpgme, in, out);
	if (decrypted(pgp, code, err) < 0)
		goto out;
	pgp_signature_read(pgp, signature);
	if (buf_put(plain, buf_span(&held)) < 0)
		err_set(err, ERR_REFUSED, "the plaintext is too large");
	else
		result = 0;
out:
	buf_wipe(&held);
	gpgme_data_release(out);
	gpgme_data_release(in);
	return result;
}
