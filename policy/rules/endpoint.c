#include "policy/rules/endpoint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MAX = 253, LABEL_MAX = 63 };

/* An address as 16 bytes, IPv4 mapped into IPv6. */
static bool numeric(const char *host, unsigned char bytes[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1) {
		memcpy(bytes, mapped, sizeof(mapped));
		memcpy(bytes + sizeof(mapped), &v4, 4);
		return true;
	}
	return inet_pton(AF_INET6, host, bytes) == 1;
}

static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-';
}

static bool label_valid(struct span label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.at[0] == '-' ||
	    label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_label_char(label.at[i]))
			return false;
	return true;
}

bool endpoint_host_valid(struct span host)
{
	unsigned char bytes[16];
	char *text;
	bool ip, digits = true;
	struct span label;

	if (host.len == 0 || host.len > HOST_MAX)
		return false;
	text = span_dup(host);
	ip = strlen(text) == host.len && numeric(text, bytes);
	free(text);
	if (ip)
		return true;
	for (struct span rest = host; span_split(&rest, '.', &label);) {
		if (!label_valid(label))
			return false;
		digits = true;
		for (size_t i = 0; i < label.len; i++)
			digits &= label.at[i] >= '0' && label.at[i] <= '9';
	}
	return !digits;		/* 1.2.3 is a mistyped address */
}

bool endpoint_parse(struct span text, struct endpoint *endpoint,
		    const char **why)
{
	struct span host = text, port = { "", 0 };
	unsigned long long number = 0;
	bool brackets = text.len > 0 && text.at[0] == '[';
	unsigned char bytes[16];

	for (size_t i = text.len; i > 0 && port.len == 0; i--)
		if (text.at[i - 1] == ':') {
			host = span_of(text.at, i - 1);
			port = span_skip(text, i);
			break;
		}
	*why = "a port from 1 to 65535 must stand behind the last `:`";
	if (!span_number(port, &number) || number < 1 || number > 65535)
		return false;
	*why = "an IPv6 address must stand in brackets, like [::1]:25";
	if (!brackets && span_find(host, ':') < host.len)
		return false;
	if (brackets) {
		if (host.len < 3 || host.at[host.len - 1] != ']')
			return false;
		host = span_of(host.at + 1, host.len - 2);
	}
	*why = "the host is neither an IP address nor a host name";
	if (!endpoint_host_valid(host))
		return false;
	*endpoint = (struct endpoint){ span_dup(host), (unsigned)number };
	if (brackets && !numeric(endpoint->host, bytes)) {
		free(endpoint->host);
		endpoint->host = NULL;
		return false;
	}
	return true;
}

bool endpoint_numeric(const struct endpoint *endpoint)
{
	unsigned char bytes[16];

	return numeric(endpoint->host, bytes);
}

bool endpoint_loopback(const char *host)
{
	static const unsigned char one[16] = { [15] = 1 };
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char bytes[16];

	if (span_is_nocase(span_str(host), "localhost"))
		return true;
	if (!numeric(host, bytes))
		return false;
	return memcmp(bytes, one, 16) == 0 ||
	       (memcmp(bytes, mapped, 12) == 0 && bytes[12] == 127);
}

/* 0.0.0.0, or :: (which takes IPv4 too). */
static bool is_any(const unsigned char bytes[16], bool *v4)
{
	static const unsigned char any[16] = { 0 };
	static const unsigned char any4[16] = { [10] = 0xff, [11] = 0xff };

	*v4 = memcmp(bytes, any4, 12) == 0;
	return memcmp(bytes, any, 16) == 0 || memcmp(bytes, any4, 16) == 0;
}

bool endpoint_clash(const struct endpoint *a, const struct endpoint *b)
{
	unsigned char x[16], y[16];
	bool x4, y4, x_any, y_any;

	if (a->port != b->port || !numeric(a->host, x) || !numeric(b->host, y))
		return false;
	if (memcmp(x, y, 16) == 0)
		return true;
	x_any = is_any(x, &x4);
	y_any = is_any(y, &y4);
	/* 0.0.0.0 does not take what comes for an IPv6 address */
	return (x_any && (!x4 || y4)) || (y_any && (!y4 || x4));
}
