#!/bin/bash
# letterlock keys, as users call it, with real gpg.
set -u
top=$(cd "${srcdir:-.}" && pwd) || exit 1
program=$(cd "${builddir:-build}" && pwd)/letterlock
dir=$(mktemp -d /tmp/llk-XXXXXX) || exit 1
trap 'gpgconf --homedir "$dir/h" --kill all; gpgconf --homedir "$dir/gw" --kill all
	rm -rf "$dir"' EXIT
"$top/tests/keys/make-home" "$dir/h" || exit 1
failed=0
cd "$dir" || exit 1
touch policy.conf
cat > l.conf <<-'END'
	[gateway]
	hostname = gw.example.org
	runtime-dir = run
	[keys]
	gnupg-home = gw
	[listen s]
	protocol = smtp
	address = 127.0.0.1:1587
	tls = none
	upstream = p
	[upstream p]
	address = 127.0.0.1:2
END

# keys STATUS ARGUMENT...: calls it; its output goes to out and err
keys() {
	local wanted=$1 status
	shift
	"$program" keys "$@" > out 2> err
	status=$?
	if [ "$status" != "$wanted" ]; then
		echo "keys $*: status $status, not $wanted"
		cat out err
		failed=1
	fi
}

# says FILE TEXT: it is in there
says() {
	if ! grep -qF -- "$2" "$1"; then
		echo "no '$2' in:"
		cat "$1"
		failed=1
	fi
}

silent() {
	if [ -s "$1" ]; then
		echo "$1 is not empty:"
		cat "$1"
		failed=1
	fi
}

fpr() {
	sed -n "s/^$1 //p" h/names
}

export_of() {
	local name
	for name; do
		gpg --homedir h --batch --quiet --export "$(fpr "$name")"
	done
}

# wrong usage: said on standard error, with how to do it
for words in '' 'frobnicate' 'locate' 'forget' 'list a b' 'list nobody' 'locate nobody' \
	'forget 1234' 'forget bob@example.org' '--json forget x' \
	'list --secret' 'list --frobnicate' 'import a b'; do
	# shellcheck disable=SC2086
	keys 2 -c l.conf $words
	silent out
done
keys 0 --help
says out 'usage: letterlock keys list'
silent err
keys 0 list --help

# without a home
keys 1 list -c l.conf
says err "gw: No such file"
keys 1 list -c nothing.conf
says err 'nothing.conf'

# import makes it, for us alone
export_of bob carol > two
keys 0 import -c l.conf < two
says out "$(fpr bob)"
says out 'imported'
silent err
[ "$(stat -c %a gw)" = 700 ] || { echo "mode of gw"; failed=1; }
grep -q no-random-seed-file gw/gpg.conf || { echo "no options of ours"; failed=1; }
keys 0 -c l.conf import two
says out 'known'
keys 0 import - -c l.conf < two
keys 0 import --json -c l.conf two
says out "\"fingerprint\": \"$(fpr bob)\", \"result\": \"known\", \"state\": \"usable\""

# what is of no use is not taken, and it is said why
export_of alice expired revoked > three
keys 1 import -c l.conf three
says err '2 not taken'
says out 'expired 2020-01-31'
says out 'revoked'
says out "$(fpr alice)  imported"
keys 0 list -c l.conf
for name in alice bob carol; do
	says out "$(fpr "$name")"
done
[ "$(wc -l < out)" = 4 ] || { echo "more than three keys"; cat out; failed=1; }
keys 1 import -c l.conf < /dev/null
says err 'standard input: there is no OpenPGP key in it'
keys 1 import -c l.conf gone.asc
says err 'gone.asc: No such file'

# but a key that is there may come again with its revocation
gpg --homedir h --batch --quiet --pinentry-mode loopback --export-secret-keys "$(fpr twosub)" > s
keys 0 import -c l.conf s
keys 0 list -c l.conf twosub@example.org
says out '  yes      yes   '

# list and locate
keys 0 list BOB@Example.ORG --json -c l.conf
says out "{\"fingerprint\": \"$(fpr bob)\", \"encrypt\": \"yes\", \"sign\": \"no\""
says out '"expires": null, "state": "usable", "addresses": "bob@example.org"'
keys 1 list -c l.conf ob@example.org
silent out
says err 'no key of ob@example.org'
keys 0 locate bob@example.org -c l.conf
says out "local   bob@example.org  $(fpr bob)  usable"
keys 1 locate nobody@example.org -c l.conf
says out 'no key'

# forget
keys 1 forget -c l.conf "$(fpr twosub)"
says err '--secret removes both'
keys 0 forget --secret -c l.conf "$(fpr twosub)"
keys 0 forget -c l.conf "$(fpr carol | tr A-F a-f)"
keys 1 forget -c l.conf "$(fpr carol)"
says err "there is no key $(fpr carol)"

# a gpg.conf that lets others read along stops every command
echo "encrypt-to $(fpr alice)" >> gw/gpg.conf
keys 1 list -c l.conf
says err 'encrypt-to lets others read along'
"$program" check -c l.conf > out 2> err && { echo "check found nothing"; failed=1; }
says err "gw/gpg.conf:$(wc -l < gw/gpg.conf): encrypt-to lets others read along"
exit $failed
