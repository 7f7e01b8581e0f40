#include "policy/job/message.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <letterlock/header.h>

bool message_eight_bit(struct span text)
{
	const char *at = text.at, *end = text.at + text.len;
	uint64_t word;

	for (; end - at >= 8; at += 8) {
		memcpy(&word, at, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			return true;
	}
	for (; at < end; at++)
		if ((unsigned char)*at > 0x7f)
			return true;
	return false;
}

static int map(const struct ask *ask, int in, struct message *m, struct err *err)
{
	uint64_t size = ask->trace_size + ask->message_size;
	struct stat st;

	if (fstat(in, &st) < 0)
		return err_errno(err, ERR_BUG, errno, "looking at the message");
	if (size < ask->trace_size || size > SIZE_MAX / 2 || (uint64_t)st.st_size < size)
		return err_set(err, ERR_BUG, "the message is shorter than it was said to be");
	if (size == 0)
		return 0;
	m->map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, in, 0);
	if (m->map == MAP_FAILED) {
		m->map = NULL;
		return err_errno(err, ERR_TEMP, errno, "mapping the message");
	}
	m->map_len = (size_t)size;
	return 0;
}

int message_open(const struct ask *ask, int in, struct message *m, struct err *err)
{
	size_t fields, body;
	const char *at;

	*m = (struct message){ .fd = in };
	if (map(ask, in, m, err) < 0)
		return -1;
	at = m->map ? m->map : "";
	m->trace = span_of(at, (size_t)ask->trace_size);
	m->client = span_of(at + m->trace.len, (size_t)ask->message_size);
	if (header_end(m->client, &fields, &body) < 0) {
		message_close(m);
		return err_set(err, ERR_REFUSED, "the header is too large");
	}
	m->fields = span_of(m->client.at, fields);
	m->body = span_skip(m->client, body);
	m->ragged = body == fields && m->body.len > 0;
	m->eight_bit_fields = message_eight_bit(m->fields);
	m->eight_bit_body = message_eight_bit(m->body);
	return 0;
}

void message_close(struct message *m)
{
	if (m->map)
		(void)munmap(m->map, m->map_len);
	*m = (struct message){ .fd = -1 };
}
