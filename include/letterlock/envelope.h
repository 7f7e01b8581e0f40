/* envelope - who sends one message to whom, through which listener (RFC 5321). */
#ifndef LETTERLOCK_ENVELOPE_H
#define LETTERLOCK_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/strs.h>

enum {
	ENVELOPE_RECIPIENTS_MAX = 1000,
	ENVELOPE_BYTES_MAX = 128 * 1024,	/* all addresses together */
};

/* Zeroed is empty. Owns its strings; NULL is what is not known. */
struct envelope {
	char *listener;		/* its name in the configuration */
	char *login;		/* whom upstream accepted; NULL: nobody */
	char *client;		/* the client's numeric IP address */
	char *sender;		/* reverse-path, "" for the null one */
	bool smtputf8;		/* RFC 6531 */
	bool eight_bit;		/* BODY=8BITMIME, RFC 6152 */
	uint64_t size;		/* SIZE= of MAIL, 0: not said */
	struct strs to;		/* forward-paths, in the order of RCPT */
};

void envelope_free(struct envelope *envelope);

#endif
