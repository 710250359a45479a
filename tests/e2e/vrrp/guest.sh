# Two routers and a switch in the virtual-time guest. Used twice.
#
# Sourced after lib.sh by a test, on the host: v_need, v_run ENGINE SCRIPT.
# Sourced as /in/guest.sh by the script that v_run runs in the guest: nodes 1 and 2
# are 10.9.0.1 and 10.9.0.2 on their va, with the same MAC addresses for every
# engine; what leaves them is captured on the bridge, br0. Idle time costs nothing
# there, so a script may sleep as long as protocols take.

# --- on the host ---

# v_need: skips the test where there is no guest, keepalived or tcpdump.
v_need() {
	KEEPALIVED=$(command -v keepalived || echo /usr/sbin/keepalived)
	TCPDUMP=$(command -v tcpdump || echo /usr/bin/tcpdump)
	JQ=$(command -v jq || echo /usr/bin/jq)
	for v_file in "$KEEPALIVED" "$TCPDUMP" "$JQ" "$BIN/guest/vmlinuz"; do
		if [ ! -e "$v_file" ]; then
			t_skip "there is no $v_file"
			t_done
		fi
	done
	mkdir -p "$TMP/in"
	cp "$TOP/tests/e2e/vrrp/guest.sh" "$BIN/halbd" "$TMP/in/"
}

# v_run NAME ENGINE SCRIPT [WORD...]: runs $TMP/in/SCRIPT in the guest with
# ENGINE=keepalived|halbd; what it leaves in /out is in $TMP/NAME.
v_run() {
	v_name=$1
	v_engine=$2
	v_script=$3
	shift 3
	rm -rf "$TMP/$v_name"
	mkdir -p "$TMP/$v_name"
	case $v_engine in
	keepalived) v_engine=$KEEPALIVED ;;
	halbd) v_engine=/in/halbd ;;
	esac
	# (the same programs as in rig.sh, and so the same saved guest)
	"$BIN/halbsim" guest-exec --program "$TCPDUMP" --program "$JQ" \
		--in "$TMP/in" --out "$TMP/$v_name" -- \
		env ENGINE="$v_engine" KEEPALIVED="$KEEPALIVED" bash "/in/$v_script" "$@" \
		>"$TMP/$v_name/console" 2>&1 </dev/null
	v_status=$?
	if [ $v_status != 0 ]; then
		t_fail "$v_script in the guest, $v_name: exit code $v_status"
		sed 's/^/# /' "$TMP/$v_name/console" "$TMP/$v_name/err" 2>/dev/null | tail -n 30
	fi
	return $v_status
}

# v_frames NAME FILTER: what was captured in that run, a line each.
v_frames() {
	tcpdump -r "$TMP/$1/all.pcap" -nn -tt ${V_X:+-xx} "$2" 2>/dev/null
}

# --- in the guest (in bash: busybox's shell would take its own ip) ---

# v_in NODE COMMAND...
v_in() {
	v_n=$1
	shift
	if [ "$1" = ip ]; then # (one process, not two)
		shift
		ip -n "n$v_n" "$@"
	else
		ip netns exec "n$v_n" "$@"
	fi
}

# v_batch [NODE]: commands of ip -4 from stdin; loading it is what takes time.
v_batch() {
	ip -4 ${1:+-n n$1} -batch -
}

v_site() {
	exec 2>>/out/err
	v_batch <<-'V'
	link set lo up
	link add name br0 type bridge mcast_snooping 0
	link set dev br0 up
	V
	for v_i in 1 2; do
		v_batch <<-V
		netns add n$v_i
		link add name port$v_i type veth peer name va netns n$v_i
		link set dev port$v_i master br0 up
		V
		v_in $v_i sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0
		v_batch $v_i <<-V
		link set lo up
		link set dev va address 02:00:00:00:00:0$v_i
		addr add 10.9.0.$v_i/24 dev va
		link set va up
		V
	done
	sleep 2
	v_capture /out/all.pcap
}

# v_capture FILE: from now on.
v_capture() {
	tcpdump -Z root -i br0 -U -s 0 -w "$1" 'vrrp or ip6 proto 112 or ah or arp or icmp6' &
	v_dump=$!
	sleep 0.2
}

# v_start NODE ENGINE CONF [OPTION...]: its pid is in v_engine_NODE.
v_start() {
	v_n=$1
	v_what=$2
	v_conf=$3
	shift 3
	ip netns exec "n$v_n" "$v_what" -n -l -D -f "$v_conf" -p "/tmp/pid.$v_n" \
		-r "/tmp/vrrp_pid.$v_n" -c "/tmp/chk_pid.$v_n" "$@" >>"/out/log.$v_n" 2>&1 9<&- &
	eval "v_engine_$v_n=$!"
}

# v_stop NODE [SIGNAL]: and waits for its end.
v_stop() {
	eval "v_p=\$v_engine_$1"
	kill "-${2:-TERM}" "$v_p"
	wait "$v_p"
}

# v_crash NODE: the engine and its children at once, and the node's link.
v_crash() {
	eval "v_p=\$v_engine_$1"
	for v_d in /proc/[0-9]*; do
		case $(sed -n 's/^PPid:[[:space:]]*//p' "$v_d/status" 2>/dev/null) in
		"$v_p") kill -STOP "${v_d#/proc/}" && v_all="$v_all ${v_d#/proc/}" ;;
		esac
	done
	v_in "$1" ip link set va down
	kill -KILL $v_all "$v_p"
	wait "$v_p"
}

# v_has NODE ADDRESS
v_has() {
	v_in "$1" ip -o addr show | grep -q "inet6* $2/"
}

# v_end: the capture is complete.
v_end() {
	sleep 0.2
	kill -INT $v_dump
	wait $v_dump
	exit 0
}
