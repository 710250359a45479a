#!/bin/sh
# halbsim baseline and compare: keep, gate, and refuse what is damaged. No guest:
# the runs are copies of one report (tests/data), changed by hand.
. "$(dirname "$0")/lib.sh"

if ! command -v jq >/dev/null 2>&1; then
	t_skip "no jq: apt-get install jq"
	t_done
fi
sim=$BIN/halbsim
out=$TMP/reports

# run NAME [FILTER [CASE]]: a run's folder with the report changed.
run() {
	dir=$out/${3:-master_down}/$1
	mkdir -p "$dir"
	jq "${2:-.}" "$TOP/tests/data/report.json" >"$dir/report.json"
	jq ".engine = \"$(jq -r .engine.name "$dir/report.json")\" | .time = \"$(jq -r .time "$dir/report.json")\"" \
		"$TOP/tests/data/run.json" >"$dir/run.json"
	ln -sfn "$1" "$out/${3:-master_down}/latest"
}

cd "$TMP" || exit 1
run 20260101-000000-seed1-halbd
t_exit "nothing to compare with yet" 64 "$sim" compare master_down
t_grep "and what would keep one" 'halbsim baseline master_down' "$TMP/err"
t_exit "no baselines at all" 64 "$sim" compare
t_exit "a baseline is kept" 0 "$sim" baseline master_down
t_ok "byte for byte" cmp "$out/baseline/master_down/halbd.json" "$out/master_down/latest/report.json"
t_exit "the same run is no regression" 0 "$sim" compare master_down
t_exit "by the folder" 0 "$sim" compare reports/master_down/20260101-000000-seed1-halbd
t_exit "by the file" 0 "$sim" compare reports/master_down/latest/report.json \
	reports/baseline/master_down/halbd.json

run 20260102-000000-seed1-halbd '.failovers[0].arp_ns += 300000'
t_exit "a slower run is one" 1 "$sim" compare master_down
t_grep "the table says which figure" 'neighbour entry after the bound .*WORSE$' "$TMP/out"
t_grep "and concludes" '^regression: 1 worse' "$TMP/out"
t_exit "all baselines, the same answer" 1 "$sim" compare
t_exit "unless so much is tolerated" 0 "$sim" compare --floor 400us master_down
t_exit "Markdown gates alike" 1 "$sim" compare --format markdown master_down
t_grep "with a table" '^\| failover 1: neighbour entry' "$TMP/out"
t_exit "a run against a run" 0 "$sim" compare reports/master_down/20260101-000000-seed1-halbd \
	reports/master_down/20260102-000000-seed1-halbd
t_grep "is better then" 'better$' "$TMP/out"

run 20260103-000000-seed1-halbd '.verdict = "failed" | .expect[0].ok = false'
t_exit "a broken expectation" 1 "$sim" compare master_down
t_grep "is named" 'held before, fails now: longest_gap' "$TMP/out"
t_exit "and makes no baseline" 1 "$sim" baseline master_down
t_ok "the old one is untouched" cmp "$out/baseline/master_down/halbd.json" \
	"$out/master_down/20260101-000000-seed1-halbd/report.json"
t_exit "but by force" 0 "$sim" baseline --force master_down
cp "$out/master_down/20260101-000000-seed1-halbd/report.json" "$out/baseline/master_down/halbd.json"

run 20260104-000000-seed1-keepalived '.engine.name = "keepalived"'
t_exit "each engine has its own" 0 "$sim" baseline master_down --force
t_is "files" "$(ls "$out/baseline/master_down" | paste -sd ' ')" "halbd.json keepalived.json"

# --- history ---

t_exit "history" 0 "$sim" history master_down
t_is "a line a run and a baseline" "$(grep -cE ' (halbd|keepalived) ' "$TMP/out")" 6
t_exit "its page" 0 "$sim" history --html master_down
t_grep "says where" '^reports/master_down/history.html$' "$TMP/out"
page=$out/master_down/history.html
t_is "every run is in its table" "$(grep -c '/report.html">' "$page")" 4
t_is "and in each plot" "$(grep -o 'class="h-dot ' "$page" | wc -l)" \
	"$(($(grep -c '<figure ' "$page") * 4))"
t_exit "no runs of a case" 64 "$sim" history nonsense

# --- bad input: a clear error, exit 64, nothing changed ---

base=reports/baseline/master_down/keepalived.json
good=reports/master_down/20260104-000000-seed1-keepalived
cp $base "$TMP/before.json"
run 20260105-000000-seed1-keepalived '.engine.name = "keepalived"'
head -c 700 "$TMP/before.json" >reports/master_down/20260105-000000-seed1-keepalived/report.json
t_exit "a truncated report" 64 "$sim" compare reports/master_down/20260105-000000-seed1-keepalived $base
t_grep "file, line and column" 'report.json:[0-9]+:[0-9]+: damaged' "$TMP/err"
t_exit "makes no baseline" 64 "$sim" baseline reports/master_down/20260105-000000-seed1-keepalived
rm reports/master_down/20260105-000000-seed1-keepalived/report.json
t_exit "a run without a report" 64 "$sim" compare reports/master_down/20260105-000000-seed1-keepalived $base
t_grep "says so" 'incomplete run: it has no report.json' "$TMP/err"
t_exit "history leaves it out" 0 "$sim" history master_down
t_is "and shows the others" "$(grep -cE ' (halbd|keepalived) ' "$TMP/out")" 6
rm -r reports/master_down/20260105-000000-seed1-keepalived
mkdir foreign
t_exit "a foreign folder" 64 "$sim" compare foreign $base
t_exit "no such run" 64 "$sim" compare nonsense $base
jq '.case = "web_down"' $base >other.json
t_exit "another case" 64 "$sim" compare $good other.json
t_grep "names both" "'master_down'.*'web_down'" "$TMP/err"
jq '.schema = "halbsim-report-9"' $base >new.json
t_exit "another schema" 64 "$sim" compare $good new.json
t_grep "names both schemas" "halbsim-report-9.*halbsim-report-1" "$TMP/err"
jq 'del(.traffic[0].longest_gap_ns)' $base >lacks.json
t_exit "a report that lacks something" 64 "$sim" compare $good lacks.json
t_grep "names it" "lacks.json: .*'longest_gap_ns'" "$TMP/err"
jq '.time = "real"' $base >real.json
t_exit "virtual against real time" 64 "$sim" compare $good real.json
t_ok "the baseline is untouched by all that" cmp $base "$TMP/before.json"
t_exit "a tolerance without its unit" 64 "$sim" compare --tolerance 1 master_down
t_exit "a floor without its unit" 64 "$sim" compare --floor 100 master_down
mkdir -p reports/baseline/backup_down
cp $base reports/baseline/backup_down/keepalived.json
jq '.case = "backup_down"' $base >reports/baseline/backup_down/keepalived.json
t_exit "a baseline without a run is no pass" 2 "$sim" compare
t_done
