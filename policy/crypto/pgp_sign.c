#include "policy/crypto/pgp.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_output.h"
#include "policy/crypto/pgp_place.h"

static int explain(struct pgp *pgp, gpgme_error_t code, const char *signer, struct err *err)
{
	gpgme_sign_result_t made = gpgme_op_sign_result(pgp->gpgme);

	if (gpgme_err_code(code) == GPG_ERR_UNUSABLE_SECKEY || (made && made->invalid_signers))
		return pgp_context_key_error(pgp, signer, true, err);
	return pgp_context_signer_error(pgp, code, signer, "signing", err);
}

struct job {
	const char *signer;
	char *micalg;
	int in, out;
};

static int run(struct pgp *pgp, struct gpgme_context *gpgme, void *data, struct err *err)
{
	const struct job *job = data;
	gpgme_data_t plain = pgp_context_data(job->in, err);
	struct pgp_output *signature =
		plain ? pgp_output_new(job->out, "PGP SIGNATURE", err) : NULL;
	gpgme_error_t code;
	int result = -1;

	if (!signature || pgp_context_signer(pgp, gpgme, job->signer, err) < 0)
		goto out;
	code = gpgme_op_sign(gpgme, plain, pgp_output_data(signature), GPGME_SIG_MODE_DETACH);
	if (!code)
		result = pgp_context_signed(gpgme, job->signer, job->micalg, err) < 0 ? -1 :
			 pgp_output_end(signature, err);
	else if (gpgme == pgp->gpgme)
		result = explain(pgp, code, job->signer, err);
out:
	pgp_output_free(signature);
	gpgme_data_release(plain);
	return result;
}

int pgp_sign(struct pgp *pgp, const char *signer, int in, int out, char micalg[32],
	     struct err *err)
{
	const struct strs nobody = { 0 };
	struct job job = { .signer = signer, .micalg = micalg, .in = in, .out = out };
	const struct pgp_place_work work = {
		.recipients = &nobody, .signer = signer, .in = in, .out = out,
		.run = run, .data = &job,
	};

	return pgp_place_run(pgp, &work, err);
}

int pgp_sign_try(struct pgp *pgp, const char *signer, struct err *err)
{
	int in = memfd_create("nothing", MFD_CLOEXEC);
	int out = memfd_create("signature", MFD_CLOEXEC);
	char micalg[32];
	int result = in < 0 || out < 0 ? err_errno(err, ERR_TEMP, errno, "trying to sign")
				       : pgp_sign(pgp, signer, in, out, micalg, err);

	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return result;
}
