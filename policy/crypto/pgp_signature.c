#include "policy/crypto/pgp_signature.h"

#include <stdio.h>
#include <string.h>

#include <gpgme.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/crypto/pgp_context.h"

static bool weak(gpgme_hash_algo_t hash)
{
	return hash != GPGME_MD_SHA256 && hash != GPGME_MD_SHA384 && hash != GPGME_MD_SHA512 &&
	       hash != GPGME_MD_SHA224;
}

/* Why a signature is not good, or NULL. Success alone says little: SHA-1 has it
 * too. GPGME calls nothing valid under trust-model always, where each key of the
 * home counts as trusted. */
static const char *fault(gpgme_signature_t one)
{
	if (one->summary & GPGME_SIGSUM_KEY_REVOKED)
		return "its key is revoked";
	if (one->summary & GPGME_SIGSUM_KEY_EXPIRED)
		return "its key is expired";
	if (one->summary & GPGME_SIGSUM_SIG_EXPIRED)
		return "it is expired";
	if (gpgme_err_code(one->status) != GPG_ERR_NO_ERROR)
		return "it does not fit";
	if (weak(one->hash_algo))
		return "its hash is too weak";
	if ((one->summary & GPGME_SIGSUM_RED) || one->wrong_key_usage)
		return "it is not valid";
	return NULL;
}

static bool key_unknown(gpgme_signature_t one)
{
	return (one->summary & GPGME_SIGSUM_KEY_MISSING) ||
	       gpgme_err_code(one->status) == GPG_ERR_NO_PUBKEY;
}

enum { NAMED_MAX = 256 };	/* signers that are remembered: asking runs gpg */

static const struct pgp_named *named(const struct pgp *pgp, const char *part)
{
	for (size_t i = 0; i < pgp->named_n; i++)
		if (strcmp(pgp->named[i].part, part) == 0)
			return &pgp->named[i];
	return NULL;
}

static const struct pgp_named *remember(struct pgp *pgp, const char *part, const char *key)
{
	struct pgp_named *one;

	if (!pgp->named)
		pgp->named = mem_new(NAMED_MAX * sizeof(*pgp->named));
	if (pgp->named_n < NAMED_MAX)
		pgp->named_last = pgp->named_n++;
	else
		pgp->named_last = (pgp->named_last + 1) % NAMED_MAX;
	one = &pgp->named[pgp->named_last];
	(void)snprintf(one->part, sizeof(one->part), "%s", part);
	(void)snprintf(one->key, sizeof(one->key), "%s", key);
	return one;
}

/* The fingerprint of the key that `signed_by`, perhaps a subkey, belongs to, in its
 * place. False: there is none. */
static bool name_signer(struct pgp *pgp, char signed_by[65])
{
	const struct pgp_named *one = named(pgp, signed_by);
	gpgme_key_t key = NULL;
	gpgme_error_t code = one ? 0 : gpgme_get_key(pgp->gpgme, signed_by, &key, 0);

	if (code)
		return gpgme_err_code(code) != GPG_ERR_EOF;
	if (!one && key->fpr)
		one = remember(pgp, signed_by, key->fpr);
	if (one)
		(void)snprintf(signed_by, 65, "%s", one->key);
	gpgme_key_unref(key);
	return true;
}

static void judge(gpgme_signature_t one, struct pgp_signature *signature)
{
	signature->why = key_unknown(one) ? NULL : fault(one);
	signature->verdict = key_unknown(one) ? PGP_UNKNOWN_KEY :
			     signature->why ? PGP_BAD : PGP_GOOD;
	signature->made = (int64_t)one->timestamp;
}

/* The worst of all counts: who adds a good signature to a bad one gains nothing. */
int pgp_signature_read(struct pgp *pgp, struct pgp_signature *signature, struct err *err)
{
	gpgme_verify_result_t result = gpgme_op_verify_result(pgp->gpgme);
	gpgme_signature_t worst = result ? result->signatures : NULL;

	*signature = (struct pgp_signature){ .verdict = PGP_UNSIGNED };
	if (!worst)
		return 0;
	for (gpgme_signature_t one = worst; one; one = one->next) {
		struct pgp_signature seen = { 0 };

		judge(one, &seen);
		if (seen.verdict != PGP_GOOD) {
			worst = one;
			break;
		}
	}
	judge(worst, signature);
	/* the result is gone once another key is asked for */
	(void)snprintf(signature->fingerprint, sizeof(signature->fingerprint), "%s",
		       worst->fpr ? worst->fpr : "");
	if (signature->verdict == PGP_UNKNOWN_KEY || !signature->fingerprint[0] ||
	    name_signer(pgp, signature->fingerprint) || signature->verdict != PGP_GOOD)
		return 0;
	/* it was there just now */
	return err_set(err, ERR_TEMP, "gpg does not tell of key %s", signature->fingerprint);
}
