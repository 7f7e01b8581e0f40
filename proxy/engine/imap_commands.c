#include "proxy/engine/imap_commands.h"

#include <stddef.h>

enum {
	NEW = IMAP_STATE_NEW,
	SELECTED = IMAP_STATE_SELECTED,
	IN = IMAP_STATE_LOGGED_IN | IMAP_STATE_SELECTED,
	ANY = NEW | IN,
};

/*
 * What is not here is refused: COMPRESS, CATENATE's GENURLAUTH and URLFETCH,
 * REPLACE, UNAUTHENTICATE, CONVERT ... would carry bytes or
 * sequence numbers past us.
 */
static const struct imap_command commands[] = {
	/* verb          states    arguments  treatment */
	{ "CAPABILITY",   ANY,      false,  IMAP_DO_CAPABILITY },
	{ "NOOP",         ANY,      false,  IMAP_DO_NOOP },
	{ "LOGOUT",       ANY,      false,  IMAP_DO_LOGOUT },
	{ "ID",           ANY,      true,   IMAP_DO_ID },
	{ "STARTTLS",     NEW,      false,  IMAP_DO_STARTTLS },
	{ "LOGIN",        NEW,      true,   IMAP_DO_LOGIN },
	{ "AUTHENTICATE", NEW,      true,   IMAP_DO_AUTHENTICATE },
	{ "ENABLE",       IN,       true,   IMAP_DO_ENABLE },
	{ "SELECT",       IN,       true,   IMAP_DO_SELECT },
	{ "EXAMINE",      IN,       true,   IMAP_DO_SELECT },
	{ "CREATE",       IN,       true,   IMAP_DO_RELAY },
	{ "DELETE",       IN,       true,   IMAP_DO_DELETE },
	{ "RENAME",       IN,       true,   IMAP_DO_RELAY },
	{ "SUBSCRIBE",    IN,       true,   IMAP_DO_RELAY },
	{ "UNSUBSCRIBE",  IN,       true,   IMAP_DO_RELAY },
	{ "LIST",         IN,       true,   IMAP_DO_RELAY },
	{ "LSUB",         IN,       true,   IMAP_DO_RELAY },
	{ "XLIST",        IN,       true,   IMAP_DO_RELAY },
	{ "STATUS",       IN,       true,   IMAP_DO_RELAY },
	{ "NAMESPACE",    IN,       false,  IMAP_DO_RELAY },
	{ "GETQUOTA",     IN,       true,   IMAP_DO_RELAY },
	{ "GETQUOTAROOT", IN,       true,   IMAP_DO_RELAY },
	{ "SETQUOTA",     IN,       true,   IMAP_DO_RELAY },
	{ "GETACL",       IN,       true,   IMAP_DO_RELAY },
	{ "SETACL",       IN,       true,   IMAP_DO_RELAY },
	{ "DELETEACL",    IN,       true,   IMAP_DO_RELAY },
	{ "LISTRIGHTS",   IN,       true,   IMAP_DO_RELAY },
	{ "MYRIGHTS",     IN,       true,   IMAP_DO_RELAY },
	{ "GETMETADATA",  IN,       true,   IMAP_DO_RELAY },
	{ "SETMETADATA",  IN,       true,   IMAP_DO_RELAY },
	{ "APPEND",       IN,       true,   IMAP_DO_APPEND },
	{ "IDLE",         IN,       false,  IMAP_DO_IDLE },
	{ "NOTIFY",       IN,       true,   IMAP_DO_NOTIFY },
	{ "CHECK",        SELECTED, false,  IMAP_DO_RELAY },
	{ "CLOSE",        SELECTED, false,  IMAP_DO_CLOSE },
	{ "UNSELECT",     SELECTED, false,  IMAP_DO_CLOSE },
	{ "EXPUNGE",      SELECTED, false,  IMAP_DO_RELAY },
	{ "SEARCH",       SELECTED, true,   IMAP_DO_SEARCH },
	{ "SORT",         SELECTED, true,   IMAP_DO_SEARCH },
	{ "THREAD",       SELECTED, true,   IMAP_DO_SEARCH },
	{ "FETCH",        SELECTED, true,   IMAP_DO_FETCH },
	{ "STORE",        SELECTED, true,   IMAP_DO_RELAY },
	{ "COPY",         SELECTED, true,   IMAP_DO_RELAY },
	{ "MOVE",         SELECTED, true,   IMAP_DO_RELAY },
	{ "UID SEARCH",   SELECTED, true,   IMAP_DO_SEARCH },
	{ "UID SORT",     SELECTED, true,   IMAP_DO_SEARCH },
	{ "UID THREAD",   SELECTED, true,   IMAP_DO_SEARCH },
	{ "UID FETCH",    SELECTED, true,   IMAP_DO_FETCH },
	{ "UID STORE",    SELECTED, true,   IMAP_DO_RELAY },
	{ "UID COPY",     SELECTED, true,   IMAP_DO_RELAY },
	{ "UID MOVE",     SELECTED, true,   IMAP_DO_RELAY },
	{ "UID EXPUNGE",  SELECTED, true,   IMAP_DO_RELAY },
};

/* How many bytes of `text` the verb takes: all its letters, and after UID a
 * blank and the next word's. */
static size_t verb_length(struct span text)
{
	size_t len = span_find(text, ' ');

	if (len < text.len && span_is_nocase(span_of(text.at, len), "UID"))
		len += 1 + span_find(span_skip(text, len + 1), ' ');
	return len;
}

const struct imap_command *imap_commands_take(struct span *rest)
{
	struct span verb = span_of(rest->at, verb_length(*rest));

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!span_is_nocase(verb, commands[i].verb))
			continue;
		*rest = span_skip(*rest, verb.len);
		return &commands[i];
	}
	return NULL;
}

bool imap_commands_uid(const struct imap_command *command)
{
	return span_starts_nocase(span_str(command->verb), "UID ");
}
