#include "proxy/session/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <letterlock/buf.h>
#include <letterlock/mem.h>
#include <letterlock/page.h>

enum {
	PAGE = 4096,		/* the unit in which a memfd takes memory */
	GATHER = 16 * 1024,	/* bytes that are put before they are written */
};

/*
 * What all processes map. Each worker writes its own slot only, and the sum
 * of the slots is what is used: so a worker that is killed between any two
 * instructions leaves nothing counted that its slot does not say.
 */
struct page {
	_Atomic uint64_t limit;
	_Atomic uint32_t slots_used;	/* slots below it may be in use */
	uint32_t slots;
	uint32_t seed;
	struct slot {
		_Atomic uint64_t held;	/* bytes */
		_Atomic uint64_t shares[SPOOL_SHARES];	/* ... of them, by share */
	} at[];
};

struct spool_budget {
	struct page *page;
	size_t size;
	unsigned slot;
	/* of a share: */
	struct spool_budget *of;
	unsigned number;
	uint64_t most;
	bool one;		/* whatever is held by this one is one thing */
	uint64_t held;		/* by this one, of what its number holds */
};

static size_t page_size(unsigned slots)
{
	return sizeof(struct page) + slots * sizeof(struct slot);
}

int spool_budget_new(uint64_t limit, unsigned slots, int *fd, struct err *err)
{
	struct page *page = NULL;
	size_t size;

	*fd = page_new("spool-budget", page_size(slots), err);
	if (*fd >= 0)
		page = page_map(*fd, page_size(slots), &size, err);
	if (!page) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return -1;
	}
	atomic_store(&page->limit, limit);
	page->slots = slots;
	/* what is left out where the system has no random bytes yet is some fairness */
	(void)!getrandom(&page->seed, sizeof(page->seed), 0);
	munmap(page, size);
	return 0;
}

struct spool_budget *spool_budget_open(int fd, unsigned slot, struct err *err)
{
	struct spool_budget *budget;
	struct page *page;
	uint32_t used;
	size_t size;

	page = page_map(fd, page_size(slot + 1), &size, err);
	if (!page)
		return NULL;
	used = atomic_load(&page->slots_used);
	while (used <= slot &&
	       !atomic_compare_exchange_weak(&page->slots_used, &used, slot + 1))
		;	/* another worker came first: look again */
	budget = mem_new(sizeof(*budget));
	*budget = (struct spool_budget){ .page = page, .size = size, .slot = slot };
	return budget;
}

struct spool_budget *spool_budget_share(struct spool_budget *budget, unsigned number,
					uint64_t most, bool one)
{
	struct spool_budget *share = mem_new(sizeof(*share));

	*share = (struct spool_budget){ .page = budget->page, .slot = budget->slot, .of = budget,
					.number = number % SPOOL_SHARES, .most = most,
					.one = one };
	return share;
}

uint32_t spool_budget_seed(const struct spool_budget *budget)
{
	return budget->page->seed;
}

void spool_budget_close(struct spool_budget *budget)
{
	if (!budget)
		return;
	if (!budget->of)
		munmap(budget->page, budget->size);
	free(budget);
}

void spool_budget_reclaim(struct spool_budget *budget, unsigned slot)
{
	struct slot *at = &budget->page->at[slot];

	if (slot >= budget->page->slots)
		return;
	for (size_t i = 0; i < SPOOL_SHARES; i++)
		atomic_store(&at->shares[i], 0);
	atomic_store(&at->held, 0);
}

void spool_budget_limit(struct spool_budget *budget, uint64_t limit)
{
	atomic_store(&budget->page->limit, limit);
}

/* What all hold together; never wraps, whatever a slot says. */
static uint64_t held_by_all(const struct page *page)
{
	uint32_t n = atomic_load(&page->slots_used);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n && i < page->slots; i++) {
		uint64_t one = atomic_load(&page->at[i].held);

		sum = one > UINT64_MAX - sum ? UINT64_MAX : sum + one;
	}
	return sum;
}

/* The same of one share, of which each is a part of what a slot holds. */
static uint64_t held_of_share(const struct spool_budget *share)
{
	const struct page *page = share->page;
	uint32_t n = atomic_load(&page->slots_used);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n && i < page->slots; i++) {
		uint64_t one = atomic_load(&page->at[i].shares[share->number]);

		sum = one > UINT64_MAX - sum ? UINT64_MAX : sum + one;
	}
	return sum;
}

uint64_t spool_budget_whole(const struct spool_budget *budget)
{
	return atomic_load(&budget->page->limit);
}

static uint64_t limit_and(const struct spool_budget *budget, uint64_t more)
{
	uint64_t limit = atomic_load(&budget->page->limit);

	return limit > UINT64_MAX - more ? UINT64_MAX : limit + more;
}

uint64_t spool_budget_free_bytes(const struct spool_budget *budget)
{
	uint64_t limit = atomic_load(&budget->page->limit);
	uint64_t held = held_by_all(budget->page);
	uint64_t left = held < limit ? limit - held : 0;
	uint64_t share = budget->of ? held_of_share(budget) : 0;
	uint64_t most = share < budget->most ? budget->most - share : 0;
	uint64_t own = budget->one ? budget->held : 0;

	return share > own && most < left ? most : left;
}

/* Counts first, looks then, as below. False: somebody else than the taker, who has `had`
 * of it, holds some of the share, and with `bytes` more it is too much. */
static bool take_of_share(struct spool_budget *share, uint64_t bytes, uint64_t had)
{
	_Atomic uint64_t *mine = &share->page->at[share->slot].shares[share->number];
	uint64_t held;

	atomic_fetch_add(mine, bytes);
	held = held_of_share(share);
	if (held <= share->most || held - bytes <= had)
		return true;
	atomic_fetch_sub(mine, bytes);
	return false;
}

static void give_to_share(struct spool_budget *share, uint64_t bytes)
{
	atomic_fetch_sub(&share->page->at[share->slot].shares[share->number], bytes);
}

static bool take_below(struct spool_budget *budget, uint64_t bytes, uint64_t had,
		       uint64_t limit)
{
	_Atomic uint64_t *mine = &budget->page->at[budget->slot].held;

	if (bytes > limit)
		return false;
	if (budget->of) {
		if (!take_of_share(budget, bytes, budget->one ? budget->held : had))
			return false;
		if (!take_below(budget->of, bytes, 0, limit)) {
			give_to_share(budget, bytes);
			return false;
		}
		budget->held += bytes;
		return true;
	}
	/* Count first, look then: of two that ask for the last bytes at once,
	 * both may be told no, but never both yes. */
	atomic_fetch_add(mine, bytes);
	if (held_by_all(budget->page) <= limit)
		return true;
	atomic_fetch_sub(mine, bytes);
	return false;
}

bool spool_budget_take(struct spool_budget *budget, uint64_t bytes)
{
	return take_below(budget, bytes, 0, atomic_load(&budget->page->limit));
}

bool spool_budget_take_output(struct spool_budget *budget, uint64_t bytes)
{
	return take_below(budget, bytes, 0, limit_and(budget, SPOOL_SLACK));
}

void spool_budget_give(struct spool_budget *budget, uint64_t bytes)
{
	_Atomic uint64_t *mine = &budget->page->at[budget->slot].held;
	uint64_t held = atomic_load(mine);

	if (budget->of) {
		bytes = bytes < budget->held ? bytes : budget->held;
		budget->held -= bytes;
		give_to_share(budget, bytes);
		spool_budget_give(budget->of, bytes);
		return;
	}
	/* more than was taken would free what others hold */
	atomic_fetch_sub(mine, bytes < held ? bytes : held);
}

struct spool {
	struct spool_budget *budget;
	int fd;
	uint64_t size;
	uint64_t taken;		/* of the budget: whole pages */
	uint64_t beside;	/* taken for what is made of it */
	struct buf gathered;	/* put, not yet in the memfd */
	bool finished;
};

struct spool *spool_new(struct spool_budget *budget, struct err *err)
{
	struct spool *spool;
	int fd = memfd_create("spool", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		err_errno(err, ERR_TEMP, errno, "making a spool");
		return NULL;
	}
	spool = mem_new(sizeof(*spool));
	spool->budget = budget;
	spool->fd = fd;
	buf_init(&spool->gathered, GATHER);
	return spool;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	close(spool->fd);
	buf_wipe(&spool->gathered);
	spool_budget_give(spool->budget, spool->taken);
	free(spool);
}

/* Takes what `bytes` in all need beyond what is taken, in whole pages. */
static bool take_pages(struct spool *spool, uint64_t bytes)
{
	uint64_t want = bytes > UINT64_MAX - PAGE ? UINT64_MAX
						  : (bytes + PAGE - 1) / PAGE * PAGE;
	uint64_t more;

	if (want <= spool->taken)
		return true;
	more = spool->beside < SPOOL_SLACK ? spool->beside : SPOOL_SLACK;
	if (!take_below(spool->budget, want - spool->taken, spool->taken,
			limit_and(spool->budget, more)))
		return false;
	spool->taken = want;
	return true;
}

static int write_out(struct spool *spool, struct span bytes, struct err *err)
{
	while (bytes.len > 0) {
		ssize_t n = write(spool->fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_TEMP, errno, "writing to a spool");
		bytes = span_skip(bytes, (size_t)n);
	}
	return 0;
}

static int write_gathered(struct spool *spool, struct err *err)
{
	if (write_out(spool, buf_span(&spool->gathered), err) < 0)
		return -1;
	buf_drop(&spool->gathered, buf_span(&spool->gathered).len);
	return 0;
}

int spool_reserve(struct spool *spool, uint64_t bytes, struct err *err)
{
	return take_pages(spool, bytes) ? 0 : err_set(err, ERR_TEMP, "the spool is full");
}

void spool_beside(struct spool *spool, uint64_t bytes)
{
	spool->beside = bytes;
}

int spool_put(struct spool *spool, struct span bytes, struct err *err)
{
	if (spool->finished)
		return err_set(err, ERR_TEMP, "the spool is finished");
	if (!take_pages(spool, spool->size + bytes.len))
		return err_set(err, ERR_TEMP, "the spool is full");
	/* most messages are one write, with the header field put first */
	if (buf_put(&spool->gathered, bytes) < 0 &&
	    (write_gathered(spool, err) < 0 || write_out(spool, bytes, err) < 0))
		return -1;
	spool->size += bytes.len;
	return 0;
}

uint64_t spool_size(const struct spool *spool)
{
	return spool->size;
}

int spool_descriptor(const struct spool *spool)
{
	return spool->fd;
}

int spool_finish(struct spool *spool, struct err *err)
{
	const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

	if (write_gathered(spool, err) < 0)
		return -1;
	buf_wipe(&spool->gathered);
	spool->finished = true;
	if (fcntl(spool->fd, F_ADD_SEALS, seals) < 0)
		return err_errno(err, ERR_BUG, errno, "sealing a spool");
	return spool->fd;
}
