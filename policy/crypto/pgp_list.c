#include "policy/crypto/pgp.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_facts.h"
#include "policy/keys/key_index.h"

/* Without a file in it there is no secret key, and no agent to start. */
static bool has_secret_keys(const char *home)
{
	int at = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (at < 0)
		return true;
	fd = openat(at, "private-keys-v1.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(at);
	if (fd < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return true;
	}
	while (!found && (entry = readdir(dir)))
		found = strstr(entry->d_name, ".key");
	closedir(dir);
	return found;
}

static gpgme_error_t list(struct pgp *pgp, struct key_index *index)
{
	gpgme_error_t code = gpgme_op_keylist_start(pgp->gpgme, NULL, 0);
	gpgme_key_t object;

	while (!code && !(code = gpgme_op_keylist_next(pgp->gpgme, &object))) {
		struct key key;

		if (pgp_facts(object, &key))
			key_index_add(index, &key);
		gpgme_key_unref(object);
	}
	(void)gpgme_op_keylist_end(pgp->gpgme);
	return gpgme_err_code(code) == GPG_ERR_EOF ? 0 : code;
}

struct key_index *pgp_list(struct pgp *pgp, struct err *err)
{
	gpgme_keylist_mode_t mode = GPGME_KEYLIST_MODE_LOCAL;
	struct key_index *index = key_index_new();
	gpgme_keylist_result_t result;
	gpgme_error_t code;

	if (has_secret_keys(pgp->home))
		mode |= GPGME_KEYLIST_MODE_WITH_SECRET;
	code = gpgme_set_keylist_mode(pgp->gpgme, mode);
	if (!code)
		code = list(pgp, index);
	result = gpgme_op_keylist_result(pgp->gpgme);
	(void)gpgme_set_keylist_mode(pgp->gpgme, GPGME_KEYLIST_MODE_LOCAL);
	if (!code && (!result || !result->truncated))
		return index;
	key_index_free(index);
	if (code)
		pgp_context_error(code, "listing keys", err);
	else
		err_set(err, ERR_TEMP, "listing keys: gpg did not list all");
	return NULL;
}
