#!/bin/sh
# What is missing is named, with the command that gets it; exit 4, nothing starts.
. "$(dirname "$0")/lib.sh"

mkdir "$TMP/bin" "$TMP/empty"
cp "$BIN/halbsim" "$TMP/bin/halbsim"
unset HALBSIM_KERNEL

t_exit "no kernel" 4 "$TMP/bin/halbsim" guest-exec -- true
if grep -q 'no qemu-system' "$TMP/err"; then
	t_skip "no QEMU here: $(cat "$TMP/err")"
	t_done
fi
t_grep "names the command" 'make guest' "$TMP/err"
t_exit "no such kernel" 4 "$TMP/bin/halbsim" guest-exec --kernel /no/such/vmlinuz -- true
t_grep "is named" '/no/such/vmlinuz' "$TMP/err"
t_exit "a file that is no kernel" 4 "$TMP/bin/halbsim" guest-exec --kernel "$0" -- true
t_grep "is told" 'not a kernel image' "$TMP/err"

t_exit "no such QEMU" 4 env HALBSIM_QEMU=/no/such/qemu "$TMP/bin/halbsim" guest-exec -- true
t_grep "is named" '/no/such/qemu' "$TMP/err"

t_exit "no such program" 4 "$BIN/halbsim" guest-exec --program /no/such/program -- true
t_exit "no command" 64 "$BIN/halbsim" guest-exec
t_exit "a limit that is no number" 64 "$BIN/halbsim" guest-exec --limit soon -- true

# The kernel that `make guest` fetched, named as a user would name his own.
kernel=$BIN/guest/vmlinuz
if [ -f "$kernel" ]; then
	cp "$kernel" "$TMP/bin/mine"
	t_exit "a kernel without its modules" 4 "$BIN/halbsim" guest-exec \
		--kernel "$TMP/bin/mine" -- true
	t_grep "is told what to name" '--modules DIR' "$TMP/err"
	export HALBSIM_CACHE="$TMP/cache"
	t_exit "a kernel by name" 5 "$BIN/halbsim" guest-exec --kernel "$TMP/bin/mine" \
		--modules "$BIN/guest/modules" -- sh -c 'lsmod | grep -q ^ip_vs && exit 5'
else
	t_skip "no kernel in $BIN/guest (make guest)"
fi
t_done
