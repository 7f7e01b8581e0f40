/* What is said upstream of a NOTIFY is a NOTIFY that stays as it is; what vanished
 * counts below each number what is there. */
#include <stdlib.h>

#include "proxy/engine/imap_notify.h"
#include "proxy/engine/imap_select.h"
#include "proxy/engine/imap_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_notify(struct span args)
{
	static const char verb[] = "NOTIFY";
	struct buf once, twice;
	size_t len = sizeof(verb) - 1;

	if (!imap_token_well_formed(args))
		return;	/* the engine has said BAD */
	buf_init(&once, 1024 * 1024);
	buf_init(&twice, 1024 * 1024);
	if (imap_notify_put(args, &once) == IMAP_NOTIFY_FINE) {
		struct span said = buf_span(&once);

		if (!imap_token_well_formed(span_skip(said, len)) ||
		    imap_notify_put(span_skip(said, len), &twice) != IMAP_NOTIFY_FINE ||
		    !span_eq(said, buf_span(&twice)))
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
}

static void check_vanished(struct span text)
{
	struct imap_set_walk walk = { 0 };
	struct imap_set uids = { 0 };
	uint64_t below = 0;

	if (imap_select_vanished(text, &uids) != IMAP_VANISHED_NOW)
		return;
	for (uint32_t uid = 1; uid < 300; uid++) {
		if (imap_set_below(&uids, &walk, uid) != below)
			abort();
		below += imap_set_has(&uids, uid);
	}
	imap_set_free(&uids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);

	check_notify(text);
	check_vanished(text);
	if (imap_select_in_order(text, false) && !imap_select_in_order(text, true))
		abort();
	return 0;
}
