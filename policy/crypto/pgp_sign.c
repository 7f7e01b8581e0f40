#include "policy/crypto/pgp.h"

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"

static int explain(struct pgp *pgp, gpgme_error_t code, const char *signer, struct err *err)
{
	gpgme_sign_result_t made = gpgme_op_sign_result(pgp->gpgme);

	if (gpgme_err_code(code) == GPG_ERR_UNUSABLE_SECKEY || (made && made->invalid_signers))
		return pgp_context_key_error(pgp, signer, true, err);
	return pgp_context_signer_error(code, signer, "signing", err);
}

int pgp_sign(struct pgp *pgp, const char *signer, int in, int out, char micalg[32],
	     struct err *err)
{
	gpgme_data_t plain = pgp_context_data(in, err);
	gpgme_data_t signature = plain ? pgp_context_data(out, err) : NULL;
	gpgme_error_t code;
	int result = -1;

	if (!signature || pgp_context_signer(pgp, pgp->gpgme, signer, err) < 0)
		goto out;
	code = gpgme_op_sign(pgp->gpgme, plain, signature, GPGME_SIG_MODE_DETACH);
	result = code ? explain(pgp, code, signer, err) :
			pgp_context_signed(pgp->gpgme, signer, micalg, err);
out:
	gpgme_data_release(signature);
	gpgme_data_release(plain);
	return result;
}
