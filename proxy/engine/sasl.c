#include "proxy/engine/sasl.h"

#include <stdlib.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>
#include <letterlock/utf8.h>

enum {
	LINE_MAX_OCTETS = 12288,	/* RFC 4954 4 */
	LOGIN_MAX_OCTETS = 255,
	CRAM_DIGEST = 32,		/* hexadecimal digits of HMAC-MD5 */
};

struct mechanism {
	const char *name;
	bool plaintext;
	/* What each line of the client's must be; NULL: no such line. */
	int (*lines[4])(struct sasl *sasl, struct span text, struct err *err);
};

struct sasl {
	const struct mechanism *mechanism;
	size_t line;		/* which one comes next */
	bool failed;
	char *login;
};

static int refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_REFUSED, "%s", why);
}

/* No control character, also none of RFC 6532's; what is not UTF-8 may pass
 * in a password, never in a name. */
static bool clean(struct span text, bool utf8)
{
	while (text.len) {
		size_t len = utf8_printable(text);
		unsigned char c = (unsigned char)text.at[0];

		if (len == 0 && (utf8 || c < 0x80 || utf8_char(text)))
			return false;
		text = span_skip(text, len ? len : 1);
	}
	return true;
}

static int learn(struct sasl *sasl, struct span name, struct err *err)
{
	if (name.len == 0)
		return refuse(err, "a login without a name");
	if (name.len > LOGIN_MAX_OCTETS || !clean(name, true))
		return refuse(err, "a name that is no name");
	free(sasl->login);
	sasl->login = span_dup(name);
	return 0;
}

static int check_password(struct span password, struct err *err)
{
	if (password.len == 0 || !clean(password, false))
		return refuse(err, "a password with control characters or "
			      "without any");
	return 0;
}

/* An authorisation identity, where given, is the login itself. */
static int check_other(const struct sasl *sasl, struct span other,
		       struct err *err)
{
	if (other.len && !span_is(other, sasl->login))
		return refuse(err, "a login on behalf of another");
	return 0;
}

/* RFC 4616: [authzid] NUL authcid NUL passwd */
static int plain(struct sasl *sasl, struct span text, struct err *err)
{
	struct span other, name;

	if (!span_split(&text, '\0', &other) || !span_split(&text, '\0', &name) ||
	    !text.at)
		return refuse(err, "no PLAIN message");
	if (learn(sasl, name, err) < 0 || check_other(sasl, other, err) < 0)
		return -1;
	return check_password(text, err);
}

static int login_name(struct sasl *sasl, struct span text, struct err *err)
{
	return learn(sasl, text, err);
}

static int login_password(struct sasl *sasl, struct span text, struct err *err)
{
	(void)sasl;
	return check_password(text, err);
}

/* RFC 2195: name, blank, digest. The name may hold blanks. */
static int cram(struct sasl *sasl, struct span text, struct err *err)
{
	unsigned char digest[CRAM_DIGEST / 2];
	size_t at = text.len - CRAM_DIGEST;

	if (text.len < CRAM_DIGEST + 2 || text.at[at - 1] != ' ' ||
	    !codec_unhex(span_skip(text, at), digest, sizeof(digest)))
		return refuse(err, "no CRAM-MD5 message");
	return learn(sasl, span_of(text.at, at - 1), err);
}

/* RFC 5802 5.1: `=2C` and `=3D` stand for `,` and `=`. Into `name`. */
static int saslname(struct span text, struct buf *name)
{
	while (text.len) {
		bool coded = text.at[0] == '=';
		char c = text.at[0];

		if (coded && span_starts_nocase(text, "=2C"))
			c = ',';
		else if (coded && span_starts_nocase(text, "=3D"))
			c = '=';
		else if (coded)
			return -1;
		if (buf_put(name, span_of(&c, 1)) < 0)
			return -1;
		text = span_skip(text, coded ? 3 : 1);
	}
	return 0;
}

/* The value of "X=value" when `text` begins with that letter. */
static bool attribute(struct span text, char letter, struct span *value)
{
	if (text.len < 2 || text.at[0] != letter || text.at[1] != '=')
		return false;
	*value = span_skip(text, 2);
	return true;
}

static int learn_saslname(struct sasl *sasl, struct span text, struct err *err)
{
	struct buf name;
	int ret;

	buf_init(&name, LOGIN_MAX_OCTETS);
	ret = saslname(text, &name) < 0 ? refuse(err, "a name that is no name")
					: learn(sasl, buf_span(&name), err);
	buf_free(&name);
	return ret;
}

static int check_saslname(const struct sasl *sasl, struct span text,
			  struct err *err)
{
	struct buf name;
	int ret;

	buf_init(&name, LOGIN_MAX_OCTETS);
	ret = saslname(text, &name) < 0 || !name.len
	      ? refuse(err, "a name that is no name")
	      : check_other(sasl, buf_span(&name), err);
	buf_free(&name);
	return ret;
}

/*
 * Takes the GS2 header off `text` (RFC 5801 4): "n," or "y,", then an
 * authorisation identity or nothing, then ",". `other`.at is NULL for nothing.
 */
static int gs2(struct span *text, struct span *other, struct err *err)
{
	struct span flag, identity;

	if (!span_split(text, ',', &flag) || !span_split(text, ',', &identity) ||
	    !text->at)
		return refuse(err, "no GS2 header");
	if (span_starts_nocase(flag, "p"))
		return refuse(err, "channel binding to us would mean nothing "
			      "upstream");
	if (!span_is(flag, "n") && !span_is(flag, "y"))
		return refuse(err, "no GS2 header");
	*other = span_of(NULL, 0);
	if (identity.len && !attribute(identity, 'a', other))
		return refuse(err, "no GS2 header");
	return 0;
}

/* RFC 5802 7: gs2-header "n=" saslname ",r=" nonce ["," extensions] */
static int scram_first(struct sasl *sasl, struct span text, struct err *err)
{
	struct span other, word, value;

	if (!clean(text, true))
		return refuse(err, "no SCRAM message");
	if (gs2(&text, &other, err) < 0)
		return -1;
	if (!span_split(&text, ',', &word) || !attribute(word, 'n', &value))
		return refuse(err, "no SCRAM message");
	if (learn_saslname(sasl, value, err) < 0)
		return -1;
	if (!span_split(&text, ',', &word) || !attribute(word, 'r', &value) ||
	    !value.len)
		return refuse(err, "no SCRAM message");
	/* a second name, which upstream might take (RFC 5802 5.1: no such extension) */
	while (span_split(&text, ',', &word))
		if (attribute(word, 'n', &value) || attribute(word, 'a', &value) ||
		    attribute(word, 'r', &value) || attribute(word, 'm', &value))
			return refuse(err, "no SCRAM message");
	return other.at ? check_saslname(sasl, other, err) : 0;
}

static int scram_final(struct sasl *sasl, struct span text, struct err *err)
{
	struct span value;

	(void)sasl;
	if (!clean(text, true) || !attribute(text, 'c', &value))
		return refuse(err, "no SCRAM message");
	return 0;
}

/* What the client says to a last challenge, which asks nothing. */
static int nothing(struct sasl *sasl, struct span text, struct err *err)
{
	(void)sasl;
	return text.len ? refuse(err, "an answer where none is due") : 0;
}

/* Which of the pairs that a token comes with `pair` is; 0: none of them. */
static unsigned pair_is(struct span pair)
{
	static const char *const keys[] = { "auth=Bearer ", "host=", "port=" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (span_starts_nocase(pair, keys[i]))
			return 1U << i;
	return 0;
}

/*
 * "key=value" ended by ^A each, one of them "auth=Bearer ...", then ^A. None that
 * is not known, and none twice: upstream may take another "user=" for the name, and
 * then the session is not of the person that we take it for.
 */
static int bearer(struct span text, struct err *err)
{
	struct span pair;
	unsigned found = 0;

	while (span_split(&text, '\1', &pair) && pair.len) {
		unsigned is = pair_is(pair);

		if (!clean(pair, true) || !is || (found & is))
			return refuse(err, "no token message");
		found |= is;
	}
	/* The empty pair is the end, and nothing stands behind it. */
	if (!(found & 1) || !text.at || text.len)
		return refuse(err, "no token message");
	return 0;
}

static int xoauth2(struct sasl *sasl, struct span text, struct err *err)
{
	struct span name;

	if (!span_split(&text, '\1', &name) || !text.at ||
	    !span_starts_nocase(name, "user="))
		return refuse(err, "no XOAUTH2 message");
	if (learn(sasl, span_skip(name, 5), err) < 0)
		return -1;
	return bearer(text, err);
}

/* RFC 7628 3.1: gs2-header ^A pairs ^A. The name may be left out there, but
 * then we would not know who it is. */
static int oauthbearer(struct sasl *sasl, struct span text, struct err *err)
{
	struct span other;

	if (gs2(&text, &other, err) < 0)
		return -1;
	if (!other.at)
		return refuse(err, "a login without a name");
	if (!text.len || text.at[0] != '\1')
		return refuse(err, "no OAUTHBEARER message");
	if (learn_saslname(sasl, other, err) < 0)
		return -1;
	return bearer(span_skip(text, 1), err);
}

/* RFC 7628 3.2.3: ^A, or nothing, to what upstream said of its refusal. */
static int dummy(struct sasl *sasl, struct span text, struct err *err)
{
	return span_is(text, "\1") ? 0 : nothing(sasl, text, err);
}

static const struct mechanism mechanisms[] = {
	/* name            password  the client's lines */
	{ "PLAIN",         true,  { plain } },
	{ "LOGIN",         true,  { login_name, login_password } },
	{ "CRAM-MD5",      false, { cram } },
	{ "SCRAM-SHA-1",   false, { scram_first, scram_final, nothing } },
	{ "SCRAM-SHA-256", false, { scram_first, scram_final, nothing } },
	{ "XOAUTH2",       true,  { xoauth2, dummy } },
	{ "OAUTHBEARER",   true,  { oauthbearer, dummy } },
};

static const struct mechanism *find(struct span name)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++)
		if (span_is_nocase(name, mechanisms[i].name))
			return &mechanisms[i];
	return NULL;
}

struct sasl *sasl_new(struct span mechanism)
{
	const struct mechanism *found = find(mechanism);
	struct sasl *sasl;

	if (!found)
		return NULL;
	sasl = mem_new(sizeof(*sasl));
	sasl->mechanism = found;
	return sasl;
}

static void forget(struct sasl *sasl)
{
	if (sasl->login)
		secret_erase(sasl->login, strlen(sasl->login));
	free(sasl->login);
	sasl->login = NULL;
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	forget(sasl);
	free(sasl);
}

int sasl_client_line(struct sasl *sasl, struct span line, struct err *err)
{
	struct buf text;
	size_t n = sasl->line;
	int ret = -1;

	buf_init(&text, LINE_MAX_OCTETS);
	if (sasl->failed || n == sizeof(sasl->mechanism->lines) /
				 sizeof(*sasl->mechanism->lines) ||
	    !sasl->mechanism->lines[n]) {
		refuse(err, "an answer where none is due");
		goto out;
	}
	/* "=" says that the response is there and empty (RFC 4954 4). */
	if (n == 0 && span_is(line, "="))
		line.len = 0;
	if (line.len > LINE_MAX_OCTETS || codec_base64_get(&text, line) < 0) {
		refuse(err, "no base64");
		goto out;
	}
	if (sasl->mechanism->lines[n](sasl, buf_span(&text), err) < 0)
		goto out;
	sasl->line++;
	ret = 0;
out:
	if (ret < 0) {
		sasl->failed = true;
		forget(sasl);
	}
	buf_wipe(&text);
	return ret;
}

bool sasl_plaintext(const struct sasl *sasl)
{
	return sasl->mechanism->plaintext;
}

const char *sasl_login(const struct sasl *sasl)
{
	return sasl->login;
}

/* RFC 5802 6: a client that is shown SCRAM-X, but not its -PLUS form, says
 * that it could have bound ("y"), and upstream must take us for an attacker. */
static bool bound_upstream(const struct strs *upstream, const char *name)
{
	char *plus = mem_printf("%s-PLUS", name);
	bool found = strs_has_nocase(upstream, span_str(plus));

	free(plus);
	return found;
}

void sasl_offer(const struct strs *upstream, struct strs *offer)
{
	for (size_t i = 0; i < upstream->n; i++) {
		const struct mechanism *m = find(span_str(upstream->at[i]));

		if (m && !bound_upstream(upstream, m->name) &&
		    !strs_has_nocase(offer, span_str(m->name)))
			strs_add(offer, span_str(m->name));
	}
}
