/*
 * smtp_trace - the Received field that the gateway puts before a message
 * (RFC 5321 4.4, RFC 3848, RFC 8314 4.3). Pure. It names no client address
 * and no user: those are nobody's business behind the gateway.
 */
#ifndef LETTERLOCK_SMTP_TRACE_H
#define LETTERLOCK_SMTP_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <letterlock/buf.h>

struct smtp_trace {
	const char *hostname;
	bool extended;		/* EHLO */
	bool tls;
	bool authenticated;
	bool smtputf8;
	const char *tls_text;	/* conn_tls_text(), or NULL */
	uint64_t id;
	time_t when;
};

/* Appends the field with its CRLFs. 0, or -1 when `out` is full. */
int smtp_trace_put(struct buf *out, const struct smtp_trace *trace);

#endif
