/* What counts as encrypted names a key; looking changes nothing and ends. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/header.h>

#include "policy/job/client_crypto.h"
#include "policy/job/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message m = { .client = span_of((const char *)data, size) };
	struct client_crypto found;
	size_t fields, body;

	if (header_end(m.client, &fields, &body) < 0)
		return 0;
	m.fields = span_of(m.client.at, fields);
	m.body = span_skip(m.client, body);
	m.ragged = body == fields && m.body.len > 0;
	client_crypto_look(&m, &found);
	if ((found.kind == CLIENT_CRYPTO_OPENPGP) != (found.ids_n > 0))
		abort();
	if (m.ragged && found.kind != CLIENT_CRYPTO_NONE)
		abort();
	client_crypto_free(&found);
	return 0;
}
