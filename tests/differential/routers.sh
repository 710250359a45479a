# Two routers in the virtual-time guest, and what is seen of them as events.
#
# Sourced after lib.sh by scripts of VRRP's rows, on the host: routers SCRIPT runs
# $TMP/in/SCRIPT in the guest. That sources /in/routers.sh, which has v_site, v_in,
# v_start, v_stop of tests/e2e/vrrp/guest.sh and what is below; d_begin comes first
# and d_end last. Afterwards $TMP/events has, in order of time, lines
#
#	TIME adv NODE VRID PRIORITY	an advert
#	TIME garp NODE ADDRESS		a gratuitous ARP
#	TIME vip+|vip- NODE ADDRESS	the engine has asked the kernel for that
#	TIME WORD...			mark WORD...; notify NODE STATE
#
# with times of the guest's kernel, in ms from d_begin on.

if [ -z "${TMP:-}" ]; then # --- in the guest ---
	. /in/guest.sh

	. /in/pause.sh

	# As v_site, and netlink is captured.
	d_begin() {
		v_site
		for d_n in 1 2; do
			v_batch $d_n <<-'D'
			link add name nlmon0 type nlmon
			link set nlmon0 up
			D
			ip netns exec n$d_n "$(command -v tcpdump)" -Z root -i nlmon0 -U -s 0 \
				-w "/out/netlink.$d_n" &
			d_dumps="${d_dumps:-} $!"
		done
		sleep 0.5
		mark begin
	}

	d_end() {
		mark end
		sleep 0.5
		kill -INT $d_dumps
		wait $d_dumps
		v_end
	}

	mark() {
		echo "$EPOCHREALTIME $*" >>/out/marks
	}

	# kill9 NODE: the engine and its children; these first, so that they have no
	# time to see that their parent is gone.
	kill9() {
		eval "v_p=\$v_engine_$1"
		kill -KILL $(<"/proc/$v_p/task/$v_p/children") "$v_p"
		wait "$v_p"
	}

	# renew NODE: as after a reboot.
	renew() {
		v_batch "$1" <<-D
		addr flush dev va
		addr add 10.9.0.$1/24 dev va
		D
	}
	return
fi

# --- on the host ---

# Adverts and gratuitous ARPs.
events_of_wire() {
	tcpdump -r "$1" -nn -tt -e 'vrrp or (arp and arp[14:4] == arp[24:4])' 2>/dev/null | awk '
		{ node = substr($2, 17) }
		match($0, /who-has [0-9.]+/) {
			print $1, "garp", node, substr($0, RSTART + 8, RLENGTH - 8)
			next
		}
		match($0, /vrid [0-9]+, prio [0-9]+/) {
			split(substr($0, RSTART, RLENGTH), w, /[ ,]+/)
			print $1, "adv", node, w[2], w[4]
		}'
}

# events_of_netlink FILE NODE: requests for IPv4 addresses, out of a pcap file in host
# byte order. (Behind 16 bytes of capture come messages: length, type, flags, sequence,
# port; an address message has family, prefix and index, then attributes.)
events_of_netlink() {
	od -An -v -tx1 "$1" | tr -d ' \n' | awk -v node="$2" '
	function byte(i) { return index("0123456789abcdef", substr($0, 2 * i + 1, 1)) * 16 + \
		index("0123456789abcdef", substr($0, 2 * i + 2, 1)) - 17 }
	function word(i) { return byte(i) + 256 * byte(i + 1) }
	function long(i) { return word(i) + 65536 * word(i + 2) }
	function address(time, at, end,   len) {
		for (at += 24; at + 8 <= end; at += int((len + 3) / 4) * 4) {
			len = word(at)
			if (len < 4) return
			if (word(at + 2) == 2)
				return byte(at + 4) "." byte(at + 5) "." byte(at + 6) "." byte(at + 7)
		}
	}
	{
		for (p = 24; p + 16 <= length($0) / 2; p += 16 + n) {
			time = sprintf("%d.%06d", long(p), long(p + 4))
			n = long(p + 8)
			for (m = p + 32; m + 16 <= p + 16 + n; m += int((len + 3) / 4) * 4) {
				len = long(m)
				if (len < 16) break
				type = word(m + 4)
				if ((type == 20 || type == 21) && word(m + 6) % 2 && byte(m + 16) == 2)
					print time, type == 20 ? "vip+" : "vip-", node,
						address(time, m, m + len)
			}
		}
	}'
}

# routers SCRIPT
routers() {
	mkdir -p "$TMP/in"
	cp "$TOP/tests/e2e/vrrp/guest.sh" "$TOP/tests/differential/routers.sh" "$TMP/in/"
	for d_tool in tcpdump jq; do
		command -v $d_tool >/dev/null || cannot "needs $d_tool"
	done
	# (the programs of tests/e2e/vrrp, and so the same saved guest)
	in_guest "$1" --program "$(command -v tcpdump)" --program "$(command -v jq)"
	{
		events_of_wire "$TMP/out/all.pcap"
		events_of_netlink "$TMP/out/netlink.1" 1
		events_of_netlink "$TMP/out/netlink.2" 2
		cat "$TMP/out/marks"
	} | sort -s -n -k 1,1 | awk '$2 == "begin" { t = $1 }
		t { $1 = sprintf("%.3f", ($1 - t) * 1000); print }' >"$TMP/events"
	grep -q ' end$' "$TMP/events" || { echo 'no events' >&2; exit 1; }
}

# events PROGRAM: what this, in awk, makes of $TMP/events: observations. The I-th event
# was at[I] and is w[I, 1], w[I, 2], ...; WORDS are some of them, * for any.
events() {
	awk '
	function o(row, name, value) { printf "%d\t%s\t%s\n", row, name, value }
	function ms(v) { return sprintf("%.3f", v) }
	# The first event that is like WORDS from event I on; 0: none.
	function next_(i, words,   n, f, v, same) {
		n = split(words, v, " ")
		for (; i <= NR; i++) {
			for (f = same = 1; f <= n; f++)
				if (v[f] != "*" && v[f] != w[i, f]) { same = 0; break }
			if (same) return i
		}
		return 0
	}
	# The last one before event I.
	function last(i, words,   n, f, v, same) {
		n = split(words, v, " ")
		for (i--; i > 0; i--) {
			for (f = same = 1; f <= n; f++)
				if (v[f] != "*" && v[f] != w[i, f]) { same = 0; break }
			if (same) return i
		}
		return 0
	}
	# How many of them between two events.
	function count(i, j, words,   n) {
		for (n = 0; (i = next_(i, words)) && i < j; i++) n++
		return n
	}
	function span(i, j) { return i && j ? ms(at[j] - at[i]) : "never" }
	{ at[NR] = $1; for (f = 2; f <= NF; f++) w[NR, f - 1] = $f }
	'"$1" "$TMP/events"
}
