#!/bin/sh
# What an engine's IPVS side costs. Both engines in the same guest with the same
# files: ten real servers a virtual server, a TCP_CHECK every 3 s, all up.
#
#   table    from the engine's start until the last destination is in the kernel
#   a check  CPU of all its processes (/proc/PID/schedstat, kernel included; in the
#            guest an instruction takes a nanosecond) for each connection opened
#   private  what no other process shares, of all its processes; a real server's share
#            is what it has more than with 10 of them. Beside it, in brackets, with
#            what they share among themselves counted once.
#   reload   of 2,284 virtual and 37,298 real servers with one weight changed: from
#            SIGHUP until the kernel has it; and which IPVS commands were given
#   late     how far a VRRP advert, a hundred a second, was from its due time while 10,000
#            checks of silent servers, begun together, time out together
#
#	tests/bench/engine_lvs.sh [PART...]	table, reload, late; all of them
#
# BENCH_LATE: how many checks (10000); ENGINES: which ("keepalived halbd")
. "$(dirname "$0")/../e2e/lib.sh"
cd "$TOP" || exit 1
KEEPALIVED=$(command -v keepalived || echo /usr/sbin/keepalived)
TCPDUMP=$(command -v tcpdump || echo /usr/bin/tcpdump)
[ $# -gt 0 ] || set -- table reload late
make -s --no-print-directory BUILD="$BIN" "$BIN/lvs-bench" "$BIN/ipvs-watch" "$BIN/halbd" \
	"$BIN/halbsim" "$BIN/halbweb" >&2 || exit 1
mkdir -p "$TMP/in"
cp "$BIN/lvs-bench" "$BIN/ipvs-watch" "$BIN/halbd" "$TMP/in/"
for p in "$KEEPALIVED" "$TCPDUMP"; do
	if [ ! -x "$p" ]; then
		echo "engine_lvs: there is no $p" >&2
		exit 4
	fi
done

# conf SERVICES REALS DELAY_LOOP CHANGED [CHECK-LINE]: real server CHANGED has weight 2.
conf() {
	awk -v vs="$1" -v rs="$2" -v delay="$3" -v changed="$4" -v more="${5:-}" 'BEGIN {
		for (i = 0; i < vs; i++) {
			printf "virtual_server 10.9.%d.%d 80 {\n", i / 250, i % 250 + 1
			printf "    delay_loop %d\n    lb_algo rr\n    lb_kind DR\n", delay
			print "    protocol TCP"
			for (; n < int(rs * (i + 1) / vs); n++) {
				printf "    real_server 10.%d.%d.%d 80 {\n", 100 + n / 62500,
					n / 250 % 250, n % 250 + 1
				printf "        weight %d\n", n + 1 == changed ? 2 : 1
				print "        TCP_CHECK {\n            connect_timeout 3"
				print "            retry 3\n            delay_before_retry 4"
				if (more)
					print "            " more
				print "        }\n    }"
			}
			print "}"
		}
	}'
}

cat >"$TMP/in/lib.sh" <<'S'
exec 2>/out/err
ip link set lo up
start="-n -l -f /run/k.conf -p /run/p -c /run/c -r /run/r"
mkdir -p /run
engines() {
	for d in /proc/[0-9]*; do
		case $(tr '\0' ' ' <$d/cmdline) in "$ENGINE "*) echo $d ;; esac
	done 2>/dev/null
}
# table: starts the engine, waits for the last destination of the last service.
table() {
	set -- $(awk '/^virtual_server/ { v = $2; n = 0 } /real_server/ { n++ } END { print v, n }' \
		/run/k.conf)
	/in/lvs-bench table $1 80 $2 -- $ENGINE $start $only
}
S
cat >"$TMP/in/table.sh" <<'S'
. /in/lib.sh
ip route add local 10.100.0.0/16 dev lo
sysctl -qw net.core.somaxconn=4096 net.ipv4.tcp_max_syn_backlog=4096
halbweb -p 80 >/dev/null &
cp /in/$1.conf /run/k.conf
only=-C
echo "table $(table)"
sleep 6 # every check has run
cat $(engines | sed 's|$|/smaps_rollup|') | awk '
	/^Private_(Clean|Dirty):/ { p += $2 } /^Pss_(Anon|Shmem):/ { s += $2 }
	END { print "private", p * 1024; print "all", s * 1024 }'
opened() { awk '/^Tcp: [0-9]/ { print $6 }' /proc/net/snmp; }
[ -n "$2" ] || exit 0
pid=$(cat /run/p)
cpu=$(/in/lvs-bench cpu $pid) open=$(opened)
sleep $2
echo "check $((($(/in/lvs-bench cpu $pid) - cpu) / ($(opened) - open)))"
S
cat >"$TMP/in/reload.sh" <<'S'
. /in/lib.sh
ip link add hole type dummy
ip addr add 10.250.0.1/32 dev hole
ip link set hole up
ip route add 10.100.0.0/16 dev hole
cp /in/before.conf /run/k.conf
only=-C
echo "table $(table)"
sleep 0.3 # quiet: the first check is due after a second
ip link add nlmon0 type nlmon
ip link set nlmon0 up
/in/ipvs-watch nlmon0 >/out/commands & watch=$!
sleep 0.1
cp /in/after.conf /run/k.conf
pid=$(cat /run/p)
cpu=$(/in/lvs-bench cpu $pid)
echo "reload $(/in/lvs-bench reload $pid $1 80 $2 2)"
sleep 0.4
echo "cpu $(($(/in/lvs-bench cpu $pid) - cpu))"
kill $watch
echo "commands $(grep -c . /out/commands)"
S
cat >"$TMP/in/late.sh" <<'S'
. /in/lib.sh
ip link add va type veth peer name vb
ip addr add 10.8.0.1/24 dev va
ip link set va up
ip link set vb up
ip link add hole type dummy
ip addr add 10.250.0.1/32 dev hole
ip link set hole up
ip route add 10.100.0.0/16 dev hole
cat /in/vrrp.conf /in/late.conf >/run/k.conf
# The first TCP connection after a boot has 256 KiB of random numbers made (5 ms).
(: </dev/tcp/127.0.0.1/1) 2>/dev/null
tcpdump -Z root -i vb -s 64 -tt -n -l vrrp >/out/adverts & dump=$!
only=
table >/dev/null
sleep 12 # until all have timed out: 1 s, 5 s at halbd's pace, 3 s
kill -INT $dump
wait $dump
S
cat >"$TMP/in/vrrp.conf" <<'C'
vrrp_instance V {
    interface va
    version 3
    virtual_router_id 1
    priority 101
    advert_int 0.01
    virtual_ipaddress {
        10.8.0.9
    }
}
C

# guest ENGINE SCRIPT ARGUMENT...: figures go to $TMP/figures.
guest() {
	program=/in/halbd
	[ "$1" = halbd ] || program=$KEEPALIVED
	shift
	rm -rf "$TMP/out"
	mkdir "$TMP/out"
	"$BIN/halbsim" guest-exec --limit "${LIMIT:-500}" --program "$KEEPALIVED" --program "$TCPDUMP" \
		--in "$TMP/in" --out "$TMP/out" -- env ENGINE="$program" bash "/in/$@" \
		>"$TMP/figures" 2>"$TMP/console"
}
figure() {
	sed -n "s/^$1 //p" "$TMP/figures"
}

part_table() {
	for n in 10 1000 10000; do
		conf $(((n + 9) / 10)) $n 3 0 >"$TMP/in/$n.conf"
	done
	printf '%-26s %10s %12s %22s\n' 'real servers' 'table ms' 'a check ns' 'bytes a real server'
	for engine in ${ENGINES:-keepalived halbd}; do
		guest $engine table.sh 10 || { cat "$TMP/console" >&2; exit 1; }
		p=$(figure private)
		a=$(figure all)
		for n in 1000 10000; do
			# With 10,000 a check costs the same; it only takes longer to see.
			guest $engine table.sh $n $([ $n = 1000 ] && echo 9) ||
				{ cat "$TMP/console" >&2; exit 1; }
			printf '%-26s %10d %12s %12d (%d)\n' "$engine $n" $(($(figure table) / 1000000)) \
				"$(figure check)" $((($(figure private) - p) / (n - 10))) \
				$((($(figure all) - a) / (n - 10)))
		done
	done
}
part_reload() {
	conf 2284 37298 120 0 >"$TMP/in/before.conf"
	conf 2284 37298 120 20000 >"$TMP/in/after.conf"
	where=$(awk '/^virtual_server/ { v = $2 } /real_server/ { r = $2 } /weight 2/ { print v, r }' \
		"$TMP/in/after.conf")
	printf '%-26s %10s %12s %12s %10s\n' '2,284 and 37,298' 'table ms' 'reload ms' 'CPU ms' 'commands'
	for engine in ${ENGINES:-halbd keepalived}; do
		# keepalived compares each with each: it is given two minutes of wall time.
		if [ $engine = keepalived ]; then LIMIT=120; else LIMIT=500; fi
		if guest $engine reload.sh $where; then
			printf '%-26s %10d %12d %12d %10d\n' $engine $(($(figure table) / 1000000)) \
				$(($(figure reload) / 1000000)) $(($(figure cpu) / 1000000)) \
				"$(figure commands)"
		else
			table=$(figure table) # lost too, when even that took longer
			printf '%-26s %10s %12s\n' $engine \
				"${table:+$((${table:-0} / 1000000))}" 'not ended'
		fi
	done
	LIMIT=500
}
part_late() {
	conf $((${BENCH_LATE:-10000} / 10)) ${BENCH_LATE:-10000} 60 0 "warmup 0" >"$TMP/in/late.conf"
	printf '%-26s %10s %12s %12s\n' "${BENCH_LATE:-10000} time out" 'adverts' 'max us' 'average us'
	for engine in ${ENGINES:-keepalived halbd}; do
		guest $engine late.sh || { cat "$TMP/console" >&2; exit 1; }
		awk -v engine=$engine '/VRRP/ { if (n++) { d = ($1 - last - 0.01) * 1e6; if (d < 0) d = -d
				sum += d; if (d > max) max = d } last = $1 }
			END { printf "%-26s %10d %12d %12d\n", engine, n, max, (n > 1 ? sum / (n - 1) : 0) }' \
			"$TMP/out/adverts"
	done
}
for part; do
	part_$part
	echo
done
