#include "policy/store/views_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "policy/store/db.h"

static const char about[] = "letterlock views 1";

static int write_key(int fd, const unsigned char *key)
{
	ssize_t done = write(fd, key, CIPHER_KEY_SIZE);

	if (done >= 0 && done != CIPHER_KEY_SIZE)
		errno = ENOSPC;
	return done == CIPHER_KEY_SIZE && fsync(fd) == 0 ? 0 : -1;
}

/* The name, too, has to be on the disc. */
static void sync_directory(const char *path)
{
	char *directory = mem_strdup(path), *slash = strrchr(directory, '/');
	int fd;

	if (slash)
		*slash = '\0';
	fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(directory);
}

/* Under another name first: a crash leaves no half of a key. */
static int make_file(const char *path, const char *first, const unsigned char *key,
		     struct err *err)
{
	int fd = open(first, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = 0;

	if (fd < 0)
		return err_errno(err, ERR_CONF, errno, "%s", first);
	if (write_key(fd, key) < 0 || link(first, path) < 0)
		result = err_errno(err, ERR_CONF, errno, "%s", path);
	close(fd);
	(void)unlink(first);
	return result;
}

static int make(const char *path, unsigned char *key, struct err *err)
{
	char *first;
	int result;

	if (cipher_random(key, CIPHER_KEY_SIZE, err) < 0)
		return -1;
	first = mem_printf("%s.new", path);
	(void)unlink(first);	/* of a process that died here */
	result = make_file(path, first, key, err);
	free(first);
	if (result == 0)
		sync_directory(path);
	return result;
}

/* 0, 1: there is no such file, -1. */
static int read_key(const char *path, unsigned char *key, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unsigned char more;
	struct stat status;
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? 1 : err_errno(err, ERR_CONF, errno, "%s", path);
	got = read(fd, key, CIPHER_KEY_SIZE);
	if (got != CIPHER_KEY_SIZE || read(fd, &more, 1) != 0)
		err_set(err, ERR_CONF, "%s is no key of views: put back the file that was there",
			path);
	else if (fstat(fd, &status) < 0 || (status.st_mode & 077))
		err_set(err, ERR_CONF, "%s is open to others: chmod 600 it", path);
	else
		got = 0;
	close(fd);
	return got == 0 ? 0 : -1;
}

struct proof {
	bool there, good;
	const unsigned char *key;
};

static void take_proof(void *owner, const struct db_value *columns)
{
	struct proof *proof = owner;
	struct buf plain;

	buf_init(&plain, 64);
	proof->there = true;
	proof->good = cipher_open(proof->key, span_str(about), columns[0].text, &plain, NULL) == 0;
	buf_free(&plain);
}

static int put_proof(struct db *db, const unsigned char *key, struct err *err)
{
	struct db_value value;
	struct buf sealed;
	int result = -1;

	buf_init(&sealed, 64);
	if (cipher_seal(key, span_str(about), span_str("proof"), &sealed, err) == 0) {
		value = db_bytes(buf_span(&sealed));
		result = db_run(db, "INSERT INTO view_key VALUES (?)", &value, 1, err);
	}
	buf_free(&sealed);
	return result;
}

/* In a transaction: two processes make one key. */
static int load(struct db *db, const char *path, unsigned char *key, struct err *err)
{
	struct proof proof = { .key = key };
	int missing = read_key(path, key, err);

	if (missing < 0 ||
	    db_each(db, "SELECT proof FROM view_key", NULL, 0, take_proof, &proof, err) < 0)
		return -1;
	if (proof.there && missing)
		return err_set(err, ERR_CONF, "%s is missing, under which views are kept in the "
			       "state: put it back, or move the state file away", path);
	if (proof.there)
		return proof.good ? 0
		       : err_set(err, ERR_CONF, "%s is not the key under which views are kept in "
				 "the state: put that back, or move the state file away", path);
	if (missing && make(path, key, err) < 0)
		return -1;
	return put_proof(db, key, err);
}

int views_key_load(struct db *db, const char *path, unsigned char key[CIPHER_KEY_SIZE],
		   struct err *err)
{
	if (db_begin(db, err) < 0)
		return -1;
	if (load(db, path, key, err) == 0)
		return db_commit(db, err);
	db_abandon(db);
	secret_erase((char *)key, CIPHER_KEY_SIZE);
	return -1;
}
