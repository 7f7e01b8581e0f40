#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <letterlock/secret.h>

/*
 * Pages of its own: munlock() of a page that two secrets share would unlock
 * the other one, too. Failing to lock is no error: limits differ (RLIMIT_MEMLOCK).
 */
static char *pages(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		abort();
	(void)mlock(at, len);
	(void)madvise(at, len, MADV_DONTDUMP);
	return at;
}

void secret_set(struct secret *secret, struct span bytes)
{
	struct secret fresh = { 0 };

	if (bytes.len) {
		fresh.bytes = pages(bytes.len);
		fresh.len = bytes.len;
		memcpy(fresh.bytes, bytes.at, bytes.len);
	}
	secret_wipe(secret);	/* only now: `bytes` may be a part of it */
	*secret = fresh;
}

struct span secret_span(const struct secret *secret)
{
	return span_of(secret->bytes ? secret->bytes : "", secret->len);
}

void secret_wipe(struct secret *secret)
{
	if (secret->bytes) {
		secret_erase(secret->bytes, secret->len);
		(void)munmap(secret->bytes, secret->len);
	}
	*secret = (struct secret){ 0 };
}

void secret_erase(void *at, size_t len)
{
	if (len)
		explicit_bzero(at, len);
}
