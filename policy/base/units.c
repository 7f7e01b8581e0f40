#include <letterlock/units.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "K", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ NULL, 0 },
};

static bool scaled(struct span text, const struct unit *units, uint64_t *value)
{
	unsigned long long number;
	size_t digits = 0;

	while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
		digits++;
	if (!span_number(span_of(text.at, digits), &number))
		return false;
	for (; units->name; units++) {
		if (!span_is(span_skip(text, digits), units->name))
			continue;
		return !__builtin_mul_overflow(number, units->factor, value);
	}
	return false;
}

bool units_duration(struct span text, uint64_t *milliseconds)
{
	uint64_t value;

	if (span_is(text, "0"))
		value = 0;
	else if (!scaled(text, durations, &value))
		return false;
	*milliseconds = value;
	return true;
}

bool units_size(struct span text, uint64_t *bytes)
{
	uint64_t value;

	if (!scaled(text, sizes, &value))
		return false;
	*bytes = value;
	return true;
}

bool units_bool(struct span text, bool *value)
{
	bool yes = span_is(text, "yes");

	if (!yes && !span_is(text, "no"))
		return false;
	*value = yes;
	return true;
}
