/* Whatever comes in, what comes out names no key but those that were asked for,
 * and is no larger than the tries allow. */
#include <stdlib.h>

#include "policy/crypto/openpgp_packets.h"
#include "policy/crypto/openpgp_select.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span selected, const uint64_t *ids, size_t n)
{
	struct openpgp_packets *packets = openpgp_packets_new();
	const struct openpgp_packets_found *found;

	openpgp_packets_feed(packets, selected);
	found = openpgp_packets_end(packets);
	for (size_t i = 0; found->kind == OPENPGP_PACKETS_ENCRYPTED && i < found->ids_n; i++) {
		bool known = false;

		for (size_t k = 0; k < n; k++)
			known |= found->ids[i] == ids[k];
		if (!known || found->passwords > 0)
			abort();
	}
	openpgp_packets_free(packets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t ids[] = { UINT64_C(0x1122334455667788), 1 };
	struct span bytes = span_of((const char *)data, size);
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 2 * size + 2 * OPENPGP_SELECT_HIDDEN * size);
	if (openpgp_select_for(bytes, ids, 2, &out, &err) == 0)
		check(buf_span(&out), ids, 2);
	buf_clear(&out);
	if (openpgp_select_dearmor(bytes, &out, &err) == 0 && buf_span(&out).len > size)
		abort();
	(void)openpgp_select_document(bytes, &err);
	buf_free(&out);
	return 0;
}
