/*
 * imap_relay - what passes through an IMAP session: commands that need no
 * opening, and what upstream says on its own. A list of what may pass; the
 * rest is dropped.
 */
#ifndef LETTERLOCK_IMAP_RELAY_H
#define LETTERLOCK_IMAP_RELAY_H

#include "proxy/session/imap_state.h"

/* Relays an untagged response as usual: capabilities and codes filtered, a
 * FETCH that nobody asked for only when it tells flags. */
void imap_relay_untagged(struct imap_session *s, struct span text);

/* Tells our capabilities, untagged. */
void imap_relay_capability(struct imap_session *s);

/* A large response begins: relays its beginning, or says that it is dropped. */
bool imap_relay_begins(struct imap_session *s, struct span text);
/* RUN, BIG_END of one that is relayed. */
void imap_relay_run(struct imap_session *s, const struct imap_client_event *event);

/* Writes an untagged response as it is, whatever it is: for FETCH answers about
 * messages that need no view. */
void imap_relay_raw(struct imap_session *s, struct span text);

/* Relays the client's command as it stands, and its answer. */
void imap_relay_command(struct imap_session *s);

/* Likewise, with what is kept of the mailbox. */
void imap_relay_select(struct imap_session *s);
void imap_relay_close(struct imap_session *s);
void imap_relay_delete(struct imap_session *s);

/* IDLE: said upstream; begun there; a line of the client's in it. */
void imap_relay_idle(struct imap_session *s);
void imap_relay_idles(struct imap_session *s);
void imap_relay_idle_line(struct imap_session *s, struct span line);

#endif
