/* Names are text without an end inside, whatever the parameters and lines are. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/utf8.h>

#include "policy/job/content_type.h"
#include "policy/job/embedded.h"
#include "policy/job/file_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct strs *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!*names->at[i] || !utf8_valid(span_str(names->at[i])))
			abort();
	strs_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = span_of((const char *)data, size);
	struct strs names = { 0 };
	struct content_type type;

	if (content_type_parse(body, false, &type) == 0) {
		(void)file_name_read(&type, "filename", &names);
		content_type_free(&type);
		check(&names);
	}
	if (!embedded_find(body, &names) && names.n > 0)
		abort();
	strs_free(&names);
	return 0;
}
