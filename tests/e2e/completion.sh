#!/bin/bash
# Shell completion offers exactly the verbs and options that --help names.
. "$(dirname "$0")/lib.sh"

sim=$BIN/halbsim
mkdir -p "$TMP/site/cases/master_down" "$TMP/site/reports/web_down/20260101" "$TMP/site/xdir"
touch "$TMP/site/cases/master_down/case.conf" "$TMP/site/file.conf"
ln -s 20260101 "$TMP/site/reports/web_down/latest"
cd "$TMP/site" || exit 1

. "$TOP/packaging/completion/halbsim.bash"

# complete WORD...: what bash offers for the last word.
offer() {
	COMP_WORDS=("$sim" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_halbsim
	printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
}

verbs=$("$sim" --help | sed -n 's/^  \([a-z-]*\) .*  .*/\1/p' | grep . | sort | paste -sd ' ')
t_is "verbs" "$(offer '' | tr ' ' '\n' | grep -v -e '^-' -e '^help$' | paste -sd ' ')" "$verbs"
t_ok "there are some" test "$(echo "$verbs" | wc -w)" -ge 8
t_is "verbs by their beginning" "$(offer repl)" replay
for verb in $verbs; do
	t_is "options of $verb" "$(offer "$verb" --)" \
		"$("$sim" "$verb" --help | sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u | paste -sd ' ')"
done
t_is "an option by its beginning" "$(offer run --see)" --seed
t_is "choices" "$(offer run --time '')" "real virtual"
t_is "choices by letter" "$(offer run -t r)" real
t_is "choices after =" "$(offer run --time = v)" virtual
t_is "a number offers nothing" "$(offer run --seed '')" ""
t_is "a folder offers folders" "$(offer run --out '')" "cases reports xdir"
t_is "a case by name" "$(offer run mas)" master_down
t_is "a run by its case" "$(offer report web)" web_down
t_is "help VERB" "$(offer help doc)" doctor
t_is "an unknown verb offers nothing" "$(offer nonsense --)" ""

if command -v zsh >/dev/null 2>&1; then
	# Without a terminal: what would be given to _arguments and _describe.
	cat >"$TMP/try.zsh" <<'ZSH'
_arguments() { print -rl -- "$@"; }
_describe() { print -rl -- ${(P)4}; }
_files() { :; }
words=("$@") CURRENT=$#
source $FUNCTION
ZSH
	zfunction=$TOP/packaging/completion/_halbsim
	t_is "zsh: verbs" "$(FUNCTION=$zfunction zsh -f "$TMP/try.zsh" "$sim" '' | cut -d : -f 1 | sort | paste -sd ' ')" "$verbs"
	for verb in $verbs; do
		t_is "zsh: options of $verb" \
			"$(FUNCTION=$zfunction zsh -f "$TMP/try.zsh" "$sim" "$verb" '' |
				sed -n 's/^\(--[a-z-]*\).*/\1/p' | sort | paste -sd ' ')" \
			"$("$sim" "$verb" --help | sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u | paste -sd ' ')"
	done
	t_grep "zsh: choices" '^--time=\[.*\]:--time:\(virtual real\)$' \
		<(FUNCTION=$zfunction zsh -f "$TMP/try.zsh" "$sim" run '')
else
	t_skip "no zsh: apt-get install zsh"
fi
t_done
