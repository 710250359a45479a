#!/bin/sh
# A small sweep: twice, interrupted and gone on with, in shards: equal tables byte
# for byte. A trial alone is the same again. What cannot be swept is refused.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
sim=$BIN/halbsim
quick_case master_down

sweep() { # OUT OPTION...
	out=$TMP/$1
	shift
	"$sim" sweep "$TMP/cases/master_down" --quiet --phase 0ms..750ms/250ms --out "$out" "$@"
}
same() { # WHAT DIR
	for f in table.jsonl table.csv sweep.html sweep.json; do
		t_ok "$1: equal $f" cmp "$TMP/a/$f" "$TMP/$2/$f"
	done
}

# refused, before anything is started
t_exit "unknown quantity" 64 sweep bad --set rat=1/s
t_grep "the nearest one, with its line" 'case.conf:[0-9]+: .*mean .rate.' "$TMP/err"
t_exit "unknown quantity of the configuration" 64 sweep bad --set delay_lop=3
t_grep "the nearest one, with its file" 'keepalived.conf:[0-9]+: .*mean .delay_loop.' "$TMP/err"
t_exit "a value the case refuses" 64 sweep bad --set rate=5
t_grep "  and where, by its name" '^cases/[a-z_]+/case.conf:[0-9]+:[0-9]+: ' "$TMP/err"
t_exit "an empty range" 64 sweep bad --phase 1s..0s/1ms
t_exit "a range without a step" 64 sweep bad --phase 0ms..1s/0ms
t_exit "a phase beyond the timeline" 64 sweep bad --phase 7s
t_grep "where" 'case.conf:[0-9]+:[0-9]+: .*beyond the timeline' "$TMP/err"
t_exit "a shard that is none" 64 sweep bad --shard 3/2
t_exit "an unknown engine" 64 sweep bad --engine bird
t_ok "nothing was left" test ! -e "$TMP/bad"

t_exit "a sweep" 0 sweep a
t_is "four trials" "$(wc -l <"$TMP/a/table.jsonl")" 4
t_is "in their order" "$(cut -d, -f1 "$TMP/a/table.csv" | paste -sd ' ')" "trial 0 1 2 3"
t_ok "later in the advert, shorter" awk -F, 'NR > 2 && $7 >= was { exit 1 } { was = $7 }' \
	"$TMP/a/table.csv"
t_ok "the worst run has its folder" test -e "$TMP/a/worst/master_down/latest/report.json"
t_is "no trial keeps one" "$(ls -A "$TMP/a" | grep -c work)" 0
t_grep "a drawing" '<svg' "$TMP/a/sweep.html"
t_exit "a trial alone" 0 "$sim" replay "$TMP/a/trials/2.json"
t_grep "is the same" 'every byte is the same' "$TMP/out"
t_exit "the worst run alone" 0 "$sim" replay "$TMP/a/worst/master_down/latest"
t_exit "another sweep does not overwrite it" 64 sweep a --seed 2

# stopped after the first trial, then gone on with
sweep b 2>"$TMP/err" &
pid=$!
while [ ! -e "$TMP/b/trials/0.json" ] && kill -0 $pid 2>/dev/null; do sleep 0.1; done
# the shell's background children ignore SIGINT; the program takes both alike
kill -TERM $pid $(ps -o pid= --ppid $pid) 2>/dev/null
wait $pid
t_ok "stopped before its end" test "$(ls "$TMP/b/trials" | wc -l)" -lt 4
t_exit "gone on with" 0 sweep b
same "gone on with" b

for i in 1 2; do
	t_exit "shard $i" 0 sweep shard$i --shard $i/2
done
t_exit "half is not the whole" 2 "$sim" merge --out "$TMP/half" "$TMP/shard1"
t_exit "merged" 0 "$sim" merge --out "$TMP/m" "$TMP/shard2" "$TMP/shard1"
same merged m
sed 's/"failed":[0-9]*/"failed":1/' "$TMP/shard1/trials/0.json" >"$TMP/changed"
cp "$TMP/changed" "$TMP/shard1/trials/0.json"
t_exit "a trial that differs" 1 "$sim" merge --out "$TMP/n" "$TMP/a" "$TMP/shard1"
t_exit "replay notices it" 1 "$sim" replay "$TMP/shard1/trials/0.json"
t_exit "no sweep" 64 "$sim" merge --out "$TMP/o" "$TMP"
t_done
