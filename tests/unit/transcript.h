/*
 * transcript - dialogues with an engine as text files, played to it with the
 * bytes cut in every way. See tests/transcripts/README for the format.
 */
#ifndef LETTERLOCK_TEST_TRANSCRIPT_H
#define LETTERLOCK_TEST_TRANSCRIPT_H

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/strs.h>

#include "proxy/engine/leg_tls.h"

/* Bytes that come together, then what the session does about them. */
struct transcript_turn {
	struct buf bytes;
	struct strs acts;	/* "A:" lines */
};

struct transcript {
	const char *name;
	struct strs options;	/* "%" lines */
	struct transcript_turn *turns;
	size_t turns_n;
	struct buf want;	/* the lines of the engine's side and "E:" lines */
};

/* One engine at the mercy of a file. */
struct transcript_engine {
	const char *folder;	/* below tests/transcripts */
	char speaks;		/* whose bytes are fed: 'C' or 'S' */
	/* A new engine; what happens is appended to `got` as the file's lines. */
	void *(*start)(const struct transcript *t, struct buf *got);
	/* More bytes for it, and what the session does when they are the last
	 * of a turn (`last`). */
	void (*feed)(void *player, struct span bytes,
		     const struct transcript_turn *turn, bool last);
	void (*stop)(void *player);
};

/* The value of "%KEY VALUE", "" for "%KEY", NULL when it is not there. */
const char *transcript_option(const struct transcript *t, const char *key);

/* Appends "X: " and `text`, whose odd bytes become escapes, and a newline. */
void transcript_note(struct buf *got, char letter, struct span text);

/* Notes each line of `out`, and empties it. */
void transcript_drain(struct buf *got, char letter, struct buf *out);

/* "%tls none", "offered" (usual), "required", "active" */
enum leg_tls transcript_tls(const struct transcript *t);

/* What is behind `word` and a blank in the act, "" for the word alone; NULL: another
 * act. */
const char *transcript_act(const char *act, const char *word);

/* A failure's kind in a word: "tls", "temp", "peer", "other". */
const char *transcript_kind(const struct err *err);

/* main() of a test that plays all files of the engine's folder, `least` or more, each
 * in every way. */
int transcript_main(const struct transcript_engine *engine, size_t least);

#endif
