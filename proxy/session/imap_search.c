#include "proxy/session/imap_search.h"

#include "proxy/session/imap_relay.h"

void imap_search(struct imap_session *s)
{
	imap_relay_command(s);
}
