#!/bin/bash
# What bash offers behind each beginning of a command line.
set -u
cd "${srcdir:-.}" || exit 1
bash -n contrib/completion/letterlock.bash || exit 1
. contrib/completion/letterlock.bash
compopt() { :; }	# it works inside a completion only
failed=0

# offers WANTED WORD...: the last word is being completed
offers()
{
	local wanted=$1
	shift
	COMP_WORDS=(letterlock "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_letterlock
	if [ "${COMPREPLY[*]}" != "$wanted" ]; then
		echo "behind 'letterlock $*': '${COMPREPLY[*]}', not '$wanted'"
		failed=1
	fi
}

offers 'serve check explain keys open seal --help --version' ''
offers 'serve seal' s
offers 'keys' k
offers '' nothing
offers '-c --help' check -
offers '' check ''
offers '-c --help --listener --client --login --from --to --json' explain -
offers '--listener --login' explain --l
offers '' seal --client ''
offers '--json' explain --from a@b --to c@d --j
offers '' explain --from ''
offers '-c --help --login' open -
offers '-c --help --listener --client --login --from --to -o' seal -
offers 'list import locate forget --help' keys ''
offers 'list locate' keys l
offers '-c --help --json' keys list -
offers '-c --help --json' keys import -
offers '-c --help --secret' keys forget -
offers '' keys list ''
offers 'contrib/man/letterlock.conf.5' check -c contrib/man/letterlock.c
offers 'contrib/man/letterlock.conf.5' keys import contrib/man/letterlock.c
offers 'contrib/man' seal -o contrib/m
exit $failed
