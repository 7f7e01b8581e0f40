/*
 * imap_capabilities - what an IMAP server says it can do, and what of it is
 * said to the client: a list of what Letterlock sees through, all else is
 * left out. Pure.
 */
#ifndef LETTERLOCK_IMAP_CAPABILITIES_H
#define LETTERLOCK_IMAP_CAPABILITIES_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>
#include <letterlock/strs.h>

struct imap_capabilities {
	struct strs words;	/* upper case; at most 200 */
};

/* What we have to say in it ourselves. */
struct imap_offer {
	bool starttls;		/* offered to this client now */
	bool plaintext;		/* a password may come now; else LOGINDISABLED */
	bool logged_in;		/* no AUTH=, STARTTLS, LOGINDISABLED */
};

/* In place of what was there: the words behind CAPABILITY. */
void imap_capabilities_read(struct imap_capabilities *capabilities,
			    struct span words);
void imap_capabilities_free(struct imap_capabilities *capabilities);

/* `word` in upper case. */
bool imap_capabilities_has(const struct imap_capabilities *capabilities,
			   const char *word);

/* Upstream's mechanisms that are relayed (sasl_offer), appended. */
void imap_capabilities_mechanisms(const struct imap_capabilities *capabilities,
				  struct strs *mechanisms);

/* Appends what the client is told: "IMAP4rev1 LITERAL+ ...". */
void imap_capabilities_put(const struct imap_capabilities *capabilities,
			   const struct imap_offer *offer, struct buf *out);

/*
 * Appends a status text ("OK [CODE] words" without tag) as the client may see
 * it: a CAPABILITY code is ours, a REFERRAL goes (THREATS 22, 82).
 */
void imap_capabilities_put_status(const struct imap_capabilities *capabilities,
				  const struct imap_offer *offer,
				  struct span status, struct buf *out);

#endif
