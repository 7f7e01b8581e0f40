#include "policy/crypto/pgp.h"

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_signature.h"
#include "policy/crypto/pgp_works.h"

static int attempt(struct pgp *pgp, struct span packets, struct span text,
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
	result = pgp_signature_read(pgp, signature, err);
out:
	gpgme_data_release(over);
	gpgme_data_release(made);
	return result;
}

/* `packets` are signatures: who sees none, or fails, is asked whether he works at all. */
int pgp_verify(struct pgp *pgp, struct span packets, struct span text,
	       struct pgp_signature *signature, struct err *err)
{
	int result = attempt(pgp, packets, text, signature, err);

	if (result == 0 && signature->verdict != PGP_UNSIGNED)
		return 0;
	if (pgp_works(pgp, err) < 0)
		return -1;
	*err = (struct err){ 0 };
	return attempt(pgp, packets, text, signature, err);
}
