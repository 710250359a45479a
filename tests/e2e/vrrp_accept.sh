#!/bin/sh
# no_accept and vrrp_strict: packets to the virtual address are dropped, unless its
# owner has it; ARP and neighbour discovery answer. Every probe has the same result
# with keepalived and with halbd; a reload and a stop leave no filter behind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/guest.sh"
v_need

cat >"$TMP/in/run.sh" <<'S'
. /in/guest.sh
# conf GLOBAL LINE VIP...
conf() {
	printf 'global_defs {\n%s\n}\nvrrp_instance A {\n\tinterface va\n' "$1"
	printf '\tvirtual_router_id 51\n%s\n\tvirtual_ipaddress {\n' "$2"
	shift 2
	printf '\t\t%s\n' "$@"
	printf '\t}\n}\n'
}
# probe WHAT VIP
probe() {
	for a in $2; do
		a=${a%/*}
		case $a in
		*:*) six=-6 mine=2001:db8::10 ;;
		*) six= mine=10.9.0.1 ;;
		esac
		v_in 2 ip neigh flush dev va
		v_in 2 ping $six -c 1 -W 1 $a >/dev/null 2>&1 && ping=answers || ping=silent
		v_in 2 ping $six -c 1 -W 1 $mine >/dev/null 2>&1 && own=answers || own=silent
		v_in 1 ping $six -c 1 -W 1 -I $a 10.9.0.2 >/dev/null 2>&1 && from=answers || from=silent
		v_in 2 ip neigh show $a dev va | grep -q lladdr && neigh=known || neigh=unknown
		v_has 1 $a && has=there || has=missing
		echo "$1, $a: $has, ping $ping, from it $from, neighbour $neigh, own address $own"
	done
}
# try WHAT GLOBAL LINE VIP...
try() {
	what=$1
	shift
	conf "$@" >/tmp/1.conf
	shift 2
	v_start 1 "$ENGINE" /tmp/1.conf
	sleep 5
	probe "$what" "$*"
	case $what in *reload*)
		conf '' accept "$@" >/tmp/1.conf
		kill -HUP $v_engine_1
		sleep 6
		probe "$what, now accept" "$*"
	esac
	v_stop 1
	sleep 1
	for a in "$@"; do v_in 1 ip addr add $a dev va nodad; done
	probe "after $what" "$*"
	for a in "$@"; do v_in 1 ip addr del $a dev va; done
}
v_site
v_in 1 ip addr add 2001:db8::10/64 dev va
v_in 2 ip addr add 2001:db8::20/64 dev va
sleep 2
{
	try default '' 'priority 100' 10.9.0.200/24
	try no_accept '' 'no_accept' 10.9.0.200/24
	try 'no_accept of an owner' '' 'no_accept
	priority 255' 10.9.0.200/24
	try strict vrrp_strict 'priority 100' 10.9.0.200/24
	try 'version 3 strict' vrrp_strict 'version 3' 10.9.0.200/24
	try 'IPv6 no_accept' '' 'no_accept' fe80::51/64 2001:db8::51/64
	try 'no_accept, then a reload' '' 'no_accept' 10.9.0.200/24
} >/out/probes
v_end
S
for side in keepalived halbd; do
	v_run $side $side run.sh || t_done
done
# (After a reload without no_accept keepalived 2.2.7 goes on to drop, and still does
# when it is gone; that is not for comparison.)
grep -v reload "$TMP/keepalived/probes" >"$TMP/theirs"
while IFS= read -r line; do
	what=${line%%: *}
	t_is "$what" "$(awk -v w="$what: " 'index($0, w) == 1' "$TMP/halbd/probes")" "$line"
done <"$TMP/theirs"
t_is 'no_accept drops' "$(grep -c '^no_accept, 10.*there, ping silent.*neighbour known' "$TMP/halbd/probes")" 1
t_is 'a reload without no_accept lets packets in' \
	"$(grep reload "$TMP/halbd/probes" | sed 's/.*there, \(ping [a-z]*\).*/\1/')" 'ping silent
ping answers
ping answers'
t_done
