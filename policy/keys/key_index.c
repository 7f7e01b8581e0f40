#include "policy/keys/key_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/mem.h>

enum { FIRST_BUCKETS = 64 };
static const uint32_t NOBODY = UINT32_MAX;

/* Hash chains of key numbers. A number stands in the chain of its word. */
struct link {
	uint32_t hash;
	uint32_t key;
	uint32_t next;	/* link, or NOBODY */
};

struct chains {
	uint32_t *buckets;	/* first link, or NOBODY; a power of two of them */
	size_t buckets_n;
	struct link *links;
	size_t n, cap;
};

struct key_index {
	struct key *keys;
	size_t n, cap;
	struct chains by_fingerprint, by_address;
};

/* FNV-1a, its high bits folded in. */
static uint32_t hash_of(struct span word)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < word.len; i++)
		hash = (hash ^ (unsigned char)word.at[i]) * 0x100000001b3;
	return (uint32_t)(hash ^ hash >> 32);
}

static void hook(struct chains *chains, uint32_t number)
{
	struct link *link = &chains->links[number];
	uint32_t *bucket = &chains->buckets[link->hash & (chains->buckets_n - 1)];

	link->next = *bucket;
	*bucket = number;
}

static void grow(struct chains *chains)
{
	chains->buckets_n = chains->buckets_n ? chains->buckets_n * 2 : FIRST_BUCKETS;
	chains->buckets = mem_grow(chains->buckets, chains->buckets_n,
				   sizeof(*chains->buckets));
	for (size_t i = 0; i < chains->buckets_n; i++)
		chains->buckets[i] = NOBODY;
	for (size_t i = 0; i < chains->n; i++)
		if (chains->links[i].key != NOBODY)
			hook(chains, (uint32_t)i);
}

static void chain(struct chains *chains, struct span word, size_t key)
{
	if (chains->n == chains->cap) {
		chains->cap = chains->cap ? chains->cap * 2 : FIRST_BUCKETS;
		chains->links = mem_grow(chains->links, chains->cap, sizeof(*chains->links));
	}
	chains->links[chains->n] = (struct link){ .hash = hash_of(word),
						  .key = (uint32_t)key };
	if (chains->n++ >= chains->buckets_n)
		grow(chains);
	else
		hook(chains, (uint32_t)chains->n - 1);
}

/* Takes `key` out of the chain of `word`; the link is not used again. */
static void unchain(struct chains *chains, struct span word, size_t key)
{
	uint32_t hash = hash_of(word);
	uint32_t *at = &chains->buckets[hash & (chains->buckets_n - 1)];

	while (*at != NOBODY) {
		struct link *link = &chains->links[*at];

		if (link->hash == hash && link->key == key) {
			link->key = NOBODY;
			*at = link->next;
			return;
		}
		at = &link->next;
	}
}

/* The keys in the chain of `word`, one a call; NULL after the last. `at` starts
 * as NULL. Others may be among them: the caller compares. */
static const struct key *next_in(const struct key_index *index,
				 const struct chains *chains, uint32_t hash,
				 const struct link **at)
{
	uint32_t number = *at ? (*at)->next :
			  chains->buckets_n ? chains->buckets[hash & (chains->buckets_n - 1)] :
			  NOBODY;

	while (number != NOBODY && chains->links[number].hash != hash)
		number = chains->links[number].next;
	*at = number == NOBODY ? NULL : &chains->links[number];
	return *at ? &index->keys[(*at)->key] : NULL;
}

static bool has_address(const struct key *key, const char *normal)
{
	for (size_t i = 0; i < key->addresses.n; i++)
		if (strcmp(key->addresses.at[i], normal) == 0)
			return true;
	return false;
}

struct key_index *key_index_new(void)
{
	return mem_new(sizeof(struct key_index));
}

void key_index_free(struct key_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->n; i++)
		key_free(&index->keys[i]);
	free(index->keys);
	free(index->by_fingerprint.buckets);
	free(index->by_fingerprint.links);
	free(index->by_address.buckets);
	free(index->by_address.links);
	free(index);
}

/* Each address once, whatever the key says. */
static void chain_addresses(struct key_index *index, size_t at)
{
	const struct strs *addresses = &index->keys[at].addresses;

	for (size_t i = 0; i < addresses->n; i++) {
		size_t first = 0;

		while (strcmp(addresses->at[first], addresses->at[i]) != 0)
			first++;
		if (first == i)
			chain(&index->by_address, span_str(addresses->at[i]), at);
	}
}

void key_index_add(struct key_index *index, struct key *key)
{
	struct span fingerprint = span_str(key->fingerprint);
	const struct key *known = key_index_get(index, fingerprint);
	size_t at = known ? (size_t)(known - index->keys) : index->n;

	if (known) {
		for (size_t i = 0; i < known->addresses.n; i++)
			unchain(&index->by_address, span_str(known->addresses.at[i]), at);
		key_free(&index->keys[at]);
	} else if (index->n == index->cap) {
		index->cap = index->cap ? index->cap * 2 : FIRST_BUCKETS;
		index->keys = mem_grow(index->keys, index->cap, sizeof(*index->keys));
	}
	index->keys[at] = *key;
	*key = (struct key){ 0 };
	if (!known) {
		index->n++;
		chain(&index->by_fingerprint, span_str(index->keys[at].fingerprint), at);
	}
	chain_addresses(index, at);
}

size_t key_index_count(const struct key_index *index)
{
	return index->n;
}

const struct key *key_index_at(const struct key_index *index, size_t i)
{
	return &index->keys[i];
}

const struct key *key_index_get(const struct key_index *index, struct span fingerprint)
{
	char upper[KEY_FINGERPRINT_SIZE];
	const struct link *at = NULL;
	const struct key *key;
	uint32_t hash;

	if (fingerprint.len == 0 || fingerprint.len >= sizeof(upper))
		return NULL;
	for (size_t i = 0; i < fingerprint.len; i++)
		upper[i] = (char)(fingerprint.at[i] >= 'a' && fingerprint.at[i] <= 'f' ?
				  fingerprint.at[i] - 'a' + 'A' : fingerprint.at[i]);
	upper[fingerprint.len] = '\0';
	hash = hash_of(span_str(upper));
	while ((key = next_in(index, &index->by_fingerprint, hash, &at)))
		if (strcmp(key->fingerprint, upper) == 0)
			return key;
	return NULL;
}

static bool better(const struct key *key, const struct key *than)
{
	if (!than || key->created != than->created)
		return !than || key->created > than->created;
	return strcmp(key->fingerprint, than->fingerprint) < 0;
}

const struct key *key_index_find(const struct key_index *index, struct span address,
				 enum key_use use, int64_t now, char why[64])
{
	char *normal = address_normal(address);
	uint32_t hash = hash_of(span_str(normal));
	enum key_state best = KEY_STATE_MISSING;
	const struct key *key, *found = NULL;
	const struct link *at = NULL;
	char reason[64];

	(void)snprintf(why, 64, "no key");
	while ((key = next_in(index, &index->by_address, hash, &at))) {
		enum key_state state;

		if (!has_address(key, normal))
			continue;
		state = key_state(key, use, now, reason);
		if (state == KEY_STATE_USABLE && better(key, found))
			found = key;
		if (state < best) {
			best = state;
			(void)snprintf(why, 64, "%s", reason);
		}
	}
	free(normal);
	if (found)
		why[0] = '\0';
	return found;
}

void key_index_slice(const struct key_index *index, struct span address,
		     struct key_index *to)
{
	const struct key *key = key_index_get(index, address);
	char *normal = address_normal(address);
	uint32_t hash = hash_of(span_str(normal));
	const struct link *at = NULL;
	struct key copy;

	if (key) {
		key_copy(key, &copy);
		key_index_add(to, &copy);
	}
	while ((key = next_in(index, &index->by_address, hash, &at))) {
		if (!has_address(key, normal))
			continue;
		key_copy(key, &copy);
		key_index_add(to, &copy);
	}
	free(normal);
}
