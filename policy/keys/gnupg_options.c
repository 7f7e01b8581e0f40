#include "policy/keys/gnupg_options.h"

#include <stdbool.h>

const char gnupg_options_ours[] =
	"# Written by Letterlock for its own GnuPG home. Letterlock refuses to work\n"
	"# with options here that change who can read or who signs: see letterlock\n"
	"# check.\n"
	"\n"
	"# Parallel gpgs would wait for each other's lock on the file, up to seconds.\n"
	"no-random-seed-file\n"
	"# Policy chose the key; there is no web of trust to ask, or to keep.\n"
	"trust-model always\n"
	"no-auto-check-trustdb\n"
	"# No gpg goes to the network in the middle of a message.\n"
	"no-auto-key-locate\n"
	"no-auto-key-retrieve\n"
	"disable-dirmngr\n"
	"# Whatever a recipient's key prefers, no signature is made over SHA-1.\n"
	"digest-algo SHA512\n"
	"# Nothing is added that was not asked for.\n"
	"no-encrypt-to\n"
	"no-default-recipient\n"
	"no-groups\n"
	"no-comments\n"
	"no-emit-version\n"
	"no-greeting\n"
	"no-symkey-cache\n";

static const char READS[] = "lets others read along, or hides who can";
static const char KEYS[] = "takes keys from outside the home";
static const char WEAK[] = "makes messages that are not protected well enough";
static const char FORGED[] = "takes for valid what is not";
static const char WRITES[] = "changes where gpg writes or what";
static const char LEAKS[] = "gives away keys, or who gets mail";
static const char RUNS[] = "runs another program";
static const char CLOCK[] = "changes which keys count as expired";

static const struct {
	const char *option, *why;
	const char *fine;	/* values that are no problem; NULL: none */
} wrong[] = {
	{ "encrypt-to", READS, NULL },
	{ "hidden-encrypt-to", READS, NULL },
	{ "encrypt-to-default-key", READS, NULL },
	{ "recipient", READS, NULL },
	{ "hidden-recipient", READS, NULL },
	{ "recipient-file", READS, NULL },
	{ "hidden-recipient-file", READS, NULL },
	{ "default-recipient", READS, NULL },
	{ "default-recipient-self", READS, NULL },
	{ "group", READS, NULL },
	{ "throw-keyids", READS, NULL },
	{ "symmetric", READS, NULL },
	{ "override-session-key", READS, NULL },
	{ "override-session-key-fd", READS, NULL },

	{ "keyring", KEYS, NULL },
	{ "primary-keyring", KEYS, NULL },
	{ "no-default-keyring", KEYS, NULL },
	{ "no-keyring", KEYS, NULL },
	{ "homedir", KEYS, NULL },
	{ "options", KEYS, NULL },
	{ "trustdb-name", KEYS, NULL },
	{ "auto-key-import", KEYS, NULL },

	{ "rfc2440", WEAK, NULL },
	{ "pgp6", WEAK, NULL },
	{ "pgp7", WEAK, NULL },
	{ "pgp8", WEAK, NULL },
	{ "rfc4880bis", WEAK, NULL },
	{ "compliance", WEAK, "gnupg openpgp rfc4880 de-vs" },
	{ "disable-mdc", WEAK, NULL },
	{ "personal-cipher-preferences", WEAK, NULL },
	{ "cipher-algo", WEAK, "AES AES128 AES192 AES256" },
	{ "digest-algo", WEAK, "SHA256 SHA384 SHA512" },

	{ "ignore-mdc-error", FORGED, NULL },
	{ "ignore-crc-error", FORGED, NULL },
	{ "allow-weak-digest-algos", FORGED, NULL },
	{ "allow-non-selfsigned-uid", FORGED, NULL },
	{ "allow-multiple-messages", FORGED, NULL },
	{ "no-require-cross-certification", FORGED, NULL },

	{ "output", WRITES, NULL },
	{ "max-output", WRITES, NULL },
	{ "dry-run", WRITES, NULL },
	{ "list-only", WRITES, NULL },
	{ "multifile", WRITES, NULL },
	{ "textmode", WRITES, NULL },
	{ "no-literal", WRITES, NULL },
	{ "set-filesize", WRITES, NULL },
	{ "use-embedded-filename", WRITES, NULL },
	{ "local-user", "signs with other keys, too", NULL },
	{ "default-sig-expire", "makes signatures that end", "0" },

	{ "auto-key-retrieve", LEAKS, NULL },
	{ "auto-key-locate", LEAKS, "clear local nodefault" },
	{ "keyserver-options", LEAKS, "no-auto-key-retrieve" },
	{ "show-session-key", LEAKS, NULL },
	{ "status-fd", LEAKS, NULL },
	{ "status-file", LEAKS, NULL },
	{ "logger-fd", LEAKS, NULL },
	{ "logger-file", LEAKS, NULL },
	{ "log-file", LEAKS, NULL },
	{ "attribute-fd", LEAKS, NULL },
	{ "attribute-file", LEAKS, NULL },
	{ "command-fd", LEAKS, NULL },
	{ "command-file", LEAKS, NULL },

	{ "agent-program", RUNS, NULL },
	{ "dirmngr-program", RUNS, NULL },
	{ "exec-path", RUNS, NULL },

	{ "faked-system-time", CLOCK, NULL },
	{ "ignore-valid-from", CLOCK, NULL },
	{ "ignore-time-conflict", CLOCK, NULL },
};

static const char *const wanted[] = {
	"no-random-seed-file", "no-auto-check-trustdb", "no-auto-key-locate",
	"disable-dirmngr", "trust-model", NULL,
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span text)
{
	while (text.len > 0 && blank(text.at[0]))
		text = span_skip(text, 1);
	while (text.len > 0 && blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

void gnupg_options_split(struct span line, struct span *option, struct span *value)
{
	size_t len = 0;

	line = trim(line);
	if (line.len > 0 && line.at[0] == '#')
		line.len = 0;
	while (len < line.len && !blank(line.at[len]))
		len++;
	*option = span_of(line.at, len);
	*value = trim(span_skip(line, len));
	/* a value may stand in quotes */
	if (value->len >= 2 && value->at[0] == '"' && value->at[value->len - 1] == '"')
		*value = span_of(value->at + 1, value->len - 2);
}

/* Every word of `value` is one of `fine`. */
static bool all_fine(struct span value, const char *fine)
{
	size_t n = 0;

	for (size_t begin = 0; begin < value.len; begin = n + 1) {
		struct span each = span_str(fine), word;
		bool found = false;

		for (n = begin; n < value.len && !blank(value.at[n]) && value.at[n] != ',';)
			n++;
		while (n > begin && !found && span_split(&each, ' ', &word))
			found = span_eq_nocase(word, span_of(value.at + begin, n - begin));
		if (n > begin && !found)
			return false;
	}
	return value.len > 0;
}

const char *gnupg_options_wrong(struct span option, struct span value)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (span_is(option, wrong[i].option))
			return wrong[i].fine && all_fine(value, wrong[i].fine) ? NULL
									     : wrong[i].why;
	return NULL;
}

const char *gnupg_options_wanted(size_t i)
{
	return i < sizeof(wanted) / sizeof(*wanted) ? wanted[i] : NULL;
}
