#include "policy/crypto/pgp.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_facts.h"
#include "policy/keys/key_index.h"

enum { LIST_TRIES = 2 };

static bool has_key(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return true;	/* gpg finds out */
	}
	while (!found && (entry = readdir(dir)))
		found = strstr(entry->d_name, ".key");
	closedir(dir);
	return found;
}

/* The folder of secret keys; -1: there is none, and no agent to start. */
static int open_secrets(const char *home)
{
	int at = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (at < 0)
		return -1;
	fd = openat(at, "private-keys-v1.d", O_PATH | O_DIRECTORY | O_CLOEXEC);
	close(at);
	if (fd >= 0 && !has_key(fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* gpg lists as if there were no secret keys when its agent does not answer: `secrets`
 * has the file of one that was not told, and that the agent, who is of our account,
 * could read. */
static bool withheld(gpgme_key_t key, int secrets)
{
	for (gpgme_subkey_t part = key->subkeys; part && secrets >= 0; part = part->next) {
		char name[64];

		if (part->secret || !part->keygrip ||
		    snprintf(name, sizeof(name), "%s.key", part->keygrip) >= (int)sizeof(name))
			continue;
		if (faccessat(secrets, name, R_OK, AT_EACCESS) == 0)
			return true;
	}
	return false;
}

static gpgme_error_t list(struct pgp *pgp, int secrets, struct key_index *index)
{
	gpgme_error_t code = gpgme_op_keylist_start(pgp->gpgme, NULL, 0);
	gpgme_key_t object;
	bool all = true;

	while (!code && !(code = gpgme_op_keylist_next(pgp->gpgme, &object))) {
		struct key key;

		if (pgp_facts(object, &key))
			key_index_add(index, &key);
		all &= !withheld(object, secrets);
		gpgme_key_unref(object);
	}
	(void)gpgme_op_keylist_end(pgp->gpgme);
	if (gpgme_err_code(code) != GPG_ERR_EOF)
		return code;
	return all ? 0 : gpgme_error(GPG_ERR_NO_AGENT);
}

static struct key_index *try_list(struct pgp *pgp, int secrets, struct err *err)
{
	gpgme_keylist_mode_t mode = GPGME_KEYLIST_MODE_LOCAL;
	struct key_index *index = key_index_new();
	gpgme_keylist_result_t result;
	gpgme_error_t code;

	if (secrets >= 0)
		mode |= GPGME_KEYLIST_MODE_WITH_SECRET | GPGME_KEYLIST_MODE_WITH_KEYGRIP;
	code = gpgme_set_keylist_mode(pgp->gpgme, mode);
	if (!code)
		code = list(pgp, secrets, index);
	result = gpgme_op_keylist_result(pgp->gpgme);
	(void)gpgme_set_keylist_mode(pgp->gpgme, GPGME_KEYLIST_MODE_LOCAL);
	if (!code && (!result || !result->truncated))
		return index;
	key_index_free(index);
	if (gpgme_err_code(code) == GPG_ERR_NO_AGENT)
		err_set(err, ERR_TEMP, "listing keys: gpg-agent does not say which secret keys "
			"there are; is one of another account running in %s?", pgp->home);
	else if (code)
		pgp_context_error(code, "listing keys", err);
	else
		err_set(err, ERR_TEMP, "listing keys: gpg did not list all");
	return NULL;
}

struct key_index *pgp_list(struct pgp *pgp, struct err *err)
{
	int secrets = open_secrets(pgp->home);
	struct key_index *index = NULL;

	/* an agent that starts or ends just then is there the next time */
	for (int i = 0; !index && i < LIST_TRIES; i++)
		index = try_list(pgp, secrets, err);
	if (secrets >= 0)
		close(secrets);
	return index;
}
