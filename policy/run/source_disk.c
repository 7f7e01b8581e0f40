#include "policy/run/source_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

enum { READ_STEP = 64 * 1024 };

/* `*fd` when the result is SOURCE_READ. */
static int open_file(const char *path, int *fd, struct err *err)
{
	struct stat status;

	/* O_NONBLOCK: a named pipe must not hold us up */
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0) {
		int why = errno;

		err_errno(err, ERR_CONF, why, "%s", path);
		return why == ENOENT ? SOURCE_MISSING : SOURCE_FAILED;
	}
	if (fstat(*fd, &status) < 0)
		err_errno(err, ERR_CONF, errno, "%s", path);
	else if (!S_ISREG(status.st_mode))
		err_set(err, ERR_CONF, "%s is no regular file", path);
	else
		return SOURCE_READ;
	close(*fd);
	return SOURCE_FAILED;
}

static int read_whole(int fd, const char *path, struct buf *out, struct err *err)
{
	size_t most = buf_span(out).len + SOURCE_FILE_MAX;

	for (;;) {
		char *at = buf_reserve(out, READ_STEP);
		ssize_t n;

		if (!at || buf_span(out).len > most)
			return err_set(err, ERR_CONF, "%s is larger than %d bytes", path,
				       SOURCE_FILE_MAX);
		n = read(fd, at, READ_STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_CONF, errno, "%s", path);
		if (n == 0)
			return 0;
		buf_commit(out, (size_t)n);
	}
}

int source_disk_read(const char *path, struct buf *out, struct err *err)
{
	int fd, result = open_file(path, &fd, err);

	if (result != SOURCE_READ)
		return result;
	if (read_whole(fd, path, out, err) < 0)
		result = SOURCE_FAILED;
	close(fd);
	return result;
}

static char *current_directory(void)
{
	char path[PATH_MAX];

	return mem_strdup(getcwd(path, sizeof(path)) ? path : "/");
}

static char *runtime_directory(void)
{
	const char *given = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0)
		return mem_strdup("/run/letterlock");
	return given && given[0] == '/' ? mem_printf("%s/letterlock", given) : NULL;
}

/* That we may run on: a container or a service may have been given few. */
static unsigned count_cores(void)
{
	cpu_set_t allowed;
	long online;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
		return (unsigned)CPU_COUNT(&allowed);
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 && online < CPU_SETSIZE ? (unsigned)online : 1;
}

void source_disk_host(struct source_host *host)
{
	char name[HOST_NAME_MAX + 1] = "";

	if (gethostname(name, sizeof(name)) < 0)
		name[0] = '\0';
	name[HOST_NAME_MAX] = '\0';
	*host = (struct source_host){
		.hostname = mem_strdup(name),
		.cores = count_cores(),
		.directory = current_directory(),
		.runtime_dir = runtime_directory(),
	};
}

void source_disk_host_free(struct source_host *host)
{
	free((char *)host->hostname);
	free((char *)host->directory);
	free((char *)host->runtime_dir);
	*host = (struct source_host){ 0 };
}
