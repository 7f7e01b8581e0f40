#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

#include "tests/unit/transcript.h"

enum {
	FILE_MAX = 4 * 1024 * 1024,
	SHOWN_MAX = 300,	/* octets of a line that is written out */
	SPLITS_MAX = 6000,	/* input of up to so many octets is cut anywhere */
	BYTEWISE_MAX = 2 * 1024 * 1024,
};

const char *transcript_option(const struct transcript *t, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < t->options.n; i++) {
		const char *option = t->options.at[i];

		if (strncmp(option, key, len) == 0 && option[len] == ' ')
			return option + len + 1;
		if (strcmp(option, key) == 0)
			return "";
	}
	return NULL;
}

enum leg_tls transcript_tls(const struct transcript *t)
{
	static const char *const words[] = { "none", "offered", "required", "active" };
	const char *word = transcript_option(t, "tls");

	for (size_t i = 0; word && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(word, words[i]) == 0)
			return (enum leg_tls)i;
	if (word)
		fail_msg("%s: no %%tls: %s", t->name, word);
	return LEG_TLS_OFFERED;
}

const char *transcript_act(const char *act, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(act, word, len) != 0 || (act[len] && act[len] != ' '))
		return NULL;
	return act[len] ? act + len + 1 : act + len;
}

const char *transcript_kind(const struct err *err)
{
	if (err->kind == ERR_TLS)
		return "tls";
	if (err->kind == ERR_TEMP)
		return "temp";
	return err->kind == ERR_PEER ? "peer" : "other";
}

static void put_escaped(struct buf *out, char c)
{
	if (c == '\r')
		buf_puts(out, "\\r");
	else if (c == '\n')
		buf_puts(out, "\\n");
	else if (c == '\\')
		buf_puts(out, "\\\\");
	else if (c < ' ' || c > '~')
		buf_printf(out, "\\x%02x", (unsigned)(unsigned char)c);
	else
		buf_put(out, span_of(&c, 1));
}

void transcript_note(struct buf *got, char letter, struct span text)
{
	buf_printf(got, "%c: ", letter);
	for (size_t i = 0; i < text.len && i < SHOWN_MAX; i++)
		put_escaped(got, text.at[i]);
	if (text.len > SHOWN_MAX) {
		unsigned sum = 0;

		for (size_t i = 0; i < text.len; i++)
			sum = sum * 31 + (unsigned char)text.at[i];
		buf_printf(got, "... %zu octets, sum %08x", text.len, sum);
	}
	buf_puts(got, "\n");
}

void transcript_drain(struct buf *got, char letter, struct buf *out)
{
	struct span rest = buf_span(out);

	while (rest.len) {
		size_t len = span_find(rest, '\n');

		assert_true(len < rest.len && len && rest.at[len - 1] == '\r');
		transcript_note(got, letter, span_of(rest.at, len - 1));
		rest = span_skip(rest, len + 1);
	}
	buf_clear(out);
}

static void unescape(const char *at, struct buf *out);

/* \{N:text} is `text` N times. Returns what is behind it. */
static const char *repeat(const char *at, struct buf *out)
{
	char *colon, *end, *text;
	size_t n = strtoul(at, &colon, 10);

	end = strchr(colon, '}');
	assert_true(*colon == ':' && end);
	text = span_dup(span_of(colon + 1, (size_t)(end - colon) - 1));
	for (size_t i = 0; i < n; i++)
		unescape(text, out);
	free(text);
	return end + 1;
}

static const char *unescape_one(const char *at, struct buf *out)
{
	static const char from[] = "rnt0\\", to[] = "\r\n\t\0\\";
	const char *known = strchr(from, *at);
	unsigned char byte;

	if (*at == '{')
		return repeat(at + 1, out);
	if (*at == 'x') {
		assert_true(codec_unhex(span_of(at + 1, 2), &byte, 1));
		buf_put(out, span_of((char *)&byte, 1));
		return at + 3;
	}
	assert_true(known && *at);
	buf_put(out, span_of(&to[known - from], 1));
	return at + 1;
}

static void unescape(const char *at, struct buf *out)
{
	while (*at) {
		if (*at == '\\') {
			at = unescape_one(at + 1, out);
			continue;
		}
		buf_put(out, span_of(at, 1));
		at++;
	}
}

static struct transcript_turn *add_turn(struct transcript *t)
{
	struct transcript_turn *turn;

	t->turns = mem_grow(t->turns, ++t->turns_n, sizeof(*t->turns));
	turn = &t->turns[t->turns_n - 1];
	*turn = (struct transcript_turn){ 0 };
	buf_init(&turn->bytes, FILE_MAX);
	return turn;
}

/* One line; `fresh` tells that input begins a new turn. */
static void read_line(struct transcript *t, char speaks, const char *line,
		      bool *fresh)
{
	char letter = line[0];
	bool whole = letter == speaks, part = letter == speaks + ('a' - 'A');

	if (!letter || letter == '#')
		return;
	if (letter == '%') {
		strs_add(&t->options, span_str(line + 1));
		return;
	}
	if (line[1] != ':' || (line[2] && line[2] != ' '))
		fail_msg("%s: no line of a transcript: %s", t->name, line);
	line += line[2] ? 3 : 2;
	if (whole || part) {
		if (*fresh)
			add_turn(t);
		*fresh = false;
		unescape(line, &t->turns[t->turns_n - 1].bytes);
		if (whole)
			buf_puts(&t->turns[t->turns_n - 1].bytes, "\r\n");
		return;
	}
	*fresh = true;
	if (letter == 'A')
		strs_add(&t->turns[t->turns_n - 1].acts, span_str(line));
	else
		buf_printf(&t->want, "%c: %s\n", letter, line);
}

static void load(struct transcript *t, char speaks, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	bool fresh = true;

	*t = (struct transcript){ .name = path };
	buf_init(&t->want, FILE_MAX);
	add_turn(t);
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		read_line(t, speaks, line, &fresh);
	}
	free(line);
	fclose(file);
}

static void unload(struct transcript *t)
{
	for (size_t i = 0; i < t->turns_n; i++) {
		buf_free(&t->turns[i].bytes);
		strs_free(&t->turns[i].acts);
	}
	free(t->turns);
	strs_free(&t->options);
	buf_free(&t->want);
}

/* Feeds a turn in pieces: `step` bytes each, or cut once at `cut` (when it is
 * not 0). */
static void feed_turn(const struct transcript_engine *engine, void *player,
		      const struct transcript_turn *turn, size_t step,
		      size_t cut)
{
	struct span rest = buf_span(&turn->bytes);

	do {
		size_t len = cut ? cut : step;

		if (len > rest.len)
			len = rest.len;
		engine->feed(player, span_of(rest.at, len), turn,
			     len == rest.len);
		rest = span_skip(rest, len);
		cut = 0;
	} while (rest.len);
}

/* One whole dialogue; the octet at `cut` of all input begins a piece. */
static void play(const struct transcript_engine *engine,
		 const struct transcript *t, size_t step, size_t cut)
{
	struct buf got;
	size_t before = 0;
	void *player;

	buf_init(&got, FILE_MAX);
	player = engine->start(t, &got);
	for (size_t i = 0; i < t->turns_n; i++) {
		size_t len = t->turns[i].bytes.len;
		bool here = cut > before && cut - before < len;

		feed_turn(engine, player, &t->turns[i], step,
			  here ? cut - before : 0);
		before += len;
	}
	engine->stop(player);
	buf_put(&got, span_of("", 1));
	if (strcmp(buf_span(&got).at, buf_span(&t->want).at) != 0)
		fail_msg("%s, pieces of %zu, cut at %zu: got\n%s-- wanted\n%s",
			 t->name, step, cut, buf_span(&got).at,
			 buf_span(&t->want).at);
	buf_free(&got);
}

static void play_file(const struct transcript_engine *engine, const char *path)
{
	struct transcript t;
	size_t all = 0, pace;

	load(&t, engine->speaks, path);
	buf_put(&t.want, span_of("", 1));
	play(engine, &t, SIZE_MAX, SIZE_MAX);
	for (size_t i = 0; i < t.turns_n; i++)
		all += t.turns[i].bytes.len;
	if (!transcript_option(&t, "whole")) {
		if (all < BYTEWISE_MAX)
			play(engine, &t, 1, SIZE_MAX);
		pace = all / SPLITS_MAX * 60 + 1;
		for (size_t cut = 1; cut < all; cut += pace)
			play(engine, &t, SIZE_MAX, cut);
	}
	unload(&t);
}

static int is_transcript(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 2 && strcmp(entry->d_name + len - 2, ".t") == 0;
}

static size_t play_all(const struct transcript_engine *engine)
{
	const char *srcdir = getenv("srcdir");
	char *folder = mem_printf("%s/tests/transcripts/%s", srcdir ? srcdir : ".",
				  engine->folder);
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_transcript, alphasort);

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		char *path = mem_printf("%s/%s", folder, entries[i]->d_name);

		play_file(engine, path);
		free(path);
		free(entries[i]);
	}
	free(entries);
	free(folder);
	return (size_t)n;
}

struct main {
	const struct transcript_engine *engine;
	size_t least;
};

static void every_dialogue_goes_the_same_however_it_is_cut(void **state)
{
	const struct main *m = *state;

	assert_true(play_all(m->engine) >= m->least);
}

int transcript_main(const struct transcript_engine *engine, size_t least)
{
	struct main m = { engine, least };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(every_dialogue_goes_the_same_however_it_is_cut, &m),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
