#!/bin/sh
# Every case of the library holds, with halbd and with the real keepalived, on
# kernel IPVS in virtual time.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

"$BIN/halbsim" run --quiet -j2 --engine both --out "$TMP/reports" cases/* \
	>"$TMP/out" 2>"$TMP/err" </dev/null
for dir in cases/*/; do
	name=$(basename "$dir")
	only=$(awk '$1 == "engine" {print $2}' "$dir/case.conf")
	for engine in ${only:-halbd keepalived}; do
		run=$(ls -d "$TMP/reports/$name"/*-"$engine" 2>/dev/null | head -n 1)
		verdict=none
		[ -n "$run" ] && verdict=$(jq -r .verdict "$run/report.json" 2>/dev/null)
		t_is "$name with $engine" "$verdict" held
		[ "$verdict" = held ] || sed 's/^/# /' "${run:-/nonexistent}/report.txt" 2>/dev/null
	done
done
[ ! -s "$TMP/err" ] || sed 's/^/# /' "$TMP/err"
t_done
