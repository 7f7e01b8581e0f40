#include "proxy/session/shares.h"

#include <ctype.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/spool.h"

enum { SHAPES = 4 };	/* their part of a share */

struct shares {
	struct spool_budget *budget;
	uint64_t most;
};

struct shares *shares_new(struct spool_budget *budget, uint64_t most)
{
	struct shares *shares = mem_new(sizeof(*shares));

	shares->budget = budget;
	shares->most = most;
	return shares;
}

void shares_free(struct shares *shares)
{
	free(shares);
}

/* FNV-1a, from where nobody outside knows. Many servers take a login in any case of
 * letters: so many shares would it have else. */
static unsigned number_of(const struct shares *shares, const char *login)
{
	uint32_t hash = 2166136261u ^ spool_budget_seed(shares->budget);

	for (; *login; login++)
		hash = (hash ^ (unsigned char)tolower((unsigned char)*login)) * 16777619u;
	return (hash ^ hash >> 16) % (SPOOL_SHARES / 2);
}

struct spool_budget *shares_enter(const struct shares *shares, const char *login,
				  struct spool_budget **shapes)
{
	unsigned number = 2 * number_of(shares, login);

	*shapes = spool_budget_share(shares->budget, number + 1, shares->most / SHAPES);
	return spool_budget_share(shares->budget, number, shares->most);
}
