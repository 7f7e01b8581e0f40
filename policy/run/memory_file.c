#include "policy/run/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEALS = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK };

static int write_all(int fd, struct span bytes, struct err *err)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_TEMP, errno, "writing to memory");
		bytes = span_skip(bytes, (size_t)n);
	}
	return 0;
}

int memory_file_seal(int fd, struct err *err)
{
	if (fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) < 0)
		return err_errno(err, ERR_BUG, errno, "sealing memory");
	return 0;
}

int memory_file_new(struct span bytes, struct err *err)
{
	int fd = memfd_create("letterlock", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_errno(err, ERR_TEMP, errno, "making a file in memory");
	if (write_all(fd, bytes, err) == 0 && memory_file_seal(fd, err) == 0)
		return fd;
	close(fd);
	return -1;
}

int memory_file_read(int fd, struct buf *bytes, struct err *err)
{
	struct stat status;
	size_t len = 0, size;
	char *at;

	if (fstat(fd, &status) < 0)
		return err_errno(err, ERR_BUG, errno, "reading from memory");
	size = (size_t)status.st_size;
	if (size == 0)
		return 0;
	at = buf_reserve(bytes, size);
	if (!at)
		return err_set(err, ERR_TEMP, "%zu bytes are too many", size);
	while (len < size) {
		ssize_t n = pread(fd, at + len, size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_BUG, "memory could not be read");
		len += (size_t)n;
	}
	buf_commit(bytes, len);
	return 0;
}

bool memory_file_sealed(int fd, uint64_t size)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &status) < 0)
		return false;
	return status.st_size >= 0 && (uint64_t)status.st_size == size;
}
