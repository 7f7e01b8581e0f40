#include "policy/keys/gnupg_home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <letterlock/buf.h>
#include <letterlock/mem.h>

#include "policy/keys/gnupg_options.h"
#include "policy/rules/conf.h"

enum { CONF_MAX = 1024 * 1024 };

extern char **environ;

static const char SYSTEM_CONF[] = "/etc/gnupg/gpg.conf";

/* gpg.conf, or one for a version of gpg ("gpg.conf-2.2"), which gpg then reads
 * in its place. */
static bool is_conf(const char *name)
{
	static const char conf[] = "gpg.conf";
	const char *version = name + sizeof(conf) - 1;

	if (strncmp(name, conf, sizeof(conf) - 1) != 0)
		return false;
	return !*version ||
	       (*version == '-' && !version[1 + strspn(version + 1, "0123456789.")]);
}

/* Appends the paths of the home's own to `paths`. */
static void find_confs(const char *home, struct strs *paths)
{
	const struct dirent *entry;
	DIR *dir = opendir(home);

	while (dir && (entry = readdir(dir))) {
		char *path;

		if (!is_conf(entry->d_name))
			continue;
		path = mem_printf("%s/%s", home, entry->d_name);
		strs_add(paths, span_str(path));
		free(path);
	}
	if (dir)
		closedir(dir);
}

/* --- checking --- */

/* 0 also when there is none. */
static int read_conf(const char *path, struct buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd >= 0 ? 1 : errno == ENOENT ? 0 : -1;

	while (n > 0) {
		char *at = buf_reserve(text, 4096);

		n = at ? read(fd, at, 4096) : -1;
		if (n < 0 && at && errno == EINTR)
			n = 1;
		else if (n > 0)
			buf_commit(text, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static void check_text(const char *path, struct span text, struct problems *problems,
		       bool *seen)
{
	struct span line, option, value;
	unsigned number = 0;

	while (span_split(&text, '\n', &line)) {
		const char *why;

		gnupg_options_split(line, &option, &value);
		why = gnupg_options_wrong(option, value);
		number++;
		if (why)
			problem_add(problems, path, number, "%.*s %s; take the line out",
				    (int)option.len, option.at, why);
		for (size_t i = 0; gnupg_options_wanted(i); i++)
			seen[i] |= span_is(option, gnupg_options_wanted(i));
	}
}

static void check_file(const char *path, struct problems *problems, bool *seen)
{
	struct buf text;

	buf_init(&text, CONF_MAX);
	if (read_conf(path, &text) == 0)
		check_text(path, buf_span(&text), problems, seen);
	else
		problem_add(problems, path, 0, "cannot be read, so nobody knows what gpg would do; "
			    "let the account of the gateway read it");
	buf_free(&text);
}

void gnupg_home_check(const char *path, struct problems *problems, struct strs *missing)
{
	struct strs paths = { 0 };
	bool seen[16] = { false };

	strs_add(&paths, span_str(SYSTEM_CONF));
	find_confs(path, &paths);
	for (size_t i = 0; i < paths.n; i++)
		check_file(paths.at[i], problems, seen);
	strs_free(&paths);
	for (size_t i = 0; missing && gnupg_options_wanted(i); i++)
		if (!seen[i])
			strs_add(missing, span_str(gnupg_options_wanted(i)));
}

/* --- preparing --- */

static int write_all(int fd, struct span text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return -1;
		text = span_skip(text, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

/* Whole or not at all, and never over one that somebody else just wrote. */
static int write_conf(const char *home, struct err *err)
{
	char *temporary = mem_printf("%s/.gpg.conf.XXXXXX", home);
	char *path = mem_printf("%s/gpg.conf", home);
	int fd = mkostemp(temporary, O_CLOEXEC), result = -1;

	if (fd < 0)
		goto out;
	result = write_all(fd, span_str(gnupg_options_ours));
	if (close(fd) < 0)
		result = -1;
	if (result == 0 && link(temporary, path) < 0 && errno != EEXIST)
		result = -1;
	if (result < 0)
		err_errno(err, ERR_CONF, errno, "writing %s", path);
	(void)unlink(temporary);
out:
	if (fd < 0)
		err_errno(err, ERR_CONF, errno, "writing %s", path);
	free(temporary);
	free(path);
	return result;
}

/*
 * Under trust-model always gpg never makes its trustdb, but dies when it has to
 * note there that a key was revoked or disabled. Without gpg, or when it fails,
 * all is as before.
 */
static void make_trustdb(const char *home)
{
	char *path = mem_printf("%s/trustdb.gpg", home);
	char *argv[] = { "gpg", "--homedir", NULL, "--batch", "--quiet", "--no-tty",
			 "--trust-model", "pgp", "--check-trustdb", NULL };
	posix_spawn_file_actions_t actions;
	bool there = access(path, F_OK) == 0;
	pid_t child;

	free(path);
	argv[2] = (char *)home;
	if (there || posix_spawn_file_actions_init(&actions) != 0)
		return;
	for (int fd = 0; fd < 3; fd++)
		(void)posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (posix_spawnp(&child, "gpg", &actions, NULL, argv, environ) == 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
}

int gnupg_home_prepare(const char *path, bool create, struct err *err)
{
	struct strs confs = { 0 };
	struct stat status;
	size_t n;

	if (strlen(path) > GNUPG_HOME_PATH_MAX)
		return err_set(err, ERR_CONF, "the GnuPG home %s has more than %d bytes, and "
			       "gpg-agent's socket would not fit", path, GNUPG_HOME_PATH_MAX);
	if (create && mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, ERR_CONF, errno, "making the GnuPG home %s", path);
	if (stat(path, &status) < 0)
		return err_errno(err, ERR_CONF, errno, "the GnuPG home %s", path);
	if (!S_ISDIR(status.st_mode))
		return err_set(err, ERR_CONF, "the GnuPG home %s is no directory", path);
	find_confs(path, &confs);
	n = confs.n;
	strs_free(&confs);
	if (n == 0 && write_conf(path, err) < 0)
		return -1;
	make_trustdb(path);
	return 0;
}
