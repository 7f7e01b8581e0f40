/* Parts lie inside their parents, in order, and are bounded in number. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/entity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct entity_tree *tree, struct span all)
{
	if (tree->n == 0 || tree->at[0].next != tree->n)
		abort();
	for (size_t i = 0; i < tree->n; i++) {
		const struct entity *e = &tree->at[i];

		if (e->next <= i || e->next > tree->n || e->depth > ENTITY_DEPTH_MAX + 1)
			abort();
		if (e->body.len > 0 &&
		    (e->body.at < all.at || e->body.at + e->body.len > all.at + all.len))
			abort();
		for (size_t k = i + 1; k < e->next; k++)
			if (tree->at[k].depth <= e->depth ||
			    (tree->at[k].body.len > 0 &&
			     (tree->at[k].body.at < e->body.at ||
			      tree->at[k].body.at + tree->at[k].body.len >
				      e->body.at + e->body.len)))
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_of((const char *)data, size);
	size_t fields, body;
	struct entity_tree tree;

	if (header_end(all, &fields, &body) < 0)
		return 0;
	entity_read(span_of(all.at, fields), span_skip(all, body), &tree);
	if (tree.n > ENTITY_PARTS_MAX + ENTITY_DEPTH_MAX + 1)
		abort();
	check(&tree, all);
	entity_free(&tree);
	entity_read_root(span_of(all.at, fields), span_skip(all, body), &tree);
	check(&tree, all);
	entity_free(&tree);
	return 0;
}
