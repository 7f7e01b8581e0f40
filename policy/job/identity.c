#include "policy/job/identity.h"

#include <letterlock/address.h>
#include <letterlock/header.h>
#include <letterlock/settings.h>

static bool owns(const struct strs *own, const char *address)
{
	for (size_t i = 0; i < own->n; i++)
		if (address_same(span_str(own->at[i]), span_str(address)))
			return true;
	return false;
}

static int refuse(struct reply *reply, const char *what, const char *address,
		  const char *login)
{
	reply_set(reply, 550, "5.7.1", "%s %s is not an address of the login %s", what,
		  address, login);
	return -1;
}

int identity_sender(const struct settings *settings, const struct ask *ask,
		    struct reply *reply)
{
	const char *login = ask->envelope.login, *sender = ask->envelope.sender;
	struct strs own = { 0 };
	int result = 0;

	if (!login || !sender || !*sender)
		return 0;
	settings_addresses(settings, login, &own);
	if (!owns(&own, sender))
		result = refuse(reply, "envelope From", sender, login);
	strs_free(&own);
	return result;
}

/* Every mailbox of every field `name`, appended to `all`. */
static int read_all(struct span fields, const char *name, struct strs *all,
		    struct reply *reply)
{
	struct header_field field;
	struct err err = { 0 };

	while (header_next(&fields, &field) == 1) {
		if (!span_is_nocase(field.name, name))
			continue;
		if (address_list(field.body, all, &err) == 0)
			continue;
		reply_set(reply, 550, "5.7.1", "header %s%s cannot be read: %s", name,
			  span_is_nocase(field.name, "From") ? "" : " (as From)", err.text);
		return -1;
	}
	return 0;
}

static int check_all(const struct strs *all, const char *what, const struct strs *own,
		     const char *login, struct reply *reply)
{
	for (size_t i = 0; i < all->n; i++)
		if (!owns(own, all->at[i]))
			return refuse(reply, what, all->at[i], login);
	return 0;
}

int identity_message(const struct settings *settings, const struct ask *ask,
		     struct span fields, struct strs *from, struct reply *reply)
{
	const char *login = ask->envelope.login;
	struct strs own = { 0 }, sender = { 0 };
	int result = -1;

	if (!login)
		return 0;
	if (identity_sender(settings, ask, reply) < 0)
		return -1;
	settings_addresses(settings, login, &own);
	if (read_all(fields, "From", from, reply) < 0 ||
	    read_all(fields, "Sender", &sender, reply) < 0)
		goto out;
	if (from->n == 0) {
		reply_set(reply, 550, "5.7.1", "header From is missing");
		goto out;
	}
	if (check_all(from, "header From", &own, login, reply) < 0 ||
	    check_all(&sender, "header Sender (as From)", &own, login, reply) < 0)
		goto out;
	result = 0;
out:
	strs_free(&own);
	strs_free(&sender);
	return result;
}
