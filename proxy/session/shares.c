#include "proxy/session/shares.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include <letterlock/mem.h>

#include "proxy/session/spool.h"

enum {
	BUCKETS = 1024,
	SHAPES = 4,	/* their part of a share */
};

struct share {
	char *login;
	unsigned users;		/* never 0 */
	struct spool_budget *budget, *shapes;
	struct share *next;
};

struct shares {
	struct spool_budget *budget;
	uint64_t most;
	struct share *buckets[BUCKETS];
};

/* FNV-1a; only who can log in gets a name in here. Many servers take a login in any
 * case of letters: so many shares would it have else. */
static unsigned bucket_of(const char *login)
{
	unsigned hash = 2166136261u;

	for (; *login; login++)
		hash = (hash ^ (unsigned char)tolower((unsigned char)*login)) * 16777619u;
	return hash % BUCKETS;
}

/* Where the pointer to the share of `login` is, or would be. */
static struct share **find(struct shares *shares, const char *login)
{
	struct share **at = &shares->buckets[bucket_of(login)];

	while (*at && strcasecmp((*at)->login, login) != 0)
		at = &(*at)->next;
	return at;
}

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

struct spool_budget *shares_enter(struct shares *shares, const char *login,
				  struct spool_budget **shapes)
{
	struct share **at = find(shares, login);

	if (!*at) {
		*at = mem_new(sizeof(**at));
		(*at)->login = mem_strdup(login);
		(*at)->budget = spool_budget_share(shares->budget, shares->most);
		(*at)->shapes = spool_budget_share(shares->budget, shares->most / SHAPES);
	}
	(*at)->users++;
	*shapes = (*at)->shapes;
	return (*at)->budget;
}

void shares_leave(struct shares *shares, const char *login)
{
	struct share **at = find(shares, login);
	struct share *share = *at;

	if (--share->users > 0)
		return;
	*at = share->next;
	spool_budget_close(share->budget);
	spool_budget_close(share->shapes);
	free(share->login);
	free(share);
}
