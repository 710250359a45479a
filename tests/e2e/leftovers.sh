#!/bin/sh
# However halbsim ends, its guest ends with it: SIGINT, SIGTERM, SIGKILL, early
# and in the middle of a case. Each wait is for an event, the guest's start or its
# end; the time limit only keeps a failure from hanging.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
cd "$TOP" || exit 1

# A saved guest first, so that the runs below all start alike.
"$BIN/halbsim" run --quiet --out "$TMP/warm" cases/master_down >"$TMP/log" 2>&1 ||
	sed 's/^/# /' "$TMP/log"

for signal in INT TERM KILL; do
	"$BIN/halbsim" run --out "$TMP/$signal" cases/master_down \
		>"$TMP/log" 2>&1 </dev/null &
	pid=$!
	t_ok "$signal: the guest is up" wait_for has_qemu_of $pid
	qemu=$(qemus_of $pid)
	kill -s $signal $pid
	wait $pid 2>/dev/null
	t_ok "$signal: nothing is left" wait_for gone "$qemu"
	t_is "$signal: no finished run is claimed" \
		"$(find "$TMP/$signal" -name report.json 2>/dev/null)" ""
done
t_exit "clean finds nothing" 0 "$BIN/halbsim" clean
t_done
