#include <letterlock/transfer.h>

#include <letterlock/codec.h>

/* One call's: where its octets go, and how much it may still look at. */
struct run {
	char *to;
	size_t n, room, work;
};

void transfer_begin(struct transfer *t, enum transfer_encoding encoding, struct span text)
{
	*t = (struct transfer){ .encoding = encoding, .rest = text, .exact = true };
}

static void put(struct run *run, char c)
{
	run->to[run->n++] = c;
}

static bool goes_on(const struct transfer *t, const struct run *run)
{
	return t->rest.len > 0 && run->work > 0 && run->n + TRANSFER_ROOM_LEAST <= run->room;
}

static void copy(struct transfer *t, struct run *run, size_t most)
{
	size_t len = run->room - run->n;

	len = len < run->work ? len : run->work;
	len = len < most ? len : most;
	memcpy(run->to + run->n, t->rest.at, len);
	t->rest = span_skip(t->rest, len);
	run->n += len;
	run->work -= len;
}

/* --- base64 --- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The octets of a group that ended early; a lone digit is none. */
static void end_group(struct transfer *t, struct run *run)
{
	if (t->digits >= 2)
		put(run, (char)(t->bits >> (t->digits * 6 - 8) & 255));
	if (t->digits == 3)
		put(run, (char)(t->bits >> 2 & 255));
	t->bits = 0;
	t->digits = 0;
}

/* "xx==" and "xxx=": as much as the group lacks */
static void pad(struct transfer *t, struct run *run)
{
	t->exact &= t->padding > 0 ? t->padding < 2 : t->digits >= 2;
	t->padding = t->padding > 0 ? t->padding + 1 : t->digits == 3 ? 2 : 1;
	end_group(t, run);
}

static void take_base64(struct transfer *t, struct run *run, char c)
{
	int digit = codec_base64_digit(c);

	if (blank(c))
		return;
	if (c == '=') {
		pad(t, run);
		return;
	}
	if (digit < 0 || t->padding > 0)
		t->exact = false;
	if (digit < 0)
		return;
	t->padding = 0;
	t->bits = t->bits << 6 | (uint32_t)digit;
	if (++t->digits < 4)
		return;
	put(run, (char)(t->bits >> 16 & 255));
	put(run, (char)(t->bits >> 8 & 255));
	put(run, (char)(t->bits & 255));
	t->bits = 0;
	t->digits = 0;
}

static void base64(struct transfer *t, struct run *run)
{
	for (; goes_on(t, run); run->work--) {
		take_base64(t, run, t->rest.at[0]);
		t->rest = span_skip(t->rest, 1);
	}
	if (t->rest.len > 0 || run->n + TRANSFER_ROOM_LEAST > run->room)
		return;
	t->exact &= t->digits == 0 && t->padding != 1;
	end_group(t, run);
	t->ended = true;
}

/* --- quoted-printable --- */

/* Looks at blanks, from the first octet or the one behind it on. False: where
 * they end is not known yet. */
static bool see_blanks(struct transfer *t, struct run *run, size_t from)
{
	if (t->seen < from)
		t->seen = from;
	while (t->seen < t->rest.len &&
	       (t->rest.at[t->seen] == ' ' || t->rest.at[t->seen] == '\t')) {
		if (run->work == 0)
			return false;
		run->work--;
		t->seen++;
	}
	return true;
}

static size_t line_end(struct span text)
{
	if (text.len >= 2 && text.at[0] == '\r' && text.at[1] == '\n')
		return 2;
	return text.len >= 1 && text.at[0] == '\n' ? 1 : 0;
}

static void take(struct transfer *t, size_t len)
{
	t->rest = span_skip(t->rest, len);
	t->seen = 0;
}

/* What begins with `=`. */
static void quoted(struct transfer *t, struct run *run)
{
	int high = t->rest.len > 2 ? codec_hex_digit(t->rest.at[1]) : -1;
	int low = t->rest.len > 2 ? codec_hex_digit(t->rest.at[2]) : -1;
	size_t end;

	if (high >= 0 && low >= 0) {
		put(run, (char)(high * 16 + low));
		take(t, 3);
		return;
	}
	if (!see_blanks(t, run, 1))
		return;
	end = line_end(span_skip(t->rest, t->seen));
	if (end > 0 || t->seen == t->rest.len) {
		take(t, t->seen + end);	/* a soft line break */
		return;
	}
	t->exact = false;
	put(run, '=');
	take(t, 1);
}

/* Blanks, which count inside a line only (RFC 2045 6.7 (3)). */
static void blanks(struct transfer *t, struct run *run)
{
	size_t len;

	if (!see_blanks(t, run, 0))
		return;
	len = t->seen;
	if (len == t->rest.len || t->rest.at[len] == '\r' || t->rest.at[len] == '\n') {
		take(t, len);
		return;
	}
	t->seen = 0;
	t->plain = len;
}

static void quoted_printable(struct transfer *t, struct run *run)
{
	while (goes_on(t, run)) {
		size_t before = t->rest.len;
		char c = t->rest.at[0];

		if (t->plain > 0) {
			copy(t, run, t->plain);
			t->plain -= before - t->rest.len;
			continue;
		}
		run->work--;
		if (c == '=') {
			quoted(t, run);
		} else if (c == ' ' || c == '\t') {
			blanks(t, run);
		} else {
			put(run, c);
			take(t, 1);
		}
	}
	t->ended = t->rest.len == 0;
}

size_t transfer_next(struct transfer *t, char *to, size_t room)
{
	struct run run = { .to = to, .room = room, .work = TRANSFER_WORK_MAX };

	switch (t->encoding) {
	case TRANSFER_IDENTITY:
		copy(t, &run, t->rest.len);
		t->ended = t->rest.len == 0;
		break;
	case TRANSFER_BASE64:
		base64(t, &run);
		break;
	case TRANSFER_QUOTED_PRINTABLE:
		quoted_printable(t, &run);
		break;
	}
	return run.n;
}
