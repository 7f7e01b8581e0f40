/* spare - see spare.h. The only code outside of buf that knows its fields. */
#include "proxy/net/spare.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

enum {
	BLOCK = 320 * 1024,	/* high water, and one read on top */
	KEPT = 16,		/* more are in use at once only by chance */
	FEW = BLOCK / 4,	/* bytes worth moving to give a block back */
};

struct spare {
	char *blocks[KEPT];
	size_t n;
};

struct spare *spare_new(void)
{
	return mem_new(sizeof(struct spare));
}

void spare_free(struct spare *spare)
{
	if (!spare)
		return;
	while (spare->n > 0)
		free(spare->blocks[--spare->n]);
	free(spare);
}

/* `buf` gets `data` with its bytes moved there; the old memory is returned. */
static char *move(struct buf *buf, char *data, size_t cap)
{
	char *old = buf->data;

	if (buf->len > 0)
		memcpy(data, old + buf->head, buf->len);
	buf->data = data;
	buf->cap = cap;
	buf->head = 0;
	buf->used = buf->len;
	return old;
}

void spare_lend(struct spare *spare, struct buf *buf)
{
	size_t cap = buf->cap;
	char *block, *old;

	if (cap >= BLOCK)
		return;
	block = spare->n > 0 ? spare->blocks[--spare->n] : mem_grow(NULL, BLOCK, 1);
	old = move(buf, block, BLOCK);
	if (old)
		secret_erase(old, cap);
	free(old);
}

void spare_return(struct spare *spare, struct buf *buf)
{
	size_t cap = buf->cap, used = buf->used;
	char *small = NULL, *block;

	if (cap < BLOCK) {
		if (buf->len == 0)
			buf_wipe(buf);
		return;
	}
	if (buf->len > FEW)
		return;
	if (buf->len > 0)
		small = mem_grow(NULL, buf->len, 1);
	block = move(buf, small, buf->len);
	secret_erase(block, used);	/* passwords, and mail in the clear */
	if (cap == BLOCK && spare->n < KEPT)
		spare->blocks[spare->n++] = block;
	else
		free(block);
}
