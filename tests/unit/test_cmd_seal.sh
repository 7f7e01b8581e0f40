#!/bin/bash
# `letterlock seal` and `letterlock explain` as a user calls them.
set -u
top=$(cd "${srcdir:-.}" && pwd)
program=${builddir:-$PWD}/letterlock
work=$(mktemp -d /tmp/llcXXXXXX)
failures=0

finish() {
	gpgconf --homedir "$work/h" --kill all
	rm -rf "$work"
}
trap finish EXIT

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# WHAT WANTED GOT
same() {
	[ "$2" = "$3" ] || fail "$1: \"$3\" instead of \"$2\""
}

# WHAT PATTERN TEXT
like() {
	[[ $3 =~ $2 ]] || fail "$1: no \"$2\" in \"$3\""
}

"$top/tests/keys/make-home" "$work/h" || exit 99
cat > "$work/l.conf" <<-EOF
	[gateway]
	hostname = gw.test
	policy = policy.conf
	state = state.db
	max-message-size = 1M
	spool-memory = 4M
	[keys]
	gnupg-home = h
	[listen in]
	protocol = smtp
	address = 127.0.0.1:1587
	tls = none
	upstream = out
	[upstream out]
	address = 127.0.0.1:25
	tls = none
EOF
cat > "$work/policy.conf" <<-EOF
	[rule blocked]
	to = blocked@*
	action = reject
	[rule strict]
	to = carol@*, x@example.org
	encrypt = require
	sign = yes
	[rule tagged]
	subject = [secure]*
	encrypt = require
	[rule rest]
	encrypt = prefer
EOF

alice=alice@example.org
message() {
	printf 'From: %s\nTo: carol@example.org, bob@example.org\nSubject: %s\n\nHello\n' \
		"${1:-$alice}" "${2:-hi}"
}

# seal TO ... : a fresh folder in $out, the status in $status, what was said in $said
seal() {
	local to=()
	for address in "$@"; do to+=(--to "$address"); done
	out=$(mktemp -d "$work/outXXXX")
	said=$("$program" seal -c "$work/l.conf" --login "$alice" --from "$alice" "${to[@]}" \
		-o "$out" 2>&1)
	status=$?
}

seal carol@example.org bob@example.org x@other.example < <(message)
same 'copies: status' 0 "$status"
same 'copies: said' '' "$said"
same 'copies: files' '1.eml 1.rcpt 2.eml 2.rcpt 3.eml 3.rcpt' "$(cd "$out" && echo *)"
same 'copies: first recipient' carol@example.org "$(cat "$out/1.rcpt")"
same 'copies: last recipient' x@other.example "$(cat "$out/3.rcpt")"
same 'copies: LF became CRLF' 5 "$(grep -c $'\r$' "$out/3.eml")"
same 'copies: the clear one' "$(message | md5sum)" "$(tr -d '\r' < "$out/3.eml" | md5sum)"
like 'copies: encrypted' 'multipart/encrypted' "$(cat "$out/1.eml")"
like 'copies: and readable' 'Hello' \
	"$(gpg --homedir "$work/h" --batch -q -d "$out/1.eml" 2> /dev/null)"
same 'copies: for the owner alone' 600 "$(stat -c %a "$out/3.eml")"

for case in 'blocked@example.org|550 5.7.1 .*\(rule blocked\)' \
	'x@example.org|550 5.7.1 no usable key for x@example.org \(rule strict\)'; do
	seal bob@example.org "${case%%|*}" < <(message)
	same "$case: status" 1 "$status"
	like "$case: reply" "^${case#*|}$" "$said"
	same "$case: folder" '' "$(ls "$out")"
done
seal bob@example.org < <(message bob@example.org)
like 'From of another' '^550 5.7.1 header From bob@example.org' "$said"
seal bob@example.org < <(printf 'From: %s\n\na\rb\n' "$alice")
same 'bare CR: status' 1 "$status"
like 'bare CR: reply' '^550 5.6.11' "$said"
seal bob@example.org < <(message; head -c 1100000 /dev/zero | tr '\0' x)
like 'too large' '^552 5.3.4' "$said"
same 'too large: folder' '' "$(ls "$out")"
seal bob@example.org < <(printf 'From: %s\n\nno line end' "$alice")
same 'no line end: status' 0 "$status"

"$program" seal -c "$work/l.conf" --from "$alice" --to bob@example.org < /dev/null 2> /dev/null
same 'without -o' 2 $?
"$program" seal -c "$work/l.conf" --to bob@example.org -o "$work" < /dev/null 2> /dev/null
same 'without --from' 2 $?
"$program" seal -c "$work/l.conf" --from "$alice" --to 'no address' -o "$work" \
	< /dev/null 2> /dev/null
same 'a --to that is none' 2 $?
"$program" seal -c "$work/l.conf" --from "$alice" --to bob@example.org -o "$work/none" \
	< /dev/null 2> /dev/null
same 'a folder that is not there' 1 $?
[ -e "$work/none" ] && fail 'it was made'
"$program" seal -c "$work/l.conf" --from "$alice" --to bob@example.org -o "$work" \
	< /dev/null 2> /dev/null
same 'a folder that is not empty' 1 $?
same '--help' 0 "$("$program" seal --help > /dev/null; echo $?)"

explain() {
	said=$("$program" explain -c "$work/l.conf" --login "$alice" --from "$alice" "$@" 2>&1)
	status=$?
}

explain --to carol@example.org --to bob@example.org - < <(message)
same 'explain: status' 0 "$status"
like 'explain: head' '^recipient +rule +line +action +key +found +signing-key +reply' "$said"
like 'explain: carol' 'carol@example.org +strict +4 +sign\+encrypt +[0-9A-F]{40} +local' "$said"
like 'explain: bob' 'bob@example.org +rest +11 +encrypt +[0-9A-F]{40} +local +- +-' "$said"
explain --to carol@example.org --to bob@example.org
like 'explain: without a message' 'bob@example.org +- +- +wait-for-message' "$said"
message > "$work/m"
explain --to x@example.org --to bob@example.org "$work/m"
same 'explain: refused: status' 1 "$status"
like 'explain: refused' 'refuse .*no key .*550 5.7.1 no usable key for x@example.org' "$said"
explain --json --to x@example.org --to bob@example.org "$work/m"
same 'explain: json' 'refuse,encrypt,None,x@example.org' "$(printf %s "$said" | python3 -c '
import json, sys
rows = json.load(sys.stdin)
print(*(row["action"] for row in rows), rows[1]["reply"], rows[0]["recipient"], sep=",")')"
explain --to bob@example.org "$work/not-there"
same 'explain: no such file' 1 "$status"
explain --to bob@example.org "$work/m" "$work/m"
same 'explain: two messages' 2 "$status"
explain "$work/m"
same 'explain: no --to' 2 "$status"

exit $((failures > 0))
