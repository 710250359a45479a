#!/bin/sh
# However a guest ends: its exit code, its death, the watchdog, ours.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest

t_exit "the command's exit code" 7 g -- sh -c 'echo said; exit 7'
t_grep "what it said" '^said$' "$TMP/out"
t_exit "a command killed by a signal" 137 g -- sh -c 'kill -9 $$'
t_exit "a command that is not there" 127 g -- no-such-command
t_exit "one whose children live on" 0 g -- sh -c 'sleep 1000 & echo ended'

# --- it dies ---
mkdir "$TMP/out.d"
t_exit "a panic" 2 g --out "$TMP/out.d" -- sh -c 'echo last words; echo c >/proc/sysrq-trigger'
t_grep "is told" 'the guest died' "$TMP/err"
t_grep "with the kernel's words" 'sysrq triggered crash' "$TMP/err"
t_grep "and the command's" 'last words' "$TMP/err"
t_grep "and kept" 'sysrq triggered crash' "$TMP/out.d/console.log"
t_exit "a guest that powers off" 2 g -- sh -c 'poweroff -f; sleep 1000'
t_exit "no memory left" 2 g --memory 320 -- sh -c 'dd if=/dev/zero of=/run/x bs=1M & dd if=/dev/zero of=/out/x bs=1M count=2000; tail /dev/zero'

# --- the watchdog ---
t_exit "one that never ends" 2 g --limit 3 -- sh -c 'echo busy; while :; do :; done'
t_grep "is told" 'did not end within 3 s' "$TMP/err"
t_grep "with what it said" 'busy' "$TMP/err"

# --- we die ---
ls -A "$BIN/guest" 2>/dev/null | grep -v lock >"$TMP/before"
for sig in KILL TERM INT HUP; do
	# a background job would ignore SIGINT, and one under nohup SIGHUP
	env --default-signal=INT,QUIT,HUP,TERM sh -c 'echo $$ >"$1"; exec "$2" guest-exec -- sh -c "while :; do :; done"' \
		- "$TMP/pid" "$BIN/halbsim" >"$TMP/out" 2>"$TMP/err" &
	wait_for test -s "$TMP/pid"
	pid=$(cat "$TMP/pid")
	if ! wait_for has_qemu "$pid"; then
		t_fail "SIG$sig: no QEMU was started"
		continue
	fi
	qemu=$(qemus "$pid")
	kill -s $sig "$pid"
	t_ok "SIG$sig ends halbsim" wait_for gone "$pid"
	t_ok "SIG$sig takes QEMU along" wait_for gone "$qemu"
	rm -f "$TMP/pid"
done
ls -A "$BIN/guest" 2>/dev/null | grep -v lock >"$TMP/after"
t_ok "no file is left behind" cmp "$TMP/before" "$TMP/after"
t_done
