#include "proxy/engine/smtp_reply.h"

#include <letterlock/utf8.h>

#include "proxy/engine/line.h"

static bool digit(char c, char from, char to)
{
	return c >= from && c <= to;
}

/* The three digits and what follows them; false when it is no reply line. */
static bool line_read(struct span line, unsigned *code, bool *last,
		      struct span *text)
{
	const char *at = line.at;

	if (line.len < 3 || !digit(at[0], '2', '5') || !digit(at[1], '0', '9') ||
	    !digit(at[2], '0', '9'))
		return false;
	if (line.len > 3 && at[3] != ' ' && at[3] != '-')
		return false;
	*code = (unsigned)((at[0] - '0') * 100 + (at[1] - '0') * 10 +
			   (at[2] - '0'));
	*last = line.len == 3 || at[3] == ' ';
	*text = span_skip(line, 4);
	return true;
}

/* 1 when the last line was taken, 0 when more are to come in `in`. */
static int line_add(struct buf *in, struct smtp_reply *reply, struct err *err)
{
	struct span line, text;
	unsigned code;
	bool last;

	switch (line_take(in, SMTP_REPLY_LINE_MAX - 2, &line, err)) {
	case LINE_LONG:
	case LINE_BAD:
		return err_while(err, "reply");
	case LINE_MORE:
		return 0;
	case LINE_TAKEN:
		break;
	}
	if (!line_read(line, &code, &last, &text))
		return err_set(err, ERR_PEER, "no SMTP reply: %.*s",
			       (int)(line.len < 80 ? line.len : 80), line.at);
	if (reply->lines.n && code != reply->code)
		return err_set(err, ERR_PEER, "reply of two codes, %u and %u",
			       reply->code, code);
	if (reply->lines.n == SMTP_REPLY_LINES_MAX)
		return err_set(err, ERR_PEER, "reply of more than %d lines",
			       SMTP_REPLY_LINES_MAX);
	reply->code = code;
	strs_add(&reply->lines, text);
	return last ? 1 : 2;
}

enum smtp_reply_result smtp_reply_take(struct buf *in, struct smtp_reply *reply,
				       struct err *err)
{
	/* A view of the queue: `in` itself stays as it is until all is there. */
	struct buf rest = *in;
	int got = 2;

	*reply = (struct smtp_reply){ 0 };
	while (got == 2) {
		got = line_add(&rest, reply, err);
		if (got >= 0 && in->len - rest.len > SMTP_REPLY_MAX)
			got = err_set(err, ERR_PEER,
				      "reply of more than %d octets",
				      SMTP_REPLY_MAX);
	}
	if (got == 1) {
		buf_drop(in, in->len - rest.len);
		return SMTP_REPLY_TAKEN;
	}
	smtp_reply_free(reply);
	return got < 0 ? SMTP_REPLY_BAD : SMTP_REPLY_MORE;
}

void smtp_reply_free(struct smtp_reply *reply)
{
	strs_free(&reply->lines);
	reply->code = 0;
}

/* Appends the text, whatever it holds, as one line's. */
static int put_text(struct buf *out, struct span text)
{
	while (text.len) {
		size_t len = utf8_printable(text);
		bool tab = text.at[0] == '\t';

		if (buf_put(out, len || tab ? span_of(text.at, len ? len : 1)
					    : span_of("?", 1)) < 0)
			return -1;
		text = span_skip(text, len ? len : 1);
	}
	return buf_puts(out, "\r\n");
}

int smtp_reply_put(struct buf *out, const struct smtp_reply *reply)
{
	for (size_t i = 0; i < reply->lines.n; i++) {
		bool last = i + 1 == reply->lines.n;

		if (buf_printf(out, "%03u%c", reply->code, last ? ' ' : '-') < 0 ||
		    put_text(out, span_str(reply->lines.at[i])) < 0)
			return -1;
	}
	return 0;
}
