#include "policy/run/engine_journal.h"

#include <string.h>

#include "policy/run/engine.h"
#include "policy/run/journal_writer.h"

void engine_journal_change(struct engine *engine, uint64_t link,
			   const struct ask *ask)
{
	struct journal_change change = { 0 };

	memcpy(change.id, ask->journal, sizeof(change.id));
	for (size_t i = 0; ask->kind == ASK_ACCEPTED && i < ask->recipients.n; i++)
		strs_add(&change.recipients,
			 span_str(ask->envelope.to.at[ask->recipients.at[i]]));
	if (journal_writer_put(engine->writer, &change, link, ask->id))
		return;
	strs_free(&change.recipients);
	engine_refuse(engine, link, ask->id, "4.3.2", "too busy for the journal");
}

void engine_journal_done(void *owner, bool readable, bool writable)
{
	struct engine *engine = owner;
	struct journal_done done;

	(void)readable;
	(void)writable;
	while (journal_writer_done(engine->writer, &done)) {
		struct answer words = { .id = done.id, .kind = ANSWER_YES };

		if (done.err.kind == ERR_NONE) {
			engine_answer(engine, done.link, &words, -1);
			continue;
		}
		log_error(&engine->log, "journal not written", "reason=\"%s\"",
			  done.err.text);
		engine_refuse(engine, done.link, done.id, "4.3.0", "journal not written");
	}
}
