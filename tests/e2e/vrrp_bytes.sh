#!/bin/sh
# What halbd puts on the wire and on its interface is, byte by byte, what keepalived
# does: adverts of both versions, over IPv4 and IPv6, to a group and to peers,
# gratuitous ARPs, neighbour advertisements, addresses, VMAC.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/rig.sh"
rig_enter "$@"
# Both engines must have the same MAC, and so the same link-local address.
rig_in 1 ip link set va down
rig_in 1 ip link set va address 02:00:00:00:00:01 up
rig_wait "rig_in 1 ip -6 addr show dev va | grep -q 'fe80::ff:fe00:1/64 scope link $'"

# instance NAME VRID LINES...: one vrrp_instance on stdout; a line of its own each.
instance() {
	printf 'vrrp_instance %s {\n\tinterface va\n\tvirtual_router_id %s\n' "$1" "$2"
	shift 2
	printf '\t%s\n' "$@"
	echo '}'
}

# Frames as hexadecimal, without what differs by chance: the order of instances and
# the kernel's checksum of the IP header (which the rest of it decides).
bytes() {
	rig_settle
	RIG_X=1 rig_frames "ether src $1 and (vrrp or ip6 proto 112 or icmp6[0] == 136 or
		(arp and arp[14:4] == arp[24:4]))" |
		awk '/^[0-9]/ { if (f != "") print f; f = ""; next } { sub(/^[^:]*: */, ""); gsub(/ /, ""); f = f $0 }
			END { print f }' |
		awk '{ print substr($0, 1, 4 * 12) (substr($0, 25, 4) == "0800" ? "----" : substr($0, 49, 4)) substr($0, 53) }'
}

# run ENGINE CONF MAC OUT: what it sends until it is stopped as a master. The last
# adverts differ in number; so each is kept once (the IP id tells them apart).
run() {
	rm -f "$TMP/log.1"
	rig_restart_capture
	rig_start 1 "$1" "$2"
	rig_wait "rig_has 1 $5"
	rig_in 1 ip addr show | sed 's/^[0-9]*: //; s/@if[0-9]*//; /link-netnsid/d' |
		awk '/^[a-z]/ { i = $1 } /inet/ { print i, $0 }' | sort >"$4.addr"
	rig_in 1 ip -d link show type macvlan | grep -Eo 'vrrp[^:@]*@va|link/ether [^ ]*|macvlan mode [a-z]*|addrgenmode [a-z0-9]*' >"$4.link"
	rig_stop 1
	bytes "$3" >"$4"
	sort -u "$4" >"$4.sorted"
}

# compare WHAT CONF MAC ADDRESS...
compare() {
	for side in keepalived halbd; do
		[ $side = halbd ] && engine=$HALBD || engine=$KEEPALIVED
		run "$engine" "$2" "$3" "$TMP/$side" "$4"
	done
	t_ok "$1: frames" same_frames
	t_ok "$1: addresses" diff "$TMP/keepalived.addr" "$TMP/halbd.addr"
}

# The first advert, all ARPs or NAs of the takeover, the last advert but for its
# IP id.
same_frames() {
	for side in keepalived halbd; do
		[ -s "$TMP/$side" ] || return 1
		first=$(head -n 1 "$TMP/$side")
		{
			echo "$first"
			grep -E '^.{24}(0806|86dd.{12}3a)' "$TMP/$side"
			tail -n 1 "$TMP/$side" | awk '{ if (substr($0, 25, 4) == "0800") print substr($0, 1, 36) "id--" substr($0, 41); else print }'
		} >"$TMP/$side.cmp"
	done
	diff "$TMP/keepalived.cmp" "$TMP/halbd.cmp"
}

c=$TMP/c.conf
mac=02:00:00:00:00:01

instance A 51 'priority 101' 'advert_int 1' 'virtual_ipaddress {' '	10.9.0.200' '	10.9.0.201/24 dev va label va:1' '}' >"$c"
compare 'version 2' "$c" $mac 10.9.0.200

instance A 51 'priority 255' 'state MASTER' 'advert_int 2' 'authentication {' 'auth_type PASS' 'auth_pass secret12' '}' 'virtual_ipaddress {' '	10.9.0.200' '}' 'virtual_ipaddress_excluded {' '	10.9.0.202' '	2001:db8::99' '}' >"$c"
compare 'version 2, password, owner, excluded' "$c" $mac 10.9.0.200

instance A 77 'version 3' 'priority 101' 'advert_int 0.25' 'virtual_ipaddress {' '	10.9.0.200' '	10.9.0.203' '	10.9.0.204' '}' >"$c"
compare 'version 3' "$c" $mac 10.9.0.200

instance A 78 'version 3' 'priority 101' 'advert_int 0.25' 'unicast_src_ip 10.9.0.1' 'unicast_peer {' '	10.9.0.2' '}' 'virtual_ipaddress {' '	10.9.0.200' '}' >"$c"
compare 'version 3, unicast' "$c" $mac 10.9.0.200

instance A 79 'priority 101' 'advert_int 1' 'virtual_ipaddress {' '	fe80::79' '	2001:db8::1/64' '	2001:db8::2' '}' >"$c"
compare 'IPv6' "$c" $mac 2001:db8::2

instance A 80 'priority 101' 'advert_int 1' 'use_vmac' 'virtual_ipaddress {' '	10.9.0.200' '}' >"$c"
compare 'VMAC' "$c" 00:00:5e:00:01:50 10.9.0.200
t_ok 'VMAC: interface' diff "$TMP/keepalived.link" "$TMP/halbd.link"
t_done
