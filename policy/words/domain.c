#include <stdlib.h>
#include <string.h>

#include <idn2.h>

#include <letterlock/domain.h>

static bool ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] & 0x80)
			return false;
	return true;
}

/* Through A-labels and back; NULL when it is no domain of IDNA 2008. */
static char *mapped(const char *domain)
{
	const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
	char *labels = NULL, *letters = NULL;

	if (idn2_to_ascii_8z(domain, &labels, flags) == IDN2_OK &&
	    idn2_to_unicode_8z8z(labels, &letters, 0) != IDN2_OK)
		letters = NULL;
	idn2_free(labels);
	return letters;
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

bool domain_settled(struct span domain)
{
	char *text, *letters;
	bool settled;

	if (ascii(domain))
		return true;
	if (memchr(domain.at, '\0', domain.len))
		return false;
	text = span_dup(domain);
	letters = mapped(text);
	lower(text);
	settled = letters && strcmp(letters, text) == 0;
	idn2_free(letters);
	free(text);
	return settled;
}
