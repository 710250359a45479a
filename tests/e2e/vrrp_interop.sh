#!/bin/sh
# halbd and keepalived are one virtual router together: whichever is master when it
# dies, stops or comes back, the other does what two keepalived would do.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/rig.sh"
rig_enter "$@"

# span FIRST SECOND: seconds from the last frame matching FIRST to the first after
# it that matches SECOND, both awk patterns, in $TMP/frames.
span() {
	awk -v a="$1" -v b="$2" '$0 ~ a { t = $1; d = "" } t && d == "" && $0 ~ b { d = $1 - t }
		END { print d == "" ? "never" : d }' "$TMP/frames"
}

# at_least DESCRIPTION SECONDS ACTUAL: timers are never early. (How late they are
# is this machine's affair, and measured elsewhere.) 10 ms for the capture's clock.
at_least() {
	if awk "BEGIN { exit !(\"$3\" != \"never\" && $3 >= $2 - 0.01) }"; then
		t_pass "$1"
	else
		t_fail "$1: $3 s, not $2 s"
	fi
}

one=$TMP/one.conf
two=$TMP/two.conf
rig_conf "$one" 'state MASTER' 'priority 101'
rig_conf "$two" 'state BACKUP' 'priority 100'

# Adverts, then the ARPs, of node 2 as it took over at the end of $TMP/frames.
sequence() {
	awk '/10\.9\.0\.2 > 224\.0\.0\.18.*prio 100/ { printf "A" }
		/tell 10\.9\.0\.200/ { printf "g" }' "$TMP/frames" | cut -c 1-6
}

try() {
	name="$(basename "$1") and $(basename "$2")"
	rig_start 1 "$1" "$one"
	rig_wait 'rig_has 1 10.9.0.200'
	rig_start 2 "$2" "$two"
	rig_sleep 1.2
	t_ok "$name: the higher priority is master" rig_has 1 10.9.0.200
	t_ok "$name: and it alone" rig_lacks 2 10.9.0.200

	# Power: no last word, no address taken off.
	rig_kill_all 1
	rig_in 1 ip link set va down
	rig_wait 'rig_has 2 10.9.0.200'
	rig_settle
	rig_frames 'vrrp or arp' | awk '/prio 101/ { n = NR } { l[NR] = $0 }
		END { for (i = n; i <= NR; i++) print l[i] }' >"$TMP/frames"
	at_least "$name: waits 3 intervals and the skew" 3.609 "$(span 'prio 101' 'prio 100')"
	t_is "$name: one advert, then five ARPs" "$(sequence)" Aggggg

	rig_in 1 ip addr flush dev va
	rig_in 1 ip addr add 10.9.0.1/24 dev va
	rig_in 1 ip link set va up
	rig_start 1 "$1" "$one"
	t_ok "$name: the old master comes back" rig_wait 'rig_has 1 10.9.0.200'
	t_ok "$name: and the other gives way" rig_wait 'rig_lacks 2 10.9.0.200'

	rig_sleep 1.2
	rig_stop 1
	t_is "$name: a stop ends well" "$rig_status" 0
	t_ok "$name: and takes the address off" rig_lacks 1 10.9.0.200
	rig_wait 'rig_has 2 10.9.0.200'
	rig_settle
	rig_frames 'vrrp or arp' | awk '/prio 0/ { n = NR } { l[NR] = $0 }
		END { for (i = n; i <= NR; i++) print l[i] }' >"$TMP/frames"
	at_least "$name: after priority 0 only the skew" 0.609 "$(span 'prio 0' 'prio 100')"
	rig_stop 2
}

# Same priority: the higher address.
tie() {
	name="$(basename "$1") and $(basename "$2"), same priority"
	rig_conf "$TMP/tie.conf" 'state BACKUP' 'priority 100'
	rig_start 1 "$1" "$TMP/tie.conf"
	rig_wait 'rig_has 1 10.9.0.200'
	rig_start 2 "$2" "$TMP/tie.conf"
	rig_sleep 5
	t_ok "$name: whoever is master stays it" rig_has 1 10.9.0.200
	ip link set dev port1 nomaster # node 1 does not notice
	rig_wait 'rig_has 2 10.9.0.200'
	ip link set dev port1 master br0
	t_ok "$name: of two masters the higher address stays" rig_wait 'rig_lacks 1 10.9.0.200'
	rig_sleep 1.2
	t_ok "$name: and goes on" rig_has 2 10.9.0.200
	rig_stop 1
	rig_stop 2
}

try "$KEEPALIVED" "$HALBD"
try "$HALBD" "$KEEPALIVED"
try "$HALBD" "$HALBD"
tie "$KEEPALIVED" "$HALBD"
tie "$HALBD" "$KEEPALIVED"
t_done
