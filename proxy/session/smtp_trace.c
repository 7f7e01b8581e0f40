#include "proxy/session/smtp_trace.h"

#include <inttypes.h>
#include <string.h>

/* RFC 3848 and RFC 6531 4.3: which protocol it came by. */
static const char *with(const struct smtp_trace *trace)
{
	static const char *const names[2][2][2] = {
		/* by [smtputf8][tls][authenticated] */
		{ { "ESMTP", "ESMTPA" }, { "ESMTPS", "ESMTPSA" } },
		{ { "UTF8SMTP", "UTF8SMTPA" }, { "UTF8SMTPS", "UTF8SMTPSA" } },
	};

	if (!trace->extended)
		return "SMTP";
	return names[trace->smtputf8][trace->tls][trace->authenticated];
}

/* The locale must not translate it (RFC 5322 3.3). */
static int date_put(struct buf *out, time_t when)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed",
					 "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr",
					    "May", "Jun", "Jul", "Aug",
					    "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	gmtime_r(&when, &tm);
	return buf_printf(out, "%s, %d %s %d %02d:%02d:%02d +0000",
			  days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
			  tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The suite's name behind "cipher ": the tls clause of RFC 8314 4.3. */
static const char *suite(const char *tls_text)
{
	const char *at = tls_text ? strstr(tls_text, "cipher ") : NULL;

	return at ? at + strlen("cipher ") : NULL;
}

int smtp_trace_put(struct buf *out, const struct smtp_trace *trace)
{
	const char *cipher = trace->tls ? suite(trace->tls_text) : NULL;

	if (buf_printf(out, "Received: by %s (Letterlock) with %s\r\n\tid %016" PRIx64,
		       trace->hostname, with(trace), trace->id) < 0)
		return -1;
	if (cipher && buf_printf(out, " tls %s", cipher) < 0)
		return -1;
	if (buf_puts(out, ";\r\n\t") < 0 || date_put(out, trace->when) < 0)
		return -1;
	return buf_puts(out, "\r\n");
}
