#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <letterlock/utf8.h>
#include <letterlock/verdict.h>

/* Appends `text` as far as it fits, cut between two characters. */
static void put_printable(char *out, size_t size, struct span text)
{
	size_t n = 0;

	while (text.len) {
		size_t len = utf8_printable(text);

		if (n + (len ? len : 1) >= size)
			break;
		if (len)
			memcpy(out + n, text.at, len);
		else
			out[n] = '?';
		n += len ? len : 1;
		text = span_skip(text, len ? len : 1);
	}
	out[n] = '\0';
}

void reply_set(struct reply *reply, unsigned code, const char *status,
	       const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	reply->code = code;
	put_printable(reply->status, sizeof(reply->status), span_str(status));
	put_printable(reply->text, sizeof(reply->text), span_of(text, (size_t)len));
	free(text);
}

const char *verdict_encrypt_word(enum verdict_encrypt encrypt)
{
	switch (encrypt) {
	case ENCRYPT_PREFER:
		return "prefer";
	case ENCRYPT_REQUIRE:
		return "require";
	case ENCRYPT_NO:
		return "no";
	}
	abort();
}

const char *verdict_sign_word(enum verdict_sign sign)
{
	switch (sign) {
	case SIGN_NO:
		return "no";
	case SIGN_YES:
		return "yes";
	case SIGN_PREFER:
		return "prefer";
	}
	abort();
}
