#include "policy/rules/cidr.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { V4_OFFSET = 96, ALL_BITS = 128 };

/* `base` is where the family's own bits begin. */
static bool read_address(const char *text, unsigned char bytes[16],
			 unsigned *base)
{
	struct in_addr v4;

	*base = 0;
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return true;
	if (inet_pton(AF_INET, text, &v4) != 1)
		return false;
	memset(bytes, 0, 10);
	memset(bytes + 10, 0xff, 2);
	memcpy(bytes + 12, &v4, 4);
	*base = V4_OFFSET;
	return true;
}

static bool bit(const unsigned char bytes[16], unsigned i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1;
}

bool cidr_parse(struct span text, struct cidr *cidr, const char **why)
{
	struct span rest = text, host;
	unsigned long long bits = ALL_BITS;
	unsigned base;
	char *address;
	bool good;

	*why = "it is no IP address";
	if (!span_split(&rest, '/', &host))
		return false;
	address = span_dup(host);
	good = strlen(address) == host.len &&
	       read_address(address, cidr->bytes, &base);
	free(address);
	if (!good)
		return false;
	*why = "the number behind `/` is out of range";
	if (rest.at && (!span_number(rest, &bits) || bits + base > ALL_BITS))
		return false;
	cidr->bits = rest.at ? (unsigned)bits + base : ALL_BITS;
	*why = "bits are set behind the prefix";
	for (unsigned i = cidr->bits; i < ALL_BITS; i++)
		if (bit(cidr->bytes, i))
			return false;
	return true;
}

bool cidr_has(const struct cidr *cidr, const char *client)
{
	unsigned char bytes[16];
	unsigned base;

	if (!read_address(client, bytes, &base))
		return false;
	for (unsigned i = 0; i < cidr->bits; i++)
		if (bit(bytes, i) != bit(cidr->bytes, i))
			return false;
	return true;
}
