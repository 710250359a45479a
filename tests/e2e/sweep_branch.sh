#!/bin/sh
# Trials of a sweep start from a guest that was saved right before the first fault. They
# are what they would be without it, to the byte, wherever that fault comes.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
sim=$BIN/halbsim

mkdir "$TMP/cache"
cp --sparse=always -p "${HALBSIM_CACHE:-$BIN/guest}"/*.ram "${HALBSIM_CACHE:-$BIN/guest}"/*.state \
	"${HALBSIM_CACHE:-$BIN/guest}"/*.frozen "$TMP/cache" 2>/dev/null # else it boots
export HALBSIM_CACHE="$TMP/cache"
branch=$TMP/cache/branch

# a_case NAME FIRST: master_down with another first step
a_case() {
	mkdir -p "$TMP/cases/$1"
	sed "s/case master_down/case $1/; s/rate 200/rate 20/; s/at settled+2s/$2/
		s/longest_gap http <= 3.7s/longest_gap http <= 3.8s/
		s/after 3.7s/after 3.8s/" cases/master_down/case.conf >"$TMP/cases/$1/case.conf"
}
sweep() { # CASE OUT
	t_exit "$1: a sweep" 0 "$sim" sweep "$TMP/cases/$1" --quiet --phase 0ms..100ms/100ms \
		--out "$TMP/$2"
}
saved() { ls "$branch" 2>/dev/null | grep -c '\.state$'; }

a_case later 'at settled+1s'
a_case at_once 'at settled'
a_case earlier 'at start+2s { exec client -- ip link }; at settled+1s'
# (what it expects counts from its first step, which is another one here)
sed -i 's/; at settled/\n        at settled/; /expect {/,/^    }/d' "$TMP/cases/earlier/case.conf"
sweep later a
t_is "one guest is saved for its trials" "$(saved)" 1
sweep at_once b
t_is "one more for another case" "$(saved)" 2
sweep earlier c
t_is "none when the phase moves what comes before settled" "$(saved)" 2
for d in a b; do
	t_exit "the last trial of $d from the beginning" 0 "$sim" replay "$TMP/$d/trials/1.json"
	t_grep "is the same" 'every byte is the same' "$TMP/out"
done

t_exit "QEMU begun anew for each trial" 0 env HALBSIM_FREEZE=no "$sim" sweep "$TMP/cases/later" \
	--quiet --phase 0ms..100ms/100ms --out "$TMP/anew"
t_ok "comes to the same" cmp "$TMP/a/table.jsonl" "$TMP/anew/table.jsonl"

# Another sweep of the same case begins there too.
rm -f "$branch"/*.frozen
for f in "$branch"/*.state; do : >"$f"; done
t_exit "a saved guest that is damaged is not passed over" 2 "$sim" sweep "$TMP/cases/later" \
	--quiet --phase 0ms..100ms/100ms --out "$TMP/damaged"
t_grep "it says so" 'saved guest could not be restored' "$TMP/err"

rm -r "$branch"
: >"$branch"
sweep later d
t_ok "without a place for it, the same" cmp "$TMP/a/table.jsonl" "$TMP/d/table.jsonl"
t_done
