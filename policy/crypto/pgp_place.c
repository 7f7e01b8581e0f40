#include "policy/crypto/pgp_place.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_desk.h"

void pgp_place_leave(struct pgp *pgp)
{
	if (pgp->desk_gpgme)
		gpgme_release(pgp->desk_gpgme);
	pgp_desk_free(pgp->desk);
	pgp->desk_gpgme = NULL;
	pgp->desk = NULL;
	pgp->desk_tried = pgp->desk_agent = pgp->desk_no_signer = false;
}

static void take_desk(struct pgp *pgp, bool agent)
{
	pgp_place_leave(pgp);
	pgp->desk_tried = true;
	pgp->desk = pgp_desk_new(pgp->home, agent);
	if (!pgp->desk)
		return;
	pgp->desk_agent = agent;
	pgp->desk_gpgme = pgp_context_new(pgp_desk_path(pgp->desk), NULL);
	(void)gpgme_set_engine_info(GPGME_PROTOCOL_OPENPGP, NULL, pgp->home);
}

/* RSA is the only slow one: 12 ms of the agent's time against 1. */
static bool slow_signer(struct pgp *pgp, const char *signer)
{
	gpgme_key_t key = signer ? pgp_context_secret(pgp, signer, NULL) : NULL;

	for (gpgme_subkey_t part = key ? key->subkeys : NULL; part; part = part->next)
		if (part->can_sign && part->secret && !part->revoked && !part->expired &&
		    part->pubkey_algo == GPGME_PK_RSA)
			return true;
	return false;
}

/* The context to use for the desk, with the keys laid on it, or NULL. */
static struct gpgme_context *desk_for(struct pgp *pgp, const struct pgp_place_work *work)
{
	bool slow = slow_signer(pgp, work->signer);

	if (pgp->desk && !pgp_desk_current(pgp->desk))
		pgp_place_leave(pgp);
	if (work->signer && pgp->desk_no_signer)
		return NULL;
	if (!pgp->desk_tried || (slow && !pgp->desk_agent))
		take_desk(pgp, slow);
	if (!pgp->desk_gpgme || pgp_desk_lay(pgp->desk, work->recipients, work->signer) < 0) {
		/* without one for its own agent, the home it is until it changes */
		pgp->desk_agent |= slow;
		return NULL;
	}
	return pgp->desk_gpgme;
}

/* Whether what was written to it can be taken back. */
static bool regular(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* 0 when it was done there, 1 when all is as it was. */
static int run_on_desk(struct pgp *pgp, const struct pgp_place_work *work, struct err *err)
{
	off_t in = lseek(work->in, 0, SEEK_CUR), out = lseek(work->out, 0, SEEK_CUR);
	struct gpgme_context *gpgme = NULL;

	if (in >= 0 && out >= 0 && regular(work->out))
		gpgme = desk_for(pgp, work);

	if (!gpgme)
		return 1;
	if (work->run(pgp, gpgme, work->data, NULL) == 0)
		return 0;
	/* perhaps the home's agent knows a passphrase that this one does not */
	pgp->desk_no_signer |= work->signer && pgp->desk_agent;
	if (lseek(work->in, in, SEEK_SET) < 0 || lseek(work->out, out, SEEK_SET) < 0 ||
	    ftruncate(work->out, out) < 0)
		return err_errno(err, ERR_TEMP, errno, "starting gpg's work anew");
	return 1;
}

int pgp_place_run(struct pgp *pgp, const struct pgp_place_work *work, struct err *err)
{
	int result = run_on_desk(pgp, work, err);

	return result > 0 ? work->run(pgp, pgp->gpgme, work->data, err) : result;
}
