#include <letterlock/page.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int page_new(const char *name, size_t size, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	err_errno(err, ERR_TEMP, errno, "making the memory \"%s\"", name);
	if (fd >= 0)
		close(fd);
	return -1;
}

void *page_map(int fd, size_t least, size_t *size, struct err *err)
{
	struct stat status;
	void *page;

	if (fstat(fd, &status) < 0 || status.st_size < (off_t)least) {
		err_set(err, ERR_BUG, "shared memory of less than %zu bytes", least);
		return NULL;
	}
	*size = (size_t)status.st_size;
	page = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		return page;
	err_errno(err, ERR_TEMP, errno, "mapping shared memory");
	return NULL;
}
