#include "policy/rules/ini_source.h"

#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>

/* A blank as inih sees it: isspace() of the C locale. */
#define BLANKS " \t\r\v\f"

struct reader {
	struct span rest;	/* lines not yet looked at */
	struct span piece;	/* rest of a long line, not yet given to inih */
	unsigned line;		/* of what inih was given last */
	bool keyed;		/* that line should have been an entry ... */
	bool taken;		/* ... and was */
	bool splicing;		/* it continues the value before it */
	bool lost;		/* in a section whose heading was refused */
	struct ini_file *file;
	const char *shown;
	struct problems *problems;
};

static bool is_blank(char c)
{
	return c != '\0' && strchr(BLANKS, c);
}

static struct span trim(struct span text)
{
	while (text.len > 0 && is_blank(text.at[0]))
		text = span_skip(text, 1);
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static struct ini_section *last_section(const struct ini_file *file)
{
	return file->n > 0 ? &file->sections[file->n - 1] : NULL;
}

/* `line` without the comment that a blank and `;` begin. */
static struct span without_comment(struct span line)
{
	for (size_t i = 1; i < line.len; i++)
		if (line.at[i] == ';' && is_blank(line.at[i - 1]))
			return span_of(line.at, i);
	return line;
}

/* What is wrong with the bytes of a line, or NULL. */
static const char *bad_bytes(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.at[i];

		if (c == '\0')
			return "this line holds a NUL byte; write plain text";
		if (c == '\r' && i + 1 == line.len)
			return NULL;	/* a file with CRLF line ends */
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return "this line holds a control character; write plain text";
	}
	return NULL;
}

/* A copy with one space for each run of blanks; the caller frees it. */
static char *one_spaced(struct span text)
{
	char *name = mem_new(text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!is_blank(text.at[i]))
			name[len++] = text.at[i];
		else if (!is_blank(text.at[i - 1]))
			name[len++] = ' ';
	return name;
}

static void add_section(struct reader *reader, struct span heading)
{
	struct ini_file *file = reader->file;
	char *name = one_spaced(heading);
	size_t first = name_index_add(&file->names, name, file->n);

	if (first != file->n)
		problem_add(reader->problems, reader->shown, reader->line,
			    "section [%s] stands on line %u already; write all its keys there, "
			    "or give this one another name", name,
			    file->sections[first].line);
	file->sections = mem_one_more(file->sections, file->n, sizeof(*file->sections));
	file->sections[file->n++] = (struct ini_section){
		.line = reader->line, .name = name };
}

/*
 * Reads a heading, `[name]`. inih is given the name only after this room has
 * seen that inih would not cut it.
 */
static bool read_heading(struct reader *reader, struct span line)
{
	size_t end = span_find(line, ']');
	struct span name, behind;

	reader->lost = true;
	if (end == line.len) {
		problem_add(reader->problems, reader->shown, reader->line,
			    "a section heading without its `]`; write [NAME]");
		return false;
	}
	name = trim(span_of(line.at + 1, end - 1));
	behind = trim(span_skip(line, end + 1));
	if (behind.len > 0 && behind.at[0] != ';' && behind.at[0] != '#') {
		problem_add(reader->problems, reader->shown, reader->line,
			    "text behind `]`; write it on a line of its own");
		return false;
	}
	if (name.len == 0 || name.len > INI_NAME_MAX) {
		problem_add(reader->problems, reader->shown, reader->line,
			    "a section name has 1 to %d bytes; write a shorter one",
			    INI_NAME_MAX);
		return false;
	}
	reader->lost = false;
	add_section(reader, name);
	return true;
}

/* A line that cannot be given to inih is a problem and becomes empty. */
static bool refuse(struct reader *reader, const char *what)
{
	problem_add(reader->problems, reader->shown, reader->line, "%s", what);
	return false;
}

/*
 * Looks at one line before inih does. True when `line` (trimmed, without its
 * comment) is an entry to be given to inih.
 */
static bool look_at(struct reader *reader, struct span *line)
{
	const char *bad = bad_bytes(*line);
	struct span text = trim(*line), name;
	size_t name_end;

	if (bad)
		return refuse(reader, bad);
	if (text.len == 0 || text.at[0] == ';' || text.at[0] == '#')
		return false;
	if (line->len > INI_LINE_MAX)
		return refuse(reader, "this line is too long; write the list into a file, one a "
				      "line, and name it: file:NAME");
	if (text.at != line->at)
		return refuse(reader, "an indented line; begin it in the first column, and give a "
				      "key again to go on with its list");
	if (text.at[0] == '[')
		return read_heading(reader, text);
	if (reader->lost)
		return false;	/* its heading is the problem */
	*line = trim(without_comment(text));
	name_end = span_find(*line, '=');
	name = trim(span_of(line->at, name_end));
	if (name_end == line->len || name.len == 0)
		return refuse(reader, "neither a heading nor an entry; write KEY = VALUE");
	if (!last_section(reader->file)) {
		problem_add(reader->problems, reader->shown, reader->line,
			    "%.*s stands before any section; write the heading of its section, "
			    "in brackets, above it", (int)name.len, name.at);
		return false;
	}
	if (name.len > INI_NAME_MAX || span_find(name, ':') < name.len)
		return refuse(reader, "no key has such a name; write KEY = VALUE");
	return true;
}

static void check_taken(struct reader *reader)
{
	if (reader->keyed && !reader->taken)
		refuse(reader, "this line could not be read; write KEY = VALUE");
	reader->keyed = false;
	reader->taken = false;
}

/*
 * Where to cut `text` so that more than `least` and at most `max` bytes go to
 * inih: not beside a blank (inih trims) and not before what would begin a
 * comment. 0: nowhere.
 */
static size_t cut_at(struct span text, size_t least, size_t max)
{
	if (text.len <= max)
		return text.len;
	for (size_t i = max; i > least; i--)
		if (!is_blank(text.at[i]) && !is_blank(text.at[i - 1]) &&
		    !strchr(";#", text.at[i]))
			return i;
	return 0;
}

/* Puts `text` and a line end into inih's buffer of `size` bytes. */
static void give(char *into, size_t size, const char *prefix, struct span text)
{
	size_t len = strlen(prefix);

	if (len + text.len + 2 > size)
		text.len = 0;	/* cut_at() does not let this happen */
	memcpy(into, prefix, len);
	if (text.len > 0)
		memcpy(into + len, text.at, text.len);
	memcpy(into + len + text.len, "\n", 2);
}

/*
 * A long line goes to inih in pieces: the second and later ones indented,
 * which inih takes for more values of the same key; on_entry joins them.
 */
static void give_piece(struct reader *reader, char *into, size_t size)
{
	size_t room = size - 4;		/* a blank, CR, LF, NUL */
	size_t least = reader->splicing ? 0 : span_find(reader->piece, '=');
	size_t len = cut_at(reader->piece, least, room);

	if (len == 0) {
		refuse(reader, "this line is too long and has no place to fold it; write the "
			       "list into a file, one a line, and name it: file:NAME");
		reader->piece = span_of(NULL, 0);
		reader->keyed = false;
		give(into, size, "", reader->piece);
		return;
	}
	reader->keyed = true;
	give(into, size, reader->splicing ? " " : "", span_of(reader->piece.at, len));
	reader->piece = span_skip(reader->piece, len);
}

/* inih's fgets(). */
static char *next_line(char *into, int size, void *stream)
{
	struct reader *reader = stream;
	struct span line;

	if (size < 64)
		return NULL;
	check_taken(reader);
	if (reader->piece.len > 0) {
		reader->splicing = true;
		give_piece(reader, into, (size_t)size);
		return into;
	}
	reader->splicing = false;
	if (!span_split(&reader->rest, '\n', &line))
		return NULL;
	reader->line++;
	if (!look_at(reader, &line)) {
		give(into, (size_t)size, "", span_of("", 0));
		return into;
	}
	if (line.at[0] == '[') {
		const char *name = last_section(reader->file)->name;

		give(into, (size_t)size, "[", span_str(name));
		memcpy(into + 1 + strlen(name), "]\n", 3);
		return into;
	}
	reader->piece = line;
	give_piece(reader, into, (size_t)size);
	return into;
}

static void append(char **value, const char *more)
{
	char *joined = mem_printf("%s%s", *value, more);

	free(*value);
	*value = joined;
}

/* inih's handler. */
static int on_entry(void *user, const char *section_name, const char *name,
		    const char *value)
{
	struct reader *reader = user;
	struct ini_section *section = last_section(reader->file);

	if (!section || strcmp(section->name, section_name) != 0)
		return 0;
	if (reader->splicing) {
		struct ini_entry *last = section->n > 0 ?
			&section->entries[section->n - 1] : NULL;

		if (!last || strcmp(last->name, name) != 0)
			return 0;
		append(&last->value, value);
	} else {
		section->entries = mem_one_more(section->entries, section->n,
						sizeof(*section->entries));
		section->entries[section->n++] = (struct ini_entry){
			.line = reader->line, .name = mem_strdup(name),
			.value = mem_strdup(value) };
	}
	reader->taken = true;
	return 1;
}

void ini_source_read(struct span text, const char *shown,
		     struct ini_file *file, struct problems *problems)
{
	struct reader reader = { .rest = text, .file = file, .shown = shown,
				 .problems = problems };

	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		reader.rest = span_skip(text, 3);
	ini_parse_stream(next_line, &reader, on_entry, &reader);
	check_taken(&reader);
}

void ini_source_free(struct ini_file *file)
{
	for (size_t i = 0; i < file->n; i++) {
		struct ini_section *section = &file->sections[i];

		for (size_t k = 0; k < section->n; k++) {
			free(section->entries[k].name);
			free(section->entries[k].value);
		}
		free(section->entries);
		free(section->name);
	}
	free(file->sections);
	name_index_free(&file->names);
	*file = (struct ini_file){ 0 };
}

const struct ini_section *ini_source_section(const struct ini_file *file,
					     const char *name)
{
	size_t at;

	return name_index_find(&file->names, span_str(name), &at) ? &file->sections[at] : NULL;
}

const struct ini_section *ini_source_at(const struct ini_file *file, unsigned line)
{
	size_t from = 0, to = file->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (file->sections[middle].line == line)
			return &file->sections[middle];
		if (file->sections[middle].line < line)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

const struct ini_entry *ini_source_entry(const struct ini_section *section,
					 const char *name)
{
	for (size_t i = 0; section && i < section->n; i++)
		if (strcmp(section->entries[i].name, name) == 0)
			return &section->entries[i];
	return NULL;
}
