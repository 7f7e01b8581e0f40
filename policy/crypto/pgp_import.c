#include "policy/crypto/pgp.h"

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"

static unsigned count(int n)
{
	return n > 0 ? (unsigned)n : 0;
}

int pgp_import(struct pgp *pgp, int in, struct pgp_import *result, struct err *err)
{
	gpgme_data_t data = pgp_context_data(in, err);
	gpgme_import_result_t got;
	gpgme_error_t code;

	*result = (struct pgp_import){ 0 };
	if (!data)
		return -1;
	pgp_forget_keys(pgp);
	code = gpgme_op_import(pgp->gpgme, data);
	gpgme_data_release(data);
	if (code && gpgme_err_code(code) != GPG_ERR_NO_DATA)
		return pgp_context_error(code, "importing keys", err);
	got = gpgme_op_import_result(pgp->gpgme);
	if (!got || got->considered <= 0)
		return err_set(err, ERR_CONF, "there is no OpenPGP key in it");
	result->imported = count(got->imported);
	result->unchanged = count(got->unchanged);
	result->secret = count(got->secret_imported);
	result->rejected = count(got->no_user_id) + count(got->not_imported) +
			   count(got->skipped_new_keys) + count(got->skipped_v3_keys);
	for (gpgme_import_status_t each = got->imports; each; each = each->next)
		if (each->fpr && !each->result &&
		    !strs_has_nocase(&result->fingerprints, span_str(each->fpr)))
			strs_add(&result->fingerprints, span_str(each->fpr));
	return 0;
}
