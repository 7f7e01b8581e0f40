/* What a list yields are addresses, and each is a list of itself. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/address.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_address(struct span address)
{
	char *normal = address_normal(address);
	char *again = address_normal(span_str(normal));

	if (!address_valid(address, true) || !address_valid(span_str(normal), true))
		abort();
	if (strcmp(normal, again) != 0 || !address_same(address, span_str(normal)))
		abort();
	if (address_domain(address).len == 0)
		abort();
	free(normal);
	free(again);
}

static void check_alone(const char *address)
{
	struct strs list = { 0 };

	if (address_list(span_str(address), &list, NULL) < 0 || list.n != 1 ||
	    strcmp(list.at[0], address) != 0)
		abort();
	strs_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct strs list = { 0 };

	free(address_normal(text));
	if (address_valid(text, true))
		check_address(text);
	if (address_valid(text, false) && !address_valid(text, true))
		abort();
	if (address_list(text, &list, NULL) < 0 && list.n)
		abort();
	for (size_t i = 0; i < list.n; i++) {
		check_address(span_str(list.at[i]));
		check_alone(list.at[i]);
	}
	strs_free(&list);
	return 0;
}
