#include <stdlib.h>

#include <letterlock/mem.h>

#include "policy/crypto/mime_fold.h"
#include "policy/store/views_state.h"

enum { TEXT_MAX = 64 * 1024 };	/* octets of what is looked for, folded */

struct uids {
	uint32_t *at;
	size_t n, room;
};

struct finding {
	struct views *views;
	const char *login;
	const struct ask *ask;
	struct span field, text;	/* folded */
	struct uids all, found;
	bool failed;
	struct err *err;
};

static void add(struct uids *uids, uint32_t uid)
{
	if (uids->n == uids->room) {
		uids->room = uids->room ? 2 * uids->room : 256;
		uids->at = mem_grow(uids->at, uids->room, sizeof(*uids->at));
	}
	uids->at[uids->n++] = uid;
}

static bool holds(struct span hay, struct span needle)
{
	return needle.len == 0 || memmem(hay.at, hay.len, needle.at, needle.len);
}

/* Where the text begins, behind the empty line. */
static size_t header_of(struct span words)
{
	const char *end = memmem(words.at, words.len, "\n\n", 2);

	if (words.len && words.at[0] == '\n')
		return 0;
	return end ? (size_t)(end - words.at) + 1 : words.len;
}

/* "name: value" lines. */
static bool field_holds(struct span header, struct span field, struct span text)
{
	struct span line;

	while (span_split(&header, '\n', &line)) {
		if (line.len <= field.len || line.at[field.len] != ':' ||
		    !span_eq(span_of(line.at, field.len), field))
			continue;
		if (holds(span_trim(span_skip(line, field.len + 1)), text))
			return true;
	}
	return false;
}

static bool words_match(const struct finding *finding, struct span words)
{
	size_t body = header_of(words);

	switch (finding->ask->find) {
	case FIND_HEADER:
		return field_holds(span_of(words.at, body), finding->field, finding->text);
	case FIND_BODY:
		return holds(span_skip(words, body + 1), finding->text);
	case FIND_TEXT:
		return holds(words, finding->text);
	case FIND_NOTHING:
	case FIND_LARGER:
	case FIND_SMALLER:
		break;
	}
	return false;
}

static bool size_matches(const struct finding *finding, struct span wire)
{
	struct shape_entry entry;
	uint64_t size;

	if (shape_entry_decode(&wire, &entry, finding->err) < 0)
		return false;
	size = entry.shape.size;
	shape_entry_free(&entry);
	return finding->ask->find == FIND_LARGER ? size > finding->ask->find_number
						 : size < finding->ask->find_number;
}

/* Columns: name, digest, and what is looked into. */
static void look_into(void *owner, const struct db_value *columns)
{
	struct finding *finding = owner;
	bool by_size = finding->ask->find == FIND_LARGER || finding->ask->find == FIND_SMALLER;
	struct buf *room = &finding->views->words;
	unsigned long long uid;
	char *digest;

	if (finding->failed || !span_number(columns[0].text, &uid) || uid == 0 || uid > UINT32_MAX)
		return;
	digest = span_dup(columns[1].text);
	buf_clear(room);
	if (views_state_open(finding->views, finding->login, digest, by_size ? "entry" : "words",
			     columns[2].text, room, finding->err) < 0) {
		finding->failed = true;
	} else {
		add(&finding->all, (uint32_t)uid);
		if (by_size ? size_matches(finding, buf_span(room))
			    : words_match(finding, buf_span(room)))
			add(&finding->found, (uint32_t)uid);
	}
	free(digest);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int put_set(struct uids *uids, struct buf *out)
{
	int result = 0;

	if (uids->n)
		qsort(uids->at, uids->n, sizeof(*uids->at), compare);
	for (size_t i = 0, to; i < uids->n && result == 0; i = to + 1) {
		for (to = i; to + 1 < uids->n && uids->at[to + 1] == uids->at[to] + 1;)
			to++;
		result = buf_printf(out, "%s%u", i ? "," : "", uids->at[i]);
		if (result == 0 && to > i)
			result = buf_printf(out, ":%u", uids->at[to]);
	}
	return result;
}

#define FROM_PLACE \
	" FROM place JOIN view ON view.id = place.view WHERE place.login = ?" \
	" AND upstream = ? AND mailbox = ? AND uidvalidity = ?"

static int find(struct finding *finding, struct buf *all, struct buf *found)
{
	const struct ask *ask = finding->ask;
	bool by_size = ask->find == FIND_LARGER || ask->find == FIND_SMALLER;
	struct db_value values[4];

	views_state_place(finding->login, &ask->place, values);
	if (db_each(finding->views->db, by_size ? "SELECT name, digest, entry" FROM_PLACE
						: "SELECT name, digest, words" FROM_PLACE,
		    values, 4, look_into, finding, finding->err) < 0 || finding->failed)
		return -1;
	if (put_set(&finding->all, all) < 0 || put_set(&finding->found, found) < 0)
		return err_set(finding->err, ERR_TEMP, "too many messages were found");
	return 0;
}

int views_find(struct views *views, const char *login, const struct ask *ask,
	       struct buf *all, struct buf *found, struct err *err)
{
	struct finding finding = { .views = views, .login = login, .ask = ask, .err = err };
	struct buf field, text;
	int result = -1;

	views_forget(views);
	buf_init(&field, TEXT_MAX);
	buf_init(&text, TEXT_MAX);
	if (mime_fold(span_str(ask->find_field), &field) < 0 ||
	    mime_fold(span_str(ask->find_text), &text) < 0) {
		err_set(err, ERR_REFUSED, "what is looked for is too long");
	} else {
		finding.field = buf_span(&field);
		finding.text = buf_span(&text);
		result = find(&finding, all, found);
	}
	views_forget(views);
	free(finding.all.at);
	free(finding.found.at);
	buf_free(&field);
	buf_free(&text);
	return result < 0 ? err_while(err, "searching views") : 0;
}
