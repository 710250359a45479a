#!/bin/sh
# The kernel's IPVS table when memory or netlink fails on the way: the unit test of it
# (test_lvs_errors) in the guest, whose kernel has IPVS.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest

mkdir "$TMP/in"
t_exit "each failure is survived" 0 g --program "$BIN/unit/test_lvs_errors" -- \
	test_lvs_errors
t_is "  none was skipped" "$(cat "$TMP/out" "$TMP/err" | grep -ci skipped)" 0
t_grep "  the kernel's among them" 'OK . lvs_errors__kernel' "$TMP/out"
t_done
