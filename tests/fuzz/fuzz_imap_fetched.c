/* Items of a FETCH lie one behind the other, inside the response. */
#include <stdlib.h>

#include "proxy/engine/imap_fetched.h"
#include "proxy/engine/mail_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	const char *at = text.at;

	(void)mail_kind_needs_view(text, text, "gw.example.org");
	if (!imap_fetched_begin(text, &fetched))
		return 0;
	while (imap_fetched_next(&fetched, &item) == 1) {
		if (item.name.at < at || item.value.at < item.name.at + item.name.len ||
		    item.value.at + item.value.len > text.at + text.len)
			abort();
		at = item.value.at + item.value.len;
	}
	return 0;
}
