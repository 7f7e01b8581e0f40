/* However the bytes are split, they are the same thing; what is told is within
 * its limits, and says why when it is bad. */
#include <stdlib.h>
#include <string.h>

#include "policy/crypto/openpgp_packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct openpgp_packets *fed(struct span bytes, size_t step)
{
	struct openpgp_packets *packets = openpgp_packets_new();

	while (bytes.len > 0) {
		size_t n = bytes.len < step ? bytes.len : step;

		openpgp_packets_feed(packets, span_of(bytes.at, n));
		bytes = span_skip(bytes, n);
	}
	return packets;
}

static void hold(bool true_of_it)
{
	if (!true_of_it)
		abort();
}

static void same(const struct openpgp_packets_found *a, const struct openpgp_packets_found *b)
{
	hold(a->kind == b->kind && a->armored == b->armored && a->text_around == b->text_around &&
	     a->ids_n == b->ids_n && a->passwords == b->passwords);
	hold(!a->why == !b->why && (!a->why || strcmp(a->why, b->why) == 0));
	hold(a->ids_n == 0 || memcmp(a->ids, b->ids, a->ids_n * sizeof(*a->ids)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_of((const char *)data, size);
	struct openpgp_packets *whole = fed(bytes, size ? size : 1);
	const struct openpgp_packets_found *found = openpgp_packets_end(whole);
	const size_t steps[] = { 1, 3, 7 + (size ? data[0] : 0) };

	hold((found->kind == OPENPGP_PACKETS_BAD) == !!found->why);
	hold(found->ids_n <= OPENPGP_PACKETS_IDS_MAX);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct openpgp_packets *split = fed(bytes, steps[i]);

		same(found, openpgp_packets_end(split));
		openpgp_packets_free(split);
	}
	openpgp_packets_free(whole);
	return 0;
}
