#include "policy/job/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/settings.h>
#include <letterlock/shape.h>

#include "policy/crypto/digest.h"
#include "policy/job/answers.h"
#include "policy/job/open.h"
#include "policy/job/open_fields.h"
#include "policy/job/shape_make.h"
#include "policy/job/words.h"
#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/rules/rule_match.h"
#include "policy/store/views.h"

enum {
	/* octets of shapes in one answer; more are "not known", and asked one by one */
	SHAPES_MAX = 64 * 1024 * 1024,
	FOUND_MAX = 16 * 1024 * 1024,
};

struct reading {
	const struct reading_parts *parts;
	const struct ask *ask;
	const char *login;
	int in, out;
	struct answer *answer;
	struct err *err;
	struct err replay;	/* why nobody knows whether a signature is replayed */
};

static void refuse(struct reading *r, const char *text)
{
	r->answer->kind = ANSWER_REFUSED;
	reply_set(&r->answer->reply, 451, "4.3.0", "%s", text);
}

static void failed(struct reading *r)
{
	refuse(r, "the message cannot be shown now: try again");
}

static int write_out(struct reading *r, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(r->out, bytes.at, bytes.len);

		if (n < 0 && errno != EINTR)
			return err_errno(r->err, ERR_TEMP, errno, "writing an answer");
		if (n > 0)
			bytes = span_skip(bytes, (size_t)n);
	}
	return 0;
}

/* --- which keys there are --- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void reading_home(const struct key_index *keys, char home[READING_HOME_SIZE])
{
	struct digest *digest = digest_new();
	struct strs all = { 0 };

	for (size_t i = 0; i < key_index_count(keys); i++) {
		const struct key *key = key_index_at(keys, i);
		char *text = mem_printf("%s%c", key->fingerprint, key->secret ? '+' : '-');

		strs_add(&all, span_str(text));
		free(text);
	}
	if (all.n)
		qsort(all.at, all.n, sizeof(*all.at), compare);
	for (size_t i = 0; i < all.n; i++)
		digest_put(digest, span_str(all.at[i]));
	digest_end_hex(digest, home);
	digest_free(digest);
	strs_free(&all);
}

/* Whether what is kept holds: all that was opened does, for ever. */
static bool holds(const struct reading *r, const struct views_record *record)
{
	return !record->failed || strcmp(record->keys, r->parts->home) == 0;
}

/* --- answers from what is kept --- */

/* What we have decrypted, and the login did not write: its own copies in Sent are
 * encrypted whether what they are copies of was or not. */
static bool came_encrypted(const struct reading *r, struct span fields)
{
	struct strs own = { 0 };
	struct header_field said;
	bool came = false;
	char *from;

	if (header_find(fields, "X-Letterlock", &said) > 0)
		came = span_starts_nocase(span_trim(said.body), "decrypted;");
	settings_addresses(&r->parts->conf->settings, r->login, &own);
	from = open_fields_from(fields);
	came = came && !(from && strs_has_nocase(&own, span_str(from)));
	strs_free(&own);
	free(from);
	return came;
}

/* What a rule asks of answers must be known before there can be one; where none asks,
 * nothing is written. */
static int note_opened(struct reading *r, struct span view)
{
	struct strs ids = { 0 };
	struct rule_needs needs;
	struct err err = { 0 };
	int result = 0;

	rule_match_needs(r->parts->conf->rules, DIRECTION_OUTBOUND, &needs);
	if (!needs.answers || !r->parts->views || !came_encrypted(r, view))
		return 0;
	if (!answers_called(view, &ids))
		result = err_set(&err, ERR_REFUSED, "its Message-ID cannot be noted");
	if (views_answers_note(r->parts->views, r->login, &ids, &err) < 0)
		result = -1;
	strs_free(&ids);
	if (result < 0)
		*r->err = err;
	return result;
}

static void answer_view(struct reading *r, struct span entry, struct span view)
{
	if (note_opened(r, view) < 0 || write_out(r, entry) < 0 || write_out(r, view) < 0) {
		failed(r);
		return;
	}
	r->answer->kind = ANSWER_VIEW;
	r->answer->shapes_size = entry.len;
	r->answer->view_size = view.len;
}

static int put_kind(enum shape_kind kind, struct buf *out)
{
	const struct shape_entry entry = { .kind = kind };

	return shape_entry_encode(&entry, out);
}

/* One name's entry; what passes the limit is not known. */
static int put_entry(struct reading *r, size_t i, struct buf *out)
{
	struct views_record record;
	int known = r->parts->views ? views_at(r->parts->views, r->login, &r->ask->place, i, false,
					       &record, r->err) : 0;

	if (known < 0)
		return -1;
	if (known && !record.digest[0])
		return put_kind(SHAPE_CLEAR, out);
	if (known && holds(r, &record) && buf_put(out, record.entry) == 0)
		return 0;
	return put_kind(SHAPE_UNKNOWN, out);
}

static void shapes(struct reading *r)
{
	struct buf out;
	int result = 0;

	buf_init(&out, SHAPES_MAX);
	for (size_t i = 0; i < r->ask->place.names.n && result == 0; i++)
		result = put_entry(r, i, &out);
	if (result < 0 || write_out(r, buf_span(&out)) < 0) {
		failed(r);
	} else {
		r->answer->kind = ANSWER_SHAPES;
		r->answer->shapes_size = out.len;
	}
	buf_wipe(&out);
}

static void answer_clear(struct reading *r)
{
	struct buf entry;

	buf_init(&entry, 64);
	(void)put_kind(SHAPE_CLEAR, &entry);
	answer_view(r, buf_span(&entry), span_str(""));
	buf_free(&entry);
}

static void view(struct reading *r)
{
	struct views_record record;
	int known = r->parts->views ? views_at(r->parts->views, r->login, &r->ask->place, 0, true,
					       &record, r->err) : 0;

	if (known < 0)
		failed(r);
	else if (known && !record.digest[0])
		answer_clear(r);
	else if (known && holds(r, &record))
		answer_view(r, record.entry, record.view);
	else
		r->answer->kind = ANSWER_UNKNOWN;
}

/* --- making a view --- */

static bool replayed(void *owner, const char *signature, const char *message)
{
	struct reading *r = owner;

	return r->parts->views && views_signature(r->parts->views, r->login, signature, message,
						  &r->replay) == 1;
}

/* A passphrase was in the way, or gpg, its agent or memory was lacking. */
static bool not_its_fault(const struct reading *r)
{
	return r->err->kind == ERR_CONF || r->err->kind == ERR_TEMP;
}

/* Keeps it; that it is shown does not hang on that. */
static void keep(struct reading *r, struct views_record *record, struct span view)
{
	struct buf words;

	/* a verdict that was given without the state is given again, and what no
	 * fault of its own kept closed is tried again */
	if (!r->parts->views || r->replay.kind != ERR_NONE || not_its_fault(r))
		return;
	buf_init(&words, WORDS_MAX);
	words_make(view, &words);
	record->words = buf_span(&words);
	(void)views_keep(r->parts->views, r->login, &r->ask->place, 0, record, r->err);
	buf_wipe(&words);
}

static void keep_clear(struct reading *r)
{
	if (r->parts->views)
		(void)views_clear(r->parts->views, r->login, &r->ask->place, r->err);
	answer_clear(r);
}

static void show(struct reading *r, struct views_record *record, struct span view)
{
	struct shape_entry entry = { .kind = SHAPE_VIEW };
	struct buf text, wire;

	buf_init(&text, SHAPE_MAX);
	buf_init(&wire, SHAPE_MAX);
	shape_make(view, &entry.shape, &text);
	if (shape_entry_encode(&entry, &wire) < 0) {
		err_set(r->err, ERR_BUG, "a shape is too large");
		failed(r);
	} else {
		record->entry = buf_span(&wire);
		record->view = view;
		keep(r, record, view);
		answer_view(r, buf_span(&wire), view);
	}
	shape_entry_free(&entry);
	buf_wipe(&text);
	buf_wipe(&wire);
}

static void open_stored(struct reading *r, struct span stored, struct views_record *record)
{
	bool tried = false;
	struct open_parts parts = {
		.settings = &r->parts->conf->settings, .keys = r->parts->keys,
		.pgp = r->parts->pgp, .login = r->login, .careful = r->parts->careful,
		.replayed = replayed, .owner = r, .tried = &tried,
	};
	enum open_outcome outcome;
	struct buf made;

	buf_init(&made, open_most(&r->parts->conf->settings, stored.len));
	*r->err = (struct err){ 0 };
	outcome = open_message(&parts, stored, &made, r->err);
	if (outcome != OPEN_LATER && !not_its_fault(r))
		*r->err = r->replay;	/* all else the view says */
	record->failed = outcome == OPEN_FAILED;
	/* a locked key and a missing agent fail alike for each message */
	r->answer->tried = record->failed && tried && !not_its_fault(r);
	if (outcome == OPEN_LATER) {
		failed(r);
	} else if (outcome == OPEN_CLEAR && span_eq(buf_span(&made), stored)) {
		keep_clear(r);
	} else if (made.len == 0) {
		err_set(r->err, ERR_TEMP, "a view is too large");
		failed(r);
	} else {
		show(r, record, buf_span(&made));
	}
	buf_wipe(&made);
}

static void digest_of(struct span stored, char hex[VIEWS_DIGEST_SIZE])
{
	struct digest *digest = digest_new();

	digest_put(digest, stored);
	digest_end_hex(digest, hex);
	digest_free(digest);
}

/* The same message was shown before, perhaps elsewhere: it is shown so again. */
static bool shown_before(struct reading *r, const char *digest)
{
	struct views_record record;

	if (!r->parts->views ||
	    views_of(r->parts->views, r->login, digest, &record, r->err) != 1 ||
	    !holds(r, &record))
		return false;
	answer_view(r, record.entry, record.view);
	(void)views_place(r->parts->views, r->login, &r->ask->place, 0, digest, r->err);
	return true;
}

static void open_mapped(struct reading *r, struct span stored)
{
	struct views_record record = { 0 };

	digest_of(stored, record.digest);
	memcpy(record.keys, r->parts->home, sizeof(record.keys));
	if (!shown_before(r, record.digest))
		open_stored(r, stored, &record);
}

static void open_it(struct reading *r)
{
	size_t size = (size_t)r->ask->message_size;
	void *map;

	if (size == 0) {
		open_mapped(r, span_str(""));
		return;
	}
	map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, r->in, 0);
	if (map == MAP_FAILED) {
		err_errno(r->err, ERR_TEMP, errno, "mapping the message");
		failed(r);
		return;
	}
	open_mapped(r, span_of(map, size));
	(void)munmap(map, size);
}

/* --- the rest --- */

static void find(struct reading *r)
{
	struct buf all, found;

	buf_init(&all, FOUND_MAX);
	buf_init(&found, FOUND_MAX);
	if ((r->parts->views && views_find(r->parts->views, r->login, r->ask, &all, &found,
					   r->err) < 0) ||
	    buf_puts(&all, "\n") < 0 || buf_puts(&found, "\n") < 0 ||
	    write_out(r, buf_span(&all)) < 0 || write_out(r, buf_span(&found)) < 0) {
		refuse(r, "the search failed: try again");
	} else {
		r->answer->kind = ANSWER_FOUND;
		r->answer->shapes_size = all.len + found.len;
	}
	buf_free(&all);
	buf_free(&found);
}

static void note(struct reading *r, int result)
{
	if (result < 0)
		refuse(r, "the state cannot be written: try again");
	else
		r->answer->kind = ANSWER_YES;
}

void reading_answer(const struct reading_parts *parts, const struct ask *ask, int in,
		    int out, struct answer *answer, struct err *err)
{
	struct reading r = { .parts = parts, .ask = ask, .login = ask->envelope.login,
			     .in = in, .out = out, .answer = answer, .err = err };
	struct views *views = parts->views;

	*answer = (struct answer){ .id = ask->id };
	switch (ask->kind) {
	case ASK_SHAPES:
		shapes(&r);
		break;
	case ASK_VIEW:
		view(&r);
		break;
	case ASK_OPEN:
		open_it(&r);
		break;
	case ASK_CLEAR:
		note(&r, views ? views_clear(views, r.login, &ask->place, err) : 0);
		break;
	case ASK_GONE:
		note(&r, views ? views_gone(views, r.login, &ask->place, err) : 0);
		break;
	case ASK_DELETED:
		note(&r, views ? views_deleted(views, r.login, &ask->place, err) : 0);
		break;
	case ASK_FIND:
		find(&r);
		break;
	case ASK_SENDER:
	case ASK_RCPT:
	case ASK_SEAL:
	case ASK_ACCEPTED:
	case ASK_COMPLETE:
	case ASK_STORE:
		err_set(err, ERR_BUG, "no question about what is stored");
		failed(&r);
		break;
	}
	if (views)
		views_forget(views);
}
