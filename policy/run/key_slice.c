#include "policy/run/key_slice.h"

#include <letterlock/ask.h>

#include "policy/keys/key_index.h"
#include "policy/rules/conf.h"
#include "policy/rules/rule_match.h"

struct key_index *key_slice(const struct key_index *index,
			    const struct conf *conf, const struct ask *ask)
{
	const struct envelope *envelope = &ask->envelope;
	struct key_index *slice = key_index_new();
	struct strs wanted = { 0 };

	strs_add_all(&wanted, &envelope->to);
	if (envelope->sender)
		strs_add(&wanted, span_str(envelope->sender));
	if (envelope->login)
		settings_addresses(&conf->settings, envelope->login, &wanted);
	rules_extra_keys(conf->rules, &wanted);
	for (size_t i = 0; i < wanted.n; i++)
		key_index_slice(index, span_str(wanted.at[i]), slice);
	strs_free(&wanted);
	return slice;
}
