#include <stdlib.h>

#include <letterlock/ask.h>
#include <letterlock/channel.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>
#include <letterlock/utf8.h>

/*
 * The wire form is the fields in the order below, without names: numbers in
 * network order, truth as one octet 0 or 1, text as a 32-bit length and its
 * octets, text that may be missing behind a truth. One value has one form.
 */
enum {
	WIRE_ASK = 0x51, /* a question is no answer to another */
	WIRE_ANSWER = 0x41,
	TEXT_MAX = 4096, /* a login, a name; RFC 5321 needs 320 */
};

void ask_free(struct ask *ask)
{
	envelope_free(&ask->envelope);
	free(ask->recipients.at);
	free(ask->place.upstream);
	free(ask->place.mailbox);
	strs_free(&ask->place.names);
	free(ask->find_field);
	if (ask->find_text)	/* it may be words out of a message */
		secret_erase(ask->find_text, strlen(ask->find_text));
	free(ask->find_text);
	*ask = (struct ask){ 0 };
}

void answer_free(struct answer *answer)
{
	for (size_t i = 0; i < answer->copies_n; i++)
		free(answer->copies[i].recipients.at);
	free(answer->copies);
	*answer = (struct answer){ 0 };
}

/* What text of ours may hold, on either side of the wire. */
static bool text_fits(struct span text)
{
	if (text.len > TEXT_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return true;
}

/* --- writing: `bad` sticks, and is asked once at the end --- */

struct writer {
	struct buf *out;
	bool bad;
};

static void put_number(struct writer *w, uint64_t value, size_t octets)
{
	char bytes[8];

	for (size_t i = 0; i < octets; i++)
		bytes[i] = (char)(value >> 8 * (octets - 1 - i) & 255);
	w->bad |= buf_put(w->out, span_of(bytes, octets)) < 0;
}

static void put_bool(struct writer *w, bool value)
{
	put_number(w, value, 1);
}

static void put_text(struct writer *w, const char *text)
{
	struct span bytes = span_str(text);

	w->bad |= !text_fits(bytes);
	put_number(w, bytes.len, 4);
	w->bad |= buf_put(w->out, bytes) < 0;
}

static void put_optional(struct writer *w, const char *text)
{
	put_bool(w, text);
	if (text)
		put_text(w, text);
}

static void put_recipients(struct writer *w, const struct ask_recipients *recipients)
{
	w->bad |= recipients->n > ENVELOPE_RECIPIENTS_MAX;
	put_number(w, recipients->n, 2);
	for (size_t i = 0; i < recipients->n; i++)
		put_number(w, recipients->at[i], 2);
}

static void put_envelope(struct writer *w, const struct envelope *envelope)
{
	put_optional(w, envelope->listener);
	put_optional(w, envelope->login);
	put_optional(w, envelope->client);
	put_optional(w, envelope->sender);
	put_bool(w, envelope->smtputf8);
	put_bool(w, envelope->eight_bit);
	put_number(w, envelope->size, 8);
	w->bad |= envelope->to.n > ENVELOPE_RECIPIENTS_MAX;
	put_number(w, envelope->to.n, 2);
	for (size_t i = 0; i < envelope->to.n; i++)
		put_text(w, envelope->to.at[i]);
}

static void put_place(struct writer *w, const struct ask_place *place)
{
	put_optional(w, place->upstream);
	put_optional(w, place->mailbox);
	put_number(w, place->uidvalidity, 4);
	w->bad |= place->names.n > ASK_NAMES_MAX;
	put_number(w, place->names.n, 2);
	for (size_t i = 0; i < place->names.n; i++)
		put_text(w, place->names.at[i]);
}

/* Takes back what was put when it was no good, or is more than one message. */
static int finish(struct writer *w, size_t before)
{
	if (!w->bad && w->out->len - before <= CHANNEL_MAX)
		return 0;
	w->out->len = before;
	return -1;
}

int ask_encode(const struct ask *ask, struct buf *out)
{
	struct writer w = { .out = out };
	size_t before = out->len;

	put_number(&w, WIRE_ASK, 1);
	put_number(&w, ask->id, 8);
	put_number(&w, ask->kind, 1);
	put_envelope(&w, &ask->envelope);
	put_number(&w, ask->trace_size, 8);
	put_number(&w, ask->message_size, 8);
	put_number(&w, ask->output_max, 8);
	put_number(&w, ask->upstream_size, 8);
	put_bool(&w, ask->upstream_eight_bit);
	put_bool(&w, ask->upstream_smtputf8);
	put_bool(&w, ask->want_utf8);
	put_text(&w, ask->journal);
	put_recipients(&w, &ask->recipients);
	put_place(&w, &ask->place);
	put_number(&w, ask->find, 1);
	put_optional(&w, ask->find_field);
	put_optional(&w, ask->find_text);
	put_number(&w, ask->find_number, 8);
	return finish(&w, before);
}

static void put_copy(struct writer *w, const struct answer_copy *copy)
{
	put_bool(w, copy->from_question);
	put_number(w, copy->offset, 8);
	put_number(w, copy->size, 8);
	put_bool(w, copy->encrypted);
	put_bool(w, copy->signed_by_us);
	put_bool(w, copy->eight_bit);
	put_bool(w, copy->utf8);
	put_recipients(w, &copy->recipients);
}

int answer_encode(const struct answer *answer, struct buf *out)
{
	struct writer w = { .out = out };
	size_t before = out->len;

	put_number(&w, WIRE_ANSWER, 1);
	put_number(&w, answer->id, 8);
	put_number(&w, answer->kind, 1);
	put_number(&w, answer->reply.code, 2);
	put_text(&w, answer->reply.status);
	put_text(&w, answer->reply.text);
	put_text(&w, answer->rule);
	put_text(&w, answer->journal);
	put_bool(&w, answer->journalled);
	w.bad |= answer->copies_n > ENVELOPE_RECIPIENTS_MAX;
	put_number(&w, answer->copies_n, 2);
	for (size_t i = 0; i < answer->copies_n; i++)
		put_copy(&w, &answer->copies[i]);
	put_number(&w, answer->shapes_size, 8);
	put_number(&w, answer->view_size, 8);
	put_bool(&w, answer->tried);
	return finish(&w, before);
}

/* --- reading: `bad` sticks; what is read behind it is 0 or empty --- */

struct reader {
	struct span rest;
	const char *bad; /* the field that was wrong, or NULL */
};

static void check(struct reader *r, bool good, const char *field)
{
	if (!good && !r->bad)
		r->bad = field;
}

static struct span get_bytes(struct reader *r, size_t len, const char *field)
{
	struct span bytes = span_of(r->rest.at, len);

	check(r, len <= r->rest.len, field);
	if (r->bad)
		return span_of("", 0);
	r->rest = span_skip(r->rest, len);
	return bytes;
}

static uint64_t get_number(struct reader *r, size_t octets, uint64_t max, const char *field)
{
	struct span bytes = get_bytes(r, octets, field);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | (unsigned char)bytes.at[i];
	check(r, value <= max, field);
	return r->bad ? 0 : value;
}

static bool get_bool(struct reader *r, const char *field)
{
	return get_number(r, 1, 1, field);
}

static struct span get_text(struct reader *r, size_t max, const char *field)
{
	struct span text = get_bytes(r, get_number(r, 4, max, field), field);

	check(r, text_fits(text), field);
	return text;
}

static char *get_optional(struct reader *r, const char *field)
{
	if (!get_bool(r, field))
		return NULL;
	return span_dup(get_text(r, TEXT_MAX, field));
}

/* Into an array of `size` bytes that was zeroed. */
static void get_array(struct reader *r, char *to, size_t size, const char *field)
{
	struct span text = get_text(r, size - 1, field);

	memcpy(to, text.at, text.len);
}

/* Empty, or a SHA-256 as codec_hex writes it. */
static void get_journal(struct reader *r, char *to, bool needed)
{
	struct span text = get_text(r, JOURNAL_ID_SIZE - 1, "journal");

	check(r, text.len == JOURNAL_ID_SIZE - 1 || (text.len == 0 && !needed), "journal");
	for (size_t i = 0; i < text.len; i++)
		check(r, text.at[i] && strchr("0123456789abcdef", text.at[i]), "journal");
	memcpy(to, text.at, text.len);
}

/* `least` indexes or more, each below `limit`. */
static void get_recipients(struct reader *r, size_t least, size_t limit,
			   struct ask_recipients *to)
{
	size_t n = get_number(r, 2, limit, "recipients");

	check(r, n >= least && n <= r->rest.len / 2, "recipients");
	if (r->bad || n == 0)
		return;
	to->at = mem_new(n * sizeof(*to->at));
	to->n = n;
	for (size_t i = 0; i < n; i++)
		to->at[i] = (uint16_t)get_number(r, 2, limit - 1, "recipients");
}

static void get_envelope(struct reader *r, struct envelope *envelope)
{
	size_t n, bytes = 0;

	envelope->listener = get_optional(r, "listener");
	envelope->login = get_optional(r, "login");
	envelope->client = get_optional(r, "client");
	envelope->sender = get_optional(r, "sender");
	envelope->smtputf8 = get_bool(r, "smtputf8");
	envelope->eight_bit = get_bool(r, "8bit");
	envelope->size = get_number(r, 8, UINT64_MAX, "size");
	n = get_number(r, 2, ENVELOPE_RECIPIENTS_MAX, "to");
	for (size_t i = 0; i < n && !r->bad; i++) {
		struct span to = get_text(r, TEXT_MAX, "to");

		bytes += to.len;
		strs_add(&envelope->to, to);
	}
	check(r, bytes <= ENVELOPE_BYTES_MAX, "to");
}

static void get_place(struct reader *r, struct ask_place *place)
{
	size_t n;

	place->upstream = get_optional(r, "upstream");
	place->mailbox = get_optional(r, "mailbox");
	place->uidvalidity = (uint32_t)get_number(r, 4, UINT32_MAX, "uidvalidity");
	n = get_number(r, 2, ASK_NAMES_MAX, "names");
	for (size_t i = 0; i < n && !r->bad; i++)
		strs_add(&place->names, get_text(r, ASK_NAME_MAX, "names"));
}

/* Of whom and where: nobody in particular is nobody's mail. */
static void check_place(struct reader *r, const struct ask *ask, size_t least, size_t most)
{
	const struct ask_place *place = &ask->place;

	check(r, ask->envelope.login && place->upstream && place->mailbox, "place");
	check(r, place->names.n >= least && place->names.n <= most, "names");
}

static void check_find(struct reader *r, const struct ask *ask)
{
	check_place(r, ask, 0, 0);
	check(r, ask->find != FIND_NOTHING, "find");
	check(r, ask->find != FIND_HEADER || ask->find_field, "find");
	check(r, ask->find_text || ask->find == FIND_LARGER || ask->find == FIND_SMALLER, "find");
}

/* What a question of this kind cannot be without, so that who answers it need
 * not look. */
static void check_kind(struct reader *r, const struct ask *ask)
{
	const struct envelope *e = &ask->envelope;

	switch (ask->kind) {
	case ASK_SENDER:
		check(r, e->sender && e->to.n == 0, "envelope");
		return;
	case ASK_RCPT:
		check(r, e->sender && e->to.n == 1, "envelope");
		return;
	case ASK_SEAL:
		check(r, e->sender && e->to.n > 0, "envelope");
		return;
	case ASK_ACCEPTED:
	case ASK_COMPLETE:
		return;
	case ASK_STORE:
		check(r, e->login && e->to.n == 0, "envelope");
		return;
	case ASK_SHAPES:
	case ASK_CLEAR:
	case ASK_GONE:
		check_place(r, ask, 1, ASK_NAMES_MAX);
		return;
	case ASK_VIEW:
	case ASK_OPEN:
		check_place(r, ask, 1, 1);
		return;
	case ASK_DELETED:
		check_place(r, ask, 0, 0);
		return;
	case ASK_FIND:
		check_find(r, ask);
		return;
	}
	check(r, false, "kind");
}

static int decoded(struct reader *r, const char *what, struct err *err)
{
	check(r, r->rest.len == 0, "end");
	if (!r->bad)
		return 0;
	return err_set(err, ERR_PEER, "%s was malformed: %s", what, r->bad);
}

int ask_decode(struct span wire, struct ask *ask, struct err *err)
{
	struct reader r = { .rest = wire };
	bool accepted, complete;

	*ask = (struct ask){ 0 };
	check(&r, get_number(&r, 1, UINT8_MAX, "wire") == WIRE_ASK, "wire");
	ask->id = get_number(&r, 8, UINT64_MAX, "id");
	ask->kind = (enum ask_kind)get_number(&r, 1, ASK_FIND, "kind");
	accepted = ask->kind == ASK_ACCEPTED;
	complete = ask->kind == ASK_COMPLETE;
	get_envelope(&r, &ask->envelope);
	ask->trace_size = get_number(&r, 8, INT64_MAX, "trace");
	ask->message_size = get_number(&r, 8, INT64_MAX - ask->trace_size, "message");
	ask->output_max = get_number(&r, 8, UINT64_MAX, "output");
	ask->upstream_size = get_number(&r, 8, UINT64_MAX, "upstream");
	ask->upstream_eight_bit = get_bool(&r, "upstream");
	ask->upstream_smtputf8 = get_bool(&r, "upstream");
	ask->want_utf8 = get_bool(&r, "utf8");
	get_journal(&r, ask->journal, accepted || complete);
	get_recipients(&r, accepted, accepted ? ask->envelope.to.n : 0, &ask->recipients);
	get_place(&r, &ask->place);
	ask->find = (enum ask_find)get_number(&r, 1, FIND_SMALLER, "find");
	ask->find_field = get_optional(&r, "find");
	ask->find_text = get_optional(&r, "find");
	ask->find_number = get_number(&r, 8, UINT64_MAX, "find");
	check_kind(&r, ask);
	if (decoded(&r, "a question", err) == 0)
		return 0;
	ask_free(ask);
	return -1;
}

/* A reply goes to the client as it is: it must be one line of text. */
static void get_reply(struct reader *r, struct reply *reply, bool refused)
{
	struct span text;

	reply->code = (unsigned)get_number(r, 2, 599, "code");
	check(r, refused ? reply->code >= 400 : reply->code == 0 || reply->code >= 200,
	      "code");
	get_array(r, reply->status, sizeof(reply->status), "status");
	get_array(r, reply->text, sizeof(reply->text), "text");
	for (text = span_str(reply->text); text.len && !r->bad;) {
		size_t len = utf8_printable(text);

		check(r, len > 0, "text");
		text = span_skip(text, len);
	}
}

static void get_copy(struct reader *r, struct answer_copy *copy)
{
	copy->from_question = get_bool(r, "copy");
	copy->offset = get_number(r, 8, INT64_MAX, "offset");
	copy->size = get_number(r, 8, INT64_MAX - copy->offset, "size");
	copy->encrypted = get_bool(r, "copy");
	copy->signed_by_us = get_bool(r, "copy");
	copy->eight_bit = get_bool(r, "copy");
	copy->utf8 = get_bool(r, "copy");
	get_recipients(r, 0, ENVELOPE_RECIPIENTS_MAX, &copy->recipients);
}

int answer_decode(struct span wire, struct answer *answer, struct err *err)
{
	struct reader r = { .rest = wire };
	bool sealed;
	size_t n;

	*answer = (struct answer){ 0 };
	check(&r, get_number(&r, 1, UINT8_MAX, "wire") == WIRE_ANSWER, "wire");
	answer->id = get_number(&r, 8, UINT64_MAX, "id");
	answer->kind = (enum answer_kind)get_number(&r, 1, ANSWER_FOUND, "kind");
	check(&r, answer->kind != 0, "kind");
	sealed = answer->kind == ANSWER_SEALED;
	get_reply(&r, &answer->reply, answer->kind == ANSWER_REFUSED);
	get_array(&r, answer->rule, sizeof(answer->rule), "rule");
	get_journal(&r, answer->journal, false);
	answer->journalled = get_bool(&r, "journalled");
	n = get_number(&r, 2, sealed ? ENVELOPE_RECIPIENTS_MAX : 0, "copies");
	if (n)
		answer->copies = mem_new(n * sizeof(*answer->copies));
	for (; answer->copies_n < n && !r.bad; answer->copies_n++)
		get_copy(&r, &answer->copies[answer->copies_n]);
	answer->shapes_size = get_number(&r, 8, INT64_MAX, "shapes");
	answer->view_size = get_number(&r, 8, INT64_MAX - answer->shapes_size, "view");
	answer->tried = get_bool(&r, "tried");
	if (decoded(&r, "an answer", err) == 0)
		return 0;
	answer_free(answer);
	return -1;
}
