#include "policy/run/orders.h"

#include <string.h>
#include <unistd.h>

/* On the wire: the kind, eight octets of number as this machine has them,
 * the text. Both ends are one program on one machine. */
enum { HEAD = 1 + sizeof(uint64_t) };

int orders_send(int fd, enum orders_kind kind, uint64_t number,
		const char *text, int passed, struct err *err)
{
	char wire[HEAD + sizeof(((struct orders *)0)->text)];
	struct span words = span_str(text);

	if (words.len > sizeof(wire) - HEAD - 1)
		words.len = sizeof(wire) - HEAD - 1;
	wire[0] = (char)kind;
	memcpy(wire + 1, &number, sizeof(number));
	memcpy(wire + HEAD, words.at, words.len);
	switch (channel_send(fd, span_of(wire, HEAD + words.len), passed, err)) {
	case CHANNEL_DONE:
		return 0;
	case CHANNEL_AGAIN:
		return err_set(err, ERR_TEMP, "the other side does not listen");
	case CHANNEL_CLOSED:
	case CHANNEL_FAILED:
		break;
	}
	return -1;
}

static int read_wire(struct span wire, struct orders *orders)
{
	if (wire.len < HEAD || wire.len - HEAD >= sizeof(orders->text))
		return -1;
	orders->kind = (enum orders_kind)(unsigned char)wire.at[0];
	memcpy(&orders->number, wire.at + 1, sizeof(orders->number));
	memcpy(orders->text, wire.at + HEAD, wire.len - HEAD);
	orders->text[wire.len - HEAD] = '\0';
	return 0;
}

enum channel_result orders_receive(int fd, struct orders *orders, int *passed,
				   struct err *err)
{
	enum channel_result result;
	struct buf wire;

	buf_init(&wire, CHANNEL_MAX);
	result = channel_receive(fd, &wire, passed, err);
	if (result == CHANNEL_DONE && read_wire(buf_span(&wire), orders) < 0) {
		if (*passed >= 0)
			close(*passed);
		*passed = -1;
		err_set(err, ERR_BUG, "an order was malformed");
		result = CHANNEL_FAILED;
	}
	buf_free(&wire);
	return result;
}
