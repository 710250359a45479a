#!/bin/sh
# The same case and seed twice: equal events and reports, byte for byte, with a
# restored guest and with one booted for the run; another seed differs. replay
# agrees, and notices a changed byte.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

one_run() { # OUT OPTION...
	out=$TMP/$1
	shift
	"$BIN/halbsim" run --quiet --out "$out" "$@" cases/master_down >"$TMP/log" 2>&1
	status=$?
	[ $status = 0 ] || sed 's/^/# /' "$TMP/log"
	return $status
}
for engine in halbd keepalived; do
	t_ok "$engine, first run" one_run a-$engine --engine $engine
	t_ok "$engine, second run" one_run b-$engine --engine $engine
	for f in events.jsonl report.json logs/lvs1.log logs/lvs2.log; do
		t_ok "$engine: equal $f" cmp "$TMP/a-$engine/master_down/latest/$f" \
			"$TMP/b-$engine/master_down/latest/$f"
	done
	# The text report ends in two lines that name its own folder.
	for run in a b; do
		grep -vE '^(report|replay) ' "$TMP/$run-$engine/master_down/latest/report.txt" \
			>"$TMP/$run.txt"
	done
	t_ok "$engine: equal report.txt, but for its folder" cmp "$TMP/a.txt" "$TMP/b.txt"
done
t_ok "booted for the run" one_run cold --engine halbd --cold
t_ok "equal events without a saved guest" cmp "$TMP/a-halbd/master_down/latest/events.jsonl" \
	"$TMP/cold/master_down/latest/events.jsonl"
t_ok "another seed" one_run other --engine halbd --seed 2
t_is "another seed is another run" "$(cmp -s "$TMP/a-halbd/master_down/latest/events.jsonl" \
	"$TMP/other/master_down/latest/events.jsonl" && echo equal || echo differs)" differs

t_exit "replay agrees" 0 "$BIN/halbsim" replay "$TMP/a-halbd/master_down/latest"
sed -i '100s/[0-9]/7/;101s/[1-8]/9/' "$TMP/b-halbd/master_down/latest/events.jsonl"
t_exit "replay notices a changed byte" 1 "$BIN/halbsim" replay "$TMP/b-halbd/master_down/latest"
t_done
