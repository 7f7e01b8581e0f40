#include "tests/unit/key_home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <letterlock/mem.h>

static int shell(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int key_home_make(void **state)
{
	struct key_home *home = mem_new(sizeof(*home));
	const char *srcdir = getenv("srcdir");
	char *command;
	int status;

	*state = home;
	(void)snprintf(home->dir, sizeof(home->dir), "/tmp/llkh-XXXXXX");
	if (!mkdtemp(home->dir))
		return -1;
	(void)snprintf(home->home, sizeof(home->home), "%s/h", home->dir);
	command = mem_printf("'%s/tests/keys/make-home' '%s'", srcdir ? srcdir : ".", home->home);
	status = shell(command);
	free(command);
	return status;
}

int key_home_end(void **state)
{
	struct key_home *home = *state;
	char *command = mem_printf("gpgconf --homedir '%s' --kill all; rm -rf '%s'", home->home,
				   home->dir);

	(void)shell(command);
	free(command);
	free(home);
	return 0;
}

const char *key_home_fingerprint(const struct key_home *home, const char *name)
{
	static char line[128];
	char path[96];
	size_t len = strlen(name);
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/names", home->home);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, name, len) == 0 && line[len] == ' ') {
			fclose(file);
			return line + len + 1;
		}
	}
	fprintf(stderr, "there is no key %s\n", name);
	abort();
}

int key_home_file(struct span bytes)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes.at, bytes.len) != (ssize_t)bytes.len)
		abort();
	lseek(fd, 0, SEEK_SET);
	return fd;
}

char *key_home_read(int fd, size_t *len)
{
	struct stat status;
	char *bytes;

	if (fstat(fd, &status) < 0)
		abort();
	bytes = mem_new((size_t)status.st_size + 1);
	if (pread(fd, bytes, (size_t)status.st_size, 0) != status.st_size)
		abort();
	if (len)
		*len = (size_t)status.st_size;
	return bytes;
}

char *key_home_gpg(const struct key_home *home, const char *arguments, int input, int *status)
{
	/* a copy, since the shell is to inherit it */
	int in = input >= 0 ? dup(input) : -1, out = memfd_create("output", 0), result;
	char *command, *bytes, from[32] = "/dev/null";

	if (in >= 0)
		(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", in);
	command = mem_printf("gpg --homedir '%s' --batch --quiet --no-tty %s >/proc/self/fd/%d "
			     "2>'%s/log' <%s", home->home, arguments, out, home->dir, from);
	result = shell(command);
	if (status)
		*status = result;
	bytes = key_home_read(out, NULL);
	free(command);
	close(out);
	if (in >= 0)
		close(in);
	return bytes;
}
