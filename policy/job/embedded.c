#include "policy/job/embedded.h"

#include <string.h>

static bool starts(struct span line, const char *word)
{
	size_t len = strlen(word);

	return line.len >= len && memcmp(line.at, word, len) == 0;
}

/* "begin 644 NAME", "begin-base64 644 NAME": what is behind the mode. */
static bool uuencoded(struct span line, struct span *name)
{
	size_t digits = 0;

	if (starts(line, "begin-base64 "))
		line = span_skip(line, strlen("begin-base64 "));
	else if (starts(line, "begin "))
		line = span_skip(line, strlen("begin "));
	else
		return false;
	while (digits < line.len && line.at[digits] >= '0' && line.at[digits] <= '7')
		digits++;
	if (digits < 3 || digits > 4 || digits == line.len || line.at[digits] != ' ')
		return false;
	*name = span_trim(span_skip(line, digits));
	return name->len > 0;
}

/* "=ybegin line=128 size=3 name=NAME": the name is the last. */
static bool yencoded(struct span line, struct span *name)
{
	static const char word[] = " name=";
	const char *at;

	if (!starts(line, "=ybegin "))
		return false;
	at = memmem(line.at, line.len, word, strlen(word));
	if (at)
		*name = span_trim(span_skip(line, (size_t)(at - line.at) + strlen(word)));
	return true;
}

/* Its name is inside, encoded. */
static bool binhexed(struct span line)
{
	return starts(line, "(This file must be converted with BinHex");
}

bool embedded_find(struct span text, struct strs *names)
{
	bool found = false;
	struct span line;

	while (span_split(&text, '\n', &line)) {
		struct span name = { 0 };

		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (!uuencoded(line, &name) && !yencoded(line, &name) && !binhexed(line))
			continue;
		found = true;
		if (name.len > 0)
			strs_add(names, name);
	}
	return found;
}
