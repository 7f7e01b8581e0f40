/*
 * smtp_capabilities - what an SMTP server says it can do, read from its reply
 * to EHLO (RFC 5321 4.1.1.1). Pure.
 */
#ifndef LETTERLOCK_SMTP_CAPABILITIES_H
#define LETTERLOCK_SMTP_CAPABILITIES_H

#include "proxy/engine/smtp_client.h"

/* Fills in a zeroed `capabilities`. What is not known or malformed counts as
 * not said. */
void smtp_capabilities_read(struct smtp_client_capabilities *capabilities,
			    const struct smtp_reply *reply);

/* Frees and zeroes. */
void smtp_capabilities_free(struct smtp_client_capabilities *capabilities);

#endif
