#!/bin/sh
# The documents tell the truth about the tree: every source file has its line in
# docs/ARCHITECTURE.md and every pattern there matches a file; every command that
# README shows exists.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

sed -n '/^| `/s/^| \([^|]*\) |.*/\1/p' docs/ARCHITECTURE.md | tr -d '`' | tr ' ' '\n' |
	grep . >"$TMP/patterns"
: >"$TMP/named"
dead=
while read -r pattern; do
	# shellcheck disable=SC2086
	if ! ls -d $pattern >>"$TMP/named" 2>/dev/null; then
		dead="$dead $pattern"
	fi
done <"$TMP/patterns"
t_is "every pattern matches a file" "$dead" ""

sort -u "$TMP/named" >"$TMP/named.sorted"
ls lib/* engine/* sim/* | sort -u >"$TMP/files"
t_is "every file is named" "$(comm -13 "$TMP/named.sorted" "$TMP/files" | tr '\n' ' ')" ""

unknown=
for verb in $(grep -oE '^ +(sudo )?\./?halbsim [a-z]+' README.md | awk '{print $NF}' | sort -u); do
	"$BIN/halbsim" "$verb" --help >/dev/null 2>&1 || unknown="$unknown $verb"
done
t_is "README's verbs exist" "$unknown" ""

missing=
for target in $(grep -oE '^ +make [a-z-]+' README.md | awk '{print $2}' | sort -u); do
	make -n "$target" >/dev/null 2>&1 || missing="$missing $target"
done
t_is "README's make targets exist" "$missing" ""
t_done
