#include "policy/crypto/pgp.h"

#include <stdio.h>

#include <gpgme.h>

#include <letterlock/buf.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_output.h"
#include "policy/crypto/pgp_place.h"

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
		return pgp_context_signer_error(pgp, code, signer, "encrypting and signing", err);
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
struct job {
	const char *names;
	const char *signer;
	gpgme_encrypt_flags_t flags;
	int in, out;
};

static int run(struct pgp *pgp, struct gpgme_context *gpgme, void *data, struct err *err)
{
	const struct job *job = data;
	gpgme_data_t plain = pgp_context_data(job->in, err);
	struct pgp_output *cipher = plain ? pgp_output_new(job->out, "PGP MESSAGE", err) : NULL;
	gpgme_error_t code;
	int result = -1;

	if (!cipher || pgp_context_signer(pgp, gpgme, job->signer, err) < 0)
		goto out;
	code = job->signer ? gpgme_op_encrypt_sign_ext(gpgme, NULL, job->names, job->flags,
						       plain, pgp_output_data(cipher)) :
			     gpgme_op_encrypt_ext(gpgme, NULL, job->names, job->flags, plain,
						  pgp_output_data(cipher));
	if (!code)
		result = check(gpgme, job->signer, err) < 0 ? -1 : pgp_output_end(cipher, err);
	else if (gpgme == pgp->gpgme)
		result = explain(pgp, code, job->signer, err);
out:
	pgp_output_free(cipher);
	gpgme_data_release(plain);
	return result;
}

int pgp_encrypt(struct pgp *pgp, const struct strs *recipients, const char *signer, int in,
		int out, bool compress, struct err *err)
{
	struct job job = {
		.signer = signer, .in = in, .out = out,
		.flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO,
	};
	const struct pgp_place_work work = {
		.recipients = recipients, .signer = signer, .in = in, .out = out,
		.run = run, .data = &job,
	};
	struct buf names;
	int result = -1;

	if (!compress)
		job.flags |= GPGME_ENCRYPT_NO_COMPRESS;
	buf_init(&names, NAMES_MAX);
	if (name_recipients(&names, recipients, err) == 0) {
		job.names = buf_span(&names).at;
		result = pgp_place_run(pgp, &work, err);
	}
	buf_free(&names);
	return result;
}
