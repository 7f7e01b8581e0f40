#include "proxy/run/states.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <letterlock/channel.h>
#include <letterlock/mem.h>

#include "policy/run/child.h"

struct states_file {
	TAILQ_ENTRY(states_file) entry;
	dev_t device;
	ino_t inode;
	int fd;		/* its end is the end of the lock; no child has it */
	unsigned shares;
};

struct states {
	TAILQ_HEAD(, states_file) all;
};

struct states *states_new(void)
{
	struct states *states = mem_new(sizeof(*states));

	TAILQ_INIT(&states->all);
	return states;
}

static void file_free(struct states *states, struct states_file *file)
{
	TAILQ_REMOVE(&states->all, file, entry);
	close(file->fd);
	free(file);
}

void states_free(struct states *states)
{
	struct states_file *file;

	if (!states)
		return;
	while ((file = TAILQ_FIRST(&states->all)))
		file_free(states, file);
	free(states);
}

/* --- opening --- */

static int open_here(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);

	return fd >= 0 ? fd : err_errno(err, ERR_CONF, errno, "state: opening %s", path);
}

/* The child: sends the descriptor, or why there is none, and ends. */
static void open_and_send(const struct child_account *account, const char *path, int to)
{
	struct err err = { 0 };
	int fd;

	if (child_become(account) < 0)
		_exit(1);
	fd = open_here(path, &err);
	/* an empty message would be the end */
	_exit(channel_send(to, span_str(fd < 0 ? err.text : "opened"), fd, &err) ==
	      CHANNEL_DONE ? 0 : 1);
}

static int receive(int from, const char *path, struct err *err)
{
	struct buf why;
	struct span text;
	int fd = -1;

	buf_init(&why, CHANNEL_MAX);
	if (channel_receive(from, &why, &fd, err) != CHANNEL_DONE) {
		err_set(err, ERR_TEMP, "state: %s could not be opened", path);
	} else if (fd < 0) {
		text = buf_span(&why);
		err_set(err, ERR_CONF, "%.*s", (int)text.len, text.at);
	}
	buf_free(&why);
	return fd;
}

/* A child opens it where we are root: what the account may not read is not
 * read for it, and what is made belongs to it. */
static int open_as(const struct child_account *account, const char *path, struct err *err)
{
	int ends[2], fd = -1;
	pid_t child;

	if (!account->drop)
		return open_here(path, err);
	if (channel_pair(ends, err) < 0)
		return -1;
	child = fork();
	if (child == 0)
		open_and_send(account, path, ends[1]);
	close(ends[1]);
	if (child < 0)
		err_errno(err, ERR_TEMP, errno, "opening a state");
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (child > 0)
		fd = receive(ends[0], path, err);
	close(ends[0]);
	return fd;
}

/* --- holding --- */

static struct states_file *find(struct states *states, const struct stat *status)
{
	struct states_file *file;

	TAILQ_FOREACH(file, &states->all, entry)
		if (file->device == status->st_dev && file->inode == status->st_ino)
			return file;
	return NULL;
}

static int lock(int fd, const char *path, struct err *err)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return err_errno(err, ERR_CONF, errno, "state: locking %s", path);
	return err_set(err, ERR_CONF, "state: another gateway (letterlock serve) works on %s; "
		       "end that one, or write state = FILE with a file of its own for each",
		       path);
}

struct states_file *states_take(struct states *states, const char *path,
				const struct child_account *account, struct err *err)
{
	struct states_file *file;
	struct stat status;
	int fd = open_as(account, path, err);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) < 0) {
		err_errno(err, ERR_TEMP, errno, "state: looking at %s", path);
		goto out;
	}
	file = find(states, &status);
	if (file) {
		close(fd);
		file->shares++;
		return file;
	}
	if (lock(fd, path, err) < 0)
		goto out;
	file = mem_new(sizeof(*file));
	*file = (struct states_file){ .device = status.st_dev, .inode = status.st_ino,
				      .fd = fd, .shares = 1 };
	TAILQ_INSERT_TAIL(&states->all, file, entry);
	return file;
out:
	close(fd);
	return NULL;
}

void states_give(struct states *states, struct states_file *file)
{
	if (file && --file->shares == 0)
		file_free(states, file);
}
