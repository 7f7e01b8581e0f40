/*
 * smtp_syntax - the arguments of SMTP commands (RFC 5321 4.1.2, RFC 3461 4,
 * RFC 4954 5, RFC 6531 3.3). Pure.
 */
#ifndef LETTERLOCK_SMTP_SYNTAX_H
#define LETTERLOCK_SMTP_SYNTAX_H

#include <stdbool.h>

#include <letterlock/span.h>

#include "proxy/engine/smtp_server.h"

/* What is said to a client whose command is wrong. */
struct smtp_syntax_fault {
	unsigned code;
	const char *status;
	const char *text;
};

/* The verb, and what stands behind it without blanks at its ends. */
void smtp_syntax_command(struct span line, struct span *verb,
			 struct span *arguments);

/* A name for HELO or EHLO: printable ASCII without blanks, 1 to 255 octets;
 * nothing that would need quoting where it is written down again. */
bool smtp_syntax_name(struct span text);

/* A SASL mechanism: 1 to 20 of A-Z 0-9 - _ (RFC 4422 3.1), in any case. */
bool smtp_syntax_mechanism(struct span text);

/*
 * Takes "FROM:<path>" (or "TO:<path>" by `prefix`) off `rest`. `address` is
 * what stands between the brackets without the source route, "" for <>: not
 * yet known to be an address. Quoted local parts may hold `>` and blanks.
 * False when it is not a path.
 */
bool smtp_syntax_path(struct span *rest, const char *prefix,
		      struct span *address);

/*
 * Splits the parameters behind a path. False when they are no ESMTP parameters
 * or more than SMTP_PARAMETERS_MAX. What they mean is smtp_parameters'.
 */
bool smtp_syntax_parameters(struct span rest, struct smtp_server_event *event);

/*
 * RFC 3461 4: printable ASCII, `+XX` for the rest. False when a byte that it
 * stands for is a control character or 8-bit, or it is more than
 * `max` octets long when decoded.
 */
bool smtp_syntax_xtext(struct span text, size_t max);

/* What such `text` stands for, as a string; the caller frees it. */
char *smtp_syntax_xtext_get(struct span text);

#endif
