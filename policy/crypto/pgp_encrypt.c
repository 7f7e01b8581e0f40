#include "policy/crypto/pgp.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <gpgme.h>

#include <letterlock/buf.h>

#include "policy/crypto/pgp_context.h"

enum { NAMES_MAX = 1024 * 1024 };

/*
 * "--\n", after which nothing is an option, and a fingerprint a line. Key
 * objects would do as well, but fetching one runs gpg once more.
 */
static int name_recipients(struct buf *names, const struct strs *recipients,
			   struct err *err)
{
	/* without a recipient, gpg would encrypt under a passphrase */
	if (recipients->n == 0)
		return err_set(err, ERR_BUG, "there is nobody to encrypt to");
	(void)buf_puts(names, "--\n");
	for (size_t i = 0; i < recipients->n; i++) {
		const char *fingerprint = recipients->at[i];

		if (!pgp_context_fingerprint(fingerprint))
			return err_set(err, ERR_BUG, "%s is no fingerprint", fingerprint);
		if (buf_printf(names, "%s\n", fingerprint) < 0)
			return err_set(err, ERR_REFUSED, "there are too many keys to encrypt to");
	}
	return buf_put(names, span_of("", 1));
}

/* gpg says only that it refused: what is wrong is found out here. */
static int explain(struct pgp *pgp, gpgme_error_t code, const char *signer, struct err *err)
{
	gpgme_encrypt_result_t encrypted = gpgme_op_encrypt_result(pgp->gpgme);
	gpgme_sign_result_t made = signer ? gpgme_op_sign_result(pgp->gpgme) : NULL;
	char refused[80] = "";
	bool sign = false;

	if (encrypted && encrypted->invalid_recipients && encrypted->invalid_recipients->fpr) {
		(void)snprintf(refused, sizeof(refused), "%s",
			       encrypted->invalid_recipients->fpr);
	} else if (gpgme_err_code(code) == GPG_ERR_UNUSABLE_SECKEY ||
		   (made && made->invalid_signers)) {
		(void)snprintf(refused, sizeof(refused), "%s", signer ? signer : "");
		sign = true;
	}
	if (pgp_context_fingerprint(refused))
		return pgp_context_key_error(pgp, refused, sign, err);
	if (signer)
		return pgp_context_signer_error(code, signer, "encrypting and signing", err);
	return pgp_context_error(code, "encrypting", err);
}

/* gpg said yes: to all of it? */
static int check(struct gpgme_context *gpgme, const char *signer, struct err *err)
{
	gpgme_encrypt_result_t result = gpgme_op_encrypt_result(gpgme);

	if (!result || result->invalid_recipients)
		return err_set(err, ERR_TEMP, "gpg left a recipient out");
	return signer ? pgp_context_signed(gpgme, signer, NULL, err) : 0;
}

/* What is to be done. */
struct work {
	const struct strs *recipients;
	const char *names;	/* the same, as gpg wants them */
	const char *signer;
	gpgme_encrypt_flags_t flags;
	int in, out;
};

static int encrypt_with(struct pgp *pgp, struct gpgme_context *gpgme, const struct work *work,
			struct err *err)
{
	gpgme_data_t plain = pgp_context_data(work->in, err);
	gpgme_data_t cipher = plain ? pgp_context_data(work->out, err) : NULL;
	gpgme_error_t code;
	int result = -1;

	if (!cipher || pgp_context_signer(pgp, gpgme, work->signer, err) < 0)
		goto out;
	code = work->signer ? gpgme_op_encrypt_sign_ext(gpgme, NULL, work->names, work->flags,
							plain, cipher) :
			      gpgme_op_encrypt_ext(gpgme, NULL, work->names, work->flags, plain,
						   cipher);
	/* on the desk it does not matter why */
	result = !code ? check(gpgme, work->signer, err) :
		 gpgme == pgp->gpgme ? explain(pgp, code, work->signer, err) : -1;
out:
	gpgme_data_release(cipher);
	gpgme_data_release(plain);
	return result;
}

/* 0 when the desk did it, 1 when all is as it was, for another try. */
static int encrypt_on_desk(struct pgp *pgp, const struct work *work, struct err *err)
{
	off_t in = lseek(work->in, 0, SEEK_CUR), out = lseek(work->out, 0, SEEK_CUR);
	struct gpgme_context *gpgme = NULL;

	if (in >= 0 && out >= 0)
		gpgme = pgp_context_desk(pgp, work->recipients, work->signer);
	if (!gpgme)
		return 1;
	if (encrypt_with(pgp, gpgme, work, NULL) == 0)
		return 0;
	if (lseek(work->in, in, SEEK_SET) < 0 || lseek(work->out, out, SEEK_SET) < 0 ||
	    ftruncate(work->out, out) < 0)
		return err_errno(err, ERR_TEMP, errno, "starting the encryption anew");
	return 1;
}

int pgp_encrypt(struct pgp *pgp, const struct strs *recipients, const char *signer, int in,
		int out, bool compress, struct err *err)
{
	struct work work = {
		.recipients = recipients, .signer = signer, .in = in, .out = out,
		.flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO,
	};
	struct buf names;
	int result = -1;

	if (!compress)
		work.flags |= GPGME_ENCRYPT_NO_COMPRESS;
	buf_init(&names, NAMES_MAX);
	if (name_recipients(&names, recipients, err) == 0) {
		work.names = buf_span(&names).at;
		result = encrypt_on_desk(pgp, &work, err);
		if (result > 0)
			result = encrypt_with(pgp, pgp->gpgme, &work, err);
	}
	buf_free(&names);
	return result;
}
