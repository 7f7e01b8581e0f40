#include "policy/crypto/pgp_desk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/buf.h>
#include <letterlock/mem.h>

#include "policy/keys/keybox.h"

enum {
	OPTIONS_MAX = 64 * 1024,
	BLOB_MAX = 8 * 1024 * 1024,
	/* what a home's path may have, so that sockets on a desk have names of
	 * less than 108 octets (S.gpg-agent.browser) */
	HOME_MAX = 107 - (int)sizeof("/.desk-XXXXXX/S.gpg-agent.browser"),
};

static const char PREFIX[] = ".desk-";

struct pgp_desk {
	char *home;
	char *path;
	bool agent;		/* of its own */
	int lock;		/* held as long as somebody works here */
	int from;		/* the home's keyring, as it was */
	struct stat status;	/* of that ... */
	struct stat options;	/* ... and of the home's gpg.conf */
	int ring;		/* ours */
	char head[32];
	size_t head_len;
	struct keybox keybox;	/* of `from`; its head is not valid any more */
	struct strs laid;	/* fingerprints */
};

/* --- what a sealer that was killed left behind --- */

static void remove_all(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
	(void)rmdir(path);
}

static int take_lock(const char *path)
{
	char *name = mem_printf("%s/lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(name);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void sweep(const char *home)
{
	const struct dirent *entry;
	DIR *dir = opendir(home);

	while (dir && (entry = readdir(dir))) {
		char *path;
		int lock;

		if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) != 0)
			continue;
		path = mem_printf("%s/%s", home, entry->d_name);
		lock = take_lock(path);
		if (lock >= 0) {
			remove_all(path);
			close(lock);
		}
		free(path);
	}
	if (dir)
		closedir(dir);
}

/* --- making one --- */

static int put(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno != EINTR)
			return -1;
		bytes = span_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

static int put_file(const struct pgp_desk *desk, const char *name, struct span bytes)
{
	char *path = mem_printf("%s/%s", desk->path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), result;

	free(path);
	result = fd < 0 ? -1 : put(fd, bytes);
	if (fd >= 0)
		close(fd);
	return result;
}

/* The home's options, which were found to be harmless. Where the home's agent
 * is to be asked, none is started for this directory: it would have no keys. */
static int put_options(struct pgp_desk *desk)
{
	char *path = mem_printf("%s/gpg.conf", desk->home), *at;
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;
	struct buf text;
	ssize_t n = -1;

	free(path);
	buf_init(&text, OPTIONS_MAX);
	at = buf_reserve(&text, OPTIONS_MAX - 64);
	if (fd >= 0 && at && fstat(fd, &desk->options) == 0)
		n = read(fd, at, OPTIONS_MAX - 64);
	if (n >= 0 && n < OPTIONS_MAX - 64) {
		buf_commit(&text, (size_t)n);
		(void)buf_puts(&text, desk->agent ? "\n" : "\nno-autostart\n");
		result = put_file(desk, "gpg.conf", buf_span(&text));
	}
	buf_free(&text);
	if (fd >= 0)
		close(fd);
	return result;
}

static int link_home(const struct pgp_desk *desk, const char *name)
{
	char *to = mem_printf("%s/%s", desk->home, name);
	char *path = mem_printf("%s/%s", desk->path, name);
	int result = symlink(to, path);

	free(to);
	free(path);
	return result;
}

/* libassuan follows such a file to where the agent's socket is. */
static int put_agent(const struct pgp_desk *desk)
{
	char *text = mem_printf("%%Assuan%%\nsocket=%s/S.gpg-agent\n", desk->home);
	int result = put_file(desk, "S.gpg-agent", span_str(text));

	free(text);
	return result;
}

static int read_ring(struct pgp_desk *desk)
{
	char *path = mem_printf("%s/pubring.kbx", desk->home);
	size_t size;
	void *map;
	int result;

	desk->from = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (desk->from < 0 || fstat(desk->from, &desk->status) < 0 ||
	    (desk->status.st_size < PGP_DESK_FROM && !desk->agent) ||
	    desk->status.st_size == 0 || desk->status.st_size > UINT32_MAX)
		return -1;
	size = (size_t)desk->status.st_size;
	map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, desk->from, 0);
	if (map == MAP_FAILED)
		return -1;
	result = keybox_read(span_of(map, size), &desk->keybox);
	if (result == 0 && desk->keybox.head.len <= sizeof(desk->head)) {
		desk->head_len = desk->keybox.head.len;
		memcpy(desk->head, desk->keybox.head.at, desk->head_len);
	}
	munmap(map, size);
	return desk->head_len > 0 ? result : -1;
}

/* gpg reads gpg.conf-2.2 and the like in place of gpg.conf. */
static bool other_options(const char *home)
{
	const struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(home);

	while (dir && !found && (entry = readdir(dir)))
		found = strncmp(entry->d_name, "gpg.conf-", 9) == 0;
	if (dir)
		closedir(dir);
	return found || !dir;
}

static int clear_ring(struct pgp_desk *desk)
{
	strs_free(&desk->laid);
	if (ftruncate(desk->ring, 0) < 0 || lseek(desk->ring, 0, SEEK_SET) < 0)
		return -1;
	return put(desk->ring, span_of(desk->head, desk->head_len));
}

static int make(struct pgp_desk *desk)
{
	char *path;

	desk->path = mem_printf("%s/%sXXXXXX", desk->home, PREFIX);
	if (!mkdtemp(desk->path)) {
		free(desk->path);
		desk->path = NULL;
		return -1;
	}
	desk->lock = take_lock(desk->path);
	path = mem_printf("%s/pubring.kbx", desk->path);
	desk->ring = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	free(path);
	if (desk->lock < 0 || desk->ring < 0 || clear_ring(desk) < 0)
		return -1;
	if (put_options(desk) < 0)
		return -1;
	if (!desk->agent)
		return put_agent(desk);
	return link_home(desk, "gpg-agent.conf") < 0 ? -1 : link_home(desk, "private-keys-v1.d");
}

struct pgp_desk *pgp_desk_new(const char *home, bool agent)
{
	struct pgp_desk *desk = mem_new(sizeof(*desk));

	desk->agent = agent && strlen(home) <= HOME_MAX;
	desk->home = mem_strdup(home);
	desk->lock = desk->from = desk->ring = -1;
	sweep(home);
	if (!other_options(home) && read_ring(desk) == 0 && make(desk) == 0)
		return desk;
	pgp_desk_free(desk);
	return NULL;
}

void pgp_desk_free(struct pgp_desk *desk)
{
	if (!desk)
		return;
	if (desk->path)
		remove_all(desk->path);
	if (desk->lock >= 0)
		close(desk->lock);
	if (desk->from >= 0)
		close(desk->from);
	if (desk->ring >= 0)
		close(desk->ring);
	keybox_free(&desk->keybox);
	strs_free(&desk->laid);
	free(desk->path);
	free(desk->home);
	free(desk);
}

const char *pgp_desk_path(const struct pgp_desk *desk)
{
	return desk->path;
}

static bool unchanged(const struct pgp_desk *desk, const char *name, const struct stat *was)
{
	char *path = mem_printf("%s/%s", desk->home, name);
	struct stat now;
	bool same = stat(path, &now) == 0 && now.st_ino == was->st_ino &&
		    now.st_size == was->st_size &&
		    now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
		    now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;

	free(path);
	return same;
}

bool pgp_desk_current(const struct pgp_desk *desk)
{
	return unchanged(desk, "pubring.kbx", &desk->status) &&
	       unchanged(desk, "gpg.conf", &desk->options);
}

/* --- laying keys --- */

static int copy_key(struct pgp_desk *desk, const struct keybox_place *place)
{
	char *bytes;
	int result = -1;

	if (place->size > BLOB_MAX)
		return -1;
	bytes = mem_new(place->size);
	if (pread(desk->from, bytes, place->size, place->offset) == (ssize_t)place->size)
		result = put(desk->ring, span_of(bytes, place->size));
	if (result < 0)
		(void)clear_ring(desk);		/* no half a key stays */
	free(bytes);
	return result;
}

static int lay(struct pgp_desk *desk, const char *fingerprint)
{
	const struct keybox_place *place;

	if (strs_has_nocase(&desk->laid, span_str(fingerprint)))
		return 0;
	place = keybox_find(&desk->keybox, fingerprint);
	if (!place || copy_key(desk, place) < 0)
		return -1;
	strs_add(&desk->laid, span_str(fingerprint));
	return 0;
}

static bool agent_runs(const struct pgp_desk *desk)
{
	char *path = mem_printf("%s/S.gpg-agent", desk->home);
	struct stat status;
	bool runs = stat(path, &status) == 0 && S_ISSOCK(status.st_mode);

	free(path);
	return runs;
}

int pgp_desk_lay(struct pgp_desk *desk, const struct strs *fingerprints, const char *signer)
{
	if (signer && !desk->agent && !agent_runs(desk))
		return -1;
	if (desk->laid.n > 0 && desk->laid.n + fingerprints->n >= PGP_DESK_KEYS &&
	    clear_ring(desk) < 0)
		return -1;
	for (size_t i = 0; i < fingerprints->n; i++)
		if (lay(desk, fingerprints->at[i]) < 0)
			return -1;
	return signer ? lay(desk, signer) : 0;
}
