#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/rules/conf_schema.h"

/* A manual page's text; the caller frees it. */
static char *page_text(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char *path = mem_printf("%s/contrib/man/%s", srcdir ? srcdir : ".", name);
	FILE *file = fopen(path, "r");
	char *text = mem_new(100000);

	assert_non_null(file);
	assert_true(fread(text, 1, 99999, file) > 1000);
	fclose(file);
	free(path);
	return text;
}

/* The part of `text` behind the line `heading` and before the next heading. */
static struct span part_of(const char *text, const char *heading)
{
	char *line = mem_printf("\n%s\n", heading);
	const char *start = strstr(text, line), *end;

	if (!start)
		fail_msg("no %s", heading);
	start += strlen(line);
	free(line);
	end = strstr(start, "\n.S");
	while (end && end[3] != 's' && end[3] != 'h')	/* .Ss and .Sh, not .Sx */
		end = strstr(end + 1, "\n.S");
	return span_of(start, end ? (size_t)(end - start) : strlen(start));
}

/* What a part says of one key: from its .It to the next. */
static struct span entry_of(struct span part, const char *key)
{
	char *tag = mem_printf(".It Ic %s Li = ", key);
	const char *start = memmem(part.at, part.len, tag, strlen(tag)), *end;
	struct span entry;

	free(tag);
	if (!start)
		fail_msg("no entry for %s", key);
	entry = span_skip(part, (size_t)(start - part.at) + 1);
	end = memmem(entry.at, entry.len, "\n.It ", 5);
	return end ? span_of(entry.at, (size_t)(end - entry.at)) : entry;
}

static bool says(struct span entry, const char *text)
{
	return memmem(entry.at, entry.len, text, strlen(text));
}

static void check_entry(struct span entry, const struct conf_key *key)
{
	struct span rest = span_str(key->words), word;

	while (key->words && span_split(&rest, ' ', &word)) {
		char *text = span_dup(word);

		if (!says(entry, text))
			fail_msg("%s: the manual does not say %s", key->name, text);
		free(text);
	}
	if (key->preset) {
		const char *place = memmem(entry.at, entry.len, "Default:", 8);

		if (!place || !says(span_of(place, (size_t)(entry.at + entry.len - place)),
				    key->preset))
			fail_msg("%s: the manual does not give the default %s", key->name,
				 key->preset);
	}
	if (key->flags & KEY_SYSTEM && !says(entry, "Default:"))
		fail_msg("%s: the manual does not say what it is by default", key->name);
	if (key->flags & KEY_NEEDED && !says(entry, "\nNeeded."))
		fail_msg("%s: the manual does not say that it is needed", key->name);
}

/* Every key of the page's part is in the schema. */
static void check_no_others(struct span part, enum conf_section section)
{
	struct span line;

	while (span_split(&part, '\n', &line)) {
		struct span name;
		char *text;

		if (!span_starts_nocase(line, ".It Ic "))
			continue;
		line = span_skip(line, strlen(".It Ic "));
		span_split(&line, ' ', &name);
		text = span_dup(name);
		if (!conf_schema_key(section, text))
			fail_msg("the manual has a key %s that is not there", text);
		free(text);
	}
}

static void every_key_stands_in_the_manual(void **state)
{
	char *conf = page_text("letterlock.conf.5"), *policy = page_text("letterlock-policy.5");
	size_t n;
	const struct conf_key *keys = conf_schema_keys(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char *heading = keys[i].section == SECTION_RULE ?
			mem_printf(".Ss %s", keys[i].flags & KEY_CONDITION ? "Conditions" :
				   "Actions") :
			mem_printf(".Ss [%s%s]", conf_schema_section_word(keys[i].section),
				   conf_schema_section_named(keys[i].section) ? " NAME" : "");
		struct span part = part_of(keys[i].section == SECTION_RULE ? policy : conf,
					   heading);

		check_entry(entry_of(part, keys[i].name), &keys[i]);
		check_no_others(part, keys[i].section);
		free(heading);
	}
	free(conf);
	free(policy);
}

static void every_key_has_what_messages_need(void **state)
{
	size_t n;
	const struct conf_key *keys = conf_schema_keys(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(keys[i].read);
		assert_true(strlen(keys[i].doc) > 10 && strlen(keys[i].doc) < 80);
		assert_true(keys[i].least <= keys[i].most);
		assert_ptr_equal(conf_schema_key(keys[i].section, keys[i].name), &keys[i]);
		assert_true((keys[i].flags & KEY_CHECKED) == 0 || keys[i].field == 0);
	}
	assert_null(conf_schema_key(SECTION_GATEWAY, "certificate"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_stands_in_the_manual),
		cmocka_unit_test(every_key_has_what_messages_need),
	};

	return cmocka_run_group_tests_name("conf_schema", tests, NULL, NULL);
}
