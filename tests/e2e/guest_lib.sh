# Helpers of the guest's own tests; sourced after lib.sh.

# g ARGUMENT...: a command in the guest.
g() {
	"$BIN/halbsim" guest-exec "$@"
}

# One skip and the end when there is nothing to boot here.
need_guest() {
	g -- true >"$TMP/.need" 2>&1 </dev/null
	if [ $? = 4 ]; then
		t_skip "$(head -n 1 "$TMP/.need")"
		t_done
	fi
}

# qemus PID: the pids of QEMU right below a halbsim, one a line.
qemus() {
	for p in /proc/[0-9]*; do
		ppid=$(sed -n 's/^PPid:[[:space:]]*//p' "$p/status" 2>/dev/null) || continue
		[ "$ppid" = "$1" ] || continue
		case $(cat "$p/comm" 2>/dev/null) in
		*qemu*) echo "${p#/proc/}" ;;
		esac
	done
}

# wait_for COMMAND...: until it succeeds; fails after two minutes.
wait_for() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 2400 ] || return 1
		sleep 0.05
	done
}

gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.[XZ]' "/proc/$1/status" 2>/dev/null
}

# qemus_of PID: those of its workers too.
qemus_of() {
	qemus "$1"
	for w in $(pgrep -P "$1"); do
		qemus "$w"
	done
}

has_qemu() {
	[ -n "$(qemus "$1")" ]
}

has_qemu_of() {
	[ -n "$(qemus_of "$1")" ]
}
