#include "policy/job/agreement.h"

#include <letterlock/strs.h>

#include "policy/crypto/mime.h"
#include "policy/job/entity.h"
#include "policy/job/message.h"

static bool same_place(const struct message *m, const struct entity *mine,
		       const struct mime_part *its)
{
	if (its->end - its->begin != mine->body.len)
		return false;
	/* where nothing is, it may be said to be anywhere */
	return mine->body.len == 0 ||
	       its->begin == (uint64_t)(mine->body.at - (const char *)m->map);
}

static size_t next_leaf(const struct mime_parts *parts, size_t k)
{
	while (k < parts->n && !parts->at[k].leaf)
		k++;
	return k;
}

static bool same_leaves(const struct message *m, const struct entity_tree *tree,
			const struct mime_parts *parts)
{
	size_t k = next_leaf(parts, 0);

	for (size_t i = 0; i < tree->n; i++) {
		if (tree->at[i].kind != ENTITY_LEAF)
			continue;
		if (k == parts->n || !same_place(m, &tree->at[i], &parts->at[k]))
			return false;
		k = next_leaf(parts, k + 1);
	}
	return k == parts->n;
}

bool agreement_on(const struct message *m, const struct entity_tree *tree,
		  struct strs *names)
{
	struct mime_parts parts;
	bool same;

	if (!tree->exact || m->ragged)
		return false;
	if (m->client.len == 0)
		return true;
	if (mime_read(m->fd, m->trace.len, m->map_len, &parts, NULL) < 0)
		return false;
	same = same_leaves(m, tree, &parts);
	for (size_t i = 0; same && names && i < parts.n; i++)
		strs_add_all(names, &parts.at[i].names);
	mime_free(&parts);
	return same;
}
