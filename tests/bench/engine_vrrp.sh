#!/bin/sh
# What 255 VRRP instances cost an engine, one advert a second each (version 2): CPU
# for an advert sent and received, private memory, and how far adverts are from their
# due time. Both engines in the same guest with the same files; beside them a bare
# raw socket, the least that this kernel asks for.
#
# Nanoseconds are /proc/PID/schedstat's: what the VRRP process ran, kernel included;
# in the guest an instruction takes one. Each engine's master has its own kind as
# backup ("received"), and the same backup then hears a sender that no engine has a
# hand in ("from raw"). Memory is anonymous, of all the engine's processes. An advert
# is due one interval after the one before it.
. "$(dirname "$0")/../e2e/lib.sh"
. "$TOP/tests/e2e/vrrp/guest.sh"
cd "$TOP" || exit 1
N=255
SECONDS_EACH=${BENCH_SECONDS:-30}

t_skip() { # a benchmark has nothing to skip
	echo "engine_vrrp: $*" >&2
}
v_need
[ $t_count = 0 ] && [ -x "$BIN/vrrp-raw" ] || exit 1
cp "$BIN/vrrp-raw" "$TMP/in/"

cat >"$TMP/in/bench.sh" <<'S'
. /in/guest.sh
N=$1 SECONDS_EACH=$2
conf() {
	v=1
	while [ $v -le $N ]; do
		cat <<-C
			vrrp_instance V$v {
				interface va
				virtual_router_id $v
				priority $1
				advert_int 1
				virtual_ipaddress {
					10.9.1.$v
				}
			}
		C
		v=$((v + 1))
	done
}
cpu() { read -r ns rest </proc/$1/schedstat && echo "$ns"; }
private() {
	for d in /proc/[0-9]*; do
		p=${d#/proc/}
		[ $p = $1 ] || [ "$(sed -n 's/^PPid:[[:space:]]*//p' $d/status)" = $1 ] || continue
		cat $d/smaps_rollup
	done 2>/dev/null | awk '/^Anonymous/ { n += $2 } END { print n }'
}
# during WHAT PID: CPU of a process, by advert.
during() {
	before=$(cpu $2)
	sleep $SECONDS_EACH
	echo "$1 $((($(cpu $2) - before) / (N * SECONDS_EACH)))"
}
v_site
kill -INT $v_dump
wait $v_dump
{
	if [ "$ENGINE" = raw ]; then
		ip netns exec n2 /in/vrrp-raw receive va & receiver=$!
		for how in send burst; do
			ip netns exec n1 /in/vrrp-raw $how va 10.9.0.1 $N 100000 & sender=$!
			sleep 3
			during $how $sender
			[ $how = burst ] || during receive $receiver
			kill $sender
		done
		exit
	fi
	conf 101 >/tmp/1.conf
	conf 100 >/tmp/2.conf
	v_start 1 "$ENGINE" /tmp/1.conf
	sleep 12
	v_start 2 "$ENGINE" /tmp/2.conf
	sleep 12
	master=$(cat /tmp/vrrp_pid.1)
	backup=$(cat /tmp/vrrp_pid.2)
	during send $master
	during receive $backup
	echo "private $(private $v_engine_1)"
	tcpdump -Z root -i br0 -s 64 -w /out/all.pcap vrrp & v_dump=$!
	sleep $SECONDS_EACH
	kill -INT $v_dump
	wait $v_dump
	v_crash 1
	v_in 1 ip link set va up
	ip netns exec n1 /in/vrrp-raw send va 10.9.0.1 $N 100000 & sender=$!
	sleep 5
	during receive_raw $backup
	echo "masters $(v_in 2 ip -o addr show dev va | grep -c 10.9.1.)"
	v_stop 2
	kill $sender
} >/out/figures
exit 0
S

figure() {
	sed -n "s/^$2 //p" "$TMP/$1/figures"
}

for engine in raw keepalived halbd; do
	v_run $engine $engine bench.sh $N $SECONDS_EACH || exit 1
done

# Microseconds that an advert was away from its due time: at most, and on average.
away() {
	v_frames "$1" vrrp | sed -n 's/^\([0-9.]*\) .*vrid \([0-9]*\),.*/\1 \2/p' |
		awk -v n=$N '
		($2 in last) { d = ($1 - last[$2] - 1) * 1e6; if (d < 0) d = -d; if (d > max) max = d
			sum += d; m++; seen[$2] = 1 }
		{ last[$2] = $1 }
		END { for (v in seen) k++; if (k != n) print "only " k; else printf "%.0f %.0f\n", max, sum / m }'
}

printf '%-24s %10s %10s %10s %12s %12s %12s\n' "$N instances, v2, 1 s" 'sent ns' 'received' \
	'from raw' 'memory KiB' 'away us max' 'away us avg'
printf '%-24s %10s %10s %10s\n' 'raw socket, one by one' "$(figure raw send)" '' "$(figure raw receive)"
printf '%-24s %10s\n' 'raw socket, sendmmsg' "$(figure raw burst)"
for engine in keepalived halbd; do
	set -- $(away $engine)
	printf '%-24s %10s %10s %10s %12s %12s %12s\n' $engine "$(figure $engine send)" \
		"$(figure $engine receive)" "$(figure $engine receive_raw)" \
		"$(figure $engine private)" "$1" "$2"
done
ratio() {
	awk "BEGIN { printf \"%.2f\", $(figure halbd "$1") / $(figure keepalived "$1") }"
}
printf '%-24s %10s %10s %10s %12s\n' 'halbd / keepalived' "$(ratio send)" "$(ratio receive)" \
	"$(ratio receive_raw)" "$(ratio private)"
