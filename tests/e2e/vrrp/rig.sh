# Two routers and a switch, for the tests of VRRP between halbd and keepalived.
#
# Sourced after lib.sh. The script runs once more in the virtual-time guest, where
# a minute of protocol time costs a second and nothing that this machine does shows;
# what it says there is what it says. RIG_HOST=1 stays on the host instead, in
# namespaces of its own: for a look with other tools, in real time.
#
# The switch (a bridge, br0, with everything captured) is where the script runs;
# node 1 and 2 are 10.9.0.1 and 10.9.0.2 on their va. Everything ends with the
# script. KEEPALIVED and HALBD name the engines.

KEEPALIVED=${KEEPALIVED:-keepalived}
HALBD=${HALBD:-$BIN/halbd}

# A script that cannot run says so once, and is skipped.
rig_enter() {
	[ -n "${RIG_INSIDE:-}" ] || rig_outside "$@"
	trap 'rig_end; t_cleanup' EXIT
	# Programs at the same addresses each time: the guest has translated them then.
	[ -n "${RIG_HOST:-}" ] || echo 0 >/proc/sys/kernel/randomize_va_space
	rig_ip=$(command -v ip)
	ip link set lo up
	ip link add name br0 type bridge mcast_snooping 0
	ip link set dev br0 up
	rig_pids=
	for rig_n in 1 2; do
		unshare -n sleep 100000 &
		eval rig_ns$rig_n=$!
		rig_pids="$rig_pids $!"
	done
	for rig_n in 1 2; do
		eval rig_p=\$rig_ns$rig_n
		rig_wait "[ \"\$(readlink /proc/$rig_p/ns/net)\" != \"\$(readlink /proc/$$/ns/net)\" ]"
		ip link add name "port$rig_n" type veth peer name va netns "$rig_p"
		ip link set dev "port$rig_n" master br0 up
		rig_in $rig_n sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0 net.ipv4.conf.all.arp_notify=0
		rig_in $rig_n ip link set lo up
		rig_in $rig_n ip addr add "10.9.0.$rig_n/24" dev va
		rig_in $rig_n ip link set va up
	done
	rig_restart_capture
}

# rig_outside [WORD...]: runs the script where it can have two routers. Never returns.
rig_outside() {
	rig_programs=
	for rig_tool in "$KEEPALIVED" tcpdump jq ip busybox; do
		if ! rig_path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$rig_tool"); then
			t_skip "needs $rig_tool"
			t_done
		fi
		case $rig_tool in
		ip | busybox | keepalived) ;; # always there
		*) rig_programs="$rig_programs --program $rig_path" ;;
		esac
	done
	if [ -n "${RIG_HOST:-}" ]; then
		if ! unshare -nm true 2>/dev/null; then
			t_skip "needs root: cannot make namespaces"
			t_done
		fi
		rm -rf "$TMP"
		RIG_INSIDE=1 exec unshare -nm "$0" "$@"
	fi
	mkdir -p "$TMP/in/tests" "$TMP/in/build"
	cp -R "$TOP/tests/e2e" "$TMP/in/tests/"
	cp "$HALBD" "$TMP/in/build/halbd"
	# shellcheck disable=SC2086
	"$BIN/halbsim" guest-exec $rig_programs --in "$TMP/in" -- env RIG_INSIDE=1 \
		KEEPALIVED="$KEEPALIVED" "/in/tests/e2e/$(basename "$0")" "$@" \
		>"$TMP/tap" 2>"$TMP/err" </dev/null
	rig_status=$?
	if [ $rig_status = 4 ]; then # no QEMU, no kernel
		t_skip "$(head -n 1 "$TMP/err")"
		t_done
	fi
	cat "$TMP/tap"
	sed 's/^/# /' "$TMP/err"
	exit $rig_status
}

# rig_restart_capture: forgets what was captured.
rig_restart_capture() {
	if [ -n "${rig_dump:-}" ]; then
		kill "$rig_dump"
		wait "$rig_dump" 2>/dev/null
	fi
	rm -f "$TMP/all.pcap" "$TMP/tcpdump.err"
	tcpdump -Z root -i br0 -U -s 0 -w "$TMP/all.pcap" 'vrrp or ip6 proto 112 or arp or icmp6' \
		2>"$TMP/tcpdump.err" &
	rig_dump=$!
	rig_wait "grep -q listening '$TMP/tcpdump.err'"
}

rig_end() {
	for rig_p in ${rig_engines:-}; do
		kill -KILL "$rig_p" 2>/dev/null
	done
	kill ${rig_dump:-} ${rig_pids:-} 2>/dev/null
	wait 2>/dev/null
}

# rig_in NODE COMMAND... (busybox would take its own ip, but for the path)
rig_in() {
	eval rig_p=\$rig_ns$1
	shift
	if [ "$1" = ip ]; then
		shift
		set -- "$rig_ip" "$@"
	fi
	nsenter -t "$rig_p" -n "$@"
}

# rig_wait CONDITION: until it holds; fails after a good while (a minute). Each look
# costs the guest more than the wait.
rig_wait() {
	rig_looks=0
	until eval "$1" >/dev/null 2>&1; do
		rig_looks=$((rig_looks + 1))
		if [ $rig_looks -gt 120 ]; then
			echo "# waited in vain for: $1" >&2
			return 1
		fi
		sleep 0.5
	done
}

# rig_start NODE ENGINE CONF: its pid is in engine_NODE, its log in $TMP/log.NODE.
rig_start() {
	eval rig_p=\$rig_ns$1
	nsenter -t "$rig_p" -n "$2" -n -l -D -f "$3" -p "$TMP/pid.$1" \
		-r "$TMP/vrrp_pid.$1" -c "$TMP/chk_pid.$1" >>"$TMP/log.$1" 2>&1 &
	eval engine_$1=$!
	rig_engines="${rig_engines:-} $!"
}

# rig_stop NODE [SIGNAL]: and waits for its end; the status is in rig_status.
rig_stop() {
	eval rig_p=\$engine_$1
	kill "-${2:-TERM}" "$rig_p"
	wait "$rig_p" 2>/dev/null
	rig_status=$?
}

# rig_kill_all NODE: the engine with its children; these first, so that they have
# no time to see that their parent is gone.
rig_kill_all() {
	eval rig_p=\$engine_$1
	# shellcheck disable=SC2046
	kill -KILL $(rig_children "$rig_p") "$rig_p"
	wait "$rig_p" 2>/dev/null
}

# rig_children PID: those of its children that are there, a line each.
rig_children() {
	grep -sl "^PPid:	$1\$" /proc/[0-9]*/status | cut -d / -f 3
}

# rig_sleep SECONDS: lets protocol time pass; never to wait for something to be done.
rig_sleep() {
	sleep "$1"
}

# rig_settle: until the capture has what happened so far (a frame of our own is
# behind it).
rig_settle() {
	rig_mark=$((${rig_mark:-0} + 1))
	ip addr add "10.8.$rig_mark.1/24" dev br0
	rig_wait "rig_knock; tcpdump -Z root -r '$TMP/all.pcap' -nn arp 2>/dev/null | grep -q 'has 10.8.$rig_mark.2 '"
	ip addr del "10.8.$rig_mark.1/24" dev br0
}

rig_knock() {
	busybox ping -c 1 -W 1 "10.8.$rig_mark.2" >/dev/null 2>&1
	true
}

# rig_has NODE ADDRESS (busybox's ip in the guest, which starts faster)
rig_has() {
	eval rig_p=\$rig_ns$1
	nsenter -t "$rig_p" -n ip -o addr show to "$2" >"$TMP/has" && [ -s "$TMP/has" ]
}

rig_lacks() {
	! rig_has "$@"
}

# rig_frames FILTER: what was captured so far, a line each with its time, as tcpdump
# prints it (with the link-level header and in full bytes when RIG_X is set).
rig_frames() {
	kill -USR2 "$rig_dump" 2>/dev/null # flushes
	tcpdump -Z root -r "$TMP/all.pcap" -nn -tt ${RIG_X:+-xx} "$1" 2>/dev/null
}

# rig_conf FILE [LINE...]: a configuration with these lines in the instance VI_1.
rig_conf() {
	rig_f=$1
	shift
	{
		printf 'vrrp_instance VI_1 {\n\tinterface va\n\tvirtual_router_id 51\n'
		printf '\tadvert_int 1\n'
		for rig_line in "$@"; do
			printf '\t%s\n' "$rig_line"
		done
		printf '\tvirtual_ipaddress {\n\t\t10.9.0.200\n\t}\n}\n'
	} >"$rig_f"
}
