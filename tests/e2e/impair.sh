#!/bin/sh
# Faults of netem, on all traffic and on one protocol, in the guest, whose kernel has
# what they need: the unit tests of faults that skip on most hosts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
cd "$TOP" || exit 1
need_guest

mkdir -p "$TMP/in/build" "$TMP/in/lib"
cp "$BIN/unit/test_fault_net" "$BIN/halbweb" "$TMP/in/build"
cp -r topologies "$TMP/in"
cp "$(ldd "$BIN/unit/test_fault_net" | awk '/libcmocka/ {print $3}')" "$TMP/in/lib"
cat >"$TMP/in/run" <<'END'
mkdir -p /var/tmp /tmp
cd /in
LD_LIBRARY_PATH=/in/lib build/test_fault_net "$1" 2>&1
END
t_exit "test_fault_net in the guest" 0 g --in "$TMP/in" -- busybox sh /in/run 'fault__impairs*'
for test in fault__impairs fault__impairs_a_protocol; do
	t_grep "$test" "OK.* $test\$" "$TMP/out"
done
t_done
