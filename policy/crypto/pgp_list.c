#include "policy/crypto/pgp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gpgme.h>

#include "policy/crypto/pgp_context.h"
#include "policy/crypto/pgp_facts.h"
#include "policy/crypto/pgp_works.h"
#include "policy/keys/key_index.h"
#include "policy/keys/keybox.h"

enum {
	LIST_TRIES = 3,
	RING_EMPTY = 32,	/* octets of a keybox without anything in it */
};

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

struct ring {
	bool there;		/* with something in it */
	bool broken;		/* or not for us to read */
	size_t keys;		/* of OpenPGP */
};

static struct ring read_ring(int fd)
{
	struct ring ring = { .there = true, .broken = true };
	struct keybox keybox = { 0 };
	struct stat status;
	void *map;

	if (fstat(fd, &status) < 0)
		return ring;
	if (status.st_size <= RING_EMPTY)
		return (struct ring){ 0 };
	map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return ring;
	if (keybox_read(span_of(map, (size_t)status.st_size), &keybox) == 0)
		ring = (struct ring){ .there = true, .keys = keybox.n };
	keybox_free(&keybox);
	(void)munmap(map, (size_t)status.st_size);
	return ring;
}

/* The keybox of the home, where that has one. */
static struct ring look_at_ring(const char *home)
{
	int at = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = at < 0 ? -1 : openat(at, "pubring.kbx", O_RDONLY | O_CLOEXEC);
	struct ring ring = { 0 };

	if (fd < 0)
		ring.broken = errno != ENOENT;
	else
		ring = read_ring(fd);
	if (fd >= 0)
		close(fd);
	if (at >= 0)
		close(at);
	return ring;
}

/*
 * gpg that cannot read its keys lists as if there had never been one, and makes a new
 * keybox where there is none: who believes it sends in the clear. A home of no keys has
 * no secret ones, either (but those of S/MIME, which are in the keybox, too).
 */
static bool lost(const struct ring *ring, size_t told, int secrets)
{
	return told == 0 && (ring->broken || (secrets >= 0 && !ring->there));
}

/* `told`: how many keys gpg named. */
static gpgme_error_t list(struct pgp *pgp, int secrets, struct key_index *index, size_t *told)
{
	gpgme_error_t code = gpgme_op_keylist_start(pgp->gpgme, NULL, 0);
	gpgme_key_t object;
	bool all = true;

	*told = 0;
	while (!code && !(code = gpgme_op_keylist_next(pgp->gpgme, &object))) {
		struct key key;

		if (pgp_facts(object, &key))
			key_index_add(index, &key);
		all &= !withheld(object, secrets);
		++*told;
		gpgme_key_unref(object);
	}
	(void)gpgme_op_keylist_end(pgp->gpgme);
	if (gpgme_err_code(code) != GPG_ERR_EOF)
		return code;
	return all ? 0 : gpgme_error(GPG_ERR_NO_AGENT);
}

static struct key_index *try_list(struct pgp *pgp, int secrets, size_t *told, struct err *err)
{
	gpgme_keylist_mode_t mode = GPGME_KEYLIST_MODE_LOCAL;
	struct key_index *index = key_index_new();
	gpgme_keylist_result_t result;
	gpgme_error_t code;

	if (secrets >= 0)
		mode |= GPGME_KEYLIST_MODE_WITH_SECRET | GPGME_KEYLIST_MODE_WITH_KEYGRIP;
	code = gpgme_set_keylist_mode(pgp->gpgme, mode);
	if (!code)
		code = list(pgp, secrets, index, told);
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

/*
 * gpg that dies has listed all that it will (THREATS 129), and who takes the rest for
 * gone sends in the clear: what is not all that the keybox has counts only when a gpg
 * that works says so again. An agent that starts or ends just then is there the next time.
 */
static struct key_index *list_all(struct pgp *pgp, int secrets, struct err *err)
{
	size_t told = 0, before = SIZE_MAX;

	for (int i = 0; i < LIST_TRIES; i++) {
		struct key_index *index = pgp_works(pgp, err) < 0
					  ? NULL : try_list(pgp, secrets, &told, err);
		struct ring ring = look_at_ring(pgp->home);
		bool none = lost(&ring, told, secrets);

		if (index && !none && (told == before || (ring.keys && told >= ring.keys)))
			return index;
		before = index ? told : SIZE_MAX;
		if (index && none)
			err_set(err, ERR_TEMP, "listing keys: those in %s are gone, or cannot be "
				"read; put its pubring.kbx back, or import them with gpg",
				pgp->home);
		else if (index)
			err_set(err, ERR_TEMP, "listing keys: gpg did not list all");
		key_index_free(index);
	}
	return NULL;
}

struct key_index *pgp_list(struct pgp *pgp, struct err *err)
{
	int secrets = open_secrets(pgp->home);
	struct err why = { 0 };
	struct key_index *index = list_all(pgp, secrets, &why);

	if (secrets >= 0)
		close(secrets);
	if (!index)
		*err = why;	/* a try that failed before one that did not is nothing to tell */
	return index;
}
