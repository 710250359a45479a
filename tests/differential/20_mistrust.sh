#!/bin/sh
# Rows 20 to 22: adverts that are to be discarded. Two routers whose configurations
# do not fit, instance by instance; then one router and a raw socket, which sends what
# no honest router does, to a master and to a backup.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/routers.sh"
. "$TOP/tests/e2e/vrrp/packets.sh"
mkdir -p "$TMP/in"
cp "$BIN/vrrp-raw" "$TMP/in/"
hostile_packets >"$TMP/in/packets"
honest_packet >"$TMP/in/honest"

# instance VRID LINE...: one that fits.
instance() {
	printf 'vrrp_instance I%s {\n\tinterface va\n\tvirtual_router_id %s\n' "$1" "$1"
	vrid=$1
	shift
	printf '\t%s\n' "$@"
	printf '\tvirtual_ipaddress {\n\t\t10.9.%s.1\n\t}\n}\n' "$vrid"
}
for n in 1 2; do
	{
		instance 1 "priority $((102 - n))" "advert_int $n"
		instance 2 "priority $((102 - n))" | sed "s/\(.*\)10.9.2.1/&\n\110.9.2.1$n/"
		instance 3 "priority $((102 - n))" 'authentication {' 'auth_type PASS' "auth_pass p$n" '}'
		instance 4 "priority $((102 - n))" "version $((n + 1))"
	} >"$TMP/in/$n.conf"
done
instance 51 'priority 100' | sed 's/10.9.51.1/10.9.0.200/' >"$TMP/in/51.conf"

cat >"$TMP/in/run.sh" <<'S'
. /in/routers.sh
d_begin
v_start 1 "$ENGINE" /in/1.conf
sleep 0.37
v_start 2 "$ENGINE" /in/2.conf
sleep 15
mark both; sleep 20
mark enough
v_stop 1
v_stop 2
sleep 1
v_start 2 "$ENGINE" /in/51.conf
sleep 5.3
ip netns exec n1 bash /in/hostile.sh </in/packets
v_stop 2
d_end
S
cat >"$TMP/in/hostile.sh" <<'S'
. /in/pause.sh
mkfifo /tmp/packets
/in/vrrp-raw packet va - </tmp/packets &
exec 8>/tmp/packets
mark() {
	echo "$EPOCHREALTIME $*" >>/out/marks
}
honest=$(</in/honest)
while read -r name packet; do
	mark master $name; echo $packet >&8
	sleep 2.7
	mark honest $name; echo $honest >&8
	sleep 2
	echo $packet >&8
	sleep 3.2
	mark done $name
done
exec 8>&-
wait
S
routers run.sh

# What the engines agree on, and what keepalived 2.2.7 takes for a reason to begin its
# own interval anew.
events '
	function masters(vrid, address1, address2,   b, e) {
		e = next_(1, "enough")
		return (last(e, "vip+ 1 " address1) > last(e, "vip- 1 " address1) ? "1 " : "") \
			(last(e, "vip+ 2 " address2) > last(e, "vip- 2 " address2) ? "2" : "")
	}
	function adverts(row, key, vrid,   b, e) {
		b = next_(1, "both"); e = next_(1, "enough")
		o(row, "higher" key, count(b, e, "adv 1 " vrid))
		o(row, "lower" key, count(b, e, "adv 2 " vrid))
	}
	END {
		o(20, "masters", masters(1, "10.9.1.1", "10.9.1.1")); adverts(20, "", 1)
		o(21, "masters/password", masters(3, "10.9.3.1", "10.9.3.1"))
		o(21, "masters/version", masters(4, "10.9.4.1", "10.9.4.1"))
		adverts(21, "/password", 3); adverts(21, "/version", 4)
		o(22, "masters", masters(2, "10.9.2.1", "10.9.2.1")); adverts(22, "", 2)
		for (i = 1; (i = next_(i, "master")); i++) {
			name = w[i, 2]
			h = next_(i, "honest " name); d = next_(i, "done " name)
			# To a master: does it stay one, and at its pace?
			o(21, "stays/" name, last(h, "vip+ 2 10.9.0.200") > last(h, "vip- 2 10.9.0.200") \
				&& !count(i, h, "adv 2 51 0") ? "master" : "not master")
			gap = at[next_(i, "adv 2 51")] - at[last(i, "adv 2 51")]
			short = name ~ /_bytes?\./ || name ~ /^VRID/
			o(21, (short ? "short/" : "rhythm/") name, gap > 999.8 && gap < 1000.2 ? "kept" : "begins anew")
			# To a backup: it takes over when it would.
			o(21, "takeover/" name, span(next_(h, "adv 1 51 200"), next_(h, "adv 2 51")))
		}
	}
'
