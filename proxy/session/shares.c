#include "proxy/session/shares.h"

#include <ctype.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/spool.h"


struct shares {
	struct spool_budget *budget;
	uint64_t whole;
};

struct shares *shares_new(struct spool_budget *budget, uint64_t whole)
{
	struct shares *shares = mem_new(sizeof(*shares));

	shares->budget = budget;
	shares->whole = whole;
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

void shares_enter(const struct shares *shares, const char *login, struct login_shares *entered)
{
	unsigned number = 2 * number_of(shares, login);
	struct spool_budget *budget = shares->budget;
	uint64_t whole = shares->whole;

	entered->reading = spool_budget_share(budget, number, whole / 2, false);
	entered->listing = spool_budget_share(budget, number + 1, whole / 8, false);
	entered->sending = spool_budget_share(budget, number, whole / 4 * 3, true);
}

void shares_leave(struct login_shares *entered)
{
	spool_budget_close(entered->reading);
	spool_budget_close(entered->listing);
	spool_budget_close(entered->sending);
}
