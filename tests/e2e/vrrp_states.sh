#!/bin/sh
# The same things happen to halbd and to keepalived (interfaces and scripts fail and
# recover, alone and in a sync group, an address is taken away, the configuration
# does not fit the peer's), and the same states, adverts and notifications follow.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/rig.sh"
rig_enter "$@"
rig_in 1 ip link add name other type veth peer name rehto
rig_in 1 ip link set rehto up

cat >"$TMP/notify" <<'X'
#!/bin/sh
echo "$*" >>"$(dirname "$0")/notified"
X
cat >"$TMP/check" <<'X'
#!/bin/sh
test ! -e "$(dirname "$0")/bad"
X
chmod +x "$TMP/notify" "$TMP/check"

# Priorities that an instance advertised, repetitions left out: "101 0 101".
adverts() {
	rig_frames "src 10.9.0.1 and vrrp" | sed -n "s/.*vrid $1, prio \([0-9]*\),.*/\1/p" |
		awk '$1 == 0 || $1 != last { printf "%s%s", sep, $1; sep = " " } { last = $1 }'
}

# both DESCRIPTION SCENARIO [BEFORE]: runs it with both engines; what it prints and
# whom it notified must be the same. BEFORE is run before the engine starts.
both() {
	for side in keepalived halbd; do
		[ $side = halbd ] && engine=$HALBD || engine=$KEEPALIVED
		rm -f "$TMP/notified" "$TMP/bad"
		rig_in 1 ip link set other up
		rig_wait 'rig_in 1 ip link show dev other | grep -q "state UP"'
		rig_restart_capture
		${3:-true}
		rig_start 1 "$engine" "$TMP/c.conf"
		"$2" >"$TMP/$side"
		rig_stop 1
		rig_settle
		for vrid in 51 52; do
			echo "vrid $vrid: $(adverts $vrid)"
		done >>"$TMP/$side"
		# (keepalived may be gone before its own last scripts have run.)
		grep -iv 'stop' "$TMP/notified" | sort | uniq -c >>"$TMP/$side"
	done
	t_is "$1: stopping is notified of" "$(grep -ic 'stop' "$TMP/notified")" $((group ? 3 : 2))
	if diff "$TMP/keepalived" "$TMP/halbd" >"$TMP/diff"; then
		t_pass "$1 ($(grep -c . "$TMP/halbd") lines alike)"
	else
		t_fail "$1"
		sed 's/^/# /' "$TMP/diff" "$TMP/log.1"
	fi
	rm -f "$TMP/log.1"
}

has() {
	rig_wait 'rig_has 1 10.9.0.200' && echo "has it"
}

has_not() {
	rig_wait 'rig_lacks 1 10.9.0.200' && echo "has it not"
}

# conf [LINE...]: instances of VRID 51 and, in a group with it, 52.
conf() {
	{
		printf 'global_defs {\n\tscript_user root\n}\n'
		printf 'vrrp_script chk {\n\tscript "%s"\n\tinterval 1\n\ttimeout 20\n\tfall 2\n\trise 2\n%s\n}\n' "$TMP/check" "${weight:-}"
		[ $group = 0 ] || printf 'vrrp_sync_group G {\n\tgroup {\n\t\tA\n\t\tB\n\t}\n\tnotify "%s"\n}\n' "$TMP/notify"
		printf 'vrrp_instance A {\n\tinterface va\n\tvirtual_router_id 51\n\tpriority 101\n'
		printf '\tadvert_int 1\n\tnotify "%s"\n\tnotify_master "%s master"\n' "$TMP/notify" "$TMP/notify"
		printf '\tnotify_backup "%s backup"\n\tnotify_fault "%s fault"\n' "$TMP/notify" "$TMP/notify"
		printf '\tnotify_stop "%s stop"\n' "$TMP/notify"
		printf '\t%s\n' "$@"
		printf '\tvirtual_ipaddress {\n\t\t10.9.0.200\n\t}\n}\n'
		[ $group = 0 ] || {
			printf 'vrrp_instance B {\n\tinterface va\n\tvirtual_router_id 52\n\tpriority 101\n'
			printf '\tadvert_int 1\n\tvirtual_ipaddress {\n\t\t10.9.0.201\n\t}\n}\n'
		}
	} >"$TMP/c.conf"
}

other_fails() {
	has
	rig_in 1 ip link set other down
	has_not
	rig_sleep 1.2
	rig_in 1 ip link set other up
	has
}

script_fails() {
	has
	touch "$TMP/bad"
	has_not
	rm "$TMP/bad"
	has
}

script_weighs() {
	has
	rig_sleep 1.2
	touch "$TMP/bad"
	rig_sleep 4
	rm "$TMP/bad"
	rig_sleep 4
	has
}

address_taken() {
	has
	rig_in 1 ip addr del 10.9.0.200/32 dev va
	rig_sleep 0.3
	has
}

link_fails() {
	has
	rig_in 1 ip link set va down
	has_not
	rig_in 1 ip link set va up
	has
}

other_down() {
	rig_in 1 ip link set other down
	rig_wait 'rig_in 1 ip link show dev other | grep -q "state DOWN"'
}

starts_down() {
	rig_sleep 5
	has_not
	rig_in 1 ip link set other up
	has
}

bad() {
	touch "$TMP/bad"
}

starts_bad() {
	rig_sleep 5
	has_not
	rm "$TMP/bad"
	has
}

group=0
conf 'track_interface {' '	other' '}'
both 'a tracked interface fails' other_fails
conf 'track_interface {' '	other' '}'
both 'a tracked interface is down at the start' starts_down other_down
conf 'track_interface {' '	other weight -30' '}'
other_weighs() {
	has
	rig_sleep 1.2
	rig_in 1 ip link set other down
	rig_sleep 2.5
	rig_in 1 ip link set other up
	rig_sleep 2.5
	has
}
both 'a tracked interface with a weight fails' other_weighs
conf 'track_script {' '	chk' '}'
both 'a track script fails' script_fails
both 'a track script fails from the start' starts_bad bad
weight='	weight -20'
conf 'track_script {' '	chk' '}'
both 'a track script with a negative weight fails' script_weighs
weight='	weight 20'
conf 'track_script {' '	chk' '}'
both 'a track script with a positive weight fails' script_weighs
weight=
conf
both 'its own interface fails' link_fails
both 'somebody removes the address' address_taken
conf 'state MASTER'
both 'state MASTER' has
conf 'state BACKUP' 'nopreempt'
both 'nopreempt' has
group=1
conf 'track_interface {' '	other' '}'
both 'a tracked interface of a group fails' other_fails
conf 'track_script {' '	chk' '}'
both 'a track script of a group fails' script_fails

# Configurations that do not fit: who is master with the peer there as well?
mismatch() {
	what=$1
	shift
	rig_conf "$TMP/1.conf" 'priority 101' 'authentication {' '	auth_type PASS' '	auth_pass one' '}'
	rig_conf "$TMP/2.conf" 'priority 100' 'authentication {' '	auth_type PASS' '	auth_pass one' '}'
	sed -i "$@" "$TMP/2.conf"
	rig_start 1 "$HALBD" "$TMP/1.conf"
	rig_start 2 "$KEEPALIVED" "$TMP/2.conf"
	rig_wait two_masters
	rig_sleep 2.5
	t_ok "$what: both are master (halbd with the higher priority)" two_masters
	rig_stop 1
	rig_stop 2
	rig_start 1 "$KEEPALIVED" "$TMP/1.conf"
	rig_start 2 "$HALBD" "$TMP/2.conf"
	rig_wait two_masters
	rig_sleep 2.5
	t_ok "$what: both are master (halbd with the lower priority)" two_masters
	rig_stop 1
	rig_stop 2
}
two_masters() {
	rig_has 1 10.9.0.200 && { rig_has 2 10.9.0.200 || rig_has 2 10.9.0.201; }
}
mismatch 'another interval' 's/advert_int 1/advert_int 2/'
mismatch 'another password' 's/auth_pass one/auth_pass two/'
mismatch 'another address' 's/10.9.0.200/10.9.0.201/'
mismatch 'another version' 's/advert_int 1/advert_int 1\n\tversion 3/'
t_done
