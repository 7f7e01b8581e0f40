#include "proxy/engine/imap_capabilities.h"

#include "proxy/engine/sasl.h"

enum { WORDS_MAX = 200, WORD_MAX = 100 };

/*
 * What Letterlock sees through. Not here, and why: what carries a message past
 * the seal or the view (CATENATE, MULTIAPPEND, URLAUTH, REPLACE, CONVERT,
 * COMPRESS, PREVIEW), what numbers messages in a way that is not followed
 * (UIDONLY, SEARCHRES, CONTEXT, PARTIAL, MULTISEARCH), what tells sizes of the
 * stored form (STATUS=SIZE, APPENDLIMIT), what changes the language (UTF8,
 * IMAP4rev2; so BINARY, of which that has a half, comes with its own word only),
 * what leads away (LOGIN-REFERRALS, MAILBOX-REFERRALS).
 */
static const char *const known[] = {
	"ACL", "BINARY", "CHILDREN", "CONDSTORE", "CREATE-SPECIAL-USE", "ESEARCH", "ESORT", "IDLE",
	"LIST-EXTENDED", "LIST-METADATA", "LIST-MYRIGHTS", "LIST-STATUS",
	"METADATA", "METADATA-SERVER", "MOVE", "NAMESPACE", "NOTIFY", "QRESYNC", "QUOTA",
	"QUOTASET", "SORT", "SPECIAL-USE", "UIDPLUS", "UNSELECT", "WITHIN",
	"XLIST",
};

/* Beginnings, of those with a value. */
static const char *const families[] = {
	"I18NLEVEL=", "QUOTA=RES-", "RIGHTS=", "THREAD=",
};

void imap_capabilities_free(struct imap_capabilities *c)
{
	strs_free(&c->words);
}

void imap_capabilities_read(struct imap_capabilities *c, struct span words)
{
	struct span word;

	imap_capabilities_free(c);
	while (span_split(&words, ' ', &word)) {
		char *name;

		if (c->words.n == WORDS_MAX)
			return;
		if (!word.len || word.len > WORD_MAX)
			continue;
		strs_add(&c->words, word);
		name = c->words.at[c->words.n - 1];
		for (size_t i = 0; name[i]; i++)
			if (name[i] >= 'a' && name[i] <= 'z')
				name[i] = (char)(name[i] - 'a' + 'A');
	}
}

bool imap_capabilities_has(const struct imap_capabilities *c, const char *word)
{
	return strs_has_nocase(&c->words, span_str(word));
}

void imap_capabilities_mechanisms(const struct imap_capabilities *c,
				  struct strs *mechanisms)
{
	struct strs theirs = { 0 };

	for (size_t i = 0; i < c->words.n; i++)
		if (span_starts_nocase(span_str(c->words.at[i]), "AUTH="))
			strs_add(&theirs, span_str(c->words.at[i] + 5));
	sasl_offer(&theirs, mechanisms);
	strs_free(&theirs);
}

static bool seen_through(const char *word)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is(span_str(word), known[i]))
			return true;
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (span_starts_nocase(span_str(word), families[i]))
			return true;
	return false;
}

static void put_login(const struct imap_capabilities *c,
		      const struct imap_offer *offer, struct buf *out)
{
	struct strs mechanisms = { 0 };

	if (offer->starttls)
		(void)buf_puts(out, " STARTTLS");
	if (!offer->plaintext || imap_capabilities_has(c, "LOGINDISABLED"))
		(void)buf_puts(out, " LOGINDISABLED");
	if (!offer->plaintext)
		return;
	imap_capabilities_mechanisms(c, &mechanisms);
	for (size_t i = 0; i < mechanisms.n; i++)
		(void)buf_printf(out, " AUTH=%s", mechanisms.at[i]);
	strs_free(&mechanisms);
}

void imap_capabilities_put(const struct imap_capabilities *c,
			   const struct imap_offer *offer, struct buf *out)
{
	(void)buf_puts(out, "IMAP4rev1 LITERAL+ SASL-IR ID");
	if (!offer->logged_in) {
		put_login(c, offer, out);
		return;
	}
	(void)buf_puts(out, " ENABLE");
	for (size_t i = 0; i < c->words.n; i++)
		if (seen_through(c->words.at[i]))
			(void)buf_printf(out, " %s", c->words.at[i]);
}

/* Some clients take "{5}" at the end of any line for a literal. */
static void put_words(struct span words, struct buf *out)
{
	(void)buf_put(out, words);
	if (words.len && words.at[words.len - 1] == '}')
		(void)buf_puts(out, ".");
}

void imap_capabilities_put_status(const struct imap_capabilities *c,
				  const struct imap_offer *offer,
				  struct span status, struct buf *out)
{
	size_t word = span_find(status, ' ');
	struct span rest = span_skip(status, word), code;
	size_t end;

	/* some clients skip whatever blanks there are */
	while (rest.len && (rest.at[0] == ' ' || rest.at[0] == '\t'))
		rest = span_skip(rest, 1);
	end = span_find(rest, ']');
	code = span_skip(rest, 1);
	if (!rest.len || rest.at[0] != '[') {
		put_words(status, out);
	} else if (span_starts_nocase(code, "CAPABILITY")) {
		(void)buf_put(out, span_of(status.at, word));
		(void)buf_puts(out, " [CAPABILITY ");
		imap_capabilities_put(c, offer, out);
		put_words(span_skip(rest, end), out);
	} else if (span_starts_nocase(code, "REFERRAL")) {
		(void)buf_put(out, span_of(status.at, word));
		(void)buf_puts(out, " refused");
	} else {
		put_words(status, out);
	}
}
