#include "policy/crypto/pgp_works.h"

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"

/* RFC 9580 5.2.3: version 4, over a document, RSA, SHA-256, of the year 2020, by a key
 * that nobody has. */
static const char signature[] =
	"\xc2\x1d\x04\x00\x01\x08"
	"\x00\x06\x05\x02\x5f\x00\x00\x00"
	"\x00\x0a\x09\x10\x01\x02\x03\x04\x05\x06\x07\x08"
	"\x12\x34\x00\x08\xff";

int pgp_works(struct pgp *pgp, struct err *err)
{
	gpgme_data_t made = pgp_context_memory(span_of(signature, sizeof(signature) - 1), err);
	gpgme_data_t over = made ? pgp_context_memory(span_str("x"), err) : NULL;
	gpgme_verify_result_t result = NULL;
	bool works = false;

	if (over) {
		(void)gpgme_op_verify(pgp->gpgme, made, over, NULL);
		result = gpgme_op_verify_result(pgp->gpgme);
		works = result && result->signatures;
		if (!works)
			err_set(err, ERR_TEMP, "gpg does not work, or is not there");
	}
	gpgme_data_release(over);
	gpgme_data_release(made);
	return works ? 0 : -1;
}
