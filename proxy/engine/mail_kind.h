/*
 * mail_kind - which messages need to be opened (or cleaned) before a reader is
 * shown them; all others pass as they flow. Pure. It asks for a view too often
 * rather than too seldom: the sealer looks at the whole message.
 */
#ifndef LETTERLOCK_MAIL_KIND_H
#define LETTERLOCK_MAIL_KIND_H

#include <stdbool.h>

#include <letterlock/span.h>

/* The header fields that are looked at, as IMAP's HEADER.FIELDS names them. */
#define MAIL_KIND_FIELDS \
	"CONTENT-TYPE CONTENT-TRANSFER-ENCODING X-LETTERLOCK AUTHENTICATION-RESULTS"

enum { MAIL_KIND_TEXT = 2048 };	/* octets of the body that are looked at */

/*
 * True for what says that it is OpenPGP or S/MIME mail, for text in whose
 * first octets an armour begins, and for what bears a verdict header in our
 * name. `fields` are those above or more of the header, `text` is how the body
 * begins.
 */
bool mail_kind_needs_view(struct span fields, struct span text,
			  const char *hostname);

/* Whether a verdict header in our name stands in `header`, as far as that can
 * be read. */
bool mail_kind_bears_verdict(struct span header, const char *hostname);

/* Whether an empty line is in `text`, behind which nobody looks for fields. */
bool mail_kind_header_ends(struct span text);

#endif
