#!/bin/sh
# However halbsim ends, its guest ends with it: SIGINT, SIGTERM, SIGKILL, early
# and in the middle of a case. Each wait is for an event, the guest's start or its
# end; the time limit only keeps a failure from hanging.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

# A saved guest first, so that the runs below all start alike.
"$BIN/halbsim" run --quiet --out "$TMP/warm" cases/master_down >"$TMP/log" 2>&1 ||
	sed 's/^/# /' "$TMP/log"

# qemu processes that carry this test's own mark in their environment
guests() {
	for p in /proc/[0-9]*; do
		if tr '\0' '\n' 2>/dev/null <"$p/environ" | grep -q "^HALBSIM_TEST_MARK=$1\$" &&
			[ "$(cat "$p/comm" 2>/dev/null)" != sh ]; then
			echo "${p#/proc/}"
		fi
	done
}

wait_for() { # COMMAND: true within 60 s
	n=0
	until eval "$1"; do
		n=$((n + 1))
		[ $n -lt 1200 ] || return 1
		sleep 0.05
	done
}

for signal in INT TERM KILL; do
	mark=$$-$signal
	HALBSIM_TEST_MARK=$mark "$BIN/halbsim" run --out "$TMP/$signal" cases/master_down \
		>"$TMP/log" 2>&1 </dev/null &
	pid=$!
	t_ok "$signal: the guest is up" wait_for "guests $mark | grep -qv '^$pid\$'"
	kill -s $signal $pid
	wait $pid 2>/dev/null
	t_ok "$signal: nothing is left" wait_for "[ -z \"\$(guests $mark)\" ]"
	t_is "$signal: no finished run is claimed" \
		"$(find "$TMP/$signal" -name report.json 2>/dev/null)" ""
done
t_exit "clean finds nothing" 0 "$BIN/halbsim" clean
t_done
