#include "policy/crypto/pgp_context.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gpgme.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp_facts.h"
#include "policy/keys/key_index.h"

bool pgp_context_fingerprint(const char *text)
{
	size_t len = strspn(text, "0123456789ABCDEFabcdef");

	return text[len] == '\0' && (len == 40 || len == 64);
}

/* The home is set for the whole process, before the context is made: one that
 * is told its home later runs `gpg --version` each time. */
struct gpgme_context *pgp_context_new(const char *home, struct err *err)
{
	gpgme_ctx_t gpgme = NULL;
	gpgme_error_t code = gpgme_set_engine_info(GPGME_PROTOCOL_OPENPGP, NULL, home);

	if (!code)
		code = gpgme_new(&gpgme);
	if (!code)
		code = gpgme_set_pinentry_mode(gpgme, GPGME_PINENTRY_MODE_ERROR);
	if (code) {
		if (gpgme)
			gpgme_release(gpgme);
		pgp_context_error(code, "starting GPGME", err);
		return NULL;
	}
	gpgme_set_armor(gpgme, 0);	/* pgp_output does it, faster */
	gpgme_set_textmode(gpgme, 0);
	gpgme_set_offline(gpgme, 1);
	return gpgme;
}

void pgp_context_in_large_steps(struct gpgme_data *data)
{
	(void)gpgme_data_set_flag(data, "io-buffer-size", "65536");
}

struct gpgme_data *pgp_context_data(int fd, struct err *err)
{
	gpgme_data_t data;
	gpgme_error_t code = gpgme_data_new_from_fd(&data, fd);

	if (code) {
		pgp_context_error(code, "data for gpg", err);
		return NULL;
	}
	pgp_context_in_large_steps(data);
	return data;
}

struct gpgme_data *pgp_context_memory(struct span bytes, struct err *err)
{
	gpgme_data_t data;
	gpgme_error_t code = gpgme_data_new_from_mem(&data, bytes.at, bytes.len, 0);

	if (code) {
		pgp_context_error(code, "data for gpg", err);
		return NULL;
	}
	pgp_context_in_large_steps(data);
	return data;
}

struct _gpgme_key *pgp_context_key(struct pgp *pgp, const char *fingerprint, bool secret,
				   struct err *err)
{
	gpgme_key_t key = NULL;
	gpgme_error_t code;

	if (!pgp_context_fingerprint(fingerprint)) {
		err_set(err, ERR_BUG, "%s is no fingerprint", fingerprint);
		return NULL;
	}
	code = gpgme_get_key(pgp->gpgme, fingerprint, &key, secret);
	if (!code)
		return key;
	if (gpgme_err_code(code) == GPG_ERR_EOF)
		err_set(err, ERR_CONF, "there is no %skey %s in %s", secret ? "secret " : "",
			fingerprint, pgp->home);
	else
		pgp_context_error(code, "looking for a key", err);
	return NULL;
}

/* --- signers --- */

struct _gpgme_key *pgp_context_secret(struct pgp *pgp, const char *fingerprint,
				      struct err *err)
{
	gpgme_key_t key;

	for (size_t i = 0; i < pgp->signers_n; i++)
		if (strcasecmp(pgp->signers[i]->fpr, fingerprint) == 0)
			return pgp->signers[i];
	key = pgp_context_key(pgp, fingerprint, true, err);
	if (!key)
		return NULL;
	pgp->signers = mem_one_more(pgp->signers, pgp->signers_n, sizeof(gpgme_key_t));
	pgp->signers[pgp->signers_n++] = key;
	return key;
}

int pgp_context_signer(struct pgp *pgp, struct gpgme_context *gpgme, const char *fingerprint,
		       struct err *err)
{
	gpgme_key_t key;
	gpgme_error_t code;

	gpgme_signers_clear(gpgme);
	if (!fingerprint)
		return 0;
	key = pgp_context_secret(pgp, fingerprint, err);
	if (!key)
		return -1;
	code = gpgme_signers_add(gpgme, key);
	return code ? pgp_context_error(code, "choosing the signing key", err) : 0;
}

static bool part_of(const struct _gpgme_key *key, const char *fingerprint)
{
	for (const struct _gpgme_subkey *part = key->subkeys; part; part = part->next)
		if (part->fpr && strcasecmp(part->fpr, fingerprint) == 0)
			return true;
	return false;
}

/* Of the hashes that RFC 9580 9.5 leaves, those that gpg can make. */
static bool good_hash(gpgme_hash_algo_t hash)
{
	return hash == GPGME_MD_SHA256 || hash == GPGME_MD_SHA384 || hash == GPGME_MD_SHA512;
}

static void name_hash(gpgme_hash_algo_t hash, char micalg[32])
{
	const char *name = gpgme_hash_algo_name(hash);
	size_t len;

	(void)memcpy(micalg, "pgp-", 5);
	for (len = 4; name && *name && len < 31; name++)
		micalg[len++] = (char)tolower((unsigned char)*name);
	micalg[len] = '\0';
}

int pgp_context_signed(struct gpgme_context *gpgme, const char *fingerprint, char micalg[32],
		       struct err *err)
{
	gpgme_sign_result_t result = gpgme_op_sign_result(gpgme);
	gpgme_new_signature_t made = result ? result->signatures : NULL;
	gpgme_key_t key = gpgme_signers_enum(gpgme, 0);
	bool mine;

	if (!made || made->next || result->invalid_signers || !key || !made->fpr) {
		gpgme_key_unref(key);
		return err_set(err, ERR_TEMP, "gpg did not sign as key %s", fingerprint);
	}
	mine = part_of(key, made->fpr);
	gpgme_key_unref(key);
	if (!mine)
		return err_set(err, ERR_TEMP, "gpg signed as %s instead of key %s", made->fpr,
			       fingerprint);
	if (!good_hash(made->hash_algo))
		return err_set(err, ERR_CONF, "gpg signed over %s, which is too weak",
			       gpgme_hash_algo_name(made->hash_algo));
	if (micalg)
		name_hash(made->hash_algo, micalg);
	return 0;
}

/* --- errors --- */

int pgp_context_error(unsigned code, const char *what, struct err *err)
{
	char text[160];

	(void)gpgme_strerror_r(code, text, sizeof(text));
	return err_set(err, ERR_TEMP, "%s: %s", what, text);
}

int pgp_context_message_error(unsigned code, const char *what, struct err *err)
{
	pgp_context_error(code, what, err);
	if (gpgme_err_code_to_errno(gpgme_err_code(code)) == 0)
		err->kind = ERR_REFUSED;
	return -1;
}

bool pgp_context_locked(unsigned code)
{
	switch ((int)gpgme_err_code(code)) {
	case GPG_ERR_CANCELED:
	case GPG_ERR_FULLY_CANCELED:
	case GPG_ERR_NO_PIN_ENTRY:
	case GPG_ERR_PIN_ENTRY:
	case GPG_ERR_NO_PASSPHRASE:
	case GPG_ERR_BAD_PASSPHRASE:
		return true;
	default:
		return false;
	}
}

int pgp_context_signer_error(struct pgp *pgp, unsigned code, const char *fingerprint,
			     const char *what, struct err *err)
{
	if (pgp_context_locked(code))
		return err_set(err, ERR_CONF, "secret key of %s is locked: passphrase needed; "
			       "take that away, as the account that owns it, with: "
			       "gpg --homedir %s --passwd %s", fingerprint,
			       pgp->home, fingerprint);
	switch ((int)gpgme_err_code(code)) {
	case GPG_ERR_NO_SECKEY:
		return err_set(err, ERR_CONF, "secret key of %s is missing", fingerprint);
	case GPG_ERR_NO_AGENT:
		return err_set(err, ERR_TEMP, "%s: gpg-agent does not answer", what);
	default:
		return pgp_context_error(code, what, err);
	}
}

int pgp_context_key_error(struct pgp *pgp, const char *fingerprint, bool sign,
			  struct err *err)
{
	gpgme_key_t object = pgp_context_key(pgp, fingerprint, sign, err);
	char why[64] = "cannot be used";
	struct key key;

	if (!object)
		return -1;
	if (pgp_facts(object, &key)) {
		bool usable = key_usable(&key, sign ? KEY_SIGN : KEY_ENCRYPT,
					 (int64_t)time(NULL), why);

		err_set(err, ERR_CONF, "key %s %s", fingerprint,
			usable ? "is refused by gpg" : why);
		key_free(&key);
	} else {
		err_set(err, ERR_CONF, "key %s cannot be used", fingerprint);
	}
	gpgme_key_unref(object);
	return -1;
}
