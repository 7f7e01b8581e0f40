#include "proxy/session/imap_view.h"

#include <stdio.h>
#include <unistd.h>

#include <letterlock/mem.h>

enum { NAME_MAX_OCTETS = 2048 };	/* that a question surely has room for */

/* A name that cannot be told: too long, or with control characters in it. */
static bool odd(const char *name)
{
	size_t i;

	for (i = 0; name[i] && i <= NAME_MAX_OCTETS; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return true;
	return i > NAME_MAX_OCTETS;
}

/* What is looked at in a mailbox that has no name of its own for ever lasts as long as
 * it is selected. */
void imap_view_place(const struct imap_session *s, struct ask_place *place)
{
	bool named = !odd(s->mailbox);

	*place = (struct ask_place){
		.upstream = mem_strdup(s->base.setup.listener->upstream->name),
		.uidvalidity = named ? s->uidvalidity : 0,
	};
	if (place->uidvalidity)
		place->mailbox = mem_strdup(s->mailbox);
	else
		place->mailbox = mem_printf("%s of session %016llx.%u",
					    named ? s->mailbox : "one",
					    (unsigned long long)s->base.setup.id,
					    s->selections);
}

void imap_view_ask(struct imap_session *s, enum ask_kind kind,
		   const uint32_t *uids, size_t n, const struct spool *stored,
		   policy_answered *answered)
{
	struct ask ask = { .kind = kind };
	char name[16];

	ask.envelope.listener = mem_strdup(s->base.setup.listener->name);
	ask.envelope.login = mem_strdup(session_login(&s->base));
	ask.envelope.client = mem_strdup(conn_peer(s->base.client));
	imap_view_place(s, &ask.place);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%u", uids[i]);
		strs_add(&ask.place.names, span_str(name));
	}
	ask.message_size = stored ? spool_size(stored) : 0;
	imap_state_ask(s, &ask, stored ? spool_descriptor(stored) : -1, answered);
	ask_free(&ask);
}

static void on_told(void *owner, const struct answer *answer, int passed)
{
	(void)owner;
	(void)answer;
	if (passed >= 0)
		(void)close(passed);
}

static void say(struct imap_session *s, struct ask *ask)
{
	policy_forget(policy_ask(s->base.setup.policy, ask, -1, IMAP_POLICY_WAIT, on_told, NULL));
}

static void tell(struct imap_session *s, struct ask *ask)
{
	if (ask->place.names.n)
		say(s, ask);
	strs_free(&ask->place.names);
}

void imap_view_tell_deleted(struct imap_session *s, const char *mailbox)
{
	struct ask ask = { .kind = ASK_DELETED };

	if (odd(mailbox))
		return;		/* nothing of it is kept */
	ask.envelope.login = mem_strdup(session_login(&s->base));
	ask.place.upstream = mem_strdup(s->base.setup.listener->upstream->name);
	ask.place.mailbox = mem_strdup(mailbox);
	say(s, &ask);
	ask_free(&ask);
}

void imap_view_tell(struct imap_session *s, enum ask_kind kind, const struct imap_set *uids)
{
	struct ask ask = { .kind = kind };
	char name[16];

	if (!uids->n)
		return;
	ask.envelope.login = mem_strdup(session_login(&s->base));
	imap_view_place(s, &ask.place);
	for (size_t i = 0; i < uids->n; i++)
		for (uint32_t uid = uids->at[i].from; uid <= uids->at[i].to; uid++) {
			(void)snprintf(name, sizeof(name), "%u", uid);
			strs_add(&ask.place.names, span_str(name));
			if (ask.place.names.n == ASK_NAMES_MAX)
				tell(s, &ask);
		}
	tell(s, &ask);
	ask_free(&ask);
}
