#!/bin/sh
# One case from the command to its reports: the run folder, every format, the
# same bytes again, and what is left when halbsim is killed.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
H=$BIN/halbsim
R=$TMP/reports

if ! "$H" doctor >"$TMP/doctor" 2>&1; then
	t_skip "no runs in virtual time here: $(tail -n 1 "$TMP/doctor")"
	t_done
fi

t_exit "master_down holds" 0 "$H" run --out "$R" cases/master_down
t_grep "  verdict first" '^master_down . held' "$TMP/out"
t_grep "  the budget" '^  RFC bound +[0-9.]+ ms  \(last advert \+ 3 x advert \+ skew\)' "$TMP/out"
t_grep "  replay last" "^replay   halbsim replay $R/master_down/" "$TMP/out"
D=$R/master_down/latest
for f in report.json report.txt report.html events.jsonl run.json wall.json \
	logs/lvs1.log input/cases/master_down/case.conf input/topologies/lvs_dr/topology.conf; do
	t_ok "  $f is there" test -s "$D/$f"
done
t_is "  only whole runs are there" "$(find "$R" -name '.*.part')" ""
t_grep "  schema" '"schema": "halbsim-report-1"' "$D/report.json"
t_grep "  wall time is apart" '"wall_ms": [0-9]+' "$D/wall.json"
grep -Eq "wall|$(hostname)|/tmp|$(date +%Y)-" "$D/report.json" &&
	t_fail "  report.json knows the host" || t_pass "  report.json knows nothing of the host"

t_exit "replay" 0 "$H" replay --out "$R" master_down
t_grep "  events agree" 'equal +events.jsonl' "$TMP/out"
t_grep "  report agrees" 'equal +report.json' "$TMP/out"
t_grep "  logs agree" 'equal +logs/lvs2.log' "$TMP/out"

cp -r "$(readlink -f "$D")" "$R/other"
sed -i '100s/"t":/"t":1/' "$R/other/events.jsonl"
t_exit "replay of a run that was tampered with" 1 "$H" replay "$R/other"
t_grep "  where" 'differs +events.jsonl: byte [0-9]+, line 100' "$TMP/out"

for f in text json junit tap markdown; do
	t_exit "report --format $f" 0 "$H" report --out "$R" --format $f master_down
	cp "$TMP/out" "$TMP/report.$f"
done
t_ok "  json is report.json" cmp "$TMP/report.json" "$D/report.json"
t_grep "  junit totals" '<testsuite name="master_down.halbd" tests="[0-9]+" failures="0" errors="0"' \
	"$TMP/report.junit"
t_is "  tap plan" "$(grep -c '^ok ' "$TMP/report.tap")" "$(sed -n 's/^1\.\.//p' "$TMP/report.tap")"
t_grep "  markdown" '^\| master\\_down \| halbd \| held' "$TMP/report.markdown"
t_exit "diff with itself" 0 "$H" diff --out "$R" master_down "$D"

# An expectation that does not hold: exit 1, with the three numbers.
mkdir -p "$TMP/site/cases"
ln -s "$TOP/topologies" "$TMP/site/topologies"
cp -r cases/master_stop "$TMP/site/cases/strict"
sed -i 's/case master_stop/case strict/; s/longest_gap http <= [0-9.]*m*s/longest_gap http <= 100ms/' \
	"$TMP/site/cases/strict/case.conf"
t_exit "a bound that is too low" 1 "$H" run --out "$R" "$TMP/site/cases/strict"
t_grep "  expected" 'expected +at most 100 ms' "$TMP/out"
t_grep "  actual" 'actual +6[0-9][0-9]\.' "$TMP/out"

# Killed outright in the middle of it.
descendants() {
	for p in $(pgrep -P "$1"); do
		echo "$p"
		descendants "$p"
	done
}
alive() {
	for p in "$@"; do
		[ "$(sed -n 's/^State:[[:space:]]*//p' "/proc/$p/status" 2>/dev/null | cut -c1)" ] &&
			[ "$(sed -n 's/^State:[[:space:]]*//p' "/proc/$p/status" | cut -c1)" != Z ] &&
			echo "$p"
	done
}
"$H" run --quiet --out "$TMP/killed" cases/master_down >"$TMP/out" 2>&1 &
pid=$!
n=0
while [ $n -lt 1200 ]; do
	tree=$(descendants $pid)
	# shellcheck disable=SC2086
	[ -n "$tree" ] && ps -o comm= -p $tree 2>/dev/null | grep -q qemu && break
	sleep 0.1
	n=$((n + 1))
done
t_ok "a guest is running" test $n -lt 1200
kill -9 $pid
wait $pid 2>/dev/null
n=0
# Its children notice at once; the kernel needs a moment to end them all.
# shellcheck disable=SC2086
while [ $n -lt 1200 ] && [ -n "$(alive $tree)" ]; do
	sleep 0.1
	n=$((n + 1))
done
# shellcheck disable=SC2086
t_is "kill -9 leaves no process" "$(alive $tree)" ""
t_exit "clean" 0 "$H" clean --out "$TMP/killed"
t_grep "  finds the unfinished run" 'removed .*\.part \(a run that never ended\)' "$TMP/out"
t_exit "clean once more" 0 "$H" clean --out "$TMP/killed"
t_grep "  nothing is left" 'nothing to clean' "$TMP/out"

# Asked to stop, with two under way: everything is taken away at once.
"$H" run --jobs 2 --out "$TMP/stopped" cases/web_down cases/web_back >"$TMP/out" 2>&1 &
pid=$!
n=0
while [ $n -lt 1200 ]; do
	tree=$(descendants $pid)
	# shellcheck disable=SC2086
	[ -n "$tree" ] && ps -o comm= -p $tree 2>/dev/null | grep -q qemu && break
	sleep 0.1
	n=$((n + 1))
done
kill -TERM $pid
wait $pid
t_is "a stop is 128 and the signal's number" "$?" 143
n=0
# shellcheck disable=SC2086
while [ $n -lt 1200 ] && [ -n "$(alive $tree)" ]; do
	sleep 0.1
	n=$((n + 1))
done
# shellcheck disable=SC2086
t_is "  no process is left" "$(alive $tree)" ""
t_is "  nor an unfinished run" "$(find "$TMP/stopped" -name '*.part')" ""
# --- a disk that is full in the middle of a report ---

cat >"$TMP/full" <<'X'
mount -t tmpfs -o size=4m none "$1" || exit 99
"$2" run -q --out "$1/r" "$3/cases/master_down" >"$4" 2>&1 || exit 98
# room for most of another one
kib=$(df -k --output=used "$1" | tail -n 1)
mount -o remount,size=$((kib * 7 / 4))k "$1" || exit 97
"$2" run -q --out "$1/r" "$3/cases/master_down" >"$4" 2>&1
echo "code $?"
ls -A "$1/r/master_down" | wc -l
"$2" report --json "$1/r/master_down/latest" | jq -r .verdict
X
mkdir "$TMP/small"
if unshare -m true 2>/dev/null; then
	unshare -m sh "$TMP/full" "$TMP/small" "$BIN/halbsim" "$TOP" "$TMP/full.err" >"$TMP/full.out"
	t_is "a full disk: exit 70, nothing half done, the earlier report whole" \
		"$(paste -sd ' ' "$TMP/full.out")" "code 70 2 held"
	t_grep "says so" 'No space left on device' "$TMP/full.err"
else
	t_skip "needs root: a small file system"
fi
t_done
