/* What decodes has one form: encoding it again gives the same bytes. */
#include <stdlib.h>

#include <letterlock/ask.h>
#include <letterlock/channel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span wire = span_of((const char *)data, size);
	struct answer answer;
	struct ask ask;
	struct err err;
	struct buf out;

	buf_init(&out, CHANNEL_MAX);
	if (ask_decode(wire, &ask, &err) == 0) {
		if (ask_encode(&ask, &out) < 0 || !span_eq(buf_span(&out), wire))
			abort();
		ask_free(&ask);
	}
	buf_clear(&out);
	if (answer_decode(wire, &answer, &err) == 0) {
		if (answer_encode(&answer, &out) < 0 || !span_eq(buf_span(&out), wire))
			abort();
		answer_free(&answer);
	}
	buf_free(&out);
	return 0;
}
