#include "policy/crypto/pgp.h"

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"

int pgp_delete(struct pgp *pgp, const char *fingerprint, bool secret_too, struct err *err)
{
	unsigned flags = GPGME_DELETE_FORCE | (secret_too ? GPGME_DELETE_ALLOW_SECRET : 0);
	gpgme_key_t key = pgp_context_key(pgp, fingerprint, false, err);
	gpgme_error_t code;

	if (!key)
		return -1;
	pgp_forget_keys(pgp);
	code = gpgme_op_delete_ext(pgp->gpgme, key, flags);
	gpgme_key_unref(key);
	if (gpgme_err_code(code) == GPG_ERR_CONFLICT)
		return err_set(err, ERR_CONF, "the secret key of %s is here", fingerprint);
	return code ? pgp_context_error(code, "removing a key", err) : 0;
}
