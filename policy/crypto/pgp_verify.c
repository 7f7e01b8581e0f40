#include "policy/crypto/pgp.h"

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_signature.h"

int pgp_verify(struct pgp *pgp, struct span packets, struct span text,
	       struct pgp_signature *signature, struct err *err)
{
	gpgme_data_t made = pgp_context_memory(packets, err);
	gpgme_data_t over = made ? pgp_context_memory(text, err) : NULL;
	gpgme_error_t code;
	int result = -1;

	if (!over)
		goto out;
	code = gpgme_op_verify(pgp->gpgme, made, over, NULL);
	if (code) {
		pgp_context_message_error(code, "verifying", err);
		goto out;
	}
	pgp_signature_read(pgp, signature);
	result = 0;
out:
	gpgme_data_release(over);
	gpgme_data_release(made);
	return result;
}
