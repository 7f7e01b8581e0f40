#include "policy/crypto/openpgp_armor_fields.h"

enum { VERSION_MAX = 12 };

/* A `#` is digits and dots. */
static const char *const lines[] = {
	"Version: GnuPG v#",
	"Version: GnuPG v#-beta#",
	"Version: GnuPG v# (GNU/Linux)",
	"Version: GnuPG v# (MingW32)",
	"Version: GnuPG v# (Darwin)",
	"Version: GnuPG v# (FreeBSD)",
	"Version: GnuPG v# (OpenBSD)",
	"Version: GnuPG/MacGPG2 v#",
	"Version: GnuPG/MacGPG2 v# (Darwin)",
	"Version: OpenPGP.js v#",
	"Version: OpenPGP.js VERSION",
	"Version: OpenKeychain v#",
	"Version: APG v#",
	"Version: BCPG v#",
	"Version: PGPainless",
	"Version: Mailvelope v#",
	"Version: FlowCrypt #",
	"Version: FlowCrypt # Gmail Encryption",
	"Version: FlowCrypt Email Encryption #",
	"Version: ProtonMail",
	"Version: ProtonMail v#",
	"Version: GopenPGP #",
	"Version: Keybase OpenPGP v#",
	"Version: PGP Desktop # (Build #)",
	"Version: Encryption Desktop # (Build #)",
	"Version: Symantec Encryption Desktop # (Build #)",
	"Comment: GPGTools - http://gpgtools.org",
	"Comment: GPGTools - https://gpgtools.org",
	"Comment: Using GnuPG with Mozilla - http://enigmail.mozdev.org/",
	"Comment: Using GnuPG with Mozilla - http://www.enigmail.net/",
	"Comment: Using GnuPG with Thunderbird - http://www.enigmail.net/",
	"Comment: Using GnuPG with Thunderbird - https://www.enigmail.net/",
	"Comment: Using GnuPG with Icedove - http://www.enigmail.net/",
	"Comment: Using GnuPG with SeaMonkey - http://www.enigmail.net/",
	"Comment: http://openpgpjs.org",
	"Comment: https://openpgpjs.org",
	"Comment: http://www.mailvelope.com",
	"Comment: https://www.mailvelope.com",
	"Comment: https://mailvelope.com",
	"Comment: https://protonmail.com",
	"Comment: https://proton.me",
	"Comment: https://gopenpgp.org",
	"Comment: https://keybase.io/crypto",
	"Comment: https://keybase.io/download",
	"Comment: Seamlessly send and receive encrypted email",
	"Comment: Seamlessly send, receive and search encrypted email",
	"Charset: utf-8",
	"Charset: UTF-8",
	"Charset: us-ascii",
	"Charset: iso-8859-#",
	"Charset: windows-#",
};

/* How many octets of `text` from `at` on a `#` stands for. */
static size_t version(struct span text, size_t at)
{
	size_t n = 0;

	while (at + n < text.len && ((text.at[at + n] >= '0' && text.at[at + n] <= '9') ||
				     text.at[at + n] == '.'))
		n++;
	return n <= VERSION_MAX ? n : 0;
}

static bool like(struct span line, const char *pattern)
{
	size_t at = 0;

	for (; *pattern; pattern++) {
		size_t n = *pattern == '#' ? version(line, at)
					   : at < line.len && line.at[at] == *pattern;

		if (n == 0)
			return false;
		at += n;
	}
	return at == line.len;
}

bool openpgp_armor_fields_known(struct span line)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (like(line, lines[i]))
			return true;
	return false;
}
