/* SASL lines: a login is learnt only from an exchange that is in order, and is
 * a name; the same lines always give the same. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/codec.h>
#include <letterlock/utf8.h>

#include "proxy/engine/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const mechanisms[] = {
	"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2",
	"OAUTHBEARER",
};

static void check_login(const char *login)
{
	struct span rest = span_str(login);

	if (!rest.len || rest.len > 255)
		abort();
	while (rest.len) {
		size_t len = utf8_printable(rest);

		if (len == 0)
			abort();
		rest = span_skip(rest, len);
	}
}

/* Lines end at ^B; `raw` ones are given as they are, others in base64. */
static struct sasl *play(const char *mechanism, bool raw, struct span bytes,
			 int *ret)
{
	struct sasl *sasl = sasl_new(span_str(mechanism));
	struct span line;
	struct buf coded;

	*ret = 0;
	buf_init(&coded, 1024 * 1024);
	while (*ret == 0 && span_split(&bytes, '\2', &line)) {
		buf_clear(&coded);
		if (!raw && codec_base64_put(&coded, line) < 0)
			abort();
		*ret = sasl_client_line(sasl, raw ? line : buf_span(&coded), NULL);
	}
	buf_free(&coded);
	return sasl;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *mechanism;
	struct sasl *one, *two;
	struct span bytes;
	int first, second;
	bool raw;

	if (size < 1)
		return 0;
	mechanism = mechanisms[data[0] % 7];
	raw = data[0] & 128;
	bytes = span_of((const char *)data + 1, size - 1);
	one = play(mechanism, raw, bytes, &first);
	two = play(mechanism, raw, bytes, &second);
	if (first != second || !sasl_login(one) != !sasl_login(two))
		abort();
	if ((first == 0) != (sasl_login(one) != NULL))
		abort();
	if (sasl_login(one))
		check_login(sasl_login(one));
	sasl_free(one);
	sasl_free(two);
	return 0;
}
