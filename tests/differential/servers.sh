# One director and its servers in the virtual-time guest, all of them on loopback, and
# what is seen of them as events.
#
# Sourced after lib.sh by scripts of the LVS rows, on the host: servers SCRIPT
# [OPTION...] runs $TMP/in/SCRIPT in the guest. That sources /in/servers.sh, which has
# what is below; s_begin comes first and s_end last. Afterwards $TMP/events has, in
# order of time, lines
#
#	TIME ipvs COMMAND...		given to the kernel (as ipvs-watch prints it)
#	TIME probe ADDRESS.PORT FROM	a TCP connection opened, a datagram or a ping sent
#	TIME WORD...			mark WORD...
#
# with times of the guest's kernel, in ms from s_begin on. Servers are 10.1.0.0/16.

if [ -z "${TMP:-}" ]; then # --- in the guest ---
	. /in/pause.sh

	s_begin() {
		exec 2>>/out/err
		# What is behind `hole` is silent.
		ip -batch - <<-'D'
		link set lo up
		link add name nlmon0 type nlmon
		link set nlmon0 up
		link add name hole type dummy
		addr add 10.250.0.1/32 dev hole
		link set hole up
		D
		mkdir -p /run
		/in/ipvs-watch nlmon0 -t >/out/commands & s_watch=$!
		for s_dev in lo hole; do
			tcpdump -Z root -i $s_dev -U -s 0 -w /out/$s_dev.pcap \
				'dst net 10.1.0.0/16 and (tcp[13] == 2 or udp or icmp[0] == 8)' &
			s_dumps="${s_dumps:-} $!"
		done
		sleep 0.5
		mark begin
	}

	s_end() {
		mark end
		sleep 0.5
		kill -INT $s_watch $s_dumps
		wait $s_dumps
		exit 0
	}

	mark() {
		echo "$EPOCHREALTIME $*" >>/out/marks
	}

	# s_start FILE [OPTION...]
	s_start() {
		s_file=$1
		shift
		"$ENGINE" -n -l -D -f "$s_file" -p /run/p -c /run/c -r /run/r "$@" >>/out/log 2>&1 9<&- &
		s_engine=$!
	}

	# s_stop [SIGNAL]: and waits for its end.
	s_stop() {
		kill "-${1:-TERM}" $s_engine
		wait $s_engine
	}

	# addresses ADDRESS...: are servers here.
	addresses() {
		printf 'addr add %s/32 dev lo\n' "$@" | ip -batch -
	}

	# silent ADDRESS..., heard ADDRESS...: these servers vanish, and are back.
	silent() {
		for s_address; do
			printf 'addr del %s/32 dev lo\nroute add %s/32 dev hole\n' \
				"$s_address" "$s_address"
		done | ip -batch -
	}
	heard() {
		for s_address; do
			printf 'route del %s/32 dev hole\naddr add %s/32 dev lo\n' \
				"$s_address" "$s_address"
		done | ip -batch -
	}
	return
fi

# --- on the host ---

# (A SYN that is sent again is no other probe.)
probes() {
	for d_dev in lo hole; do
		tcpdump -r "$TMP/out/$d_dev.pcap" -nn -tt \
			'dst net 10.1.0.0/16 and (tcp[13] == 2 or udp dst port 53 or udp dst port 5060 or
			icmp[0] == 8)' 2>/dev/null
	done | awk '$2 == "IP" { from = $3; to = $5; sub(/:$/, "", to) }
		$2 == "IP" && ($6 != "Flags" || !seen[from, to, $9]++) {
			print $1, "probe", to, from
		}'
}

# servers SCRIPT [OPTION...]: options go to guest-exec.
servers() {
	mkdir -p "$TMP/in"
	cp "$BIN/ipvs-watch" "$TOP/tests/differential/servers.sh" "$TMP/in/"
	command -v tcpdump >/dev/null || cannot 'needs tcpdump'
	in_guest "$@"
	{
		probes
		sed 's/ / ipvs /' "$TMP/out/commands"
		cat "$TMP/out/marks"
	} | sort -s -n -k 1,1 | awk '$2 == "begin" { t = $1 }
		t { $1 = sprintf("%.3f", ($1 - t) * 1000); print }' >"$TMP/events"
	grep -q ' end$' "$TMP/events" || { echo 'no events' >&2; exit 1; }
}

# commands PATTERN FROM TO: the IPVS commands like PATTERN between two marks, one
# line; with what happened meanwhile where that brought any.
commands() {
	awk -v pattern="$1" -v from="$2" -v to="$3" '
		$2 == from { on = 1 }
		$2 == to { on = 0 }
		!on { next }
		$2 == "ipvs" {
			line = $0
			sub(/^[^ ]* ipvs /, "", line)
			if (line !~ pattern) next
			if (event != "") out = out "[" event "] "
			event = ""
			out = out line "; "
			next
		}
		$2 != "probe" && $2 != "says" && $2 != "misc" { event = $2 }
		END { print out }' "$TMP/events"
}

# after MARK PATTERN: ms from that mark to the first command like PATTERN; never.
after() {
	awk -v mark="$1" -v pattern="$2" '
		$2 == mark { t = $1; next }
		t && $2 == "ipvs" && $0 ~ pattern { printf "%.3f\n", $1 - t; found = 1; exit }
		END { if (!found) print "never" }' "$TMP/events"
}
