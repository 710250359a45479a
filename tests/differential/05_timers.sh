#!/bin/sh
# Rows 3, 5 to 19 and 23: one pair of routers with an instance for each behaviour; node
# 2 is the master of all, is killed and comes back, is heard no longer, and stops.
# Then it is alone, with an instance of each form that adverts and addresses have. At
# last both have the lab's own files.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/routers.sh"
mkdir -p "$TMP/in"

# instance FILE VRID [LINE...]: addresses 10.9.VRID.1 to 10.9.VRID.$vips.
instance() {
	file=$1
	vrid=$2
	shift 2
	{
		printf 'vrrp_instance I%s {\n\tinterface va\n\tvirtual_router_id %s\n' $vrid $vrid
		printf '\t%s\n' "$@"
		printf '\tvirtual_ipaddress {\n'
		seq -f "		10.9.$vrid.%g" ${vips:-1}
		printf '\t}\n}\n'
	} >>"$TMP/in/$file"
}
for n in 1 2; do
	printf 'global_defs {\n\tscript_user root\n}\n' >"$TMP/in/$n.conf"
done
instance 1.conf 1 'priority 1'
instance 2.conf 1 'priority 253'
vips=3
instance 1.conf 2 'priority 100' 'notify "/in/told notify 1"'
instance 2.conf 2 'state MASTER' 'priority 253' 'notify "/in/told notify 2"'
vips=
instance 1.conf 3 'priority 200'
instance 2.conf 3 'priority 253'
instance 1.conf 4 'priority 254'
instance 2.conf 4 'priority 255'
instance 1.conf 5 'version 3' 'advert_int 0.1' 'priority 100'
instance 2.conf 5 'version 3' 'advert_int 0.1' 'priority 253'
instance 1.conf 6 'version 3' 'advert_int 1' 'priority 100'
instance 2.conf 6 'version 3' 'advert_int 3' 'priority 253'
instance 1.conf 7 'priority 100'
instance 2.conf 7 'priority 200' 'nopreempt'
instance 1.conf 8 'priority 100'
instance 2.conf 8 'priority 200' 'preempt_delay 5.5'
instance 1.conf 9 'priority 100'
instance 2.conf 9 'priority 200'
instance 1.conf 10 'priority 100'
instance 2.conf 10 'priority 100'


cat >"$TMP/in/bytes.conf" <<'S'
vrrp_instance A {
	interface va
	virtual_router_id 51
	priority 101
	virtual_ipaddress {
		10.9.51.1
		10.9.51.2/24 dev va label va:1
	}
}
vrrp_instance B {
	state MASTER
	interface va
	virtual_router_id 52
	priority 255
	advert_int 2
	authentication {
		auth_type PASS
		auth_pass secret12
	}
	virtual_ipaddress {
		10.9.52.1
	}
	virtual_ipaddress_excluded {
		10.9.52.2
		2001:db8::99
	}
}
vrrp_instance C {
	interface va
	virtual_router_id 53
	version 3
	priority 101
	advert_int 0.25
	virtual_ipaddress {
		10.9.53.1
		10.9.53.2
		10.9.53.3
	}
}
vrrp_instance D {
	interface va
	virtual_router_id 54
	version 3
	priority 101
	unicast_src_ip 10.9.0.2
	unicast_peer {
		10.9.0.1
	}
	virtual_ipaddress {
		10.9.54.1
	}
}
vrrp_instance E {
	interface va
	virtual_router_id 55
	priority 101
	virtual_ipaddress {
		fe80::55
		2001:db8::1/64
		2001:db8::2
	}
}
vrrp_instance F {
	interface va
	virtual_router_id 56
	priority 101
	use_vmac
	virtual_ipaddress {
		10.9.56.1
	}
}
S
for n in 1 2; do
	cp "$TOP/cases/lab_verbatim/lvs$n/keepalived.conf" "$TMP/in/lvs$n.conf"
done
cat >"$TMP/in/run.sh" <<'S'
. /in/routers.sh
d_begin
mark start; v_start 2 "$ENGINE" /in/2.conf; sleep 12
v_start 1 "$ENGINE" /in/1.conf; sleep 8
mark steady; sleep 100
for k in 1 2 3 4 5; do
	sleep 0.$((2 * k))
	mark kill $k; kill9 2; sleep 12
	renew 2
	mark back $k; v_start 2 "$ENGINE" /in/2.conf
	[ $k = 1 ] && sleep 60
	sleep 12
done
mark deaf; ip link set dev port1 type bridge_slave mcast_flood off; sleep 10
mark heal; ip link set dev port1 type bridge_slave mcast_flood on; sleep 10
mark apart; ip link set dev port1 nomaster; sleep 10.3
mark together; ip link set dev port1 master br0; sleep 10
mark term; v_stop 2; sleep 3
v_stop 1
renew 2
sleep 2
mark bytes; v_start 2 "$ENGINE" /in/bytes.conf; sleep 12
v_in 2 ip addr show >/out/addresses
v_in 2 ip -d link show type macvlan >/out/vmac
v_stop 2
mark lab
for n in 1 2; do
	v_batch $n <<-D
	addr flush dev va
	link set va down
	link set dev va name enp0s3
	link set enp0s3 up
	addr add 192.168.31.$((48 + 3 * n))/24 dev enp0s3
	D
done
v_start 1 "$ENGINE" /in/lvs2.conf
v_start 2 "$ENGINE" /in/lvs1.conf
sleep 8
v_stop 2
sleep 4
v_stop 1
d_end
S
routers run.sh

events '
END {
	first = next_(1, "adv 2 2 253")
	o(12, "advert", span(next_(1, "start"), first))
	begin = next_(1, "steady"); end = next_(1, "kill 1")

	# Row 6: what an interval is off, on the average and at most.
	split("2 5 6", vrid); split("1000 100 3000", period)
	for (v = 1; v <= 3; v++) {
		n = worst = 0
		from = i = next_(begin, "adv 2 " vrid[v])
		while ((j = next_(i + 1, "adv 2 " vrid[v])) && j < end) {
			d = at[j] - at[i] - period[v]
			if (d < 0) d = -d
			if (d > worst) worst = d
			n++; i = j
		}
		o(6, "mean" vrid[v], n ? ms((at[i] - at[from]) / n) : "none")
		o(6, "worst" vrid[v], ms(worst))
	}

	for (k = 1; k <= 5; k++) {
		kill = next_(1, "kill " k); back = next_(kill, "back " k)
		took = next_(kill, "adv 1 2")
		o(7, "takeover/" k, span(last(kill, "adv 2 2"), took))
		o(10, "P1/" k, span(last(kill, "adv 2 1"), next_(kill, "adv 1 1")))
		o(10, "P100/" k, span(last(kill, "adv 2 2"), took))
		o(10, "P200/" k, span(last(kill, "adv 2 3"), next_(kill, "adv 1 3")))
		o(10, "P254/" k, span(last(kill, "adv 2 4"), next_(kill, "adv 1 4")))
		o(11, "takeover/" k, span(last(kill, "adv 2 5"), next_(kill, "adv 1 5")))
		i = next_(kill, "adv 1 6")
		o(23, "takeover/" k, span(last(kill, "adv 2 6"), i))
		i = next_(back, "adv 2 9")
		o(13, "takeover/" k, span(back, i))
		i = next_(next_(back, "adv 2 9") + 1, "adv 2 9")
		o(13, "alone/" k, count(i, next_(i + 1, "adv 2 9"), "adv 1 9") ? "no" : "yes")
		i = next_(next_(back, "notify 2 * * BACKUP"), "adv 1 8")
		o(15, "takeover/" k, span(i, next_(back, "adv 2 8")))

		# Row 17: from the advert on; runs of the same kind count once.
		n = ""; was = ""
		for (i = took; i <= NR && at[i] < at[took] + 1000; i++) {
			what = ""
			if (w[i, 1] == "adv" && w[i, 2] == 1 && w[i, 3] == 2) what = "advert"
			if (w[i, 1] == "vip+" && w[i, 3] ~ /^10\.9\.2\./) what = "address"
			if (w[i, 1] == "garp" && w[i, 3] ~ /^10\.9\.2\./) what = "ARP"
			if (w[i, 1] == "notify" && w[i, 2] == 1) what = "notify"
			if (what != "" && what != was) n = n (n == "" ? "" : ", ") what
			if (what != "") was = what
		}
		o(17, "order/" k, n)
		# Row 18: two bursts.
		split("", first_); split("", second); n = 0
		for (i = took; at[i] < at[took] + 9000 && i <= NR; i++) {
			if (w[i, 1] != "garp" || w[i, 2] != 1 || w[i, 3] !~ /^10\.9\.2\./) continue
			if (at[i] < at[took] + 2500) {
				if (!n++) one = i
				first_[w[i, 3]]++
			} else {
				if (n++ == 15) two = i
				second[w[i, 3]]++
			}
		}
		x = ""
		for (v = 1; v <= 3; v++) x = x (v > 1 ? " " : "") first_["10.9.2." v] "+" second["10.9.2." v]
		o(18, "each/" k, x)
		o(18, "apart/" k, span(one, two))
	}
	kill = next_(1, "kill 1")
	o(14, "adverts", count(next_(1, "back 1"), next_(1, "kill 2"), "adv 2 7"))
	i = next_(next_(1, "kill 1"), "adv 1 6")
	o(23, "own", span(next_(i + 1, "adv 1 6"), next_(next_(i + 1, "adv 1 6") + 1, "adv 1 6")))

	deaf = next_(1, "deaf"); heal = next_(1, "heal"); apart = next_(1, "apart")
	o(19, "lower", count(deaf, heal, "adv 1 9"))
	n = 0
	for (i = deaf; (i = next_(i + 1, "adv 1 9")) && i < heal; ) {
		j = next_(i, "adv 2 9")
		if (at[j] - at[i] < 1) n++
	}
	o(19, "answered", n)
	o(19, "adverts", count(deaf, heal, "adv 2 9"))
	o(19, "ARPs", count(deaf, heal, "garp 2 10.9.9.1"))
	o(19, "others", count(deaf, heal, "garp 1 10.9.9.1"))
	gone = next_(heal, "vip- 1 10.9.9.1")
	o(19, "healed", gone && at[gone] - at[heal] < 1001 ? "within an interval" : "later")
	o(19, "afterwards", count(gone, apart, "adv 1 9"))

	i = next_(1, "together"); term = next_(1, "term")
	gone = next_(i, "vip- 1 10.9.10.1")
	o(16, "loser", gone ? at[gone] - at[i] < 1001 ? "within an interval" : "later" : "never")
	o(16, "winner", (count(gone, term, "adv 1 10") ? "1" : "") \
		(count(gone, term, "adv 2 10") ? "2" : ""))

	for (v = 1; v <= 6; v++) {
		i = next_(term, "adv 2 " v " 0")
		o(8, "takeover/vrid" v, span(i, next_(i, "adv 1 " v)))
		j = next_(term, "vip- 2 10.9." v ".1")
		o(9, "order/vrid" v, !i || !j ? "never" : i < j ? "advert, address" : "address, advert")
	}
}
'

# frames_of FROM TO: lines "KIND KEY FRAME", each frame in hexadecimal, without the IP id
# and what is the kernel's: the checksum of the IP header, the flow label of IPv6.
frames_of() {
	eval "$(awk -v from="$1" -v to="$2" '
		$2 == from { print "from=" $1 } $2 == to { print "to=" $1 }' "$TMP/out/marks")"
	tcpdump -r "$TMP/out/all.pcap" -nn -tt -xx 'vrrp or ip6 proto 112 or icmp6[0] == 136
		or (arp and arp[14:4] == arp[24:4])' 2>/dev/null | awk -v from="$from" -v to="$to" '
	function hex(i, n) { return substr(h, 2 * i + 1, 2 * n) }
	function out() {
		if (h == "" || time < from || time > to) return
		if (hex(12, 2) == "0806") key = "ARP " hex(38, 4)
		else if (hex(12, 2) == "0800") {
			key = "advert " hex(35, 1)
			h = hex(0, 18) "...." hex(20, 4) "...." hex(26, 1000)
		} else {
			key = hex(20, 1) == "70" ? "advert " hex(55, 1) : "NA " hex(62, 16)
			h = substr(h, 1, 31) "....." substr(h, 37)
		}
		print key, h
	}
	/^[0-9]/ { out(); time = $1; h = ""; next }
	{ sub(/^[^:]*: */, ""); gsub(/ /, ""); h = h $0 }
	END { out() }'
}

# Row 5: each frame once.
frames_of bytes lab | sort -u |
	awk '{ k = $1 " " $2 } k != last { n = 0 } { print k "." ++n, $3; last = k }' |
	while read -r kind key frame; do o 5 "$kind/$key" "$frame"; done
sed 's/^[0-9]*: //; s/@if[0-9]*//; /link-netnsid/d' "$TMP/out/addresses" |
	awk '/^[a-z]/ { i = $1 } /inet/ { k = $2; sub(/\/.*/, "", k); $1 = $1; print k, i, $0 }' |
	while read -r key what; do o 5 "addresses/$key" "$what"; done
o 5 vmac "$(grep -Eo 'vrrp[^:@]*@va|link/ether [^ ]*|macvlan mode [a-z]*|addrgenmode [a-z0-9]*' \
	"$TMP/out/vmac" | tr '\n' ' ' | sed 's/ $//')"

# Row 3: what the lab's adverts have for authentication: type, and 8 bytes of data.
frames_of lab end | awk '$1 == "advert" { source = substr($3, 2 * 26 + 1, 8)
	print source == "c0a81f36" ? "lvs1" : source == "c0a81f33" ? "lvs2" : source,
		substr($3, 2 * 38 + 1, 2), substr($3, 2 * 46 + 1, 16) }' | sort | uniq -c |
	awk '{ print "3\t" "auth/" $2 "\ttype " $3 + 0 ", data " $4 }'
