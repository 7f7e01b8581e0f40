#include "policy/keys/key_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <letterlock/mem.h>

static enum key_state say(char why[64], enum key_state state, const char *text)
{
	(void)snprintf(why, 64, "%s", text);
	return state;
}

static enum key_state say_expired(char why[64], int64_t when)
{
	time_t seconds = (time_t)when;
	struct tm day;
	char text[32];

	if (!gmtime_r(&seconds, &day) ||
	    strftime(text, sizeof(text), "expired %Y-%m-%d", &day) == 0)
		return say(why, KEY_STATE_EXPIRED, "expired");
	return say(why, KEY_STATE_EXPIRED, text);
}

static bool over(int64_t expires, int64_t now)
{
	return expires != 0 && expires <= now;
}

static enum key_state encryption_state(const struct key *key, int64_t now, char why[64])
{
	int64_t last = 0;
	bool later = false;

	for (size_t i = 0; i < key->encryption_n; i++) {
		const struct key_part *part = &key->encryption[i];

		if (over(part->expires, now)) {
			last = part->expires > last ? part->expires : last;
			continue;
		}
		if (part->created <= now)
			return say(why, KEY_STATE_USABLE, "");
		later = true;
	}
	if (later)
		return say(why, KEY_STATE_LATER, "not valid yet");
	return last ? say_expired(why, last) :
		      say(why, KEY_STATE_UNABLE, "cannot encrypt");
}

static enum key_state signing_state(const struct key *key, int64_t now, char why[64])
{
	if (!key->secret)
		return say(why, KEY_STATE_UNABLE, "no secret key");
	if (!key->can_sign)
		return say(why, KEY_STATE_UNABLE, "cannot sign");
	if (over(key->sign_expires, now))
		return say_expired(why, key->sign_expires);
	return say(why, KEY_STATE_USABLE, "");
}

enum key_state key_state(const struct key *key, enum key_use use, int64_t now,
			 char why[64])
{
	if (key->revoked)
		return say(why, KEY_STATE_REVOKED, "revoked");
	if (key->disabled)
		return say(why, KEY_STATE_DISABLED, "disabled");
	if (over(key->expires, now))
		return say_expired(why, key->expires);
	if (key->invalid)
		return say(why, KEY_STATE_INVALID, "invalid");
	if (key->created > now)
		return say(why, KEY_STATE_LATER, "not valid yet");
	return use == KEY_ENCRYPT ? encryption_state(key, now, why)
				  : signing_state(key, now, why);
}

bool key_usable(const struct key *key, enum key_use use, int64_t now, char why[64])
{
	return key_state(key, use, now, why) == KEY_STATE_USABLE;
}

void key_copy(const struct key *key, struct key *copy)
{
	*copy = *key;
	copy->user_ids = copy->addresses = (struct strs){ 0 };
	strs_add_all(&copy->user_ids, &key->user_ids);
	strs_add_all(&copy->addresses, &key->addresses);
	copy->encryption = NULL;
	if (key->encryption_n == 0)
		return;
	copy->encryption = mem_grow(NULL, key->encryption_n, sizeof(*key->encryption));
	memcpy(copy->encryption, key->encryption,
	       key->encryption_n * sizeof(*key->encryption));
}

void key_free(struct key *key)
{
	strs_free(&key->user_ids);
	strs_free(&key->addresses);
	free(key->encryption);
	*key = (struct key){ 0 };
}
