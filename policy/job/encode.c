#include "policy/job/encode.h"

#include "policy/job/output.h"

enum { LINE_WIDTH = 76 };

void encode_init(struct encode *e, bool quoted, struct output *out)
{
	*e = (struct encode){ .out = out, .quoted = quoted };
}

static void put_token(struct encode *e, struct span token)
{
	/* one column is kept for the `=` of a soft line break */
	if (e->column + token.len > LINE_WIDTH - 1) {
		output_puts(e->out, "=\r\n");
		e->column = 0;
	}
	output_put(e->out, token);
	e->column += token.len;
}

static void put_escaped(struct encode *e, char c)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char octet = (unsigned char)c;
	char token[3] = { '=', digits[octet >> 4], digits[octet & 15] };

	put_token(e, span_of(token, 3));
}

/* What could begin "From ", a delimiter or a lone dot: mail systems act on
 * these at the front of a line. */
static bool risky_first(const struct encode *e, char c)
{
	bool first = e->column == 0 || e->column + 1 > LINE_WIDTH - 1;

	return first && (c == 'F' || c == '-' || c == '.');
}

static void release(struct encode *e, bool at_line_end)
{
	if (e->blank && at_line_end)
		put_escaped(e, e->blank);
	else if (e->blank)
		put_token(e, span_of(&e->blank, 1));
	e->blank = 0;
}

static void put_quoted(struct encode *e, char c)
{
	if (e->cr) {
		e->cr = false;
		if (c == '\n') {
			release(e, true);
			output_puts(e->out, "\r\n");
			e->column = 0;
			return;
		}
		release(e, true);
		put_escaped(e, '\r');
	}
	if (c == '\r') {
		e->cr = true;
		return;
	}
	release(e, false);
	if (c == ' ' || c == '\t')
		e->blank = c;
	else if (c > ' ' && c < 0x7f && c != '=' && !risky_first(e, c))
		put_token(e, span_of(&c, 1));
	else
		put_escaped(e, c);
}

/* The group, of which `octets` are there. */
static void put_group(struct encode *e)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = e->bits << 8 * (3 - e->octets);
	char group[4];

	for (unsigned i = 0; i < 4; i++)
		group[i] = i <= e->octets ? digits[bits >> (18 - 6 * i) & 63] : '=';
	output_put(e->out, span_of(group, 4));
	e->column += 4;
	if (e->column == LINE_WIDTH) {
		output_puts(e->out, "\r\n");
		e->column = 0;
	}
	e->bits = 0;
	e->octets = 0;
}

static void put_base64(struct encode *e, char c)
{
	e->bits = e->bits << 8 | (unsigned char)c;
	if (++e->octets == 3)
		put_group(e);
}

bool encode_sink(void *encode, struct span bytes)
{
	struct encode *e = encode;

	for (size_t i = 0; i < bytes.len; i++) {
		if (e->quoted)
			put_quoted(e, bytes.at[i]);
		else
			put_base64(e, bytes.at[i]);
	}
	return true;
}

void encode_end(struct encode *e)
{
	if (e->quoted) {
		release(e, true);
		if (e->cr)
			put_escaped(e, '\r');
	} else {
		if (e->octets > 0)
			put_group(e);
		if (e->column > 0)
			output_puts(e->out, "\r\n");
	}
}
