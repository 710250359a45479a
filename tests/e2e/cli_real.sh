#!/bin/sh
# Real time, tried where IPVS is sure to be: halbsim in the guest takes the
# guest for its host.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
H=$BIN/halbsim

if ! "$H" doctor >"$TMP/doctor" 2>&1; then
	t_skip "no guest here: $(tail -n 1 "$TMP/doctor")"
	t_done
fi
mkdir "$TMP/in" "$TMP/reports"
cp -r cases topologies "$TMP/in"
t_exit "two cases in real time" 0 "$H" guest-exec --in "$TMP/in" --out "$TMP/reports" -- \
	sh -c 'cd /in && halbsim run --time real --out /out cases/master_stop cases/web_down'
t_grep "  held" '2 runs: 2 held' "$TMP/out"
D=$TMP/reports/master_stop/latest
t_grep "  the report says so" '"time": "real"' "$D/report.json"
t_grep "  in words too" "^real time: this machine's own clock" "$D/report.txt"
t_ok "  with events" test -s "$D/events.jsonl"
t_done
