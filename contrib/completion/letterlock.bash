# Completion of letterlock(1) for bash.

_letterlock_words()
{
	local IFS=$'\n'

	mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

_letterlock()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options='-c --help'

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_letterlock_words -W $'serve\ncheck\nexplain\nkeys\nopen\nseal\n--help\n--version'
		return
	fi
	case $prev in
	-c | --config)
		compopt -o filenames
		_letterlock_words -f
		return
		;;
	-o)
		compopt -o filenames
		_letterlock_words -d
		return
		;;
	--listener | --client | --login | --from | --to)
		return
		;;
	esac
	if [[ $command == keys ]]; then
		_letterlock_keys
		return
	fi
	case $command in
	explain) options+=' --listener --client --login --from --to --json' ;;
	open) options+=' --login' ;;
	seal) options+=' --listener --client --login --from --to -o' ;;
	esac
	if [[ $cur == -* ]]; then
		_letterlock_words -W "${options// /$'\n'}"
	elif [[ $command == explain ]]; then
		compopt -o filenames
		_letterlock_words -f
	fi
}

_letterlock_keys()
{
	local action=${COMP_WORDS[2]} options='-c --help'

	if ((COMP_CWORD == 2)); then
		_letterlock_words -W $'list\nimport\nlocate\nforget\n--help'
		return
	fi
	case $action in
	list | import | locate) options+=' --json' ;;
	forget) options+=' --secret' ;;
	esac
	if [[ $cur == -* ]]; then
		_letterlock_words -W "${options// /$'\n'}"
	elif [[ $action == import ]]; then
		compopt -o filenames
		_letterlock_words -f
	fi
}

complete -F _letterlock letterlock
