#!/bin/sh
# Two routers of one kind, in virtual time: what halbd puts on the wire, and when, is
# what keepalived does, beyond the rows of tests/differential. Each scenario is run with both engines; the frames of every
# router and kind must be equal and in the same order, and each within 60 ms of
# keepalived's (which takes some 20 ms more to start; protocol times are seconds).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/guest.sh"
v_need

cat >"$TMP/in/run.sh" <<'S'
. /in/guest.sh
# conf NODE [LINE...]: the lines of instance A; $more are blocks beside it.
conf() {
	node=$1
	shift
	{
		printf '%s\n' "${more:-}"
		printf 'vrrp_instance A {\n\tinterface va\n\tvirtual_router_id 51\n'
		printf '\t%s\n' "$@"
		case $* in
		*virtual_ipaddress*) ;;
		*) printf '\tvirtual_ipaddress {\n\t\t10.9.0.200\n\t}\n' ;;
		esac
		echo '}'
	} >"/tmp/$node.conf"
}
start() { v_start "$1" "$ENGINE" "/tmp/$1.conf"; }
# (keepalived takes a second to end.)
stop() { eval "kill \$v_engine_$1"; }
cut_() { ip link set dev "port$1" nomaster; }
heal() { ip link set dev "port$1" master br0; }
renew() { # a crash leaves what was configured
	v_in $1 ip addr flush dev va
	v_in $1 ip addr add 10.9.0.$1/24 dev va
	v_in $1 ip link set va up
}
v_site
kill -INT $v_dump
. /in/scenarios.sh
for s in $(seq $SCENARIOS); do
	more=
	v_capture "/out/$s.pcap"
	scenario_$s
	sleep 2
	for n in 1 2; do
		v_in $n ip -o addr show dev va | grep -v fe80 | sed "s/.*va */node $n: /; s/ *valid_lft.*//"
	done >"/out/$s.addresses"
	kill -INT $v_dump
	wait $v_dump
	renew 1
	renew 2
	sleep 2
done
exit 0
S

# frames FILE: "KEY TIME FRAME", ms from the first one on, the key its sender and kind.
frames() {
	tcpdump -r "$1" -nn -tt 'vrrp or ip6 proto 112 or (arp[14:4] == arp[24:4]) or
		icmp6[0] == 136' 2>/dev/null |
		awk '{ if (!first) first = $1; t = ($1 - first) * 1000
			key = $2 == "ARP," ? "arp" $4 : $3
			if (match($0, /vrid [0-9]+/)) key = key substr($0, RSTART + 5, RLENGTH - 5)
			$1 = ""; sub(/,? length [0-9]*/, ""); printf "%s %d%s\n", key, t, $0 }' | sort -s -k 1,1
}

scenario=0
# alike DESCRIPTION: the scenario is on stdin.
alike() {
	scenario=$((scenario + 1))
	echo "$1" >"$TMP/what.$scenario"
	{ echo "scenario_$scenario() {"; cat; echo '}'; } >>"$TMP/in/scenarios.sh"
}

judge() {
	for side in keepalived halbd; do
		frames "$TMP/$side/$1.pcap" >"$TMP/$side.all"
		{ cut -d ' ' -f 3- "$TMP/$side.all"; cat "$TMP/$side/$1.addresses"; } >"$TMP/$side.frames"
	done
	late=$(cut -d ' ' -f 2 "$TMP/halbd.all" | paste -d ' ' "$TMP/keepalived.all" - |
		awk '{ d = $2 - $NF; if (d < 0) d = -d; if (d > max) max = d } END { print max + 0 }')
	what=$(cat "$TMP/what.$1")
	n=$(grep -c . "$TMP/halbd.all")
	if ! cmp -s "$TMP/keepalived.frames" "$TMP/halbd.frames"; then
		t_fail "$what: other frames"
		diff -u "$TMP/keepalived.all" "$TMP/halbd.all" | sed 's/^/# /' | head -n 60
	elif [ "$n" -lt 5 ] || [ "$late" -gt 60 ]; then
		t_fail "$what: $n frames, up to $late ms apart"
		paste "$TMP/keepalived.all" "$TMP/halbd.all" | sed 's/^/# /' | head -n 60
	else
		t_pass "$what: $n frames alike, at most $late ms apart"
	fi
}

alike 'higher_prio_send_advert, and the partition heals' <<'S'
	conf 1 'priority 150'
	conf 2 'priority 100' 'higher_prio_send_advert yes'
	start 1; sleep 0.3; start 2; sleep 6
	cut_ 2; sleep 8.35; heal 2; sleep 8; stop 1; sleep 2; stop 2
S
alike 'lower_prio_no_advert' <<'S'
	conf 1 'priority 150' 'lower_prio_no_advert'
	conf 2 'priority 100'
	start 1; sleep 0.3; start 2; sleep 6
	cut_ 2; sleep 8.35; heal 2; sleep 8; stop 1; sleep 2; stop 2
S
alike 'the schedule of gratuitous ARPs' <<'S'
	conf 1 'priority 150' 'garp_master_delay 2' 'garp_master_repeat 3' \
		'garp_master_refresh 4' 'garp_master_refresh_repeat 2' 'garp_lower_prio_repeat 2' \
		'garp_lower_prio_delay 1' \
		'virtual_ipaddress {' '10.9.0.200' '10.9.0.201' '}'
	conf 2 'priority 100' 'virtual_ipaddress {' '10.9.0.200' '10.9.0.201' '}'
	start 1; sleep 0.3; start 2; sleep 6
	cut_ 2; sleep 8.35; heal 2; sleep 12; stop 1; sleep 2; stop 2
S
alike 'two owners' <<'S'
	conf 1 'state MASTER' 'priority 255'
	conf 2 'state MASTER' 'priority 255'
	start 1; sleep 3.2; start 2; sleep 8; stop 2; sleep 2; stop 1
S
alike 'unicast, version 3' <<'S'
	conf 1 'version 3' 'priority 150' 'unicast_src_ip 10.9.0.1' 'unicast_peer {' '10.9.0.2' '}'
	conf 2 'version 3' 'priority 100' 'unicast_src_ip 10.9.0.2' 'unicast_peer {' '10.9.0.1' '}'
	start 1; sleep 0.3; start 2; sleep 6.2; stop 1; sleep 3; start 1; sleep 7; v_crash 2; sleep 1; stop 1
S
alike 'IPv6' <<'S'
	conf 1 'priority 150' 'virtual_ipaddress {' 'fe80::51' '2001:db8::51' '}'
	conf 2 'priority 100' 'virtual_ipaddress {' 'fe80::51' '2001:db8::51' '}'
	start 1; sleep 0.3; start 2; sleep 6.2; stop 1; sleep 3; stop 2
S
own=$scenario
# What follows is halbd's alone: keepalived 2.2.7 sends each address's repeats only
# once when they are spaced, and two adverts and a new rhythm at every reload.
alike 'spaced' <<'S'
	more='global_defs {
	vrrp_garp_interval 0.05
}'
	conf 1 'priority 150' 'virtual_ipaddress {' '10.9.0.200' '10.9.0.201' '10.9.0.202' '}'
	start 1; sleep 12.2; stop 1
S
alike 'reload' <<'S'
	conf 1 'priority 150'
	conf 2 'priority 100'
	start 1; sleep 0.3; start 2; sleep 11.3
	ip netns exec n1 /usr/sbin/ip monitor address >/out/monitor & monitor=$!
	sleep 0.3
	kill -HUP $v_engine_1; kill -HUP $v_engine_2; sleep 4
	kill $monitor; sleep 1; stop 1; sleep 2; stop 2
S
for side in keepalived halbd; do
	sed -i "s/^S*SCENARIOS=.*//" "$TMP/in/run.sh"
	[ $side = halbd ] && n=$scenario || n=$own
	{ echo "SCENARIOS=$n"; cat "$TMP/in/run.sh"; } >"$TMP/in/run_$side.sh"
	v_run $side $side run_$side.sh || t_done
done
for s in $(seq $own); do
	judge $s
done

frames "$TMP/halbd/$((own + 1)).pcap" | awk '/ARP/ { print $2 }' | sort -n >"$TMP/times"
t_is 'garp_interval: five for each of three addresses, and again' "$(grep -c . "$TMP/times")" 30
t_is 'garp_interval: 50 ms between them' "$(awk 'NR > 1 && NR != 16 { d = $1 - last
	if (d < 49 || d > 51) n++ } { last = $1 } END { print n + 0 }' "$TMP/times")" 0
frames "$TMP/halbd/$((own + 2)).pcap" >"$TMP/all"
t_is 'a reload without a change: no advert more or less, and none late' \
	"$(awk '/prio 150/ { d = $2 - last; if (last != "" && (d < 999 || d > 1001)) n++; last = $2; m++ }
		END { print n + 0, (m > 9) }' "$TMP/all")" '0 1'
t_is 'a reload without a change: no address touched' "$(cat "$TMP/halbd/monitor")" ''
t_done
