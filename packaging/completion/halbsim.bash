# bash completion for halbsim. What it knows it asks halbsim itself, so it is
# never behind: `halbsim complete` lists the verbs, `halbsim complete VERB` the
# options of one.

# Names of cases and runs under the current folder, besides plain paths.
_halbsim_names() {
	local f
	for f in $1; do
		[ -e "$f" ] || continue
		f=${f%/*}
		printf '%s\n' "${f##*/}"
	done
}

_halbsim() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]} verb=${COMP_WORDS[1]} table args kind values

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$("$program" complete 2>/dev/null | cut -f 1) help --help --version" -- "$cur")
		return
	fi
	[ "$verb" != help ] || {
		mapfile -t COMPREPLY < <(compgen -W \
			"$("$program" complete 2>/dev/null | cut -f 1)" -- "$cur")
		return
	}
	table=$("$program" complete "$verb" 2>/dev/null) || return

	# --engine=ha comes in three words where = breaks them.
	if [ "$cur" = = ]; then
		cur=
	elif [ "$prev" = = ]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ $prev == -* ]]; then
		IFS=$'\t' read -r kind values < <(printf '%s\n' "$table" |
			awk -F '\t' -v o="$prev" '$1 == o || $2 == o {print $3 "\t" $4; exit}')
		case $kind in
		choice)
			mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
			return
			;;
		number) return ;;
		text)
			compopt -o filenames 2>/dev/null
			if [ "$values" = DIR ]; then
				mapfile -t COMPREPLY < <(compgen -d -- "$cur")
			else
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			fi
			return
			;;
		esac
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(printf '%s\n' "$table" | sed 1d | cut -f 1)" -- "$cur")
		return
	fi
	args=$(printf '%s\n' "$table" | sed -n '1s/.*\t//p')
	values=
	case $args in
	*CASE*) values=$(_halbsim_names 'cases/*/case.conf') ;;
	*RUN*) values=$(_halbsim_names 'reports/*/latest') ;;
	*TOPOLOGY*) values=$(_halbsim_names 'topologies/*/topology.conf') ;;
	esac
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(
		compgen -W "$values" -- "$cur"
		compgen -f -- "$cur"
	)
}

complete -F _halbsim halbsim ./halbsim
