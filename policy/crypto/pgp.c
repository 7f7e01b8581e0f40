#include "policy/crypto/pgp.h"

#include <stdlib.h>

#include <gpgme.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_place.h"
#include "policy/keys/gnupg_home.h"
#include "policy/rules/conf.h"

/* The first option that has no place in the home's gpg.conf. */
static int refuse_options(const char *home, struct err *err)
{
	struct problems problems = { 0 };
	int result = 0;

	gnupg_home_check(home, &problems, NULL);
	if (problems.list.n > 0)
		result = err_set(err, ERR_CONF, "%s", problems.list.at[0]);
	problem_free(&problems);
	return result;
}

/* gpgconf is not needed to find gpg. */
static int find_gpg(const char *home, struct err *err)
{
	gpgme_error_t code;

	(void)gpgme_set_global_flag("disable-gpgconf", "1");
	if (!gpgme_check_version("1.18.0"))
		return err_set(err, ERR_CONF, "GPGME is older than 1.18.0");
	code = gpgme_set_engine_info(GPGME_PROTOCOL_OPENPGP, NULL, home);
	if (!code)
		code = gpgme_engine_check_version(GPGME_PROTOCOL_OPENPGP);
	if (gpgme_err_code(code) == GPG_ERR_INV_ENGINE)
		return err_set(err, ERR_CONF, "there is no gpg that can be run");
	return code ? pgp_context_error(code, "finding gpg", err) : 0;
}

struct pgp *pgp_new(const char *home, struct err *err)
{
	struct pgp *pgp;

	if (gnupg_home_prepare(home, false, err) < 0 || refuse_options(home, err) < 0 ||
	    find_gpg(home, err) < 0)
		return NULL;
	pgp = mem_new(sizeof(*pgp));
	pgp->home = mem_strdup(home);
	pgp->gpgme = pgp_context_new(home, err);
	if (pgp->gpgme)
		return pgp;
	pgp_free(pgp);
	return NULL;
}

void pgp_forget_keys(struct pgp *pgp)
{
	pgp_place_leave(pgp);
	gpgme_signers_clear(pgp->gpgme);
	for (size_t i = 0; i < pgp->signers_n; i++)
		gpgme_key_unref(pgp->signers[i]);
	free(pgp->signers);
	pgp->signers = NULL;
	pgp->signers_n = 0;
	free(pgp->named);
	pgp->named = NULL;
	pgp->named_n = 0;
}

void pgp_free(struct pgp *pgp)
{
	if (!pgp)
		return;
	if (pgp->gpgme) {
		pgp_forget_keys(pgp);
		gpgme_release(pgp->gpgme);
	}
	free(pgp->home);
	free(pgp);
}
