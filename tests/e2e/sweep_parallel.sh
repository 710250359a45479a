#!/bin/sh
# The recipe for GNU parallel: two shards side by side make the table of the whole.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

if ! command -v parallel >/dev/null 2>&1; then
	t_skip "GNU parallel is missing: apt-get install parallel"
	t_done
fi
phases=0ms..250ms/250ms
HALBSIM=$BIN/halbsim
export HALBSIM
t_exit "shards and merge" 0 packaging/sweep/parallel.sh 2 "$TMP/p" master_down --phase $phases
t_exit "in one piece" 0 "$BIN/halbsim" sweep --quiet --out "$TMP/one" --phase $phases master_down
for f in table.jsonl table.csv sweep.html sweep.json; do
	t_ok "equal $f" cmp "$TMP/one/$f" "$TMP/p/whole/$f"
done
t_exit "again: nothing to do, and the same" 0 \
	packaging/sweep/parallel.sh 2 "$TMP/p" master_down --phase $phases
t_ok "still equal" cmp "$TMP/one/table.jsonl" "$TMP/p/whole/table.jsonl"
t_exit "a bad option is a failure" 64 packaging/sweep/parallel.sh
t_done
