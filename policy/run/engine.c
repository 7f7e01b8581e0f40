#include "policy/run/engine.h"

#include <unistd.h>

#include "policy/run/worker_link.h"

static struct worker_link *link_of(struct engine *engine, uint64_t id)
{
	struct engine_link *linked;

	TAILQ_FOREACH(linked, &engine->links, entry)
		if (!linked->gone && worker_link_id(linked->link) == id)
			return linked->link;
	return NULL;
}

void engine_answer(struct engine *engine, uint64_t link,
		   const struct answer *words, int passed)
{
	struct worker_link *to = link_of(engine, link);

	if (to)
		worker_link_answer(to, words, passed);
	else if (passed >= 0)
		close(passed);
}

void engine_refuse(struct engine *engine, uint64_t link, uint64_t id,
		   const char *status, const char *text)
{
	struct answer words = { .id = id, .kind = ANSWER_REFUSED };

	reply_set(&words.reply, 451, status, "%s", text);
	engine_answer(engine, link, &words, -1);
}
