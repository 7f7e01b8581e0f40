#!/bin/sh
# Makes the GnuPG home $1 for tests of seal: people with keys, and some whose keys
# are of no use. No key has a passphrase.
set -e
home=$1
mkdir -p -m 700 "$home"
printf '%s\n' no-random-seed-file no-auto-check-trustdb 'trust-model always' \
	no-auto-key-locate disable-dirmngr batch no-greeting > "$home/gpg.conf"

gpg() {
	command gpg --homedir "$home" --batch --quiet --no-tty "$@" 2> "$home/log" ||
		{ cat "$home/log" >&2; exit 1; }
}

# NAME ADDRESS EXPIRY [sign-only]
key() {
	printf '%s\n' '%no-protection' 'Key-Type: eddsa' 'Key-Curve: ed25519' 'Key-Usage: sign'
	[ -n "$4" ] || printf '%s\n' 'Subkey-Type: ecdh' 'Subkey-Curve: cv25519' \
		'Subkey-Usage: encrypt'
	printf '%s\n' "Name-Real: $1" "Name-Email: $2" "Expire-Date: $3" '%commit'
}

{
	key Alice alice@example.org 0
	key Bob bob@example.org 0
	key Carol carol@partner.example 0
	key Dave dave@partner.example 0
	key Eve eve@other.example 0
	key Gone revoked@example.org 0
	key Signer signonly@example.org 0 sign-only
	printf '%s\n' '%no-protection' 'Key-Type: RSA' 'Key-Length: 1024' 'Subkey-Type: RSA' \
		'Subkey-Length: 1024' 'Name-Email: weak@example.org' '%commit'
} | gpg --full-gen-key
key Old expired@example.org 1m | gpg --faked-system-time 20200101T000000 --full-gen-key

gone=$(command gpg --homedir "$home" --batch --with-colons --list-keys revoked@example.org |
	sed -n '/^fpr/{s/^\(.*:\)\{9\}\([0-9A-F]*\):.*/\2/p;q}')
sed 's/^:-----BEGIN/-----BEGIN/' "$home/openpgp-revocs.d/$gone.rev" | gpg --import
