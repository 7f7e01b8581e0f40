/*
 * smtp_parameters - what the parameters of MAIL and RCPT may say, as a table
 * (RFC 1870, 6152, 6531, 3461, 4954, 8689). Pure.
 */
#ifndef LETTERLOCK_SMTP_PARAMETERS_H
#define LETTERLOCK_SMTP_PARAMETERS_H

#include "proxy/engine/smtp_syntax.h"

/*
 * Checks the parameters that smtp_syntax_parameters() found and fills in size,
 * eight_bit and smtputf8 (`event->kind` says whose they are; for RCPT
 * `smtputf8` is to be set as MAIL had it). NULL when all is well, or what the
 * client is to be told.
 */
const struct smtp_syntax_fault *
smtp_parameters_read(struct smtp_server_event *event);

#endif
