#!/bin/sh
# A site to walk around in, in the guest: up, status, exec, sh, fault, events, down;
# bad input; nothing is left after down. (Several, interrupted, clean: live_gone.sh.)
. "$(dirname "$0")/live_lib.sh"
trap 'for s in lvs_dr lvs_large short; do "$sim" down $s; done >/dev/null 2>&1; t_cleanup' EXIT

now() { # JQ FILTER: true of the site's state
	"$sim" status --json --name lvs_dr | jq -e "$1" >/dev/null
}
master_is() {
	now "[.routers[].masters[].node] == [\"$1\"]"
}

# --- nothing is up yet ---
t_exit "status of nothing" 0 "$sim" status
t_grep "  says how to get one" 'no site is up \(halbsim up' "$TMP/out"
for verb in "exec lvs1 -- true" "sh lvs1" "fault crash lvs1" events down "status lab"; do
	t_exit "$verb without a site" 64 "$sim" $verb
done
t_grep "  and says so" "no site is called 'lab'; none is up" "$TMP/err"
t_exit "up of nothing" 64 "$sim" up
t_exit "up of what is not there" 64 "$sim" up nonsense
t_exit "up of a misspelt topology" 64 "$sim" up lvs_drr
t_grep "  names the nearest" "no such topology or case .did you mean 'lvs_dr'" "$TMP/err"
t_exit "up with a bad name" 64 "$sim" up --name a/b lvs_dr
t_grep "  says what a name is" "a name has letters" "$TMP/err"
t_exit "up with a kernel that is none" 4 env HALBSIM_KERNEL="$TMP/none" "$sim" up lvs_dr
t_is "nothing was made" "$(ls "$XDG_RUNTIME_DIR/halbsim" 2>/dev/null)" ""

# --- up ---
t_exit "up lvs_dr" 0 "$sim" up lvs_dr
t_grep "  tells what happens" 'lvs1 +advert: VRID 51, priority 101' "$TMP/out"
t_grep "  and that it is settled" ' settled$' "$TMP/out"
t_grep "  and what can be done" 'halbsim down lvs_dr' "$TMP/out"
t_exit "up again" 64 "$sim" up lvs_dr
t_grep "  says that it is up" 'site lvs_dr is up already' "$TMP/err"
t_exit "status" 0 "$sim" status
t_grep "  the master" 'VRID 51 .*lvs1 \(priority 101\)' "$TMP/out"
t_grep "  its address" 'lvs1 +director +halbd +192.168.31.200/32' "$TMP/out"
t_grep "  the tables" '-> 192.168.31.113:80 +DR +weight 1 +healthy' "$TMP/out"
t_exit "status --json" 0 "$sim" status --json
t_is "  is JSON" "$(jq -r '.phase + " " + .case' "$TMP/out")" "settled lvs_dr"
t_ok "clients get answers" wait_for now '.traffic[0].ok > 3 and .traffic[0].failed == 0'

# --- exec and sh ---
t_exit "exec ip" 0 "$sim" exec lvs1 -- ip -br addr
t_grep "  shows the VIP" 'enp0s3.*192.168.31.200/32' "$TMP/out"
t_exit "exec ipvsadm" 0 "$sim" exec lvs1 -- ipvsadm -Ln
t_grep "  shows the table" 'TCP +192.168.31.200:80 rr' "$TMP/out"
t_exit "exec curl" 0 "$sim" exec client -- curl -s http://192.168.31.200/
t_grep "  gets a page" '^This is Server (111|222)' "$TMP/out"
t_exit "the exit status" 7 "$sim" exec lvs1 -- sh -c 'echo said; echo wrong >&2; exit 7'
t_is "  output" "$(cat "$TMP/out")" said
t_is "  and errors apart" "$(cat "$TMP/err")" wrong
t_exit "a signal's status" 137 "$sim" exec lvs1 -- sh -c 'kill -9 $$'
t_is "input, and much output" "$(seq 50000 | "$sim" exec web1 -- sort -n | md5sum)" \
	"$(seq 50000 | md5sum)"
t_is "sh takes commands from a pipe" "$(echo 'hostname; id -u' | "$sim" sh lvs2 | paste -sd ' ')" \
	'lvs2 0'
t_exit "exec of no program" 127 "$sim" exec lvs1 -- nonsense
t_exit "exec in no node" 64 "$sim" exec lvs9 -- true
t_grep "  did you mean" "no node 'lvs9' in lvs_dr, did you mean 'lvs1'" "$TMP/err"
t_exit "exec of nothing" 64 "$sim" exec lvs1 --
"$sim" exec lvs2 -- tcpdump -lni enp0s3 vrrp >"$TMP/dump" 2>"$TMP/dump.err" </dev/null &
dump=$!
t_ok "tcpdump sees adverts as they come" wait_for sees 'VRRPv2, Advertisement, vrid 51' "$TMP/dump"
kill -TERM $dump
wait $dump
t_grep "  and a signal reaches it: its summary" 'packets? received by filter' "$TMP/dump.err"

# --- a terminal ---
if command -v script >/dev/null 2>&1; then
	printf 'stty size; tty | cut -c 1-9; exit 5\n' |
		script -qec "stty rows 33 cols 77; $sim sh lvs1" "$TMP/typed" >/dev/null 2>&1
	t_is "sh at a terminal: the shell's status" $? 5
	t_grep "  its size" '33 77' "$TMP/typed"
	t_grep "  one of its own" '/dev/pts/' "$TMP/typed"
else
	t_skip "no script(1): apt-get install bsdutils"
fi

# --- faults and events ---
"$sim" events >"$TMP/events" 2>&1 </dev/null &
events=$!
"$sim" events --json >"$TMP/events.jsonl" 2>&1 </dev/null &
jsonl=$!
t_ok "events as lines of events.jsonl" wait_for sees '"type":"request"' "$TMP/events.jsonl"
t_exit "crash lvs1" 0 "$sim" fault crash lvs1
t_grep "  with its proof" 'link cut, .* processes gone' "$TMP/out"
t_exit "a fault without effect" 2 "$sim" fault stop lvs1
t_exit "exec without power" 70 "$sim" exec lvs1 -- true
t_grep "  says so" 'lvs1 has no power \(halbsim fault boot lvs1\)' "$TMP/err"
t_ok "lvs2 becomes master" wait_for master_is lvs2
t_ok "events tell it" wait_for sees 'lvs2 +192.168.31.200/32 added' "$TMP/events"
t_grep "  and the fault" 'lvs1 +crash lvs1: ' "$TMP/events"
t_ok "clients get answers again" wait_for now '.traffic[0] | .failed > 0 and (has("in_gap_ns") | not)'
t_exit "boot lvs1" 0 "$sim" fault boot lvs1
t_ok "lvs1 becomes master again" wait_for master_is lvs1
t_exit "backend dead web1" 0 "$sim" fault backend dead web1
t_ok "web1 is taken out" wait_for now '[.nodes[] | select(.name == "lvs1").ipvs[0].dests[].dest] == ["192.168.31.150:80"]'
t_exit "backend heal web1" 0 "$sim" fault backend heal web1
t_exit "an unknown fault" 64 "$sim" fault crahs lvs1
t_grep "  did you mean" "no fault 'crahs'; did you mean 'crash'" "$TMP/err"
t_exit "an unknown node" 64 "$sim" fault crash lvs9
t_exit "no fault" 64 "$sim" fault
t_exit "faults in a list" 0 "$sim" fault --list
t_grep "  with their words" '^crash NODE$' "$TMP/out"

# --- a topology of any size, whose files have lines for each server ---
t_exit "up lvs_large" 0 "$sim" up --quiet lvs_large
t_exit "ipvsadm in it" 0 "$sim" exec --name lvs_large lvs1 -- ipvsadm -Ln
t_is "  each server is there" "$(grep -c -- '-> 10\.0\.16\.' "$TMP/out")" 20
t_exit "down lvs_large" 0 "$sim" down lvs_large

# --- a run that ends in the same place ---
sed -e '/^[[:space:]]*longest_gap/s/<= .*/<= 1s/' -e 's/^case .*/case short {/' cases/master_down/case.conf >"$TMP/case.conf"
mkdir -p "$TMP/cases/short" && mv "$TMP/case.conf" "$TMP/cases/short/" && ln -s "$TOP/topologies" "$TMP/topologies"
t_exit "run --pause-on-error, and it fails" 1 "$sim" run --pause-on-error --out "$TMP/reports" "$TMP/cases/short"
t_grep "  its site stays" '^site short stays as it is now' "$TMP/out"
t_exit "  and is as it was" 0 "$sim" status short
t_grep "    without lvs1" 'lvs1 +director +no power' "$TMP/out"
t_exit "  exec" 0 "$sim" exec --name short lvs2 -- ip -br addr show enp0s3
t_grep "    the VIP is on lvs2" '192.168.31.200/32' "$TMP/out"
t_exit "  mended by hand" 0 "$sim" fault --name short boot lvs1
t_exit "  down" 0 "$sim" down short
t_is "  its report is there" "$(jq -r .verdict "$TMP/reports/short/latest/report.json")" failed
t_exit "replay agrees with it" 0 "$sim" replay "$TMP/reports/short/latest"
t_exit "run --pause-on-error, and all holds" 0 "$sim" run --quiet --pause-on-error --out "$TMP/reports" cases/master_down
t_is "  nothing stays" "$("$sim" status --json | jq -r .case)" lvs_dr

# --- down ---
lab=$(holder lvs_dr)
t_exit "down" 0 "$sim" down
t_grep "  says so" '^site lvs_dr is down$' "$TMP/out"
t_ok "its holder is gone" gone "$lab"
t_is "its guest is gone" "$(qemus "$lab")" ""
t_is "its folder is gone" "$(ls "$XDG_RUNTIME_DIR/halbsim")" ""
t_exit "down again" 64 "$sim" down
t_ok "events end with the site" wait_for gone "$events"
t_ok "  those in JSON too" wait_for gone "$jsonl"
t_done
