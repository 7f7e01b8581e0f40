#include "policy/run/table.h"

#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/utf8.h>

void table_init(struct table *table, const char *const *head, size_t columns)
{
	*table = (struct table){ .head = head, .columns = columns };
}

void table_free(struct table *table)
{
	strs_free(&table->cells);
	free(table->missing);
	*table = (struct table){ 0 };
}

void table_put(struct table *table, const char *cell)
{
	size_t n = table->cells.n;

	table->missing = mem_one_more(table->missing, n, sizeof(*table->missing));
	table->missing[n] = !cell;
	strs_add(&table->cells, span_str(cell));
}

static const char *shown(const struct table *table, size_t i)
{
	return table->missing[i] ? "-" : table->cells.at[i];
}

/* How many columns a terminal takes for it, nearly: one a character. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* What comes from outside cannot move the cursor. */
static void print_plain(const char *text, FILE *out)
{
	struct span rest = span_str(text);

	while (rest.len > 0) {
		size_t n = utf8_printable(rest);

		if (n == 0)
			fputc('?', out);
		else
			fwrite(rest.at, 1, n, out);
		rest = span_skip(rest, n ? n : 1);
	}
}

static void print_row(const struct table *table, const char *const *cells, const size_t *widths,
		      FILE *out)
{
	for (size_t i = 0; i < table->columns; i++) {
		size_t gap = i + 1 < table->columns ? widths[i] - width(cells[i]) + 2 : 0;

		print_plain(cells[i], out);
		fprintf(out, "%*s", (int)gap, "");
	}
	fputc('\n', out);
}

void table_print(const struct table *table, FILE *out)
{
	size_t *widths = mem_new(table->columns * sizeof(*widths));
	const char **row = mem_new(table->columns * sizeof(*row));
	size_t columns = table->columns, n = table->cells.n;

	for (size_t i = 0; i < columns; i++)
		widths[i] = width(table->head[i]);
	for (size_t i = 0; i < n; i++)
		if (width(shown(table, i)) > widths[i % columns])
			widths[i % columns] = width(shown(table, i));
	print_row(table, table->head, widths, out);
	for (size_t i = 0; i + columns <= n; i += columns) {
		for (size_t k = 0; k < columns; k++)
			row[k] = shown(table, i + k);
		print_row(table, row, widths, out);
	}
	free(widths);
	free(row);
}

/* RFC 8259 7; what is no UTF-8 becomes U+FFFD. */
static void print_string(const char *text, FILE *out)
{
	struct span rest = span_str(text);

	fputc('"', out);
	while (rest.len > 0) {
		size_t n = utf8_char(rest);
		unsigned char c = (unsigned char)*rest.at;

		if (n == 0)
			fputs("\\ufffd", out);
		else if (c < ' ' || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fwrite(rest.at, 1, n, out);
		rest = span_skip(rest, n ? n : 1);
	}
	fputc('"', out);
}

void table_print_json(const struct table *table, FILE *out)
{
	size_t columns = table->columns;

	fputc('[', out);
	for (size_t i = 0; i < table->cells.n; i++) {
		fputs(i % columns ? ", " : i ? "},\n {" : "{", out);
		print_string(table->head[i % columns], out);
		fputs(": ", out);
		if (table->missing[i])
			fputs("null", out);
		else
			print_string(table->cells.at[i], out);
	}
	fputs(table->cells.n ? "}]\n" : "]\n", out);
}
