#include <letterlock/name_index.h>

#include <stdint.h>
#include <stdlib.h>

#include <letterlock/mem.h>

enum { FIRST_ROOM = 16 };	/* a power of two */

static unsigned char folded(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* FNV-1a; names that differ in ASCII case alone have the same. */
static size_t hash_of(struct span name)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ folded(name.at[i])) * 0x100000001b3u;
	return (size_t)(hash ^ hash >> 32);
}

static bool same(const struct name_index *index, struct span name, const char *kept)
{
	return index->nocase ? span_is_nocase(name, kept) : span_is(name, kept);
}

/* Where `name` is, or the empty slot where it belongs. One is always empty. */
static struct name_slot *slot_of(const struct name_index *index, struct span name)
{
	size_t i = hash_of(name) & (index->room - 1);

	while (index->slots[i].name && !same(index, name, index->slots[i].name))
		i = (i + 1) & (index->room - 1);
	return &index->slots[i];
}

static void widen(struct name_index *index)
{
	struct name_index wide = { .nocase = index->nocase, .n = index->n,
				   .room = index->room ? 2 * index->room : FIRST_ROOM };

	wide.slots = mem_grow(NULL, wide.room, sizeof(*wide.slots));
	for (size_t i = 0; i < wide.room; i++)
		wide.slots[i] = (struct name_slot){ 0 };
	for (size_t i = 0; i < index->room; i++)
		if (index->slots[i].name)
			*slot_of(&wide, span_str(index->slots[i].name)) = index->slots[i];
	free(index->slots);
	*index = wide;
}

size_t name_index_add(struct name_index *index, const char *name, size_t value)
{
	struct name_slot *slot;

	if (2 * (index->n + 1) > index->room)
		widen(index);
	slot = slot_of(index, span_str(name));
	if (!slot->name) {
		*slot = (struct name_slot){ name, value };
		index->n++;
	}
	return slot->value;
}

bool name_index_find(const struct name_index *index, struct span name, size_t *value)
{
	const struct name_slot *slot = index->room ? slot_of(index, name) : NULL;

	if (!slot || !slot->name)
		return false;
	*value = slot->value;
	return true;
}

void name_index_free(struct name_index *index)
{
	free(index->slots);
	*index = (struct name_index){ .nocase = index->nocase };
}
