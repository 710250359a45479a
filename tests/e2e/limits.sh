#!/bin/sh
# --time real on a host whose limits are too small for the site: the guest, with
# limits set low. What may disturb is a warning, what cannot work is skipped.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
cd "$TOP" || exit 1
need_guest

cat >"$TMP/inside" <<'END'
cd /in
set_to() { echo "$2" >"/proc/sys/$1"; }
# try NAME SYSCTL VALUE COMMAND...: with the limit low, then as it was.
try() {
	name=$1 key=$2 was=$(cat "/proc/sys/$2")
	set_to "$key" "$3"
	shift 3
	"$@" >"/out/$name.out" 2>"/out/$name.err"
	echo $? >"/out/$name.status"
	set_to "$key" "$was"
}
check="halbsim check --time real cases/master_down"
run="halbsim run --quiet --time real --out /tmp/r cases/master_down"
# First: a run leaves namespaces that the kernel takes its time with.
try up user/max_net_namespaces 4 halbsim up --time real topologies/lvs_dr
try none user/max_net_namespaces 0 $run
try enough net/core/netdev_max_backlog 1000 $check
try backlog net/core/netdev_max_backlog 8 $check
try warned net/core/netdev_max_backlog 8 $run
try namespaces user/max_net_namespaces 4 $run
try doctor net/core/netdev_max_backlog 8 halbsim doctor
halbsim clean >/out/clean.out 2>&1
END

mkdir "$TMP/in" "$TMP/result" "$TMP/in/cases"
cp -r cases/master_down "$TMP/in/cases/"
cp -r topologies "$TMP/in/"
t_exit "a host with low limits" 0 "$BIN/halbsim" guest-exec --in "$TMP/in" \
	--out "$TMP/result" -- busybox sh -c "$(cat "$TMP/inside")"
r=$TMP/result

t_is "check: enough is 0" "$(cat "$r/enough.status")" 0
t_grep "and said" "Its limits are large enough" "$r/enough.out"
t_is "check: too small a backlog is 0 as well" "$(cat "$r/backlog.status")" 0
t_grep "which is too small" "netdev_max_backlog is 8, this site may need 10" "$r/backlog.out"
t_grep "what raises it" "sysctl -w net.core.netdev_max_backlog=1024" "$r/backlog.out"
t_is "a run is only warned" "$(cat "$r/warned.status")" 0
t_grep "on stderr" "warning: net.core.netdev_max_backlog is 8" "$r/warned.err"
t_grep "with the command" "sysctl -w net.core.netdev_max_backlog=1024" "$r/warned.err"
t_is "without namespaces it is skipped" "$(cat "$r/namespaces.status")" 4
t_grep "and why" "user.max_net_namespaces is 4, this site needs 7: nodes cannot be made" \
	"$r/namespaces.err"
t_is "up too" "$(cat "$r/up.status")" 4
t_grep "with the command again" "sysctl -w user.max_net_namespaces=1024" "$r/up.err"
t_is "none at all: skipped too" "$(cat "$r/none.status")" 4
t_grep "and not for a kernel without" "max_net_namespaces allows no more" "$r/none.err"
t_grep "doctor names it" "netdev_max_backlog is 8" "$r/doctor.out"
t_done
