#include "policy/job/open_verdict.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <letterlock/address.h>

#include "policy/keys/key_index.h"

enum { USER_ID_MAX = 200 };	/* octets of one that are shown */

enum open_word open_verdict(const struct pgp_signature *signature, const struct key *signer,
			    const char *from, bool contradicted)
{
	switch (signature->verdict) {
	case PGP_UNSIGNED:
		return OPEN_SIGNATURE_NONE;
	case PGP_BAD:
		return OPEN_SIGNATURE_BAD;
	case PGP_UNKNOWN_KEY:
		return OPEN_SIGNATURE_UNKNOWN;
	case PGP_GOOD:
		break;
	}
	if (signer && (signer->revoked || signer->disabled || signer->invalid))
		return OPEN_SIGNATURE_BAD;
	if (!signer || !from || !strs_has_nocase(&signer->addresses, span_str(from)))
		return OPEN_SIGNATURE_MISMATCH;
	return contradicted ? OPEN_SIGNATURE_REPLAYED : OPEN_SIGNATURE_GOOD;
}

static const char *word_of(enum open_word word)
{
	static const char *const words[] = {
		[OPEN_SIGNATURE_NONE] = "none",
		[OPEN_SIGNATURE_GOOD] = "good",
		[OPEN_SIGNATURE_BAD] = "bad",
		[OPEN_SIGNATURE_UNKNOWN] = "unknown key",
		[OPEN_SIGNATURE_MISMATCH] = "mismatch",
		[OPEN_SIGNATURE_REPLAYED] = "replayed",
	};

	return words[word];
}

/* What RFC 8601's result and its comment are. */
static const char *result_of(const struct open_said *said, const char **comment)
{
	if (!said->first) {
		*comment = said->reason ? said->reason : "inline content is not looked at";
		return "none";
	}
	switch (said->word) {
	case OPEN_SIGNATURE_NONE:
		*comment = said->contradicted
			   ? "not signed, and the header inside is of another message"
			   : "not signed";
		return "none";
	case OPEN_SIGNATURE_GOOD:
		*comment = "signed by the address in From";
		return "pass";
	case OPEN_SIGNATURE_BAD:
		*comment = said->signature->why ? said->signature->why : "it does not fit";
		return "fail";
	case OPEN_SIGNATURE_UNKNOWN:
		*comment = "the signing key is not known";
		return "none";
	case OPEN_SIGNATURE_MISMATCH:
		*comment = "the signer does not match From";
		return "fail";
	case OPEN_SIGNATURE_REPLAYED:
		*comment = "the signature belongs to another message";
		return "fail";
	}
	*comment = "";
	return "none";
}

/* A user id as a quoted string: what could end it or the field becomes `?`. */
static int put_user_id(const char *text, struct buf *out)
{
	char shown[USER_ID_MAX + 1];
	size_t n = 0;

	for (; *text && n < USER_ID_MAX; text++) {
		unsigned char c = (unsigned char)*text;

		shown[n++] = c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : (char)c;
	}
	shown[n] = '\0';
	return buf_printf(out, " by \"%s\"", shown);
}

/* The user id that holds the address in From; the first when none does. */
static const char *user_id(const struct key *signer, const char *from)
{
	for (size_t i = 0; from && i < signer->user_ids.n; i++)
		if (strcasestr(signer->user_ids.at[i], from))
			return signer->user_ids.at[i];
	return signer->user_ids.n > 0 ? signer->user_ids.at[0] : "";
}

static int put_signer(const struct open_said *said, struct buf *out)
{
	const struct pgp_signature *signature = said->signature;
	time_t made = (time_t)signature->made;
	char stamp[sizeof("-2147483648-01-01T00:00:00Z")] = "";
	struct tm tm;

	if (said->signer && put_user_id(user_id(said->signer, said->from), out) < 0)
		return -1;
	if (signature->fingerprint[0] && buf_printf(out, " %s", signature->fingerprint) < 0)
		return -1;
	if (made > 0 && gmtime_r(&made, &tm) &&
	    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		return buf_printf(out, ", made %s", stamp);
	return 0;
}

int open_verdict_put(const struct open_said *said, struct buf *out)
{
	const char *comment;
	const char *result = result_of(said, &comment);

	if (buf_printf(out, "Authentication-Results: %s; %s=%s (%s)\r\n", said->hostname,
		       said->method, result, comment) < 0)
		return -1;
	if (!said->first)
		return said->reason ? buf_printf(out, "X-Letterlock: not decrypted; %s\r\n",
						 said->reason) : 0;
	if (buf_printf(out, "X-Letterlock: %s; signature=%s", said->first,
		       word_of(said->word)) < 0)
		return -1;
	if (said->word != OPEN_SIGNATURE_NONE && put_signer(said, out) < 0)
		return -1;
	return buf_puts(out, "\r\n");
}
