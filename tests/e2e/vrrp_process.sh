#!/bin/sh
# halbd as a program: its processes, their privileges and memory, what is left when
# it ends in each way there is, reload, dump, exit codes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/rig.sh"
rig_enter "$@"
c=$TMP/c.conf

status() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

private() {
	rig_sum=0
	for rig_p in $1 $(rig_children "$1"); do
		rig_k=$(awk '/^Private_Dirty:/ { n += $2 } END { print n }' "/proc/$rig_p/smaps_rollup")
		rig_sum=$((rig_sum + rig_k))
	done
	echo $rig_sum
}

# no_process PID...: they are gone (zombies of nobody's count as gone).
gone() {
	for rig_p in "$@"; do
		[ -e "/proc/$rig_p" ] && ! grep -q '^State:.*Z' "/proc/$rig_p/status" && return 1
	done
	return 0
}

rig_conf "$c" 'state MASTER' 'priority 255'
rig_start 1 "$KEEPALIVED" "$c"
rig_wait 'rig_has 1 10.9.0.200'
theirs=$(private "$engine_1")
rig_stop 1
rm -f "$TMP/log.1"

# --- privileges, memory ---
rig_start 1 "$HALBD" "$c"
rig_wait 'rig_has 1 10.9.0.200'
vrrp=$(cat "$TMP/vrrp_pid.1")
t_is 'the pid file names the parent' "$(cat "$TMP/pid.1")" "$engine_1"
t_is 'the VRRP process may only administer the network' "$(status "$vrrp" CapEff)" 0000000000001000
t_is 'and wake up CAP_NET_RAW' "$(status "$vrrp" CapPrm)" 0000000000003000
t_is 'and get nothing else back' "$(status "$vrrp" CapBnd) $(status "$vrrp" NoNewPrivs)" '0000000000000000 1'
ours=$(private "$engine_1")
echo "# private memory: halbd $ours KiB, keepalived $theirs KiB" >&2
t_ok "private memory ($ours KiB) is less than keepalived's ($theirs KiB)" [ "$ours" -lt "$theirs" ]

# --- a second one ---
t_exit 'a second halbd with the same pid file does not start' 1 \
	nsenter -t "$rig_ns1" -n "$HALBD" -n -l -f "$c" -p "$TMP/pid.1"
t_grep 'and says why' 'another halbd runs already' "$TMP/err"
t_ok 'and disturbs nothing' rig_has 1 10.9.0.200

# --- reload ---
rig_settle
before=$(rig_frames 'vrrp' | grep -c 'prio 0')
kill -HUP "$engine_1"
rig_wait "grep -q 'again' '$TMP/log.1'"
rig_sleep 1.2
t_ok 'a reload without a change keeps the address' rig_has 1 10.9.0.200
t_is 'and says nothing of a new state' "$(grep -c -e '->' "$TMP/log.1")" 2
sed -i 's/10.9.0.200/10.9.0.200\n\t\t10.9.0.201/' "$c"
kill -HUP "$engine_1"
t_ok 'a new address comes' rig_wait 'rig_has 1 10.9.0.201'
t_ok 'the old one stays' rig_has 1 10.9.0.200
sed -i '/10.9.0.201/d' "$c"
kill -HUP "$engine_1"
t_ok 'an address that is not there any more goes' rig_wait 'rig_lacks 1 10.9.0.201'
t_ok 'the other one stays' rig_has 1 10.9.0.200
rig_settle
t_is 'all that without priority 0' "$(rig_frames 'vrrp' | grep -c 'prio 0')" "$before"
cp "$c" "$c.good"
sed -i 's/interface va/interface nosuch/' "$c"
kill -HUP "$engine_1"
rig_sleep 1.2
t_ok 'a reload with a mistake disturbs nothing' rig_has 1 10.9.0.200
cp "$c.good" "$c"
kill -HUP "$engine_1"

# --- dump ---
kill -USR1 "$engine_1"
t_ok 'SIGUSR1 writes the state' rig_wait "grep -q MASTER '$TMP/pid.1.json'"
t_ok 'which is JSON' jq -e '.instances[0] | .state == "MASTER" and .addresses == ["10.9.0.200"]' \
	"$TMP/pid.1.json"
t_grep 'and text' 'state +MASTER \(address owner\)' "$TMP/pid.1.data"

# --- the VRRP process dies ---
kill -KILL "$vrrp"
t_ok 'a VRRP process that dies is started again' rig_wait "[ \"\$(cat $TMP/vrrp_pid.1)\" != $vrrp ]"
t_ok 'and takes the address again' rig_wait 'rig_has 1 10.9.0.200'
vrrp=$(cat "$TMP/vrrp_pid.1")

# --- ends ---
kill -KILL "$engine_1"
wait "$engine_1" 2>/dev/null
t_ok 'kill -9 of the parent leaves no process' rig_wait "gone $engine_1 $vrrp"
t_ok 'and no address' rig_wait 'rig_lacks 1 10.9.0.200'

rig_start 1 "$HALBD" "$c"
rig_wait 'rig_has 1 10.9.0.200'
rig_kill_all 1
t_ok 'power loss leaves the address' rig_has 1 10.9.0.200
sed -i 's/state MASTER/state BACKUP/; s/priority 255/priority 100/' "$c"
rm -f "$TMP/log.1"
rig_start 1 "$HALBD" "$c"
rig_wait "grep -q BACKUP '$TMP/log.1'"
t_ok 'which the next start takes off' rig_lacks 1 10.9.0.200
rig_wait 'rig_has 1 10.9.0.200'
vrrp=$(cat "$TMP/vrrp_pid.1")
rig_stop 1
t_is 'SIGTERM ends with status 0' "$rig_status" 0
t_ok 'leaves no process' gone "$engine_1" "$vrrp"
t_ok 'no address' rig_lacks 1 10.9.0.200
t_ok 'and no pid file' [ ! -e "$TMP/pid.1" ]

# --- exit codes, as keepalived's ---
sed 's/interface va/interface nosuch/' "$c" >"$TMP/noif.conf"
for engine in "$KEEPALIVED" "$HALBD"; do
	n=$(basename "$engine")
	t_exit "$n: no such interface" 2 nsenter -t "$rig_ns1" -n "$engine" -n -l -f "$TMP/noif.conf" \
		-p "$TMP/p" -r "$TMP/r" -c "$TMP/k"
	t_exit "$n: no such file" 6 "$engine" -n -l -f "$TMP/nosuch.conf" -p "$TMP/p" -r "$TMP/r" -c "$TMP/k"
done
t_exit 'a word too many on the command line' 64 "$HALBD" -n word
t_exit 'the version' 0 "$HALBD" --version
t_exit 'the help' 0 "$HALBD" --help

# --- in the background ---
rig_in 1 "$HALBD" -l -f "$c" -p "$TMP/pid.1" -r "$TMP/r" -c "$TMP/k" >"$TMP/log.bg" 2>&1
t_is 'it goes into the background' $? 0
rig_wait "[ -s '$TMP/pid.1' ]"
t_ok 'and works there' rig_wait 'rig_has 1 10.9.0.200'
bg=$(cat "$TMP/pid.1")
kill "$bg"
t_ok 'and ends' rig_wait "gone $bg && rig_lacks 1 10.9.0.200"
t_done
