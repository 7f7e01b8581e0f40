#include "proxy/engine/smtp_dot.h"

void smtp_dot_reader_init(struct smtp_dot_reader *reader, size_t line_max)
{
	*reader = (struct smtp_dot_reader){ .line_max = line_max };
}

/* Counts `len` more octets of the line that we are in. */
static void count(struct smtp_dot_reader *reader, size_t len)
{
	reader->line += len;
	if (reader->line > reader->line_max)
		reader->faults |= SMTP_DOT_LONG;
}

/* `line` ends in its first LF: is that a CRLF, and the only CR? */
static bool proper_end(const char *line, size_t len)
{
	return len >= 2 && memchr(line, '\r', len) == line + len - 2;
}

/* The end of `in`, which holds no LF: all of it but a CR at the very end. */
static size_t tail(struct smtp_dot_reader *reader, struct span in)
{
	size_t len = in.len;

	if (len && in.at[len - 1] == '\r')
		len--;
	if (len == 0)
		return 0;
	if (memchr(in.at, '\r', len))
		reader->faults |= SMTP_DOT_BARE;
	count(reader, len);
	reader->inside = true;
	return len;
}

/* How far the run goes that starts at `in`: to the next dot at a line start. */
static size_t run_length(struct smtp_dot_reader *reader, struct span in)
{
	size_t at = 0;

	while (at < in.len) {
		const char *line = in.at + at;
		const char *lf = memchr(line, '\n', in.len - at);
		size_t len;

		if (!lf)
			return at + tail(reader, span_skip(in, at));
		len = (size_t)(lf - line) + 1;
		count(reader, len);
		reader->line = 0;
		reader->inside = len < 2 || lf[-1] != '\r';
		if (!proper_end(line, len))
			reader->faults |= SMTP_DOT_BARE;
		at += len;
		if (!reader->inside && at < in.len && in.at[at] == '.')
			break;
	}
	return at;
}

enum smtp_dot_result smtp_dot_read(struct smtp_dot_reader *reader,
				   struct span in, size_t *taken,
				   struct span *run)
{
	size_t skip = 0;

	*taken = 0;
	*run = span_of(in.at, 0);
	if (!reader->inside && in.len && in.at[0] == '.') {
		if (in.len < 2 || (in.at[1] == '\r' && in.len < 3))
			return SMTP_DOT_MORE;
		if (in.at[1] == '\r' && in.at[2] == '\n') {
			*taken = 3;
			return SMTP_DOT_END;
		}
		skip = 1;
		reader->inside = true;
	}
	run->at = in.at + skip;
	run->len = run_length(reader, span_skip(in, skip));
	*taken = skip + run->len;
	if (run->len == 0)
		return SMTP_DOT_MORE;
	if (memchr(run->at, '\0', run->len))
		reader->faults |= SMTP_DOT_NUL;
	return SMTP_DOT_RUN;
}

/* Whether the line, or what there is of it, is CRLF text so far. */
static bool proper(struct smtp_dot_writer *writer, struct span line)
{
	bool ended = line.at[line.len - 1] == '\n';
	size_t text = line.len - ended;
	bool cr = text ? line.at[text - 1] == '\r' : writer->cr;

	if (ended && !cr)
		return false;	/* bare LF */
	if (writer->cr && text)
		return false;	/* bare CR */
	if (text > 1 && memchr(line.at, '\r', text - 1))
		return false;
	writer->cr = cr && !ended;
	return !memchr(line.at, '\0', line.len);
}

int smtp_dot_write(struct smtp_dot_writer *writer, struct buf *out,
		   struct span bytes)
{
	if (writer->bad || buf_room(out) < bytes.len + bytes.len / 3 + 1)
		return -1;
	while (bytes.len) {
		size_t len = span_find(bytes, '\n');

		if (len < bytes.len)
			len++;
		writer->bad = !proper(writer, span_of(bytes.at, len));
		if (writer->bad)
			return -1;
		if (!writer->inside && bytes.at[0] == '.')
			(void)buf_put(out, span_of(".", 1));
		(void)buf_put(out, span_of(bytes.at, len));
		writer->inside = bytes.at[len - 1] != '\n';
		bytes = span_skip(bytes, len);
	}
	return 0;
}

int smtp_dot_write_end(struct smtp_dot_writer *writer, struct buf *out)
{
	if (writer->cr || writer->bad) {
		writer->bad = true;
		return -1;
	}
	return buf_puts(out, writer->inside ? "\r\n.\r\n" : ".\r\n");
}
