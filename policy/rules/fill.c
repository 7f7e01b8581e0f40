#include "policy/rules/fill.h"

#include <string.h>

static void *field_of(const struct conf_key *key, void *target)
{
	return key->flags & KEY_CHECKED ? NULL : (char *)target + key->field;
}

/* `lines` remembers where each key of the schema was given. */
static bool read_entry(const struct reading *at, enum conf_section kind,
		       const struct ini_entry *entry, unsigned *lines,
		       void *target)
{
	const struct conf_key *key = conf_schema_key(kind, entry->name);
	size_t n;
	unsigned *line;

	if (!key)
		return conf_schema_unknown_key(at, kind, entry->name);
	line = &lines[key - conf_schema_keys(&n)];
	if (*line && !(key->flags & KEY_LIST))
		return reading_problem(at, "%s was given on line %u already; write it once",
				       key->name, *line);
	*line = entry->line;
	if (!*entry->value)
		return reading_problem(at, "%s has no value; write one, or leave the key out",
				       key->name);
	return key->read(at, key, span_str(entry->value), field_of(key, target));
}

bool fill_section(const struct reading *at, enum conf_section kind,
		  const struct ini_section *section, void *target)
{
	unsigned lines[CONF_SCHEMA_KEYS_MAX] = { 0 };
	struct reading here = *at;
	size_t n;
	const struct conf_key *keys = conf_schema_keys(&n);
	bool good = true;

	for (size_t i = 0; section && i < section->n; i++) {
		here.line = section->entries[i].line;
		good &= read_entry(&here, kind, &section->entries[i], lines, target);
	}
	here.line = section ? section->line : 0;
	for (size_t i = 0; i < n; i++) {
		if (keys[i].section != kind || lines[i])
			continue;
		if (keys[i].flags & KEY_NEEDED)
			good = reading_problem(&here, "[%s] has no %s; write one: %s",
					       section ? section->name : "", keys[i].name,
					       keys[i].doc);
		else if (keys[i].preset && !(keys[i].flags & KEY_CHECKED))
			good &= keys[i].read(&here, &keys[i], span_str(keys[i].preset),
					     field_of(&keys[i], target));
	}
	return good;
}
