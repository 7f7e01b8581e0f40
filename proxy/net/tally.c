/* tally - see tally.h. */
#include "proxy/net/tally.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

enum { BUCKETS = 1024 };

struct count {
	char *address;
	unsigned n;	/* never 0 */
	struct count *next;
};

struct tally {
	unsigned shares;
	struct count *buckets[BUCKETS];
};

/* FNV-1a. Who fills one bucket on purpose has at most as many entries there as
 * connections open. */
static unsigned bucket_of(const char *address)
{
	unsigned hash = 2166136261u;

	for (; *address; address++)
		hash = (hash ^ (unsigned char)*address) * 16777619u;
	return hash % BUCKETS;
}

/* Where the pointer to the count of `address` is, or would be. */
static struct count **find(struct tally *tally, const char *address)
{
	struct count **at = &tally->buckets[bucket_of(address)];

	while (*at && strcmp((*at)->address, address) != 0)
		at = &(*at)->next;
	return at;
}

struct tally *tally_new(void)
{
	struct tally *tally = mem_new(sizeof(*tally));

	tally->shares = 1;
	return tally;
}

bool tally_enter(struct tally *tally, const char *address, unsigned most)
{
	struct count **at = find(tally, address);

	if (most > 0 && *at && (*at)->n >= most)
		return false;
	if (!*at) {
		*at = mem_new(sizeof(**at));
		(*at)->address = mem_strdup(address);
	}
	(*at)->n++;
	tally->shares++;
	return true;
}

void tally_leave(struct tally *tally, const char *address)
{
	struct count **at = find(tally, address);
	struct count *count = *at;

	if (--count->n == 0) {
		*at = count->next;
		free(count->address);
		free(count);
	}
	tally_free(tally);
}

void tally_free(struct tally *tally)
{
	if (!tally || --tally->shares > 0)
		return;
	free(tally);
}
