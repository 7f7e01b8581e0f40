#include "policy/run/access_check.h"

#include <dirent.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/run/snapshot.h"

enum {
	WRITE = S_IWGRP | S_IWOTH,
	ANY = S_IRWXG | S_IRWXO,
};

struct look {
	uid_t uid;		/* of the account that the gateway is */
	gid_t gid;
	struct strs told;	/* paths of which there is a problem */
	struct problems *problems;
};

static bool told(struct look *look, const char *path)
{
	for (size_t i = 0; i < look->told.n; i++)
		if (strcmp(look->told.at[i], path) == 0)
			return true;
	strs_add(&look->told, span_str(path));
	return false;
}

static void check_owner(struct look *look, const char *path, const struct stat *status)
{
	const struct passwd *owner;
	char number[24];

	if (status->st_uid == 0 || status->st_uid == look->uid ||
	    status->st_uid == geteuid() || told(look, path))
		return;
	owner = getpwuid(status->st_uid);
	(void)snprintf(number, sizeof(number), "%lu", (unsigned long)status->st_uid);
	problem_add(look->problems, path, 0,
		    "belongs to %s, who could change what the gateway does; write: chown root %s",
		    owner ? owner->pw_name : number, path);
}

/* Which bits of `mode` others have whom its directories let come that far. */
static mode_t reached(const struct stat *status, mode_t reach)
{
	mode_t mode = status->st_mode & reach;

	/* the group of root is root */
	return status->st_gid == 0 ? mode & ~(mode_t)S_IRWXG : mode;
}

/* A directory on the way. Returns whom of `reach` it lets come further. */
static mode_t check_directory(struct look *look, const char *path, mode_t reach)
{
	struct stat status;
	mode_t on = 0;

	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		return 0;
	check_owner(look, path, &status);
	if ((reached(&status, reach) & WRITE) && !(status.st_mode & S_ISVTX) &&
	    !told(look, path))
		problem_add(look->problems, path, 0,
			    "others may write to this directory, and put their own files in the "
			    "place of the gateway's; write: chmod go-w %s", path);
	if (status.st_mode & S_IXOTH)
		on |= S_IRWXO;
	if (status.st_mode & (S_IXGRP | S_IXOTH))
		on |= S_IRWXG;
	return reach & on;
}

/* All directories above `path` (which is absolute), from the root on. */
static mode_t check_way(struct look *look, const char *path)
{
	mode_t reach = ANY;

	for (const char *slash = path; reach && slash; slash = strchr(slash + 1, '/')) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);
		char *directory = span_dup(span_of(path, len));

		reach = check_directory(look, directory, reach);
		free(directory);
	}
	return reach;
}

/* A server's key that belongs to root may be its group's to read, when that
 * is the account's: it could not be read otherwise. */
static bool for_account(const struct look *look, const struct stat *status, mode_t bits)
{
	return bits == S_IRGRP && status->st_uid != look->uid && status->st_gid == look->gid;
}

/* Others may do nothing of `forbidden` with the file. */
static void check_mode(struct look *look, const char *path, const struct stat *status,
		       mode_t reach, mode_t forbidden)
{
	mode_t bits = reached(status, reach) & forbidden;

	if (!bits || for_account(look, status, bits) || told(look, path))
		return;
	if (bits & WRITE)
		problem_add(look->problems, path, 0,
			    "others may write to this file; write: chmod %s %s",
			    forbidden == WRITE ? "go-w" : "600", path);
	else
		problem_add(look->problems, path, 0,
			    "others may read this file, which is secret; write: chmod 600 %s",
			    path);
}

static void check_at(struct look *look, const char *path, mode_t forbidden)
{
	mode_t reach = check_way(look, path);
	struct stat status;

	if (!reach || stat(path, &status) < 0)
		return;
	check_owner(look, path, &status);
	if (S_ISREG(status.st_mode))
		check_mode(look, path, &status, reach, forbidden);
}

/* Where it is said to be, and where it is when that is a link. */
static void check_file(struct look *look, const char *path, mode_t forbidden)
{
	char real[PATH_MAX];

	if (path[0] != '/')
		return;
	check_at(look, path, forbidden);
	if (realpath(path, real) && strcmp(real, path) != 0)
		check_at(look, real, forbidden);
}

static void check_directories(struct look *look, const char *path)
{
	char real[PATH_MAX], *inside = mem_printf("%s/", path);

	(void)check_way(look, inside);
	free(inside);
	if (!realpath(path, real) || strcmp(real, path) == 0)
		return;
	inside = mem_printf("%s/", real);
	(void)check_way(look, inside);
	free(inside);
}

static mode_t forbidden_of(const struct settings *settings, const char *path)
{
	for (size_t i = 0; i < settings->listeners_n; i++)
		if (settings->listeners[i].private_key &&
		    strcmp(settings->listeners[i].private_key, path) == 0)
			return ANY & ~(mode_t)(S_IXGRP | S_IXOTH);
	return WRITE;
}

/* gpg trusts all that it finds in its home, whoever wrote it: so what is in
 * there does not count as out of reach. */
static void check_entries(struct look *look, const char *directory, mode_t forbidden)
{
	const struct dirent *entry;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir))) {
		char *path = mem_printf("%s/%s", directory, entry->d_name);
		struct stat status;

		if (lstat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			check_owner(look, path, &status);
			check_mode(look, path, &status, ANY, forbidden);
		}
		free(path);
	}
	if (dir)
		closedir(dir);
}

static void check_home(struct look *look, const char *home)
{
	char *keys = mem_printf("%s/private-keys-v1.d", home);
	struct stat status;

	check_directories(look, home);
	check_entries(look, home, WRITE);
	if (stat(keys, &status) == 0 && (status.st_mode & ANY))
		problem_add(look->problems, keys, 0,
			    "others may look into this directory of private keys; write: "
			    "chmod 700 %s", keys);
	check_entries(look, keys, ANY);
	free(keys);
}

static void check_state(struct look *look, const char *state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *path = mem_printf("%s%s", state, ends[i]);

		check_file(look, path, ANY);
		free(path);
	}
}

void access_check(const struct conf *conf, const struct snapshot *snapshot,
		  struct problems *problems)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;
	const struct passwd *account = gateway->user ? getpwnam(gateway->user) : NULL;
	struct look look = { .uid = account ? account->pw_uid : geteuid(),
			     .gid = account ? account->pw_gid : getegid(),
			     .problems = problems };
	const char *path;

	/* whose the files should be is not known: that has been told */
	if (gateway->user && (!account || account->pw_uid == 0))
		return;
	for (size_t i = 0; (path = snapshot_path(snapshot, i)); i++)
		check_file(&look, path, forbidden_of(&conf->settings, path));
	if (gateway->gnupg_home)
		check_home(&look, gateway->gnupg_home);
	if (gateway->state)
		check_state(&look, gateway->state);
	if (gateway->runtime_dir)
		check_directories(&look, gateway->runtime_dir);
	strs_free(&look.told);
}
