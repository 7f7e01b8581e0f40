/*
 * Whatever GMime and we make of a message, what is written to be signed is
 * canonical, has as many parts, and is clean when it is read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy/job/canonical.h"
#include "policy/job/facts.h"
#include "policy/job/header_guard.h"
#include "policy/job/message.h"
#include "policy/job/output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What SMTP lets through: no NUL, CR and LF only together. */
static bool from_smtp(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] == 0 || (data[i] == '\r' && (i + 1 == size || data[i + 1] != '\n')) ||
		    (data[i] == '\n' && (i == 0 || data[i - 1] != '\r')))
			return false;
	return true;
}

static void check_again(const struct canonical *before, int fd, uint64_t size)
{
	struct ask ask = { .message_size = size };
	struct canonical again;
	struct message m;

	if (message_open(&ask, fd, &m, NULL) < 0)
		return;
	if (!canonical_clean(m.body))
		abort();
	if (canonical_read(&m, &again, NULL) < 0 || !again.clean)
		abort();
	if (before->tree.exact && again.tree.n != before->tree.n)
		abort();
	canonical_free(&again);
	message_close(&m);
}

static void write_anew(const struct canonical *c)
{
	struct output out;
	struct buf fields;
	int fd = output_memory(NULL);

	buf_init(&fields, 1 << 22);
	output_init(&out, fd, UINT64_MAX);
	if (header_guard_structure(c->message->fields, c->message->body, "clear",
				   canonical_encoding(c), true, &fields) == 0) {
		output_put(&out, buf_span(&fields));
		output_puts(&out, "\r\n");
		canonical_put(c, &out);
		if (output_flush(&out, NULL) < 0)
			abort();
		if (!c->clean)
			check_again(c, fd, out.written);
	}
	buf_free(&fields);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rule_needs all = { true, true, true, true, true, true };
	struct ask ask = { .message_size = size };
	struct message_facts facts;
	struct canonical c;
	struct message m;
	int fd;

	if (!from_smtp(data, size))
		return 0;
	fd = output_memory(NULL);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (message_open(&ask, fd, &m, NULL) == 0) {
		facts_read(&m, &all, &facts);
		facts_free(&facts);
		if (canonical_read(&m, &c, NULL) == 0) {
			write_anew(&c);
			canonical_free(&c);
		}
		message_close(&m);
	}
	close(fd);
	return 0;
}
