#!/bin/bash
# The manual pages are clean mdoc, and name each other and every command.
cd "${srcdir:-.}/contrib/man" || exit 1
failed=0

if command -v mandoc >/dev/null; then
	mandoc -Tlint -W warning letterlock*.[15] || failed=1
elif command -v groff >/dev/null; then
	for page in letterlock*.[15]; do
		told=$(groff -mdoc -ww -z -Tutf8 "$page" 2>&1)
		[ -z "$told" ] || { echo "$told"; failed=1; }
	done
else
	exit 77		# nothing to look with
fi
for command in serve check explain keys open seal; do
	for line in ".Cm $command" ".Ss $command"; do
		grep -q "^$line" letterlock.1 || { echo "letterlock.1 lacks $line"; failed=1; }
	done
done
# each reply of ours, in the order of its code
for reply in '421 4.4.1' '421 4.7.5' '451 4.7.1' '452 4.3.1' '530 5.7.0' '538 5.7.11' \
	'550 5.7.1' '552 5.3.4'; do
	grep -qF ".It $reply" letterlock.1 || { echo "letterlock.1 lacks $reply"; failed=1; }
done
# ... and whatever else the program can say, but for what is wrong with a command (x.5.x)
said=$(grep -rhoE --include='*.c' '\b[45][0-9][0-9], "[45]\.[0-9]+\.[0-9]+"' ../../policy/job \
	../../proxy/engine ../../proxy/session | tr -d '",' | sort -u | grep -v ' 5\.5\.')
[ "$(wc -l <<<"$said")" -ge 15 ] || { echo "no replies were found in the source"; failed=1; }
while read -r reply; do
	grep -q "^\.\(It\|Pq\) $reply" letterlock.1 || { echo "letterlock.1 lacks $reply"; failed=1; }
done <<<"$said"
exit $failed
